// The mempool: geth's rules, in geth's order, with geth's words.
#include "testing/evm_math.hpp"

#include "crypto/hash.hpp"

#include <string>

namespace remit::testing {

namespace {

Error refuse(std::string text) {
    return error(Status::refused, std::move(text));
}
std::string text(const u256 &value) {
    return to_decimal(value);
}
std::string text(std::uint64_t value) {
    return std::to_string(value);
}

bool outbids(const u256 &now, const u256 &before) {
    return now > before && times(now, u256(100)) >= times(before, u256(110));
}

}  // namespace

Result<void> EvmChain::check_funds(const SimTransaction &tx) const {
    constexpr const char *kText = "insufficient funds for gas * price + value: balance ";
    const u256 held = account(tx.from).balance;
    const u256 cost = cost_of(tx);
    if (held < cost)
        return refuse(kText + text(held) + ", tx cost " + text(cost) + ", overshot " +
                      text(saturating_sub(cost, held)));
    u256 queued;
    if (const auto lane = pool_.find(tx.from); lane != pool_.end())
        for (const auto &[nonce, pooled] : lane->second)
            if (nonce != tx.nonce) queued = saturating_add(queued, cost_of(pooled.tx));
    const u256 all = saturating_add(queued, cost);
    if (held < all)
        return refuse(kText + text(held) + ", queued cost " + text(queued) + ", tx cost " + text(cost) + ", overshot " +
                      text(saturating_sub(all, held)));
    return {};
}

Result<void> EvmChain::check_pool(const SimTransaction &tx) const {
    if (is_pooled(tx.hash)) return refuse("already known");
    if (!tx.to) return refuse("contract creation is not supported here");
    if (options_.legacy_only && tx.type != 0) return refuse("transaction type not supported");
    if (tx.gas > options_.gas_limit) return refuse("exceeds block gas limit");
    if (tx.tip > tx.max_fee)
        return refuse("max priority fee per gas higher than max fee per gas: address " + to_hex(tx.from) +
                      ", maxPriorityFeePerGas: " + text(tx.tip) + ", maxFeePerGas: " + text(tx.max_fee));
    if (const std::uint64_t least = intrinsic_gas(tx.data); tx.gas < least)
        return refuse("intrinsic gas too low: gas " + text(tx.gas) + ", minimum needed " + text(least));
    if (tx.tip < options_.min_tip)
        return refuse("transaction gas price below minimum: gas tip cap " + text(tx.tip) + ", minimum needed " +
                      text(options_.min_tip));
    if (options_.refuse_below_base_fee && tx.max_fee < next_base_fee())
        return refuse("max fee per gas less than block base fee: address " + to_hex(tx.from) +
                      ", maxFeePerGas: " + text(tx.max_fee) + ", baseFee: " + text(next_base_fee()));
    const std::uint64_t next = nonce(tx.from);
    if (tx.nonce < next) return refuse("nonce too low: next nonce " + text(next) + ", tx nonce " + text(tx.nonce));
    if (tx.nonce - next > options_.nonce_gap_max) return refuse("nonce too high: tx nonce " + text(tx.nonce));
    REMIT_CHECK(check_funds(tx));
    if (const auto lane = pool_.find(tx.from); lane != pool_.end())
        if (const auto old = lane->second.find(tx.nonce); old != lane->second.end()) {
            const SimTransaction &before = old->second.tx;
            if (!outbids(tx.max_fee, before.max_fee) || !outbids(tx.tip, before.tip))
                return refuse("replacement transaction underpriced");
            return {};
        }
    if (pooled_at_.size() >= options_.pool_max) return refuse("txpool is full");
    return {};
}

void EvmChain::put(SimTransaction tx) {
    Lane &lane = pool_[tx.from];
    if (const auto old = lane.find(tx.nonce); old != lane.end()) pooled_at_.erase(old->second.tx.hash);
    pooled_at_[tx.hash] = {tx.from, tx.nonce};
    const std::uint64_t nonce = tx.nonce;
    lane[nonce] = {std::move(tx), ++order_};
}

Result<Hash32> EvmChain::submit(ByteView raw) {
    REMIT_TRY(SimTransaction tx, decode_transaction(raw, options_.chain_id));
    REMIT_CHECK(check_pool(tx));
    const Hash32 hash = tx.hash;
    if (journal_.is_open()) record("tx " + to_hex(raw));
    put(std::move(tx));
    return hash;
}

Hash32 EvmChain::external_transfer(const Address &from, const Address &to, const u256 &value) {
    record("external " + to_hex(from) + " " + to_hex(to) + " " + to_decimal(value));
    SimTransaction tx;
    tx.from = from;
    tx.to = to;
    tx.nonce = pending_nonce(from);
    tx.gas = 21'000;
    tx.tip = u256(2'000'000'000);
    tx.max_fee = saturating_add(times(next_base_fee(), u256(4)), tx.tip);
    tx.value = value;
    tx.type = 2;
    tx.hash = crypto::keccak256(view("external " + to_hex(from) + " " + text(tx.nonce) + " " + text(order_)));
    const Hash32 hash = tx.hash;
    put(std::move(tx));
    return hash;
}

bool EvmChain::is_pooled(const Hash32 &hash) const noexcept {
    return pooled_at_.contains(hash);
}

bool EvmChain::drop(const Hash32 &hash) {
    const auto at = pooled_at_.find(hash);
    if (at == pooled_at_.end()) return false;
    record("drop " + to_hex(hash));
    pool_[at->second.first].erase(at->second.second);
    pooled_at_.erase(at);
    return true;
}

std::size_t EvmChain::drop_all() {
    const std::vector<Hash32> all = pooled();
    for (const Hash32 &hash : all) drop(hash);
    return all.size();
}

std::vector<Hash32> EvmChain::pooled() const {
    std::vector<Hash32> out;
    for (const auto &[hash, at] : pooled_at_) out.push_back(hash);
    return out;
}

std::uint64_t EvmChain::pending_nonce(const Address &who) const {
    std::uint64_t next = nonce(who);
    if (const auto lane = pool_.find(who); lane != pool_.end())
        while (lane->second.contains(next)) ++next;
    return next;
}

// After a block: what is used up or no longer affordable leaves the pool; its successors wait behind the gap.
void EvmChain::prune(const Address &who) {
    const auto lane = pool_.find(who);
    if (lane == pool_.end()) return;
    const Account &now = account(who);
    std::erase_if(lane->second, [&](const auto &slot) {
        const SimTransaction &tx = slot.second.tx;
        const bool gone = tx.nonce < now.nonce || cost_of(tx) > now.balance;
        if (gone) pooled_at_.erase(tx.hash);
        return gone;
    });
}

}  // namespace remit::testing
