#include "core/ids.hpp"

#include <simdjson.h>

#include <algorithm>

namespace remit::core {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kDigits = 26;
constexpr std::size_t kRawBytes = 17;  // 136 bits, of which the leading 130 are shown

std::string compose(std::string_view kind, const std::array<std::uint8_t, kRawBytes> &raw) {
    std::string out;
    out.reserve(kind.size() + 1 + kDigits);
    out.append(kind).push_back('_');
    unsigned bits = 0;
    unsigned held = 0;
    std::size_t next = 0;
    for (std::size_t i = 0; i < kDigits; ++i) {
        if (held < 5) {
            bits = (bits << 8U | raw[next++]) & 0x1fffU;
            held += 8;
        }
        held -= 5;
        out.push_back(kAlphabet[bits >> held & 31U]);
    }
    return out;
}

}  // namespace

std::string fresh_id(std::string_view kind, std::int64_t utc_us, Random &random) {
    std::array<std::uint8_t, kRawBytes> raw{};
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(utc_us, 0) / 1000);
    for (std::size_t i = 0; i < 6; ++i) raw[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    random.fill(std::span(raw).subspan(6));
    return compose(kind, raw);
}

std::string derived_id(std::string_view kind, const Hash32 &digest) {
    std::array<std::uint8_t, kRawBytes> raw{};
    std::copy_n(digest.bytes.begin(), kRawBytes, raw.begin());
    return compose(kind, raw);
}

bool is_id(std::string_view text, std::string_view kind) {
    return text.size() == kind.size() + 1 + kDigits && text.starts_with(kind) && text[kind.size()] == '_' &&
           text.find_first_not_of(kAlphabet, kind.size() + 1) == std::string_view::npos;
}

std::int64_t id_time_us(std::string_view id) {
    constexpr std::size_t kTimeDigits = 10;  // 50 bits, of which the leading 48 are milliseconds
    const std::size_t begin = id.rfind('_') + 1;
    std::int64_t bits = 0;
    for (std::size_t i = 0; i < kTimeDigits; ++i) {
        const std::size_t digit = begin + i < id.size() ? kAlphabet.find(id[begin + i]) : std::string_view::npos;
        if (digit == std::string_view::npos) return 0;
        bits = bits << 5 | static_cast<std::int64_t>(digit);
    }
    return (bits >> 2) * 1000;
}

Result<void> check_host_text(std::string_view text, std::size_t min, std::size_t max, std::string_view field) {
    if (text.size() < min) return invalid(std::string(field), min == 1 ? "must not be empty" : "is too short");
    if (text.size() > max) return invalid(std::string(field), "is longer than " + std::to_string(max) + " bytes");
    if (!simdjson::validate_utf8(text.data(), text.size())) return invalid(std::string(field), "is not UTF-8");
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<std::uint8_t>(text[i]);
        // U+0080 to U+009F are 0xc2 and one more byte; the text is known to be whole.
        const bool c1 = c == 0xc2 && static_cast<std::uint8_t>(text[i + 1]) < 0xa0;
        if (c < 0x20 || c == 0x7f || c1) return invalid(std::string(field), "has a control character");
    }
    return {};
}

}  // namespace remit::core
