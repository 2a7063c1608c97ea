#include <remit/money.hpp>

#include <algorithm>
#include <limits>

namespace remit {
namespace {

// ISO 4217 codes in circulation, three letters each, in alphabetical order.
constexpr std::string_view kNoDecimals = "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF";
constexpr std::string_view kTwoDecimals =
    "AEDAFNALLAMDAOAARSAUDAWGAZNBAMBBDBDTBGNBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHWCNYCOPCOUCRCCUPCVECZK"
    "DKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGTQGYDHKDHNLHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTLAKLBPLKRLRDLSL"
    "MADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARRONRSDRUBSARSBDSCRSDG"
    "SEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTOPTRYTTDTWDTZSUAHUSDUSNUYUUZSVEDVESWSTXCDXCGYERZARZMWZWG";
constexpr std::string_view kThreeDecimals = "BHDIQDJODKWDLYDOMRTND";
constexpr std::string_view kFourDecimals = "CLFUYW";

constexpr int kTokenDecimalsMax = 36;

bool lists(std::string_view codes, std::string_view code) {
    for (std::size_t i = 0; i + 3 <= codes.size(); i += 3)
        if (codes.substr(i, 3) == code) return true;
    return false;
}

bool is_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "12.3" with 2 decimals gives the digits of 1230, without leading zeros. Zeros may follow the last
// decimal only where `spare_zeros` says so.
Result<std::string> scaled_digits(std::string_view text, int decimals, bool spare_zeros, std::string_view field) {
    const auto dot = text.find('.');
    const auto whole = text.substr(0, dot);
    auto fraction = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
    if (!is_digits(whole) || (dot != std::string_view::npos && !is_digits(fraction)))
        return invalid(std::string(field), "must be a decimal number like 12.5");
    if (whole.size() > 1 && whole[0] == '0') return invalid(std::string(field), "must not begin with a zero");
    const auto places = static_cast<std::size_t>(decimals);
    if (fraction.size() > places) {
        const bool zeros = fraction.find_first_not_of('0', places) == std::string_view::npos;
        if (!spare_zeros || !zeros)
            return invalid(std::string(field), "has more than " + std::to_string(decimals) + " decimals");
        fraction = fraction.substr(0, places);
    }
    std::string digits(whole);
    digits.append(fraction).append(places - fraction.size(), '0');
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    return digits;
}

std::string with_point(std::string digits, int decimals) {
    const auto places = static_cast<std::size_t>(decimals);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    if (places > 0) digits.insert(digits.size() - places, 1, '.');
    return digits;
}

Error other_currency() {
    return invalid({}, "the amounts are of two currencies");
}
Error money_overflow() {
    return invalid({}, "the amount does not fit 64 bits");
}

}  // namespace

Result<int> currency_decimals(std::string_view code) {
    if (code.size() == 3) {
        if (lists(kTwoDecimals, code)) return 2;
        if (lists(kNoDecimals, code)) return 0;
        if (lists(kThreeDecimals, code)) return 3;
        if (lists(kFourDecimals, code)) return 4;
    }
    return invalid("currency", "is no ISO 4217 currency code");
}

Result<Money> money_from_text(std::string_view amount, std::string_view currency, std::string_view field) {
    REMIT_TRY(const int decimals, currency_decimals(currency));
    const bool negative = amount.starts_with('-');
    REMIT_TRY(const auto digits, scaled_digits(amount.substr(negative ? 1 : 0), decimals, false, field));
    const auto magnitude = u256_from_decimal(digits, field);
    const std::uint64_t limit = std::uint64_t{std::numeric_limits<std::int64_t>::max()} + (negative ? 1 : 0);
    if (!magnitude.ok() || *magnitude > u256(limit)) return invalid(std::string(field), "does not fit 64 bits");
    const std::uint64_t units = magnitude->low();
    return Money{static_cast<std::int64_t>(negative ? 0 - units : units), {currency[0], currency[1], currency[2]}};
}

std::string to_text(const Money &money) {
    const std::string_view code(money.currency.data(), money.currency.size());
    const auto decimals = currency_decimals(code);
    const auto bits = static_cast<std::uint64_t>(money.minor);
    const std::uint64_t magnitude = money.minor < 0 ? 0 - bits : bits;
    std::string out = money.minor < 0 ? "-" : "";
    out += with_point(std::to_string(magnitude), decimals.ok() ? *decimals : 0);
    return out.append(" ").append(code);
}

Result<Money> add(const Money &a, const Money &b) {
    if (a.currency != b.currency) return other_currency();
    Money out = a;
    if (__builtin_add_overflow(a.minor, b.minor, &out.minor)) return money_overflow();
    return out;
}

Result<Money> sub(const Money &a, const Money &b) {
    if (a.currency != b.currency) return other_currency();
    Money out = a;
    if (__builtin_sub_overflow(a.minor, b.minor, &out.minor)) return money_overflow();
    return out;
}

Result<TokenAmount> token_amount_from_text(std::string_view text, int decimals, std::string_view field) {
    if (decimals < 0 || decimals > kTokenDecimalsMax) return invalid("decimals", "must be 0 to 36");
    REMIT_TRY(const auto digits, scaled_digits(text, decimals, true, field));
    REMIT_TRY(const auto base, u256_from_decimal(digits, field));
    return TokenAmount{base, decimals};
}

std::string to_text(const TokenAmount &amount) {
    std::string out = with_point(to_decimal(amount.base), std::clamp(amount.decimals, 0, kTokenDecimalsMax));
    if (out.find('.') == std::string::npos) return out;
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
    return out;
}

}  // namespace remit
