// u256: an unsigned 256-bit integer. Amounts, fees and balances on a chain; never a float on the way.
#pragma once

#include <remit/bytes.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace remit {

// Four 64-bit words, least significant first. Plain value; no operation wraps silently.
struct u256 {
    std::array<std::uint64_t, 4> words{};

    constexpr u256() = default;
    constexpr u256(std::uint64_t low) : words{low, 0, 0, 0} {}  // NOLINT: an integer is a u256

    static constexpr u256 max() noexcept {
        u256 v;
        v.words = {~0ULL, ~0ULL, ~0ULL, ~0ULL};
        return v;
    }
    constexpr bool is_zero() const noexcept { return words == std::array<std::uint64_t, 4>{}; }
    constexpr bool fits_u64() const noexcept { return (words[1] | words[2] | words[3]) == 0; }
    // Only when fits_u64().
    constexpr std::uint64_t low() const noexcept { return words[0]; }

    friend constexpr bool operator==(const u256 &, const u256 &) = default;
    friend constexpr std::strong_ordering operator<=>(const u256 &a, const u256 &b) noexcept {
        for (int i = 3; i >= 0; --i)
            if (a.words[static_cast<std::size_t>(i)] != b.words[static_cast<std::size_t>(i)])
                return a.words[static_cast<std::size_t>(i)] <=> b.words[static_cast<std::size_t>(i)];
        return std::strong_ordering::equal;
    }
};

// Overflow, underflow and division by zero give Invalid, naming no field.
Result<u256> add(const u256 &a, const u256 &b);
Result<u256> sub(const u256 &a, const u256 &b);
Result<u256> mul(const u256 &a, const u256 &b);
Result<u256> div(const u256 &a, const u256 &b);  // rounds down
u256 saturating_add(const u256 &a, const u256 &b) noexcept;
u256 saturating_sub(const u256 &a, const u256 &b) noexcept;

// Canonical decimal: digits only, no sign, no leading zero but "0" itself, at most 2^256 - 1.
std::string to_decimal(const u256 &value);
Result<u256> u256_from_decimal(std::string_view text, std::string_view field);
// JSON-RPC quantity: 0x and minimal hex digits out; 0x and 1 to 64 digits in (leading zeros taken).
std::string to_quantity(const u256 &value);
Result<u256> u256_from_quantity(std::string_view text, std::string_view field);
// 32 bytes big-endian, and back from at most 32.
std::array<std::uint8_t, 32> to_be_bytes(const u256 &value) noexcept;
Result<u256> u256_from_be_bytes(ByteView bytes, std::string_view field);

}  // namespace remit
