// The key store's password from a file's first line.
#pragma once

#include <remit/keys.hpp>
#include <remit/result.hpp>

#include <string>

namespace remit::engine {

// Without its line end; at most 1,023 bytes. Invalid naming `field` when it cannot be read or is empty.
Result<Secret> read_password_file(const std::string &path, std::string_view field);

}  // namespace remit::engine
