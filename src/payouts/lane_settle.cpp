// What the chain says: mined, gone again, final, or a nonce that somebody else used.
#include "crypto/abi.hpp"
#include "payouts/lane.hpp"
#include "payouts/tell.hpp"

#include <algorithm>

namespace remit::payouts {

namespace {

constexpr std::size_t kReceiptsMax = 100;  // hashes in one question

bool undecided(const Open &open) {
    return open.row.payout.state != PayoutState::mined;
}

}  // namespace

Mined Lane::mined_of(const Open &open, const ChainReceipt &receipt) const {
    const Payout &p = open.row.payout;
    Mined m;
    m.tx_hash = receipt.tx_hash;
    m.block_number = receipt.block_number;
    m.block_hash = receipt.block_hash;
    const auto fee = mul(u256(receipt.gas_used), receipt.effective_gas_price);
    m.fee_paid = fee ? *fee : u256::max();
    if (!receipt.success) {
        m.reason = "the transfer was mined and reverted";
        return m;
    }
    // Some tokens answer false instead of reverting: only the log proves that the payee was paid.
    m.ok = p.token_address.is_zero() || std::ranges::any_of(receipt.logs, [&](const ChainLog &log) {
               if (log.address != p.token_address) return false;
               const auto transfer = crypto::parse_transfer(log.topics, log.data);
               return transfer && transfer->from == sender_ && transfer->to == p.to && transfer->amount == p.amount;
           });
    if (!m.ok) m.reason = "mined, but without the Transfer log of this payment";
    return m;
}

Result<void> Lane::block(const ChainBlock &block) {
    if (phase_ != Phase::running || open_.empty()) return {};
    std::vector<std::pair<Open *, Mined>> mined;
    for (const ChainReceipt &receipt : block.receipts) {
        const auto hash = by_hash_.find(receipt.tx_hash);
        if (hash == by_hash_.end()) continue;
        Open &open = open_.at(hash->second);
        if (!undecided(open)) continue;
        mined.emplace_back(&open, mined_of(open, receipt));
    }
    return settle(record_mined(mined));
}

Result<void> Lane::record_mined(const std::vector<std::pair<Open *, Mined>> &mined) {
    if (mined.empty()) return {};
    const std::int64_t utc = ports_.clock.utc_us();
    std::vector<events::EventDraft> drafts;
    for (const auto &[open, m] : mined) {
        if (open->row.payout.state != PayoutState::signed_) continue;
        Payout told = open->row.payout;  // a crash hid that it was posted
        told.state = PayoutState::sent;
        told.status = PayoutStatus::sent;
        drafts.push_back(event_of(told));
    }
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(wallets::guard_lane(tx, held_));
        for (const auto &[open, m] : mined) REMIT_CHECK(rows::mine(tx, open->row.id, open->row.payout.state, m, utc));
        return events::append(tx, utc, ports_.random, drafts);
    }));
    for (const auto &[open, m] : mined) {
        Payout &p = open->row.payout;
        p.state = PayoutState::mined;
        p.status = PayoutStatus::sent;
        p.tx_hash = m.tx_hash;
        p.block_number = m.block_number;
        p.fee_paid = m.fee_paid;
        p.reason = m.reason;
        p.doubt.clear();
        open->row.block_hash = m.block_hash;
        open->row.mined_ok = m.ok;
        open->verified = open->nonce_gone = open->audit = false;
    }
    account_fresh_ = false;
    account_due_us_ = 0;
    pick_due_us_ = 0;
    return {};
}

Result<void> Lane::orphaned(std::uint64_t number, const Hash32 &hash) {
    std::vector<Open *> gone;
    for (auto &[nonce, open] : open_)
        if (!undecided(open) && open.row.payout.block_number == number && open.row.block_hash == hash)
            gone.push_back(&open);
    return phase_ == Phase::running ? settle(record_unmined(gone)) : Result<void>{};
}

Result<void> Lane::record_unmined(const std::vector<Open *> &gone) {
    if (gone.empty()) return {};
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(wallets::guard_lane(tx, held_));
        for (const Open *open : gone) REMIT_CHECK(rows::unmine(tx, open->row.id));
        return {};
    }));
    for (Open *open : gone) {
        Payout &p = open->row.payout;
        p.state = PayoutState::sent;
        p.block_number.reset();
        p.fee_paid = {};
        p.reason.clear();
        open->row.mined_ok = open->verified = false;
        open->next_post_us = 0;  // the same bytes again: a block that is gone has dropped them
    }
    account_fresh_ = false;
    account_due_us_ = 0;
    return {};
}

void Lane::audit_all() {
    for (auto &[nonce, open] : open_) {
        open.audit = true;
        open.verified = false;
    }
}

bool Lane::ask_receipts() {
    if (audit_ || now() < audit_due_us_ || !facts_.identified || !facts_.follower.head()) return false;
    std::vector<Hash32> hashes;
    std::vector<std::uint64_t> nonces;
    for (auto &[nonce, open] : open_) {
        if (!open.audit) continue;
        if (!hashes.empty() && hashes.size() + open.attempts.size() > kReceiptsMax) break;
        open.audit = false;
        for (const Attempt &attempt : open.attempts) {
            hashes.push_back(attempt.hash);
            nonces.push_back(nonce);
        }
    }
    if (hashes.empty()) return false;
    audit_.emplace(next_token(), std::move(nonces));
    facts_.chain.receipts(audit_->first, std::move(hashes));
    return true;
}

Result<void> Lane::settle_receipts(const std::vector<std::uint64_t> &nonces, const ChainReceipts &receipts) {
    std::map<std::uint64_t, const ChainReceipt *> found;
    for (std::size_t i = 0; i < nonces.size() && i < receipts.size(); ++i) {
        auto &slot = found[nonces[i]];
        if (receipts[i]) slot = &*receipts[i];
    }
    std::vector<std::pair<Open *, Mined>> mined;
    std::vector<Open *> gone;
    std::vector<Open *> nowhere;
    for (const auto &[nonce, receipt] : found) {
        const auto it = open_.find(nonce);
        if (it == open_.end()) continue;
        Open &open = it->second;
        if (receipt == nullptr)
            (undecided(open) ? nowhere : gone).push_back(&open);
        else if (undecided(open))
            mined.emplace_back(&open, mined_of(open, *receipt));
        else if (open.row.block_hash == receipt->block_hash)
            open.verified = true;
        else
            gone.push_back(&open), open.audit = true;  // mined anew elsewhere: the next question records it
    }
    REMIT_CHECK(record_unmined(gone));
    REMIT_CHECK(record_mined(mined));
    for (Open *open : nowhere) {
        if (open->nonce_gone)
            REMIT_CHECK(doubt(*open));
        else
            suspect(*open);
    }
    return {};
}

// No receipt, although the chain counts past its nonce: somebody else may have used it. Ask at final depth.
void Lane::suspect(Open &open) {
    const std::uint64_t nonce = open.row.payout.nonce.value_or(0);
    const auto &head = facts_.follower.head();
    if (depth_call_ || !account_ || account_->nonce_latest <= nonce || !head) return;
    const std::uint64_t depth = facts_.config.confirmations - 1;
    if (head->number < depth) return;
    depth_call_.emplace(next_token(), nonce);
    facts_.chain.account_at(depth_call_->first, sender_, head->number - depth);
}

// Its nonce is final and none of its transactions was mined: not paid by us, and only a person may say so.
Result<void> Lane::doubt(Open &open) {
    if (!open.row.payout.doubt.empty()) return {};
    const std::string why = "its nonce was used by a transaction that is not ours";
    Payout told = open.row.payout;
    told.doubt = why;
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(wallets::guard_lane(tx, held_));
        REMIT_CHECK(rows::set_doubt(tx, open.row.id, why));
        const events::EventDraft drafts[] = {event_of(told)};
        return events::append(tx, ports_.clock.utc_us(), ports_.random, drafts);
    }));
    open.row.payout.doubt = why;
    return quarantine("the chain has a transaction of the sender that is not ours, with nonce " +
                      std::to_string(open.row.payout.nonce.value_or(0)));
}

Result<void> Lane::quarantine(const std::string &why) {
    if (!quarantine_.empty()) return {};
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(wallets::quarantine_lane(tx, held_, why));
        const events::EventDraft drafts[] = {lane_event("lane.quarantined", why)};
        return events::append(tx, ports_.clock.utc_us(), ports_.random, drafts);
    }));
    quarantine_ = why;
    ports_.log.write(LogLevel::error, "payouts.lane_quarantined", {{"sender", to_hex(sender_)}, {"reason", why}});
    return {};
}

void Lane::on_account(const ChainAccount &account) {
    account_ = account;
    pick_due_us_ = 0;
    for (auto &[nonce, open] : open_)
        if (undecided(open) && nonce < account.nonce_latest) open.audit = true;
}

// Compares the chain's count with ours. More there than we ever made: somebody else uses the key, or this
// database is an old copy.
Result<void> Lane::check_count() {
    if (!account_) return {};
    if (!counted_ && !next_nonce_) nonce_ = std::max(nonce_, account_->nonce_latest);
    counted_ = true;
    if (account_->nonce_latest <= nonce_) return {};
    return quarantine("the chain counts " + std::to_string(account_->nonce_latest) +
                      " transactions of the sender, this database has made " + std::to_string(nonce_));
}

// Completes what is deep enough, on the canonical chain.
Result<bool> Lane::finalize() {
    const auto head = facts_.follower.linked();
    if (!head) return false;
    std::vector<Open *> final_ones;
    for (auto &[nonce, open] : open_) {
        const auto &number = open.row.payout.block_number;
        if (undecided(open) || !number || *number > *head) continue;
        if (*head - *number + 1 < facts_.config.confirmations) continue;
        const auto canonical = facts_.follower.hash_at(*number);
        if (canonical ? *canonical == open.row.block_hash : open.verified)
            final_ones.push_back(&open);
        else
            open.audit = true;  // no longer in the ring: its receipt is asked
    }
    if (final_ones.empty()) return false;
    const std::int64_t utc = ports_.clock.utc_us();
    std::vector<events::EventDraft> drafts;
    for (const Open *open : final_ones) {
        Payout told = open->row.payout;
        told.state = open->row.mined_ok ? PayoutState::completed : PayoutState::reverted;
        told.status = payout_status(told.state);
        drafts.push_back(event_of(told));
    }
    REMIT_CHECK(settle(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(wallets::guard_lane(tx, held_));
        for (const Open *open : final_ones)
            REMIT_CHECK(rows::finish(tx, open->row.id, PayoutState::mined,
                                     open->row.mined_ok ? PayoutState::completed : PayoutState::reverted,
                                     open->row.payout.reason, utc));
        return events::append(tx, utc, ports_.random, drafts);
    })));
    if (phase_ != Phase::running) return true;
    for (const Open *open : final_ones) drop_open(open->row.payout.nonce.value_or(0));
    pick_due_us_ = 0;
    return true;
}

}  // namespace remit::payouts
