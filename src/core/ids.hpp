// Generated ids: a short kind, '_', 26 base32 characters (0-9 a-z without i l o u), at most 32 in all.
#pragma once

#include <remit/bytes.hpp>
#include <remit/port/random.hpp>

#include <string>
#include <string_view>

namespace remit::core {

// Time-ordered: 48 bits of UTC milliseconds, then 82 random bits.
std::string fresh_id(std::string_view kind, std::int64_t utc_us, Random &random);
// Derived: the leading 130 bits of a SHA-256 that the caller made of tenant, namespace, key, step.
std::string derived_id(std::string_view kind, const Hash32 &digest);
bool is_id(std::string_view text, std::string_view kind);

// When a time-ordered id was made, to the millisecond; 0 for what is none.
std::int64_t id_time_us(std::string_view id);

// A host's own text: 1 (or 0) to `max` bytes of UTF-8 without control characters. Invalid naming `field`.
Result<void> check_host_text(std::string_view text, std::size_t min, std::size_t max, std::string_view field);

}  // namespace remit::core
