// The core of scrypt (RFC 7914), for the one case that OpenSSL refuses.
#pragma once

#include <remit/keys.hpp>

#include <cstddef>
#include <cstdint>

namespace remit::crypto {

// ROMix in place over 128 * r bytes.
void scrypt_romix(std::uint8_t *block, std::size_t r, std::uint64_t n);

}  // namespace remit::crypto
