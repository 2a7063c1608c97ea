// Where systems keep the authorities that they trust. A libcurl of our own, as in the wheel and the addon, knows of
// none.
#pragma once

#include <span>
#include <string>

namespace remit::net {

// The first of these files that can be read; empty when none can.
std::string first_readable(std::span<const char *const> paths);

// The system's bundle; empty when it has none, as in bare containers.
std::string system_authorities();

}  // namespace remit::net
