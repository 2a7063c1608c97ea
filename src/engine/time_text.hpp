// Times as text for people: RFC 3339. Pure; reads no clock.
#pragma once

#include <remit/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace remit::engine {

// "2026-11-20T10:00:00.000000Z"
std::string utc_text(std::int64_t utc_us);
// "2026-11-20T10:00:00Z": up to six decimals of a second, Z or an offset as +09:30. 1970 to 9999.
Result<std::int64_t> utc_from_text(std::string_view text, std::string_view field);

}  // namespace remit::engine
