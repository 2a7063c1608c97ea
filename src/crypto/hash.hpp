// Hashes. Keccak-256 is our own (OpenSSL 3.0 has only the padding of SHA-3); the others are OpenSSL's.
#pragma once

#include <remit/bytes.hpp>

#include <array>
#include <cstdint>
#include <span>

namespace remit::crypto {

Hash32 keccak256(ByteView data) noexcept;
Hash32 sha256(ByteView data) noexcept;

std::array<std::uint8_t, 32> hmac_sha256(ByteView key, ByteView data) noexcept;
std::array<std::uint8_t, 64> hmac_sha512(ByteView key, ByteView data) noexcept;

// In a time that depends on the lengths only. Different lengths are different.
bool equal_secret(ByteView a, ByteView b) noexcept;
// Zeros, which the compiler may not leave out.
void wipe(std::span<std::uint8_t> secret) noexcept;

}  // namespace remit::crypto
