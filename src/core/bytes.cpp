#include <remit/bytes.hpp>

#include <algorithm>

namespace remit {
namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> make_digit_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::uint8_t d = 0; d < 16; ++d) {
        const char c = kDigits[d];
        values[static_cast<std::uint8_t>(c)] = d;
        if (d >= 10) values[static_cast<std::uint8_t>(c - 'a' + 'A')] = d;
    }
    return values;
}
constexpr auto kDigitValues = make_digit_values();

std::string_view without_prefix(std::string_view text) {
    const bool prefixed = text.size() >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    return prefixed ? text.substr(2) : text;
}

// `digits` has twice out.size() characters. False when one of them is no hex digit.
bool decode(std::string_view digits, std::span<std::uint8_t> out) noexcept {
    unsigned bad = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const unsigned high = kDigitValues[static_cast<std::uint8_t>(digits[2 * i])];
        const unsigned low = kDigitValues[static_cast<std::uint8_t>(digits[2 * i + 1])];
        bad |= (high | low) & 0x80U;
        out[i] = static_cast<std::uint8_t>(high << 4U | (low & 0x0fU));
    }
    return bad == 0;
}

}  // namespace

std::string to_hex(ByteView bytes) {
    std::string out(2 + 2 * bytes.size(), '0');
    out[1] = 'x';
    char *to = out.data() + 2;
    for (const std::uint8_t b : bytes) {
        *to++ = kDigits[b >> 4U];
        *to++ = kDigits[b & 0x0fU];
    }
    return out;
}

Result<Bytes> from_hex(std::string_view text, std::string_view field) {
    const auto digits = without_prefix(text);
    if (digits.size() % 2 != 0) return invalid(std::string(field), "has an odd number of hex digits");
    Bytes out(digits.size() / 2);
    if (!decode(digits, out)) return invalid(std::string(field), "has a character that is no hex digit");
    return out;
}

Result<void> from_hex_into(std::string_view text, std::span<std::uint8_t> out, std::string_view field) {
    const auto digits = without_prefix(text);
    if (digits.size() != 2 * out.size())
        return invalid(std::string(field), "must have " + std::to_string(2 * out.size()) + " hex digits");
    if (!decode(digits, out)) return invalid(std::string(field), "has a character that is no hex digit");
    return {};
}

}  // namespace remit
