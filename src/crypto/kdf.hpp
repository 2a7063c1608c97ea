// Keys from passwords. Slow and large by design: whoever calls sees that one runs at a time.
#pragma once

#include <remit/bytes.hpp>
#include <remit/keys.hpp>

#include <cstdint>

namespace remit::crypto {

struct ScryptCost {
    std::uint64_t n = 1U << 18;
    std::uint32_t r = 8;
    std::uint32_t p = 1;
};

inline constexpr std::uint64_t kScryptMaxMemory = 1ULL << 30;
// Memory that a derivation takes, saturating.
std::uint64_t scrypt_memory(const ScryptCost &cost) noexcept;

// Invalid, naming n, r, p or dklen, when the cost makes no sense or takes more than kScryptMaxMemory.
Result<Secret> scrypt(const Secret &password, ByteView salt, const ScryptCost &cost, std::size_t size);
Result<Secret> pbkdf2_sha256(const Secret &password, ByteView salt, std::uint64_t rounds, std::size_t size);

}  // namespace remit::crypto
