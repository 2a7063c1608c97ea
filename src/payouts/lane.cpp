// Taking a lane, keeping it, and where the outcomes of calls go.
#include "payouts/lane.hpp"

#include "core/json.hpp"
#include "crypto/eip55.hpp"
#include "payouts/tell.hpp"

#include <algorithm>

namespace remit::payouts {

namespace {

constexpr std::int64_t kTakeEveryUs = 500'000;
constexpr std::int64_t kKeepEveryUs = 1'000'000;
constexpr std::int64_t kAccountEveryUs = 15'000'000;
constexpr std::int64_t kAccountBlockedUs = 2'000'000;
constexpr std::int64_t kAskAgainUs = 1'000'000;
constexpr std::int64_t kOverdueEveryUs = 30'000'000;
constexpr std::int64_t kLockedUs = 2'000'000;
constexpr std::int64_t kSignPatienceUs = 60'000'000;
constexpr std::int64_t kOverdueMax = 100;

}  // namespace

Lane::Lane(const Ports &ports, ChainFacts &facts, const Address &sender) :
    ports_(ports), facts_(facts), sender_(sender), post_backoff_{250'000, facts.config.resend_us} {}

Result<bool> Lane::tick() {
    if (phase_ == Phase::idle) {
        if (facts_.draining || now() < take_due_us_) return false;
        return take_row();
    }
    if (phase_ == Phase::loading) REMIT_CHECK(settle(load()));
    if (phase_ == Phase::running) REMIT_CHECK(settle(keep()));
    if (phase_ != Phase::running) return true;
    return advance();
}

// A lane that is lost is no error; a write whose fate is unclear is settled by reading the rows again.
Result<void> Lane::settle(Result<void> done) {
    if (done) return {};
    if (done.status() == Status::fenced) {
        ports_.log.write(LogLevel::warn, "payouts.lane_lost", {{"sender", to_hex(sender_)}});
        forget();
        phase_ = Phase::idle;
        elsewhere_ = "another process has taken over";
        take_due_us_ = now() + kTakeEveryUs;
        return {};
    }
    forget();
    phase_ = Phase::loading;
    return done;
}

void Lane::forget() {
    if (signing_)
        for (const Row &row : signing_->rows) facts_.claimed.erase(row.id);
    open_.clear();
    by_hash_.clear();
    signing_.reset();
    signatures_.reset();
    post_.reset();
    sends_.reset();
    audit_.reset();
    receipts_.reset();
    account_call_.reset();
    account_.reset();
    depth_call_.reset();
    account_fresh_ = counted_ = false;
    account_due_us_ = 0;
}

Result<bool> Lane::take_row() {
    take_due_us_ = now() + kTakeEveryUs;
    std::optional<wallets::Lane> seen;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(seen, wallets::find_lane(reader, facts_.config.id, sender_));
        return {};
    }));
    const std::string self = ports_.database.owner();
    const bool foreign = seen && !seen->ownership.owner.empty() && seen->ownership.owner != self;
    const bool alive = foreign && ports_.database.owner_alive(seen->ownership.owner);
    port::Held held;
    const std::int64_t at = now();
    const auto taken = ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        if (seen) {
            REMIT_TRY(held, wallets::take_lane(tx, *seen, alive, self, ports_.lease_us));
            return {};
        }
        REMIT_TRY(const wallets::Lane made, wallets::open_lane(tx, facts_.config.id, sender_));
        const bool others = !made.ownership.owner.empty() && made.ownership.owner != self;  // came first just now
        REMIT_TRY(held, wallets::take_lane(tx, made, others, self, ports_.lease_us));
        return {};
    });
    if (taken.status() == Status::busy) {
        elsewhere_ = "another live process works on it";
        return false;
    }
    REMIT_CHECK(taken);
    held_ = held;
    kept_until_us_ = at + ports_.lease_us;
    keep_due_us_ = now() + kKeepEveryUs;
    elsewhere_.clear();
    phase_ = Phase::loading;
    if (foreign)
        ports_.log.write(LogLevel::info, "payouts.lane_taken_over",
                         {{"sender", to_hex(sender_)}, {"from", seen->ownership.owner}});
    return true;
}

Result<void> Lane::load() {
    forget();
    std::vector<std::pair<Row, std::vector<Attempt>>> found;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        found.clear();
        REMIT_TRY(auto lane, wallets::find_lane(reader, facts_.config.id, sender_));
        if (!lane || lane->ownership.epoch != held_.epoch) return error(Status::fenced, "the lane is not ours");
        next_nonce_ = lane->next_nonce;
        quarantine_ = lane->quarantine;
        nudge_ = lane->nudge;
        REMIT_TRY(const auto highest, rows::highest_nonce(reader, facts_.config.id, sender_));
        nonce_ = std::max(next_nonce_.value_or(0), highest ? *highest + 1 : 0);
        REMIT_TRY(auto opened, rows::open_of_lane(reader, facts_.config.id, sender_));
        for (Row &row : opened) {
            REMIT_TRY(auto attempts, rows::attempts(reader, row.id));
            found.emplace_back(std::move(row), std::move(attempts));
        }
        return {};
    }));
    for (auto &[row, attempts] : found) {
        for (Attempt &attempt : attempts) attempt.raw = {};
        add_open(std::move(row), std::move(attempts));
    }
    phase_ = Phase::running;
    return {};
}

void Lane::add_open(Row row, std::vector<Attempt> attempts) {
    const std::uint64_t nonce = row.payout.nonce.value_or(0);
    Open open;
    u256 most;
    for (const Attempt &a : attempts) {
        by_hash_[a.hash] = nonce;
        if (auto cost = mul(u256(a.gas), a.max_fee); cost && *cost > most) most = *cost;
        if (a.answer) {
            open.answer = a.answer;
            open.answer_text = a.answer_text;
        }
    }
    open.hold_native = row.payout.token_address.is_zero() ? saturating_add(most, row.payout.amount) : most;
    open.audit = true;
    open.row = std::move(row);
    open.attempts = std::move(attempts);
    open_[nonce] = std::move(open);
}

void Lane::drop_open(std::uint64_t nonce) {
    const auto it = open_.find(nonce);
    if (it == open_.end()) return;
    for (const Attempt &a : it->second.attempts) by_hash_.erase(a.hash);
    open_.erase(it);
}

// Renews the lease, and sees what other processes ask of the lane.
Result<void> Lane::keep() {
    const std::int64_t at = now();
    if (at >= kept_until_us_) return error(Status::fenced, "the lease ran out");
    if (core::renewal_due(kept_until_us_, at, ports_.lease_us)) {
        REMIT_CHECK(
            ports_.database.transact([&](SqlTx &tx) { return wallets::renew_lane(tx, held_, ports_.lease_us); }));
        kept_until_us_ = at + ports_.lease_us;
    }
    if (at < keep_due_us_) return {};
    keep_due_us_ = at + kKeepEveryUs;
    std::optional<wallets::Lane> lane;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(lane, wallets::find_lane(reader, facts_.config.id, sender_));
        return {};
    }));
    if (!lane || lane->ownership.epoch != held_.epoch) return error(Status::fenced, "the lane is not ours");
    if (lane->quarantine != quarantine_ || lane->nudge != nudge_) phase_ = Phase::loading;
    return {};
}

void Lane::release() {
    if (phase_ == Phase::idle) return;
    const auto released = ports_.database.transact([&](SqlTx &tx) { return wallets::release_lane(tx, held_); });
    if (!released && released.status() != Status::fenced)
        ports_.log.write(LogLevel::warn, "payouts.lane_not_released", {{"error", released.error().text}});
    forget();
    phase_ = Phase::idle;
    elsewhere_ = "released";
    take_due_us_ = now() + kTakeEveryUs;
}

// One round of everything that is due. Each step may lose the lane; then nothing more happens.
Result<bool> Lane::advance() {
    bool progressed = false;
    if (receipts_) {
        const ChainReceipts receipts = std::move(*receipts_);
        const auto nonces = std::move(audit_->second);
        receipts_.reset();
        audit_.reset();
        REMIT_CHECK(settle(settle_receipts(nonces, receipts)));
        progressed = true;
    }
    if (phase_ == Phase::running && sends_) {
        const ChainSends sends = std::move(*sends_);
        sends_.reset();
        REMIT_CHECK(settle(record_posts(sends)));
        post_.reset();
        progressed = true;
    }
    if (phase_ == Phase::running) REMIT_CHECK(settle(check_count()));
    if (phase_ == Phase::running && signing_) REMIT_CHECK(settle(take_signatures(progressed)));
    if (phase_ != Phase::running) return true;
    if (!account_call_ && facts_.identified && now() >= account_due_us_) {
        account_call_ = next_token();
        std::vector<Address> tokens;
        for (const TokenConfig &token : facts_.config.tokens)
            if (!token.address.is_zero()) tokens.push_back(token.address);
        facts_.chain.account(*account_call_, sender_, std::move(tokens));
        account_fresh_ = true;  // of all that is mined by now; a later block takes it back
        account_due_us_ = now() + (block_ == Block::none ? kAccountEveryUs : kAccountBlockedUs);
    }
    progressed |= ask_receipts();
    REMIT_TRY(const bool finalized, finalize());
    if (phase_ != Phase::running) return true;
    REMIT_TRY(const bool posted, post_due());
    if (phase_ != Phase::running) return true;
    REMIT_TRY(const bool picked, pick());
    if (phase_ != Phase::running) return true;
    REMIT_CHECK(refuse_overdue());
    return progressed || finalized || posted || picked;
}

// Signatures that have come, or a signer that does not answer: a late answer finds nobody.
Result<void> Lane::take_signatures(bool &progressed) {
    if (!signatures_ && now() - signing_->asked_us < kSignPatienceUs) return {};
    auto signatures = std::move(signatures_);
    signatures_.reset();
    Result<void> done;
    if (signatures && signatures->ok()) {
        if (quarantine_.empty()) done = store_signed(**signatures);
    } else {
        pick_due_us_ = now() + kLockedUs;
        done = set_block(Block::locked, signatures ? signatures->error().text : "the signer does not answer");
    }
    if (signing_)
        for (const Row &row : signing_->rows) facts_.claimed.erase(row.id);
    signing_.reset();
    progressed = true;
    return done;
}

// Those that wait behind others for longer than they may.
Result<void> Lane::refuse_overdue() {
    if (now() < overdue_due_us_) return {};
    overdue_due_us_ = now() + kOverdueEveryUs;
    std::vector<Row> rows;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(rows, rows::overdue(reader, facts_.config.id, ports_.clock.utc_us(), kOverdueMax));
        return {};
    }));
    for (const Row &row : rows) {
        if (phase_ != Phase::running || facts_.claimed.contains(row.id)) continue;
        REMIT_CHECK(settle(reject(row, "its deadline passed before it was signed")));
    }
    return {};
}

std::int64_t Lane::undecided_count() const {
    return std::ranges::count_if(open_,
                                 [](const auto &entry) { return entry.second.row.payout.state != PayoutState::mined; });
}

bool Lane::take(SignOutcome &outcome) {
    if (!signing_ || signing_->token != outcome.token) return false;
    signatures_ = std::move(outcome.result);
    return true;
}

bool Lane::take(ChainOutcome &outcome) {
    const bool ok = outcome.result.ok();
    if (post_ && post_->token == outcome.token) {
        if (ok)
            sends_ = std::move(std::get<ChainSends>(*outcome.result));
        else
            sends_ = ChainSends{};  // nothing was heard: every one of them is unknown
        return true;
    }
    if (audit_ && audit_->first == outcome.token) {
        if (ok)
            receipts_ = std::move(std::get<ChainReceipts>(*outcome.result));
        else
            ask_again();
        return true;
    }
    if (account_call_ == outcome.token) {
        account_call_.reset();
        account_problem_ = ok ? std::string() : outcome.result.error().text;
        if (ok)
            on_account(std::get<ChainAccount>(*outcome.result));
        else {
            account_fresh_ = false;
            account_due_us_ = now() + kAccountBlockedUs;
        }
        return true;
    }
    if (depth_call_ && depth_call_->first == outcome.token) {
        const auto open = open_.find(depth_call_->second);
        if (ok && open != open_.end() && std::get<ChainAccount>(*outcome.result).nonce_latest > open->first)
            open->second.nonce_gone = open->second.audit = true;
        depth_call_.reset();
        return true;
    }
    for (auto &[token, probe] : gas_) {
        if (probe.call != outcome.token) continue;
        probe.call.reset();
        probe.at_us = now();
        probe.refused = ok ? std::string() : outcome.result.error().text;
        if (ok) {
            const std::uint64_t gas = std::get<ChainGas>(*outcome.result).gas;
            probe.gas = gas + gas * facts_.config.gas_margin_percent / 100;
        }
        return true;
    }
    return false;
}

// The node gave no receipts: the question stays, for a later tick.
void Lane::ask_again() {
    for (const std::uint64_t nonce : audit_->second)
        if (const auto open = open_.find(nonce); open != open_.end()) open->second.audit = true;
    audit_.reset();
    audit_due_us_ = now() + kAskAgainUs;
}

// Only what a tick could do by then counts: what waits for an outcome is due when that arrives.
std::int64_t Lane::next_due_us() const {
    if (phase_ == Phase::idle) return facts_.draining ? INT64_MAX : take_due_us_;
    if (phase_ == Phase::loading || receipts_ || sends_ || signatures_) return now();
    std::int64_t due = std::min(keep_due_us_, overdue_due_us_);
    if (signing_) due = std::min(due, signing_->asked_us + kSignPatienceUs);
    if (!facts_.identified) return due;
    if (!account_call_) due = std::min(due, account_due_us_);
    const bool sends = !post_ && quarantine_.empty();
    for (const auto &[nonce, open] : open_) {
        if (open.audit && !audit_ && facts_.follower.linked()) due = std::min(due, audit_due_us_);
        const Payout &p = open.row.payout;
        if (sends && p.state != PayoutState::mined && p.doubt.empty() && !open.attempts.empty())
            due = std::min(due, open.next_post_us);
    }
    const bool picks = !facts_.draining && quarantine_.empty() && counted_ && !signing_;
    if (picks && undecided_count() < facts_.config.in_flight) due = std::min(due, pick_due_us_);
    return due;
}

LaneView Lane::view() const {
    LaneView view;
    view.sender = sender_;
    view.next_nonce = nonce_;
    view.in_flight = undecided_count();
    if (account_) view.native_balance = account_->native;
    if (phase_ == Phase::idle)
        view.state = elsewhere_.empty() ? "waiting" : "elsewhere", view.reason = elsewhere_;
    else if (!quarantine_.empty())
        view.state = "quarantined", view.reason = quarantine_;
    else if (block_ != Block::none)
        view.state = "blocked", view.reason = block_reason_;
    else if (!account_problem_.empty())
        view.state = "blocked", view.reason = "the node gives no balances: " + account_problem_;
    else if (!counted_)
        view.state = "waiting", view.reason = "the chain has not been asked yet";
    else
        view.state = "running";
    return view;
}

events::EventDraft Lane::lane_event(const char *type, std::string_view reason) const {
    core::JsonWriter json;
    json.begin_object().field("chain_id", facts_.config.id).field("sender", crypto::checksum_address(sender_));
    json.field("reason", reason).end_object();
    return {"", "lane:" + std::to_string(facts_.config.id) + ":" + to_hex(sender_), type, 1, json.take()};
}

}  // namespace remit::payouts
