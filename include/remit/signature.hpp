// A recoverable ECDSA signature over secp256k1.
#pragma once

#include <array>
#include <cstdint>

namespace remit {

// r and s big-endian, s in the low half (EIP-2), recovery id 0 or 1.
struct Signature {
    std::array<std::uint8_t, 32> r{};
    std::array<std::uint8_t, 32> s{};
    std::uint8_t recovery_id = 0;
};

}  // namespace remit
