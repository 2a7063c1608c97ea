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
    if (p.token_address.is_zero()) m.paid = Paid::yes;
    for (const ChainLog &log : receipt.logs) {
        const auto transfer =
            log.address == p.token_address ? crypto::parse_transfer(log.topics, log.data) : std::nullopt;
        if (!transfer || transfer->from != sender_ || transfer->to != p.to || m.paid == Paid::yes) continue;
        m.paid = transfer->amount == p.amount ? Paid::yes : Paid::other;
        if (m.paid == Paid::other) m.reason = "the payee got " + to_decimal(transfer->amount) + " base units";
    }
    if (m.paid == Paid::yes) m.reason.clear();
    if (m.paid == Paid::no) m.reason = "mined, but without the Transfer log of this payment";
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
        open->row.paid = m.paid;
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
        open->row.paid = Paid::no;
        open->verified = false;
        p.doubt.clear();
        open->next_post_us = 0;  // the same bytes again: a block that is gone has dropped them
    }
    account_fresh_ = false;
    account_due_us_ = 0;
    return {};
}

void Lane::audit_all() {
    audit_.reset();  // what was asked before says nothing about after
    receipts_.reset();
    for (auto &[nonce, open] : open_) {
        open.audit = true;
        open.verified = false;
    }
}

bool Lane::ask_receipts() {
    // Only while blocks are followed: a receipt read before would not be taken back when its block leaves the chain.
    if (audit_ || now() < audit_due_us_ || !facts_.identified || !facts_.follower.linked()) return false;
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

// Its nonce is final and none of its transactions was mined: not paid by us, and only a person may say so. The
// sender is quarantined in the same commit: nothing new is signed beside another user of the key.
Result<void> Lane::doubt(Open &open) {
    if (!open.row.payout.doubt.empty()) return {};
    Payout told = open.row.payout;
    told.doubt = "its nonce was used by a transaction that is not ours";
    const std::string why = "the chain has a transaction of the sender that is not ours, with nonce " +
                            std::to_string(told.nonce.value_or(0));
    return quarantine(why, &open, &told);
}

// With the payout that showed it, if it was one.
Result<void> Lane::quarantine(const std::string &why, Open *open, const Payout *told) {
    if (!quarantine_.empty() && open == nullptr) return {};
    std::vector<events::EventDraft> drafts;
    if (open != nullptr) drafts.push_back(event_of(*told));
    if (quarantine_.empty()) drafts.push_back(lane_event("lane.quarantined", why));
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(wallets::guard_lane(tx, held_));
        if (quarantine_.empty()) REMIT_CHECK(wallets::quarantine_lane(tx, held_, why));
        if (open != nullptr) REMIT_CHECK(rows::set_doubt(tx, open->row.id, told->doubt));
        return events::append(tx, ports_.clock.utc_us(), ports_.random, drafts);
    }));
    if (open != nullptr) open->row.payout.doubt = told->doubt;
    if (!quarantine_.empty()) return {};
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

// Compares the node's counts with ours. More there than we ever made: somebody else uses the key, or this
// database is an old copy whose payments still wait in the pool.
Result<void> Lane::check_count() {
    if (!account_) return {};
    const std::uint64_t there = std::max(account_->nonce_latest, account_->nonce_pending);
    if (!counted_ && !next_nonce_) nonce_ = std::max(nonce_, there);
    counted_ = true;
    if (there <= nonce_) return {};
    return quarantine("the node counts " + std::to_string(there) +
                      " transactions of the sender, this database has made " + std::to_string(nonce_));
}

// Completes what is deep enough, on the canonical chain.
Result<bool> Lane::finalize() {
    const auto head = facts_.follower.linked();  // a new head alone does not say that our blocks are below it
    if (!head) return false;
    std::vector<Open *> final_ones;
    for (auto &[nonce, open] : open_) {
        const auto &number = open.row.payout.block_number;
        if (undecided(open) || !open.row.payout.doubt.empty() || !number || *number > *head) continue;
        if (*head - *number + 1 < facts_.config.confirmations) continue;
        const auto canonical = facts_.follower.hash_at(*number);
        if (canonical ? *canonical == open.row.block_hash : open.verified) {
            final_ones.push_back(&open);
        } else if (!open.audit) {  // not in the ring, or in it with another block: its receipt is asked
            open.audit = true;
            if (canonical) audit_due_us_ = now() + facts_.config.poll_us;
        }
    }
    if (final_ones.empty()) return false;
    REMIT_CHECK(settle(record_final(final_ones)));
    pick_due_us_ = 0;
    return true;
}

// Paid is completed, not paid is failed. Money that moved in another amount is neither: a person looks.
Result<void> Lane::record_final(const std::vector<Open *> &final_ones) {
    const std::int64_t utc = ports_.clock.utc_us();
    std::vector<Payout> told;
    std::vector<events::EventDraft> drafts;
    for (const Open *open : final_ones) {
        Payout &p = told.emplace_back(open->row.payout);
        if (open->row.paid == Paid::other)
            p.doubt = p.reason + ", not " + to_decimal(p.amount);
        else
            p.state = open->row.paid == Paid::yes ? PayoutState::completed : PayoutState::reverted;
        p.status = payout_status(p.state);
        drafts.push_back(event_of(p));
    }
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(wallets::guard_lane(tx, held_));
        for (std::size_t i = 0; i < told.size(); ++i) {
            const Payout &p = told[i];
            const std::int64_t row = final_ones[i]->row.id;
            if (!p.doubt.empty())
                REMIT_CHECK(rows::set_doubt(tx, row, p.doubt));
            else
                REMIT_CHECK(rows::finish(tx, row, PayoutState::mined, p.state, p.reason, utc));
        }
        return events::append(tx, utc, ports_.random, drafts);
    }));
    for (const Payout &p : told) {
        if (p.doubt.empty())
            drop_open(*p.nonce);
        else
            open_.at(*p.nonce).row.payout.doubt = p.doubt;
    }
    return {};
}

}  // namespace remit::payouts
