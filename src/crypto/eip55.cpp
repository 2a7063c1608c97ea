#include "crypto/eip55.hpp"

#include "crypto/hash.hpp"

#include <algorithm>

namespace remit::crypto {
namespace {

bool is_upper_hex(char c) noexcept {
    return c >= 'A' && c <= 'F';
}
bool is_lower_hex(char c) noexcept {
    return c >= 'a' && c <= 'f';
}

}  // namespace

std::string checksum_address(const Address &address) {
    std::string text = to_hex(address);
    const Hash32 hash = keccak256(view(std::string_view(text).substr(2)));
    for (std::size_t i = 0; i < 2 * Address::size; ++i) {
        const unsigned nibble = i % 2 == 0 ? hash.bytes[i / 2] >> 4U : hash.bytes[i / 2] & 0xFU;
        char &c = text[2 + i];
        if (nibble >= 8 && is_lower_hex(c)) c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

Result<Address> parse_address(std::string_view text, std::string_view field) {
    if (text.size() != 2 + 2 * Address::size || !text.starts_with("0x"))
        return invalid(std::string(field), "must be 0x and 40 hexadecimal digits");
    REMIT_TRY(const Address address, fixed_from_hex<Address>(text, field));
    const std::string_view digits = text.substr(2);
    if (std::ranges::any_of(digits, is_upper_hex) && std::ranges::any_of(digits, is_lower_hex)) {
        std::string expected = checksum_address(address);
        if (text != expected)
            return invalid(std::string(field), "fails its EIP-55 checksum: expected " + std::move(expected));
    }
    return address;
}

}  // namespace remit::crypto
