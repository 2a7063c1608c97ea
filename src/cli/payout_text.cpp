#include "cli/payout_text.hpp"

#include "core/ids.hpp"
#include "crypto/eip55.hpp"
#include "engine/time_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace remit::cli {
namespace {

constexpr std::array<PayoutColumn, 10> kColumns = {{
    {"external_id", &PayoutText::external_id, true},
    {"to", &PayoutText::to, true},
    {"amount", &PayoutText::amount, true},
    {"token", &PayoutText::token, false},
    {"chain", &PayoutText::chain, false},
    {"priority", &PayoutText::priority, false},
    {"not_before", &PayoutText::not_before, false},
    {"deadline", &PayoutText::deadline, false},
    {"tenant", &PayoutText::tenant, false},
    {"from", &PayoutText::from, false},
}};

// A forgotten token must not turn tokens into coins: "native" is said in full.
Result<Coin> find_coin(const ChainOptions &chain, const std::string &text) {
    if (text.empty()) return invalid("token", "must be given: a token's symbol or address, or native");
    if (text == "native") return Coin{&chain, "native", {}, 18};
    const auto address = crypto::parse_address(text, "token");
    for (const TokenOptions &token : chain.tokens) {
        const auto known = crypto::parse_address(token.address, "token");
        if (token.symbol == text || (address && known && *address == *known))
            return Coin{&chain, token.symbol, token.address, token.decimals};
    }
    return invalid("token", "'" + text + "' is not a configured token of chain " + std::to_string(chain.id));
}

Result<std::int32_t> priority_from_text(const std::string &text) {
    std::int32_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty()) return 0;
    if (problem != std::errc{} || end != text.data() + text.size() || value < -1000 || value > 1000)
        return invalid("priority", "must be a whole number from -1000 to 1000");
    return value;
}

Result<std::int64_t> time_from_text(const std::string &text, std::string_view field) {
    return text.empty() ? Result<std::int64_t>(0) : engine::utc_from_text(text, field);
}

// Where the money may not go. The engine refuses the same, but only when the row's turn has come.
Result<void> check_to(const std::string &text, const Coin &coin) {
    REMIT_TRY(const Address to, crypto::parse_address(text, "to"));
    if (to.is_zero()) return invalid("to", "is the zero address");
    const auto is = [&to](const std::string &other) {
        const auto address = crypto::parse_address(other, {});
        return address && *address == to;
    };
    if (!coin.address.empty() && is(coin.address)) return invalid("to", "is the token contract itself");
    if (std::any_of(coin.chain->senders.begin(), coin.chain->senders.end(), is))
        return invalid("to", "is one of our own senders");
    return {};
}

Result<void> check_from(const std::string &text, const ChainOptions &chain) {
    if (text.empty()) return {};
    REMIT_TRY(const Address from, crypto::parse_address(text, "from"));
    const auto is = [&from](const std::string &other) {
        const auto address = crypto::parse_address(other, {});
        return address && *address == from;
    };
    if (!chain.senders.empty() && std::none_of(chain.senders.begin(), chain.senders.end(), is))
        return invalid("from", "is not a configured sender of chain " + std::to_string(chain.id));
    return {};
}

}  // namespace

std::span<const PayoutColumn> payout_columns() {
    return kColumns;
}

Result<const ChainOptions *> find_chain(const EngineOptions &options, std::string_view text) {
    if (options.chains.empty()) return invalid("chain", "none is configured");
    if (text.empty() && options.chains.size() == 1) return &options.chains.front();
    if (text.empty()) return invalid("chain", "must be given: more than one is configured");
    for (const ChainOptions &chain : options.chains)
        if (std::to_string(chain.id) == text || chain.name == text) return &chain;
    return invalid("chain", "'" + std::string(text) + "' is not a configured chain");
}

Result<PayoutRequest> request_from_text(const EngineOptions &options, const PayoutText &text, Coin &coin) {
    PayoutRequest request;
    REMIT_CHECK(core::check_host_text(text.external_id, 1, 255, "external_id"));
    REMIT_CHECK(core::check_host_text(text.tenant, 0, 255, "tenant"));
    REMIT_TRY(const ChainOptions *chain, find_chain(options, text.chain));
    REMIT_TRY(coin, find_coin(*chain, text.token));
    REMIT_CHECK(check_to(text.to, coin));
    REMIT_CHECK(check_from(text.from, *chain));
    REMIT_TRY(const TokenAmount amount, token_amount_from_text(text.amount, coin.decimals, "amount"));
    if (amount.base.is_zero()) return invalid("amount", "must be more than zero");
    REMIT_TRY(request.priority, priority_from_text(text.priority));
    REMIT_TRY(request.not_before_us, time_from_text(text.not_before, "not_before"));
    REMIT_TRY(request.deadline_us, time_from_text(text.deadline, "deadline"));
    if (request.deadline_us != 0 && request.deadline_us <= request.not_before_us)
        return invalid("deadline", "must be after not_before");
    request.tenant = text.tenant;
    request.external_id = text.external_id;
    request.chain_id = chain->id;
    request.token = coin.symbol;
    request.to = text.to;
    request.amount = amount.base;
    request.from = text.from;
    return request;
}

std::string amount_text(const u256 &base, int decimals, std::string_view symbol) {
    return to_text(TokenAmount{base, decimals}) + " " + std::string(symbol);
}

}  // namespace remit::cli
