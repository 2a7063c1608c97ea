// Accounts, tokens, and what a call does to them.
#include "testing/evm_effect.hpp"
#include "testing/evm_math.hpp"

#include "crypto/hash.hpp"

#include <array>

namespace remit::testing {

namespace {

constexpr std::uint64_t kTransferGas = 25'000, kNewHolderGas = 17'100, kRevertGas = 3'000, kReadGas = 2'600;

enum class Selector : std::uint32_t {
    transfer = 0xa9059cbb,
    balance_of = 0x70a08231,
    decimals = 0x313ce567,
    symbol = 0x95d89b41
};

Bytes word(const u256 &value) {
    const auto bytes = to_be_bytes(value);
    return {bytes.begin(), bytes.end()};
}

Hash32 address_word(const Address &who) {
    Hash32 out;
    std::copy(who.bytes.begin(), who.bytes.end(), out.bytes.begin() + 12);
    return out;
}

std::optional<Address> address_argument(ByteView data, std::size_t index) {
    const std::size_t at = 4 + index * 32;
    if (data.size() < at + 32) return std::nullopt;
    const ByteView padding = data.subspan(at, 12);
    if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b != 0; })) return std::nullopt;
    Address out;
    std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(at + 12), 20, out.bytes.begin());
    return out;
}

Bytes abi_text(std::string_view text) {
    Bytes out = word(u256(32));
    const Bytes size = word(u256(text.size()));
    out.insert(out.end(), size.begin(), size.end());
    out.insert(out.end(), text.begin(), text.end());
    out.resize((out.size() + 31) / 32 * 32);
    return out;
}

SimLog transfer_log(const Address &token, const Address &from, const Address &to, const u256 &amount) {
    static constexpr std::array<std::uint8_t, 32> kTopic = {
        0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2, 0xc8, 0x9b, 0x69, 0xc2, 0xb0, 0x68, 0xfc, 0x37, 0x8d, 0xaa,
        0x95, 0x2b, 0xa7, 0xf1, 0x63, 0xc4, 0xa1, 0x16, 0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef};
    return {token, {Hash32{kTopic}, address_word(from), address_word(to)}, word(amount)};
}

bool has_flag(const std::map<Address, bool> &flags, const Address &who) {
    const auto at = flags.find(who);
    return at != flags.end() && at->second;
}

}  // namespace

Address EvmChain::add_token(const TokenSpec &spec) {
    TokenSpec kept = spec;
    if (kept.address.is_zero()) {
        const Hash32 hash = crypto::keccak256(view("token " + spec.symbol));
        std::copy_n(hash.bytes.begin(), 20, kept.address.bytes.begin());
    }
    Token &token = tokens_[kept.address];
    token.spec = kept;
    return kept.address;
}

void EvmChain::block_recipient(const Address &token, const Address &who, bool blocked) {
    if (token.is_zero())
        coin_blocked_[who] = blocked;
    else if (const auto at = tokens_.find(token); at != tokens_.end())
        at->second.blocked[who] = blocked;
}

const EvmChain::Account &EvmChain::account(const Address &who) const {
    static constexpr Account kNone{};
    const auto at = accounts_.find(who);
    return at == accounts_.end() ? kNone : at->second;
}

void EvmChain::set_account(const Address &who, const Account &now) {
    Account &kept = accounts_[who];
    if (undo_ != nullptr) undo_->push_back({Address{}, who, kept});
    kept = now;
}

void EvmChain::set_token(Token &token, const Address &who, const u256 &amount) {
    u256 &kept = token.balances[who];
    if (undo_ != nullptr) undo_->push_back({token.spec.address, who, {kept, 0}});
    kept = amount;
}

void EvmChain::apply_credit(const Credit &credit) {
    if (credit.token.is_zero()) {
        Account now = account(credit.who);
        now.balance = saturating_add(now.balance, credit.amount);
        set_account(credit.who, now);
    } else if (const auto at = tokens_.find(credit.token); at != tokens_.end()) {
        set_token(at->second, credit.who, saturating_add(token_balance(credit.token, credit.who), credit.amount));
    }
}

void EvmChain::give(const Credit &credit) {
    record("credit " + to_hex(credit.token) + " " + to_hex(credit.who) + " " + to_decimal(credit.amount));
    if (blocks_.size() == 1)
        apply_credit(credit);
    else
        credits_.push_back(credit);
}

void EvmChain::credit(const Address &who, const u256 &amount) {
    give({Address{}, who, amount});
}
void EvmChain::credit_token(const Address &token, const Address &who, const u256 &amount) {
    give({token, who, amount});
}

// The account as it was after a block: the oldest thing that a later block has overwritten, if any has.
EvmChain::Account EvmChain::account_at(const Address &who, std::uint64_t number) const {
    for (std::uint64_t later = number + 1; later < blocks_.size(); ++later)
        for (const Undo &undo : blocks_[later].undo)
            if (undo.token.is_zero() && undo.who == who) return undo.before;
    return account(who);
}

u256 EvmChain::balance(const Address &who) const {
    return account(who).balance;
}
u256 EvmChain::balance_at(const Address &who, std::uint64_t number) const {
    return account_at(who, number).balance;
}
std::uint64_t EvmChain::nonce(const Address &who) const {
    return account(who).nonce;
}
std::uint64_t EvmChain::nonce_at(const Address &who, std::uint64_t number) const {
    return account_at(who, number).nonce;
}
bool EvmChain::is_contract(const Address &who) const {
    return tokens_.contains(who);
}

u256 EvmChain::token_balance(const Address &token, const Address &who) const {
    const auto at = tokens_.find(token);
    if (at == tokens_.end()) return {};
    const auto held = at->second.balances.find(who);
    return held == at->second.balances.end() ? u256() : held->second;
}

void EvmChain::plan_transfer(const Token &token, const Address &from, ByteView data, Effect &effect) const {
    const auto to = address_argument(data, 0);
    if (!to || data.size() < 68) {
        effect.reverted = true;
        return;
    }
    Result<u256> amount = u256_from_be_bytes(data.subspan(36, 32), "amount");
    const u256 asked = amount ? *amount : u256::max();
    const u256 held = token_balance(token.spec.address, from);
    if (held < asked || has_flag(token.blocked, *to)) {
        effect.reverted = token.spec.kind != TokenKind::false_return;
        effect.returned = effect.reverted ? Bytes{} : word(u256(0));
        return;
    }
    const u256 fee = token.spec.kind == TokenKind::fee_on_transfer ? over(asked, u256(100)) : u256();
    effect.gas += kTransferGas + (token_balance(token.spec.address, *to).is_zero() ? kNewHolderGas : 0);
    effect.moves.push_back({token.spec.address, from, *to, saturating_sub(asked, fee)});
    if (!fee.is_zero()) effect.moves.push_back({token.spec.address, from, token.spec.address, fee});
    if (token.spec.kind != TokenKind::usdt_like) effect.returned = word(u256(1));
}

EvmChain::Effect EvmChain::plan(const Address &from, const Address &to, const u256 &value, ByteView data) const {
    Effect effect;
    effect.gas = intrinsic_gas(data);
    const auto at = tokens_.find(to);
    if (at == tokens_.end()) {
        effect.reverted = has_flag(coin_blocked_, to) || account(from).balance < value;
        if (!effect.reverted && !value.is_zero()) effect.moves.push_back({Address{}, from, to, value});
    } else if (!value.is_zero() || data.size() < 4) {
        effect.reverted = true;
    } else {
        const Token &token = at->second;
        const std::uint32_t selector = static_cast<std::uint32_t>(data[0]) << 24 |
                                       static_cast<std::uint32_t>(data[1]) << 16 |
                                       static_cast<std::uint32_t>(data[2]) << 8 | data[3];
        const auto who = address_argument(data, 0);
        effect.gas += kReadGas;
        if (selector == static_cast<std::uint32_t>(Selector::transfer))
            plan_transfer(token, from, data, effect);
        else if (selector == static_cast<std::uint32_t>(Selector::balance_of) && who)
            effect.returned = word(token_balance(to, *who));
        else if (selector == static_cast<std::uint32_t>(Selector::decimals))
            effect.returned = word(u256(static_cast<std::uint64_t>(token.spec.decimals)));
        else if (selector == static_cast<std::uint32_t>(Selector::symbol))
            effect.returned = abi_text(token.spec.symbol);
        else
            effect.reverted = true;
    }
    if (effect.reverted) effect.gas += kRevertGas;
    for (const Effect::Move &move : effect.moves)
        if (!move.token.is_zero()) effect.logs.push_back(transfer_log(move.token, move.from, move.to, move.amount));
    return effect;
}

void EvmChain::commit(const Effect &effect) {
    for (const Effect::Move &move : effect.moves) {
        if (move.token.is_zero()) {
            Account from = account(move.from);
            from.balance = saturating_sub(from.balance, move.amount);
            set_account(move.from, from);
            Account to = account(move.to);
            to.balance = saturating_add(to.balance, move.amount);
            set_account(move.to, to);
            continue;
        }
        Token &token = tokens_.find(move.token)->second;
        set_token(token, move.from, saturating_sub(token_balance(move.token, move.from), move.amount));
        set_token(token, move.to, saturating_add(token_balance(move.token, move.to), move.amount));
    }
}

SimCallResult EvmChain::call(const Address &from, const Address &to, const u256 &value, ByteView data) const {
    Effect effect = plan(from, to, value, data);
    return {effect.reverted, std::move(effect.returned), effect.gas};
}

}  // namespace remit::testing
