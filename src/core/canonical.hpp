// Canonical JSON (RFC 8785), whole or in part: one spelling for what means the same.
#pragma once

#include <remit/result.hpp>

#include <span>
#include <string>
#include <string_view>

namespace remit::core {

// Paths are JSON pointers (RFC 6901) where * stands for any member or element; one that matches nothing is fine.
// `include` empty: all; else what the paths name, within its parents. `exclude` wins over it. What is called amount or
// currency, or ends so, stays with all that is in it and with its parents, whatever the paths say.
//
// Invalid, naming `field`, for what Json refuses, and for a number that another could be taken for: an integer that
// does not come back from a double as it was, more than 17 digits, too large or too small. Invalid, naming "include[i]"
// or "exclude[i]", for what is no path, and for one that would leave out an amount, a currency, a part of one, or all.
Result<std::string> canonical_json(std::string_view json, std::span<const std::string> include = {},
                                   std::span<const std::string> exclude = {}, std::string_view field = "json");

}  // namespace remit::core
