// Blocks: mining, base fees, reorganisations, and reading what was mined.
#include "testing/evm_effect.hpp"
#include "testing/evm_math.hpp"

#include "crypto/hash.hpp"

#include <limits>
#include <set>

namespace remit::testing {

EvmChain::EvmChain(SimClock &clock, EvmChainOptions options) : clock_(clock), options_(options) {
    Mined genesis;
    genesis.block.timestamp_s = options_.genesis_timestamp_s;
    genesis.block.base_fee = options_.legacy_only ? u256() : options_.base_fee;
    seal(genesis.block);
    blocks_.push_back(std::move(genesis));
    next_block_us_ = clock_.elapsed_us() + options_.block_interval_us;
}

EvmChain::~EvmChain() = default;

void EvmChain::seal(SimBlock &block) {
    Bytes image(block.parent_hash.bytes.begin(), block.parent_hash.bytes.end());
    for (const std::uint64_t part : {options_.chain_id, block.number, block.timestamp_s, salt_})
        for (int shift = 0; shift < 64; shift += 8) image.push_back(static_cast<std::uint8_t>(part >> shift));
    for (const Hash32 &hash : block.transactions) image.insert(image.end(), hash.bytes.begin(), hash.bytes.end());
    block.hash = crypto::keccak256(image);
}

std::uint64_t EvmChain::timestamp_now() const {
    const std::int64_t elapsed = clock_.elapsed_us() / kMicrosPerSecond;
    return std::max(head().timestamp_s + 1, options_.genesis_timestamp_s + static_cast<std::uint64_t>(elapsed));
}

u256 EvmChain::next_base_fee() const {
    if (options_.legacy_only) return {};
    const SimBlock &last = head();
    const std::uint64_t target = options_.gas_limit / 2;
    const std::uint64_t off = last.gas_used > target ? last.gas_used - target : target - last.gas_used;
    const u256 step = over(over(times(last.base_fee, u256(off)), u256(target)), u256(8));
    if (last.gas_used > target) return saturating_add(last.base_fee, std::max(step, u256(1)));
    return std::max(saturating_sub(last.base_fee, step), options_.min_base_fee);
}

// Takes the best-paying transaction that can be mined now out of the pool.
std::optional<SimTransaction> EvmChain::pick(const u256 &base_fee, std::uint64_t gas_left) {
    Lane *best_lane = nullptr;
    Lane::iterator best;
    u256 best_tip;
    for (auto &[who, lane] : pool_) {
        const Account &sender = account(who);
        const auto next = lane.find(sender.nonce);
        if (next == lane.end()) continue;
        const SimTransaction &tx = next->second.tx;
        if (tx.max_fee < base_fee || tx.gas > gas_left || cost_of(tx) > sender.balance) continue;
        const u256 tip = std::min(tx.tip, saturating_sub(tx.max_fee, base_fee));
        if (best_lane != nullptr && (tip < best_tip || (tip == best_tip && best->second.order < next->second.order)))
            continue;
        best_lane = &lane;
        best = next;
        best_tip = tip;
    }
    if (best_lane == nullptr) return std::nullopt;
    SimTransaction tx = std::move(best->second.tx);
    pooled_at_.erase(tx.hash);
    best_lane->erase(best);
    return tx;
}

void EvmChain::execute(const SimTransaction &tx, SimBlock &block) {
    const u256 price = std::min(tx.max_fee, saturating_add(block.base_fee, tx.tip));
    Account sender = account(tx.from);
    ++sender.nonce;
    const u256 deposit = times(u256(tx.gas), price);
    sender.balance = saturating_sub(sender.balance, deposit);
    set_account(tx.from, sender);

    Effect effect = plan(tx.from, *tx.to, tx.value, tx.data);
    SimReceipt receipt;
    receipt.tx_hash = tx.hash;
    receipt.index = block.transactions.size();
    receipt.gas_price = price;
    receipt.success = !effect.reverted && effect.gas <= tx.gas;
    receipt.gas_used = std::min(effect.gas, tx.gas);
    if (receipt.success) {
        commit(effect);
        receipt.logs = std::move(effect.logs);
    }
    sender = account(tx.from);
    sender.balance = saturating_add(sender.balance, saturating_sub(deposit, times(u256(receipt.gas_used), price)));
    set_account(tx.from, sender);
    block.gas_used += receipt.gas_used;
    block.transactions.push_back(tx.hash);
    block.receipts.push_back(std::move(receipt));
}

void EvmChain::mine_one(std::uint64_t timestamp_s, bool empty) {
    record("block " + std::to_string(timestamp_s) + (empty ? " 1" : " 0"));
    Mined next;
    SimBlock &block = next.block;
    block.number = head().number + 1;
    block.parent_hash = head().hash;
    block.timestamp_s = timestamp_s;
    block.base_fee = next_base_fee();
    undo_ = &next.undo;
    next.credits = std::move(credits_);
    credits_.clear();
    for (const Credit &credit : next.credits) apply_credit(credit);
    while (!empty) {
        std::optional<SimTransaction> tx = pick(block.base_fee, options_.gas_limit - block.gas_used);
        if (!tx) break;
        execute(*tx, block);
        mined_in_[tx->hash] = block.number;
        const Hash32 hash = tx->hash;
        known_[hash] = std::move(*tx);
    }
    undo_ = nullptr;
    seal(block);
    blocks_.push_back(std::move(next));
    for (const auto &lane : pool_) prune(lane.first);
    std::erase_if(pool_, [](const auto &lane) { return lane.second.empty(); });
}

void EvmChain::mine(std::uint64_t count) {
    for (; count > 0; --count) mine_one(timestamp_now(), false);
}

void EvmChain::advance() {
    if (paused_ || options_.block_interval_us <= 0) return;
    for (; next_block_us_ <= clock_.elapsed_us(); next_block_us_ += options_.block_interval_us) mine();
}

void EvmChain::pause_mining(bool paused) {
    if (paused_ && !paused) next_block_us_ = clock_.elapsed_us() + options_.block_interval_us;
    paused_ = paused;
}

std::int64_t EvmChain::next_block_us() const noexcept {
    const bool by_hand = paused_ || options_.block_interval_us <= 0;
    return by_hand ? std::numeric_limits<std::int64_t>::max() : next_block_us_;
}

// Takes the head block away again, its state and its transactions.
void EvmChain::unmine_top(const std::set<Hash32> &dropped) {
    Mined top = std::move(blocks_.back());
    blocks_.pop_back();
    for (auto undo = top.undo.rbegin(); undo != top.undo.rend(); ++undo) {
        if (undo->token.is_zero())
            accounts_[undo->who] = undo->before;
        else
            tokens_.find(undo->token)->second.balances[undo->who] = undo->before.balance;
    }
    credits_.insert(credits_.begin(), top.credits.begin(), top.credits.end());
    for (const Hash32 &hash : top.block.transactions) {
        SimTransaction tx = std::move(known_[hash]);
        known_.erase(hash);
        mined_in_.erase(hash);
        const auto lane = pool_.find(tx.from);
        const bool taken = lane != pool_.end() && lane->second.contains(tx.nonce);
        if (!taken && !dropped.contains(hash)) put(std::move(tx));
    }
}

void EvmChain::reorg(std::uint64_t depth, ReorgKind kind, const std::function<bool(const Hash32 &)> &keep) {
    depth = std::min(depth, head().number);
    std::set<Hash32> dropped;
    std::string line = "reorg " + std::to_string(depth) + (kind == ReorgKind::delay ? " 1" : " 0");
    for (std::uint64_t number = head().number - depth + 1; number <= head().number; ++number)
        for (const Hash32 &hash : blocks_[number].block.transactions)
            if (kind == ReorgKind::drop || (keep && !keep(hash))) {
                dropped.insert(hash);
                line += " " + to_hex(hash);
            }
    record(line);
    const bool was_replaying = std::exchange(replaying_, true);  // the line says it all
    reorg_now(depth, kind == ReorgKind::delay, dropped);
    replaying_ = was_replaying;
}

void EvmChain::reorg_now(std::uint64_t depth, bool empty, const std::set<Hash32> &dropped) {
    for (std::uint64_t i = 0; i < depth; ++i) unmine_top(dropped);
    ++salt_;
    for (std::uint64_t i = 0; i <= depth; ++i) mine_one(head().timestamp_s + 1, empty);
}

const SimBlock *EvmChain::block(std::uint64_t number) const noexcept {
    return number < blocks_.size() ? &blocks_[number].block : nullptr;
}

const SimBlock *EvmChain::block_by_hash(const Hash32 &hash) const noexcept {
    for (auto mined = blocks_.rbegin(); mined != blocks_.rend(); ++mined)
        if (mined->block.hash == hash) return &mined->block;
    return nullptr;
}

const SimTransaction *EvmChain::transaction(const Hash32 &hash) const noexcept {
    if (const auto at = known_.find(hash); at != known_.end()) return &at->second;
    const auto at = pooled_at_.find(hash);
    return at == pooled_at_.end() ? nullptr : &pool_.find(at->second.first)->second.find(at->second.second)->second.tx;
}

std::optional<std::uint64_t> EvmChain::mined_in(const Hash32 &hash) const noexcept {
    const auto at = mined_in_.find(hash);
    return at == mined_in_.end() ? std::nullopt : std::optional(at->second);
}

const SimReceipt *EvmChain::receipt(const Hash32 &hash) const noexcept {
    const auto number = mined_in(hash);
    if (!number) return nullptr;
    for (const SimReceipt &receipt : blocks_[*number].block.receipts)
        if (receipt.tx_hash == hash) return &receipt;
    return nullptr;
}

std::vector<SimTransfer> EvmChain::transfers() const {
    std::vector<SimTransfer> out;
    for (const Mined &mined : blocks_)
        for (const SimReceipt &receipt : mined.block.receipts) {
            const SimTransaction &tx = known_.find(receipt.tx_hash)->second;
            if (receipt.success && !tx.value.is_zero())
                out.push_back({Address{}, tx.from, *tx.to, tx.value, tx.hash, mined.block.number});
            for (const SimLog &log : receipt.logs) {
                SimTransfer moved{log.address, {}, {}, {}, tx.hash, mined.block.number};
                std::copy_n(log.topics[1].bytes.begin() + 12, 20, moved.from.bytes.begin());
                std::copy_n(log.topics[2].bytes.begin() + 12, 20, moved.to.bytes.begin());
                if (Result<u256> amount = u256_from_be_bytes(log.data, "amount"); amount) moved.amount = *amount;
                out.push_back(moved);
            }
        }
    return out;
}

}  // namespace remit::testing
