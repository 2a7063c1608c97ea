// Bytes, fixed-width hashes and addresses, and their 0x hex form.
#pragma once

#include <remit/result.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace remit {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// N bytes with a name of their own, so that a hash is never taken for an address.
template <std::size_t N, class Tag>
struct FixedBytes {
    std::array<std::uint8_t, N> bytes{};

    static constexpr std::size_t size = N;
    operator ByteView() const noexcept { return bytes; }  // NOLINT: reads as bytes everywhere
    bool is_zero() const noexcept { return bytes == std::array<std::uint8_t, N>{}; }
    friend auto operator<=>(const FixedBytes &, const FixedBytes &) = default;
};

using Hash32 = FixedBytes<32, struct HashTag>;      // keccak-256, SHA-256, block and transaction hashes
using Address = FixedBytes<20, struct AddressTag>;  // an account or contract on an EVM chain

inline ByteView view(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

// Lowercase, with 0x in front.
std::string to_hex(ByteView bytes);
// Takes an optional 0x, an even number of digits, either case. Invalid, naming `field`, otherwise.
Result<Bytes> from_hex(std::string_view text, std::string_view field);
// The same, into exactly out.size() bytes.
Result<void> from_hex_into(std::string_view text, std::span<std::uint8_t> out, std::string_view field);

template <class Fixed>
Result<Fixed> fixed_from_hex(std::string_view text, std::string_view field) {
    Fixed out;
    REMIT_CHECK(from_hex_into(text, out.bytes, field));
    return out;
}
// Invalid unless `bytes` has the width.
template <class Fixed>
Result<Fixed> fixed_from_bytes(ByteView bytes, std::string_view field) {
    if (bytes.size() != Fixed::size) return invalid(std::string(field), "has the wrong length");
    Fixed out;
    for (std::size_t i = 0; i < bytes.size(); ++i) out.bytes[i] = bytes[i];
    return out;
}

}  // namespace remit
