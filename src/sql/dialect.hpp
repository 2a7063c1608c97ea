// What the databases call the few types that our schema uses.
#pragma once

#include <remit/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace remit::sql {

enum class Dialect : std::uint8_t { sqlite = 0, postgres = 1, mysql = 2 };

// Puts the dialect's type for each of {id} {bytes} {text} {longtext} {longbytes}. Broken for another word.
Result<std::string> in_dialect(std::string_view sql, Dialect dialect);

// `remit_` at the start of a name becomes `prefix`; string literals stay as they are.
std::string with_prefix(std::string_view sql, std::string_view prefix);

}  // namespace remit::sql
