// Money for fiat, TokenAmount for tokens. Both are exact; neither is ever a float.
#pragma once

#include <remit/u256.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace remit {

// Minor units (fen, cents) of an ISO 4217 currency.
struct Money {
    std::int64_t minor = 0;
    std::array<char, 3> currency{};  // "CNY"

    friend bool operator==(const Money &, const Money &) = default;
};

// Decimals that ISO 4217 gives the currency: 0 JPY, 2 CNY, 3 KWD. Invalid for an unknown code.
Result<int> currency_decimals(std::string_view code);
// "12.34" "CNY": at most the currency's decimals, no exponent, no sign but '-'.
Result<Money> money_from_text(std::string_view amount, std::string_view currency, std::string_view field);
std::string to_text(const Money &money);            // "12.34 CNY"
Result<Money> add(const Money &a, const Money &b);  // Invalid on two currencies or overflow
Result<Money> sub(const Money &a, const Money &b);

// Base units of a token and how many decimals one whole token has.
struct TokenAmount {
    u256 base;
    int decimals = 0;  // 0 to 36

    friend bool operator==(const TokenAmount &, const TokenAmount &) = default;
};

// "1.5" with 6 decimals is 1500000 base units. More decimals than the token has are refused unless
// they are zeros; no exponent, no sign, no grouping.
Result<TokenAmount> token_amount_from_text(std::string_view text, int decimals, std::string_view field);
std::string to_text(const TokenAmount &amount);  // "1.5": no trailing zeros

}  // namespace remit
