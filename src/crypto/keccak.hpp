// The sponge under keccak256, on its own so that the public vectors, which are SHA-3's, can be run through it.
#pragma once

#include <remit/bytes.hpp>

#include <cstdint>

namespace remit::crypto {

inline constexpr std::uint8_t kKeccakPadding = 0x01;
inline constexpr std::uint8_t kSha3Padding = 0x06;

Hash32 keccak_sponge(ByteView data, std::uint8_t padding) noexcept;

}  // namespace remit::crypto
