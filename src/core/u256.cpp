#include <remit/u256.hpp>

#include <algorithm>
#include <bit>

namespace remit {
namespace {

__extension__ using Wide = unsigned __int128;
constexpr std::uint64_t kTenTo19 = 10'000'000'000'000'000'000U;  // the largest power of ten in a word
constexpr std::size_t kDigitsPerWord = 19;

constexpr std::uint64_t low_word(Wide v) {
    return static_cast<std::uint64_t>(v);
}
constexpr std::uint64_t high_word(Wide v) {
    return static_cast<std::uint64_t>(v >> 64U);
}

// True when the sum needs a 257th bit.
bool add_carries(const u256 &a, const u256 &b, u256 &out) noexcept {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const Wide sum = static_cast<Wide>(a.words[i]) + b.words[i] + carry;
        out.words[i] = low_word(sum);
        carry = high_word(sum);
    }
    return carry != 0;
}

// True when b is greater than a.
bool sub_borrows(const u256 &a, const u256 &b, u256 &out) noexcept {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const Wide difference = static_cast<Wide>(a.words[i]) - b.words[i] - borrow;
        out.words[i] = low_word(difference);
        borrow = high_word(difference) & 1U;
    }
    return borrow != 0;
}

// v = v * factor + addend; false when that needs more than 256 bits.
bool multiply_add(u256 &v, std::uint64_t factor, std::uint64_t addend) noexcept {
    std::uint64_t carry = addend;
    for (auto &word : v.words) {
        const Wide product = static_cast<Wide>(word) * factor + carry;
        word = low_word(product);
        carry = high_word(product);
    }
    return carry == 0;
}

// v = v / divisor; gives the remainder.
std::uint64_t divide_by_word(u256 &v, std::uint64_t divisor) noexcept {
    std::uint64_t remainder = 0;
    for (std::size_t i = 4; i-- > 0;) {
        const Wide part = static_cast<Wide>(remainder) << 64U | v.words[i];
        v.words[i] = low_word(part / divisor);
        remainder = low_word(part % divisor);
    }
    return remainder;
}

std::size_t bit_length(const u256 &v) noexcept {
    for (std::size_t i = 4; i-- > 0;)
        if (v.words[i] != 0) return 64 * i + static_cast<std::size_t>(std::bit_width(v.words[i]));
    return 0;
}

Error overflow() {
    return invalid({}, "the number does not fit 256 bits");
}

}  // namespace

Result<u256> add(const u256 &a, const u256 &b) {
    u256 out;
    if (add_carries(a, b, out)) return overflow();
    return out;
}

Result<u256> sub(const u256 &a, const u256 &b) {
    u256 out;
    if (sub_borrows(a, b, out)) return invalid({}, "the difference is below zero");
    return out;
}

Result<u256> mul(const u256 &a, const u256 &b) {
    u256 out;
    for (std::size_t i = 0; i < 4; ++i) {
        if (a.words[i] == 0) continue;
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const Wide product = static_cast<Wide>(a.words[i]) * b.words[j] + carry;
            if (i + j >= 4) {
                if (product != 0) return overflow();
                continue;
            }
            const Wide sum = static_cast<Wide>(out.words[i + j]) + low_word(product);
            out.words[i + j] = low_word(sum);
            carry = high_word(product) + high_word(sum);
        }
        if (carry != 0) return overflow();
    }
    return out;
}

Result<u256> div(const u256 &a, const u256 &b) {
    if (b.is_zero()) return invalid({}, "division by zero");
    u256 quotient = a;
    if (b.fits_u64()) {
        divide_by_word(quotient, b.low());
        return quotient;
    }
    // A divisor above 64 bits is rare here: one bit at a time is fast enough and easy to be sure of.
    quotient = {};
    u256 remainder;
    for (std::size_t bit = bit_length(a); bit-- > 0;) {
        const bool out_of_range = (remainder.words[3] >> 63U) != 0;
        add_carries(remainder, remainder, remainder);
        remainder.words[0] |= a.words[bit / 64] >> (bit % 64) & 1U;
        if (out_of_range || remainder >= b) {
            sub_borrows(remainder, b, remainder);
            quotient.words[bit / 64] |= std::uint64_t{1} << (bit % 64);
        }
    }
    return quotient;
}

u256 saturating_add(const u256 &a, const u256 &b) noexcept {
    u256 out;
    return add_carries(a, b, out) ? u256::max() : out;
}

u256 saturating_sub(const u256 &a, const u256 &b) noexcept {
    u256 out;
    return sub_borrows(a, b, out) ? u256{} : out;
}

std::string to_decimal(const u256 &value) {
    std::array<char, 80> digits{};
    std::size_t at = digits.size();
    u256 rest = value;
    do {
        std::uint64_t part = divide_by_word(rest, kTenTo19);
        const bool last = rest.is_zero();
        for (std::size_t i = 0; i < kDigitsPerWord && (!last || part != 0 || i == 0); ++i, part /= 10)
            digits[--at] = static_cast<char>('0' + part % 10);
    } while (!rest.is_zero());
    return {digits.data() + at, digits.size() - at};
}

Result<u256> u256_from_decimal(std::string_view text, std::string_view field) {
    if (text.empty()) return invalid(std::string(field), "is empty, not a number");
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return invalid(std::string(field), "must be decimal digits only");
    if (text.size() > 1 && text[0] == '0') return invalid(std::string(field), "must not begin with a zero");
    u256 out;
    bool fits = text.size() <= 78;
    for (std::size_t at = 0; fits && at < text.size();) {
        std::uint64_t part = 0;
        std::uint64_t scale = 1;
        for (std::size_t i = 0; i < kDigitsPerWord && at < text.size(); ++i, ++at, scale *= 10)
            part = part * 10 + static_cast<std::uint64_t>(text[at] - '0');
        fits = multiply_add(out, scale, part);
    }
    if (!fits) return invalid(std::string(field), "is above 2^256 - 1");
    return out;
}

std::string to_quantity(const u256 &value) {
    const auto bytes = to_be_bytes(value);
    auto text = to_hex(bytes);
    const auto first = text.find_first_not_of('0', 2);
    text.erase(2, first == std::string::npos ? text.size() - 3 : first - 2);
    return text;
}

Result<u256> u256_from_quantity(std::string_view text, std::string_view field) {
    if (text.size() < 3 || text[0] != '0' || text[1] != 'x')
        return invalid(std::string(field), "must be 0x and hex digits");
    if (text.size() > 66) return invalid(std::string(field), "has more than 64 hex digits");
    std::array<char, 64> padded{};
    padded.fill('0');
    std::copy(text.begin() + 2, text.end(), padded.end() - static_cast<std::ptrdiff_t>(text.size() - 2));
    std::array<std::uint8_t, 32> bytes{};
    REMIT_CHECK(from_hex_into({padded.data(), padded.size()}, bytes, field));
    return u256_from_be_bytes(bytes, field);
}

std::array<std::uint8_t, 32> to_be_bytes(const u256 &value) noexcept {
    std::array<std::uint8_t, 32> out{};
    for (std::size_t i = 0; i < 32; ++i) out[31 - i] = static_cast<std::uint8_t>(value.words[i / 8] >> (8 * (i % 8)));
    return out;
}

Result<u256> u256_from_be_bytes(ByteView bytes, std::string_view field) {
    if (bytes.size() > 32) return invalid(std::string(field), "is longer than 32 bytes");
    u256 out;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        out.words[i / 8] |= std::uint64_t{bytes[bytes.size() - 1 - i]} << (8 * (i % 8));
    return out;
}

}  // namespace remit
