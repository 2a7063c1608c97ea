#include "crypto/abi.hpp"

#include <algorithm>
#include <array>

namespace remit::crypto {
namespace {

constexpr std::size_t kWord = 32;

// The first four bytes of the Keccak-256 of each signature; a test computes them.
using Selector = std::array<std::uint8_t, 4>;
constexpr Selector kTransfer = {0xA9, 0x05, 0x9C, 0xBB};   // transfer(address,uint256)
constexpr Selector kBalanceOf = {0x70, 0xA0, 0x82, 0x31};  // balanceOf(address)
constexpr Selector kDecimals = {0x31, 0x3C, 0xE5, 0x67};   // decimals()
constexpr Selector kSymbol = {0x95, 0xD8, 0x9B, 0x41};     // symbol()

constexpr Hash32 kTransferTopic = {{0xDD, 0xF2, 0x52, 0xAD, 0x1B, 0xE2, 0xC8, 0x9B, 0x69, 0xC2, 0xB0,
                                    0x68, 0xFC, 0x37, 0x8D, 0xAA, 0x95, 0x2B, 0xA7, 0xF1, 0x63, 0xC4,
                                    0xA1, 0x16, 0x28, 0xF5, 0x5A, 0x4D, 0xF5, 0x23, 0xB3, 0xEF}};

Bytes call(const Selector &selector, std::size_t words) {
    Bytes out;
    out.reserve(selector.size() + kWord * words);
    out.assign(selector.begin(), selector.end());
    return out;
}

void append_address(Bytes &out, const Address &address) {
    out.insert(out.end(), kWord - Address::size, 0);
    out.insert(out.end(), address.bytes.begin(), address.bytes.end());
}

bool all_zero(ByteView bytes) noexcept {
    return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

std::optional<Address> address_of_topic(const Hash32 &topic) noexcept {
    const ByteView bytes = topic;
    if (!all_zero(bytes.first(kWord - Address::size))) return std::nullopt;
    Address out;
    std::ranges::copy(bytes.last(Address::size), out.bytes.begin());
    return out;
}

// Text up to where zeros fill the word, if it is printable ASCII.
Result<std::string> symbol_text(ByteView bytes, std::string_view field) {
    const auto end = std::ranges::find(bytes, 0);
    std::string out(bytes.begin(), end);
    if (out.empty() || !std::ranges::all_of(out, [](char c) { return c > ' ' && c <= '~'; }) ||
        !std::all_of(end, bytes.end(), [](std::uint8_t b) { return b == 0; }))
        return invalid(std::string(field), "is no printable symbol");
    return out;
}

}  // namespace

Bytes abi_transfer(const Address &to, const u256 &amount) {
    Bytes out = call(kTransfer, 2);
    append_address(out, to);
    const auto word = to_be_bytes(amount);
    out.insert(out.end(), word.begin(), word.end());
    return out;
}

Bytes abi_balance_of(const Address &owner) {
    Bytes out = call(kBalanceOf, 1);
    append_address(out, owner);
    return out;
}

Bytes abi_decimals() {
    return call(kDecimals, 0);
}
Bytes abi_symbol() {
    return call(kSymbol, 0);
}

Result<u256> abi_decode_uint256(ByteView returned, std::string_view field) {
    if (returned.size() != kWord) return invalid(std::string(field), "is not one 32-byte word");
    return u256_from_be_bytes(returned, field);
}

Result<std::string> abi_decode_symbol(ByteView returned, std::string_view field) {
    if (returned.size() == kWord) return symbol_text(returned, field);
    if (returned.size() < 3 * kWord || returned.size() % kWord != 0)
        return invalid(std::string(field), "is neither a string nor a bytes32");
    REMIT_TRY(const u256 offset, u256_from_be_bytes(returned.first(kWord), field));
    REMIT_TRY(const u256 length, u256_from_be_bytes(returned.subspan(kWord, kWord), field));
    if (offset != u256(kWord) || length > u256(returned.size() - 2 * kWord))
        return invalid(std::string(field), "is no string");
    return symbol_text(returned.subspan(2 * kWord, static_cast<std::size_t>(length.low())), field);
}

const Hash32 &transfer_topic() noexcept {
    return kTransferTopic;
}

std::optional<TransferLog> parse_transfer(std::span<const Hash32> topics, ByteView data) {
    if (topics.size() != 3 || topics[0] != kTransferTopic || data.size() != kWord) return std::nullopt;
    const auto from = address_of_topic(topics[1]);
    const auto to = address_of_topic(topics[2]);
    const auto amount = u256_from_be_bytes(data, {});
    if (!from || !to || !amount) return std::nullopt;
    return TransferLog{*from, *to, *amount};
}

}  // namespace remit::crypto
