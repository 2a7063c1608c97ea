// Signing batches and posting bytes.
#include "crypto/abi.hpp"
#include "crypto/hash.hpp"
#include "payouts/lane.hpp"
#include "payouts/tell.hpp"

#include <algorithm>

namespace remit::payouts {

namespace {

constexpr std::int64_t kIdlePickUs = 250'000;  // how soon work of other processes is seen
constexpr std::int64_t kGasKeepUs = 600'000'000;
constexpr std::int64_t kGasRetryUs = 5'000'000;
constexpr std::int64_t kFeesFreshUs = 6'000'000;
constexpr int kStrangePosts = 8;  // without a usable answer, before it is told of

bool taken(SendAnswer answer) {
    return answer == SendAnswer::accepted || answer == SendAnswer::known;
}

// The node says that it does not have it. Everything else may have been taken.
bool refused(SendAnswer answer) {
    switch (answer) {
    case SendAnswer::nonce_high:
    case SendAnswer::underpriced:
    case SendAnswer::insufficient_funds:
    case SendAnswer::block_gas:
    case SendAnswer::intrinsic_gas:
    case SendAnswer::base_fee:
    case SendAnswer::pool_full:
    case SendAnswer::reserved:
    case SendAnswer::fee_cap:
    case SendAnswer::sender:
    case SendAnswer::syncing:
    case SendAnswer::rate_limited: return true;
    default: return false;
    }
}

// A recipient that nobody has ever paid: its balance slot is empty, so the estimate is the dearest case.
Address probe_recipient(const Address &sender) {
    const Hash32 digest = crypto::sha256(sender);
    Address probe;
    std::copy_n(digest.bytes.begin(), probe.bytes.size(), probe.bytes.begin());
    return probe;
}

}  // namespace

// The gas of one transfer of the row's token; nothing while it is being asked for.
std::optional<std::uint64_t> Lane::gas_of(const Row &row) {
    const Address &token = row.payout.token_address;
    const auto config = std::ranges::find(facts_.config.tokens, token, &TokenConfig::address);
    if (config != facts_.config.tokens.end() && config->gas > 0) return config->gas;
    GasProbe &probe = gas_[token];
    const std::int64_t keep = probe.refused.empty() ? kGasKeepUs : kGasRetryUs;
    if (!probe.call && (probe.at_us == 0 || now() - probe.at_us > keep)) {
        probe.call = next_token();
        const Address to = probe_recipient(sender_);
        ChainCall call{sender_, token.is_zero() ? to : token, token.is_zero() ? u256(1) : u256(), {}};
        if (!token.is_zero()) call.data = crypto::abi_transfer(to, u256(1));
        facts_.chain.estimate_gas(*probe.call, call);
    }
    if (probe.gas == 0 || !probe.refused.empty()) return std::nullopt;
    return probe.gas;
}

// How many of the rows the balances pay for, in order, over what is already promised.
Lane::Block Lane::affordable(const std::vector<Row> &rows, const u256 &max_fee, std::size_t &count) {
    u256 native;
    std::map<Address, u256> tokens;
    for (const auto &[nonce, open] : open_) {
        if (nonce < account_->nonce_latest) continue;  // these balances have paid for it already
        native = saturating_add(native, open.hold_native);
        u256 &held = tokens[open.row.payout.token_address];
        held = saturating_add(held, open.row.payout.amount);
    }
    std::map<Address, u256> balances;
    std::size_t index = 0;
    for (const TokenConfig &token : facts_.config.tokens)
        if (!token.address.is_zero() && index < account_->tokens.size())
            balances[token.address] = account_->tokens[index++];
    for (count = 0; count < rows.size(); ++count) {
        const Payout &p = rows[count].payout;
        const auto gas = gas_of(rows[count]);
        if (!gas) return Block::gas_estimate;
        const auto fee = mul(u256(*gas), max_fee);
        u256 cost = saturating_add(native, fee ? *fee : u256::max());
        if (p.token_address.is_zero()) cost = saturating_add(cost, p.amount);
        if (cost > account_->native) return Block::funds_gas;
        if (!p.token_address.is_zero()) {
            const u256 spent = saturating_add(tokens[p.token_address], p.amount);
            if (spent > balances[p.token_address]) return Block::funds_token;
            tokens[p.token_address] = spent;
        }
        native = cost;
    }
    return Block::none;
}

// The next rows that this lane may pay, the most urgent first, none that another lane is signing.
Result<std::vector<Row>> Lane::choose(std::int64_t most) {
    const std::int64_t claimed = static_cast<std::int64_t>(facts_.claimed.size());
    std::vector<Row> rows;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(rows, rows::pick(reader, facts_.config.id, sender_, ports_.clock.utc_us(), most + claimed));
        return {};
    }));
    std::erase_if(rows, [&](const Row &row) { return facts_.claimed.contains(row.id); });
    if (static_cast<std::int64_t>(rows.size()) > most) rows.resize(static_cast<std::size_t>(most));
    return rows;
}

Result<bool> Lane::pick() {
    if (facts_.draining || !quarantine_.empty() || !facts_.identified || !counted_ || signing_) return false;
    const std::int64_t room = facts_.config.in_flight - undecided_count();
    if (room <= 0 || now() < pick_due_us_) return false;
    pick_due_us_ = now() + kIdlePickUs;
    std::string why;
    if (const Block answers = blocked_by_answers(why); answers != Block::none) {
        REMIT_CHECK(settle(set_block(answers, why)));
        return false;
    }
    REMIT_TRY(std::vector<Row> rows, choose(std::min(room, facts_.config.batch)));
    if (rows.empty()) {
        REMIT_CHECK(settle(set_block(Block::none, "")));
        return false;
    }
    const std::int64_t utc = ports_.clock.utc_us();
    for (const Row &row : rows) {
        if (row.payout.deadline_us == 0 || row.payout.deadline_us > utc) continue;
        REMIT_CHECK(settle(reject(row, "its deadline passed before it was signed")));
        pick_due_us_ = 0;
        return true;
    }
    facts_.fees_wanted |= !facts_.fees || now() - facts_.fees_us > kFeesFreshUs;
    if (facts_.fees_wanted || !account_ || !account_fresh_ || account_call_) return false;
    return sign_affordable(std::move(rows));
}

// Signs as many of the rows as fees and balances allow, and tells what holds the rest back.
Result<bool> Lane::sign_affordable(std::vector<Row> rows) {
    const u256 &cap = facts_.config.max_fee;
    const u256 least = saturating_add(facts_.fees->base_fee, facts_.fees->priority_fee);
    if (least > cap) {
        REMIT_CHECK(settle(set_block(Block::fee_cap, "the network asks " + to_decimal(least) +
                                                         " wei a gas, the cap is " + to_decimal(cap))));
        return false;
    }
    const u256 max_fee = std::min(cap, saturating_add(least, facts_.fees->base_fee));
    std::size_t count = 0;
    const Block block = affordable(rows, max_fee, count);
    std::string why;
    if (block == Block::funds_gas) why = "not enough of the chain's coin for gas and amount";
    if (block == Block::funds_token) why = "not enough " + rows[count].payout.token;
    if (block == Block::gas_estimate) why = gas_[rows[count].payout.token_address].refused;
    const bool estimating = block == Block::gas_estimate && why.empty();
    if (!estimating && block_ != Block::locked)  // that ends with the first signature
        REMIT_CHECK(settle(set_block(block, why)));
    if (phase_ != Phase::running) return true;
    if (count == 0) return false;
    rows.resize(count);
    ask_signatures(std::move(rows), max_fee, facts_.fees->priority_fee);
    pick_due_us_ = 0;
    return true;
}

void Lane::ask_signatures(std::vector<Row> rows, const u256 &max_fee, const u256 &tip) {
    Signing signing;
    signing.token = next_token();
    signing.asked_us = now();
    std::vector<Hash32> digests;
    std::uint64_t nonce = nonce_;
    for (const Row &row : rows) {
        const Payout &p = row.payout;
        crypto::TxFields tx;
        tx.eip1559 = facts_.fees->eip1559;
        tx.chain_id = facts_.config.id;
        tx.nonce = nonce++;
        tx.gas = *gas_of(row);
        tx.max_fee = max_fee;
        tx.priority_fee = std::min(tip, max_fee);
        if (p.token_address.is_zero()) {
            tx.to = p.to;
            tx.value = p.amount;
        } else {
            tx.to = p.token_address;
            tx.data = crypto::abi_transfer(p.to, p.amount);
        }
        digests.push_back(crypto::signing_digest(tx));
        signing.transactions.push_back(std::move(tx));
        facts_.claimed.insert(row.id);
    }
    signing.rows = std::move(rows);
    facts_.signatures.add(static_cast<std::int64_t>(digests.size()));
    signing_ = std::move(signing);
    facts_.signer.sign(signing_->token, sender_, std::move(digests));
}

// The one commit of a batch: the lane's nonce, every payout's slot, every transaction's bytes.
Result<void> Lane::store_signed(const std::vector<Signature> &signatures) {
    if (!signing_ || signatures.size() != signing_->rows.size()) return error(Status::broken, "a signer miscounted");
    std::vector<Attempt> attempts;
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        const crypto::TxFields &tx = signing_->transactions[i];
        crypto::SignedTx made = crypto::assemble(tx, signatures[i]);
        Attempt a;
        a.raw = std::move(made.raw);
        a.hash = made.hash;
        a.gas = tx.gas;
        a.max_fee = tx.max_fee;
        a.tip = tx.priority_fee;
        attempts.push_back(std::move(a));
    }
    const std::uint64_t first = signing_->transactions.front().nonce;
    const std::uint64_t next = first + signatures.size();
    const std::int64_t utc = ports_.clock.utc_us();
    const auto stored = ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(wallets::advance_nonce(tx, held_, next_nonce_, next));
        for (std::size_t i = 0; i < attempts.size(); ++i) {
            REMIT_CHECK(rows::sign(tx, signing_->rows[i].id, sender_, first + i, attempts[i], utc));
            REMIT_TRY(attempts[i].id, tx.last_insert_id());
        }
        return {};
    });
    if (stored.status() == Status::state)
        return {};  // one was cancelled meanwhile: nothing of this batch left, pick anew
    REMIT_CHECK(stored);
    next_nonce_ = nonce_ = next;
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        Row &row = signing_->rows[i];
        row.payout.state = PayoutState::signed_;
        row.payout.sender = sender_;
        row.payout.nonce = first + i;
        row.payout.tx_hash = attempts[i].hash;
        std::vector<Attempt> one;
        one.push_back(std::move(attempts[i]));
        facts_.claimed.erase(row.id);
        add_open(std::move(row), std::move(one));
        open_[first + i].audit = false;
    }
    return block_ == Block::locked ? set_block(Block::none, "") : Result<void>{};
}

// Posts what is due, in nonce order, one post at a time.
Result<bool> Lane::post_due() {
    if (post_ || !quarantine_.empty() || !facts_.identified || now() >= kept_until_us_) return false;
    Post post{0, {}};
    for (const auto &[nonce, open] : open_) {
        if (post.nonces.size() >= static_cast<std::size_t>(facts_.config.batch)) break;
        if (open.row.payout.state == PayoutState::mined || !open.row.payout.doubt.empty()) continue;
        if (open.attempts.empty()) continue;  // nothing to post: the audit of the rows tells of it
        if (open.next_post_us <= now()) post.nonces.push_back(nonce);
    }
    if (post.nonces.empty()) return false;
    std::vector<Bytes> raw;
    std::vector<Hash32> hashes;
    for (std::uint64_t nonce : post.nonces) {
        Attempt &latest = open_[nonce].attempts.back();
        if (latest.raw.empty()) {
            REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
                REMIT_TRY(auto stored, rows::attempts(reader, latest.payout ? latest.payout : open_[nonce].row.id));
                if (!stored.empty()) latest.raw = std::move(stored.back().raw);
                return {};
            }));
        }
        hashes.push_back(latest.hash);
        raw.push_back(std::move(latest.raw));
        latest.raw = {};
    }
    post.token = next_token();
    facts_.posts.add();
    post_ = std::move(post);
    facts_.chain.send(post_->token, std::move(raw), std::move(hashes));
    return true;
}

// What one answer means for one payout, and when its bytes go out again.
void Lane::judge(Open &open, const ChainSent &sent) {
    open.answer = sent.answer;
    open.answer_text = sent.text;
    if (taken(sent.answer)) {
        open.silent_posts = 0;
        open.next_post_us = now() + facts_.config.resend_us;
        return;
    }
    ++open.silent_posts;
    open.next_post_us = now() + post_backoff_.delay_us(open.silent_posts, ports_.random);
    if (sent.answer == SendAnswer::nonce_low || sent.answer == SendAnswer::other_hash) {
        open.audit = true;
        account_due_us_ = 0;
    }
    if (sent.answer == SendAnswer::insufficient_funds) account_due_us_ = 0;
}

Result<void> Lane::record_posts(const ChainSends &sends) {
    struct Change {
        Open *open;
        ChainSent sent;
        bool posted;
        bool note;  // worth a write of its own
    };
    std::vector<Change> changes;
    for (std::size_t i = 0; i < post_->nonces.size(); ++i) {
        const auto it = open_.find(post_->nonces[i]);
        if (it == open_.end()) continue;
        ChainSent sent = i < sends.size() ? sends[i] : ChainSent{{}, SendAnswer::unknown, "no answer"};
        Open &open = it->second;
        const bool first = open.row.payout.state == PayoutState::signed_ && !refused(sent.answer);
        const bool note = open.answer ? *open.answer != sent.answer : !taken(sent.answer);
        judge(open, sent);
        if (first || note) changes.push_back({&open, std::move(sent), first, note});
    }
    if (changes.empty()) return {};
    const std::int64_t utc = ports_.clock.utc_us();
    std::vector<events::EventDraft> drafts;
    for (Change &change : changes) {
        if (!change.posted) continue;
        Payout told = change.open->row.payout;
        told.state = PayoutState::sent;
        told.status = PayoutStatus::sent;
        drafts.push_back(event_of(told));
    }
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(wallets::guard_lane(tx, held_));
        for (const Change &change : changes) {
            if (change.posted) REMIT_CHECK(rows::post(tx, change.open->row.id, utc));
            if (change.note)
                REMIT_CHECK(
                    rows::record_answer(tx, change.open->attempts.back().id, change.sent.answer, change.sent.text));
        }
        return events::append(tx, utc, ports_.random, drafts);
    }));
    for (Change &change : changes)
        if (change.posted) {
            change.open->row.payout.state = PayoutState::sent;
            change.open->row.payout.status = PayoutStatus::sent;
        }
    std::string why;
    const Block block = blocked_by_answers(why);
    return block == Block::none ? Result<void>{} : set_block(block, why);
}

// New signatures wait while the node refuses what is already signed, or does not answer.
Lane::Block Lane::blocked_by_answers(std::string &why) const {
    for (const auto &[nonce, open] : open_) {
        const Payout &p = open.row.payout;
        if (p.state == PayoutState::mined || !p.doubt.empty() || !open.answer || taken(*open.answer)) continue;
        why = std::string(send_answer_name(*open.answer)) + ": " + open.answer_text;
        if (*open.answer == SendAnswer::insufficient_funds) return Block::funds_gas;
        // The slot holds something that is not ours, or the node's words stay strange: a person should know.
        const bool foreign =
            *open.answer == SendAnswer::replacement_underpriced || *open.answer == SendAnswer::other_hash;
        return refused(*open.answer) || foreign || open.silent_posts >= kStrangePosts ? Block::refused : Block::silent;
    }
    return Block::none;
}

Result<void> Lane::reject(const Row &row, std::string_view reason) {
    const std::int64_t utc = ports_.clock.utc_us();
    Payout told = row.payout;
    told.state = PayoutState::rejected;
    told.status = PayoutStatus::failed;
    told.reason = reason;
    const auto done = ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(wallets::guard_lane(tx, held_));
        REMIT_CHECK(rows::finish(tx, row.id, PayoutState::accepted, PayoutState::rejected, reason, utc));
        const events::EventDraft drafts[] = {event_of(told)};
        return events::append(tx, utc, ports_.random, drafts);
    });
    return done.status() == Status::state ? Result<void>{} : done;  // cancelled meanwhile
}

// Tells of a change of what holds the lane back: funds, fees, a node that refuses. Silence is no event.
Result<void> Lane::set_block(Block kind, std::string why) {
    if (kind == block_) return {};
    const bool tell_now = kind != Block::none && kind != Block::silent;
    const bool told_before = block_ != Block::none && block_ != Block::silent;
    if (tell_now || told_before) {
        const auto draft = tell_now ? lane_event("lane.blocked", why) : lane_event("lane.unblocked", block_reason_);
        REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
            REMIT_CHECK(wallets::guard_lane(tx, held_));
            const events::EventDraft drafts[] = {draft};
            return events::append(tx, ports_.clock.utc_us(), ports_.random, drafts);
        }));
        ports_.log.write(tell_now ? LogLevel::warn : LogLevel::info,
                         tell_now ? "payouts.lane_blocked" : "payouts.lane_unblocked",
                         {{"sender", to_hex(sender_)}, {"reason", tell_now ? why : block_reason_}});
    }
    block_ = kind;
    block_reason_ = std::move(why);
    return {};
}

}  // namespace remit::payouts
