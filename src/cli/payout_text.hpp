// A payout as a person writes it, in a table's row or on the command line, made into a request.
#pragma once

#include <remit/engine.hpp>
#include <remit/money.hpp>

#include <string>
#include <string_view>

namespace remit::cli {

struct PayoutText {
    std::string external_id, to, amount, token, chain, priority, not_before, deadline, tenant, from;
};

struct PayoutColumn {
    std::string_view name;
    std::string PayoutText::*member;
    bool required;
};
// In the order of the documentation.
std::span<const PayoutColumn> payout_columns();

struct Coin {  // what is paid: one token of one chain
    const ChainOptions *chain = nullptr;
    std::string symbol;   // "native" for the chain's own coin
    std::string address;  // empty for it
    int decimals = 18;
};

// By id or name; empty: the only one there is.
Result<const ChainOptions *> find_chain(const EngineOptions &options, std::string_view text);
// Everything that can be refused before the database is asked. The error's field is the column's name.
Result<PayoutRequest> request_from_text(const EngineOptions &options, const PayoutText &text, Coin &coin);

// "12.5 USDT"
std::string amount_text(const u256 &base, int decimals, std::string_view symbol);

}  // namespace remit::cli
