// From a request to a verdict.
#include "idempotency/claims.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/planted.hpp"
#include "crypto/hash.hpp"
#include "events/events.hpp"

#include <algorithm>

namespace remit::idempotency {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kKeepMs = 7 * kDayMs;
constexpr std::int64_t kWaitMs = 5'000;
constexpr std::int64_t kRetryMs = 1'000;
constexpr int kTriesMax = 8;
constexpr const char *kInDoubt = "its worker was gone within an effect that may be done once only";
constexpr int kFreshStreak = 16;
constexpr std::size_t kNameMax = 255;

Result<void> check_key(std::string_view key) {
    if (key.empty()) return invalid("key", "is missing");
    if (key.size() > kNameMax) return invalid("key", "is longer than 255 characters");
    if (std::ranges::any_of(key, [](char c) { return c <= ' ' || c > '~'; }))
        return invalid("key", "must be of visible ASCII characters");
    return {};
}

Result<void> check_range(std::int64_t value, std::int64_t min, std::int64_t max, const char *field) {
    if (value == 0 || (value >= min && value <= max)) return {};
    return invalid(field, "must be from " + std::to_string(min) + " to " + std::to_string(max));
}

Result<void> check(const ClaimRequest &request) {
    for (const auto &[text, field] : {std::pair{&request.tenant, "tenant"}, std::pair{&request.space, "space"},
                                      std::pair{&request.operation, "operation"}})
        if (!text->empty()) REMIT_CHECK(core::check_host_text(*text, 0, kNameMax, field));
    REMIT_CHECK(check_range(request.wait_ms, 1, kDayMs, "wait_ms"));
    REMIT_CHECK(check_range(request.lease_ms, 1'000, kDayMs, "lease_ms"));
    REMIT_CHECK(check_range(request.keep_ms, 1'000, 3'650 * kDayMs, "keep_ms"));
    if (request.form != RequestForm::json && !(request.include.empty() && request.exclude.empty()))
        return invalid(request.include.empty() ? "exclude" : "include", "is for requests of JSON only");
    return {};
}

std::string subject_of(const Record &record) {
    core::JsonWriter json;
    json.begin_array().value(record.tenant).value(record.space).value(record.key).end_array();
    return core::derived_id("ik", crypto::sha256(view(json.take())));
}

}  // namespace

Claims::Claims(const Ports &ports) : ports_(ports) {
    for (int v = 1; v <= 6; ++v)
        verdicts_[v] =
            &ports_.metrics.counter("remit_idempotency_claims_total", "Claims by verdict",
                                    "verdict=\"" + std::string(verdict_name(static_cast<Verdict>(v))) + "\"");
    mismatches_ = &ports_.metrics.counter("remit_idempotency_mismatches_total", "Claims of a key for another request");
    fenced_ = &ports_.metrics.counter("remit_idempotency_fenced_total", "Writes refused because another took over");
    takeovers_ = &ports_.metrics.counter("remit_idempotency_takeovers_total", "Keys taken from a worker that was gone");
    lost_ = &ports_.metrics.counter("remit_idempotency_lost_total", "Claims whose commit stayed in doubt");
}

void Claims::count(Verdict verdict) {
    verdicts_[static_cast<int>(verdict)]->add();
}

Result<void> Claims::open() const {
    const std::lock_guard lock(mutex_);
    if (closed_) return *closed_;
    return {};
}

Result<std::shared_ptr<Call>> Claims::prepare(ClaimRequest request) {
    REMIT_CHECK(open());
    REMIT_CHECK(check_key(request.key));
    REMIT_CHECK(check(request));
    auto call = std::make_shared<Call>();
    REMIT_TRY(call->ask.fingerprint, fingerprint_of(request));
    call->request = std::move(request);
    call->request.request.reset();
    const ClaimRequest &r = call->request;
    call->ask.operation = r.operation;
    call->ask.again_after_expiry = r.again_after_expiry;
    call->keep_us = (r.keep_ms != 0 ? r.keep_ms : kKeepMs) * kMicrosPerMs;
    call->lease_us = r.lease_ms != 0 ? r.lease_ms * kMicrosPerMs : ports_.lease_us;
    if (REMIT_BUG(one_lifetime)) call->lease_us = call->keep_us;
    if (r.in_flight != InFlight::reject) {
        const std::int64_t wait_ms = r.wait_ms != 0 ? r.wait_ms : kWaitMs;
        const bool endless = r.in_flight == InFlight::attach && r.wait_ms == 0;
        call->wait_until_us = endless ? INT64_MAX : ports_.clock.boot_us() + wait_ms * kMicrosPerMs;
    }
    return call;
}

Result<std::shared_ptr<Call>> Claims::prepare_recovery(ClaimRequest with) {
    REMIT_CHECK(open());
    REMIT_CHECK(check(with));
    auto call = std::make_shared<Call>();
    call->request = std::move(with);
    call->keep_us = (call->request.keep_ms != 0 ? call->request.keep_ms : kKeepMs) * kMicrosPerMs;
    call->lease_us = call->request.lease_ms != 0 ? call->request.lease_ms * kMicrosPerMs : ports_.lease_us;
    call->insert_first = false;
    return call;
}

rows::Lease Claims::lease_of(SqlTx &tx, const Call &call) const {
    return {ports_.database.owner(), tx.lease_now_us() + call.lease_us, tx.lease_clock(),
            ports_.clock.utc_us() + call.lease_us};
}

Result<void> Claims::tell(SqlTx &tx, const Record &record, std::string_view type, std::string_view actor,
                          std::string_view reason) {
    core::JsonWriter json;
    json.begin_object().field("tenant", record.tenant).field("space", record.space).field("key", record.key);
    json.field("operation", record.operation).field("state", std::string_view(key_state_name(record.state)));
    if (!actor.empty()) json.field("actor", actor);
    if (!reason.empty()) json.field("reason", reason);
    json.end_object();
    return events::append(tx, ports_.clock.utc_us(), ports_.random,
                          events::EventDraft{record.tenant, subject_of(record), std::string(type), 1, json.take()});
}

Result<void> Claims::make_unknown(SqlTx &tx, const Record &record, std::string_view why) {
    REMIT_TRY(const bool done, rows::make_unknown(tx, record.id, record.ownership.epoch, why));
    if (!done) return error(Status::busy, "the key has changed meanwhile");
    Record now = record;
    now.state = KeyState::unknown;
    return tell(tx, now, "idempotency.unknown", {}, why);
}

// A transaction's function: it may run more than once, so it begins by forgetting.
Result<void> Claims::attempt(SqlTx &tx, Call &call) {
    if (call.ask.claim_no == 0) call.ask.claim_no = static_cast<std::int64_t>(ports_.random.next_u64() >> 1) | 1;
    if (call.found && call.found->record->claim_no == call.ask.claim_no) call.earlier = call.found;
    call.found.reset();
    call.conflict = false;
    const bool remote = !ports_.database.reads_locally();
    const ClaimRequest &r = call.request;
    if (call.insert_first) {
        Result<void> inserted = rows::insert(tx, r, call.ask, lease_of(tx, call), ports_.clock.utc_us(), remote);
        if (inserted) {
            call.found = Found{Verdict::execute, std::make_shared<Record>(), 0};
            call.found->record->claim_no = call.ask.claim_no;
            REMIT_TRY(call.found->record->id, tx.last_insert_id());
            call.found->record->ownership.epoch = 1;
            return {};
        }
        if (inserted.status() != Status::mismatch) return inserted;
        fresh_streak_.store(0, std::memory_order_relaxed);
        if (remote) {
            call.conflict = true;
            return {};
        }
    }
    std::shared_ptr<Record> record;
    if (call.row != 0) {
        REMIT_TRY(record, rows::by_id(tx, call.row));
        if (!record) return error(Status::busy, "the key has gone meanwhile");
    } else {
        REMIT_TRY(record, rows::find(tx, r.tenant, r.space, r.key));
    }
    if (record) return act(tx, call, std::move(record));
    call.insert_first = true;  // it was taken away meanwhile
    return error(Status::busy, "the key has gone meanwhile");
}

Result<void> Claims::doubt(SqlTx &tx, Found &found) {
    REMIT_CHECK(make_unknown(tx, *found.record, kInDoubt));
    found.verdict = Verdict::unknown;
    found.record->state = KeyState::unknown;
    found.record->doubt = kInDoubt;
    return {};
}

Result<void> Claims::act(SqlTx &tx, Call &call, std::shared_ptr<Record> found_record) {
    Record &record = *found_record;
    const rows::Lease lease = lease_of(tx, call);
    const bool alive = record.ownership.owner == call.seen_owner ? call.seen_alive : true;
    Ask ask = call.ask;
    if (call.row != 0) {  // whatever it is for
        ask.operation = record.operation;
        ask.fingerprint = record.fingerprint;
        if (record.state != KeyState::in_progress) return error(Status::busy, "the key has changed meanwhile");
    }
    const std::int64_t utc = ports_.clock.utc_us();
    Found found{Verdict::running, std::move(found_record), 0};
    bool done = true;
    switch (decide(record, ask, ports_.database.owner(), alive, tx.lease_now_us(), tx.lease_clock(), utc)) {
    case Decision::mismatch:
        return Error{Status::mismatch, "key", "the key was used for another request; use a new one for a new request"};
    case Decision::ours: {  // its lease is that of the earlier try, and part of it is gone
        found.verdict = call.earlier ? call.earlier->verdict : Verdict::recover;
        REMIT_TRY(done, rows::renew(tx, record.id, record.ownership.epoch, lease));
        break;
    }
    case Decision::running:
        if (call.row != 0) return error(Status::busy, "another has taken the key");
        found.retry_ms = kRetryMs;
        break;
    case Decision::make_unknown: REMIT_CHECK(doubt(tx, found)); break;
    case Decision::take: {
        REMIT_TRY(done, rows::take(tx, record, call.ask.claim_no, lease));
        if (!done) break;
        // The row is ours from here on; what its worker wrote since it was read counts.
        REMIT_TRY(found.record, rows::by_id(tx, record.id));
        if (!found.record) return error(Status::busy, "the key has gone meanwhile");
        found.verdict = Verdict::recover;
        if (found.record->effect == EffectClass::at_most_once) REMIT_CHECK(doubt(tx, found));
        break;
    }
    case Decision::execute: {
        REMIT_TRY(done, rows::restart(tx, record, call.ask, lease, utc));
        found.verdict = Verdict::execute;
        Record anew;
        anew.id = record.id;
        anew.ownership.epoch = record.ownership.epoch + 1;
        anew.life = record.life + (record.state == KeyState::released ? 0 : 1);
        record = std::move(anew);
        break;
    }
    case Decision::replay: found.verdict = Verdict::replay; break;
    case Decision::expired: found.verdict = Verdict::expired; break;
    case Decision::unknown: found.verdict = Verdict::unknown; break;
    }
    if (!done) return error(Status::busy, "another has taken the key");
    if (found.verdict == Verdict::execute || found.verdict == Verdict::recover)
        found.record->claim_no = call.ask.claim_no;
    call.found = std::move(found);
    return {};
}

// Reads first: a key that is there mostly needs no transaction. Not where a read costs a round trip, nor while key
// after key turns out to be new: then the insert tells as well. True: decided.
Result<bool> Claims::look(Call &call) {
    std::shared_ptr<Record> record;
    const ClaimRequest &r = call.request;
    const Result<void> read = ports_.database.peek([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(record, rows::stored(reader, r.tenant, r.space, r.key));
        return {};
    });
    call.insert_first = read.ok() && !record;
    if (read.status() == Status::busy) return false;
    REMIT_CHECK(read);
    if (!record) {
        fresh_streak_.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    fresh_streak_.store(0, std::memory_order_relaxed);
    if (record->state == KeyState::in_progress) {
        learn_owner(call, record->ownership);
        return false;
    }
    if (record->state != KeyState::completed) return false;
    // Neither lease nor owner matters for what is done.
    switch (decide(*record, call.ask, {}, true, 0, {}, ports_.clock.utc_us())) {
    case Decision::mismatch:
        return Error{Status::mismatch, "key", "the key was used for another request; use a new one for a new request"};
    case Decision::replay: call.found.emplace(Found{Verdict::replay, std::move(record), 0}); return true;
    default: return false;
    }
}

void Claims::learn_owner(Call &call, const core::Ownership &ownership) {
    call.seen_owner = ownership.owner;
    call.seen_alive = ownership.owner.empty() || ports_.database.owner_alive(ownership.owner);
}

// What a try means. Busy is ours alone: somebody came between, and the next try sees what he did.
Claims::Next Claims::after(Call &call, const Result<void> &tried) {
    if (++call.tries >= kTriesMax) return Next::finished;
    switch (tried.status()) {
    case Status::ok: break;
    case Status::busy: return call.row != 0 ? Next::finished : Next::again;
    case Status::store_lost:
        call.doubtful = true;
        call.insert_first = false;
        return Next::again;
    default: return Next::finished;
    }
    if (call.conflict) {
        call.insert_first = false;
        return Next::again;
    }
    const core::Ownership &ownership = call.found->record->ownership;
    if (call.found->verdict != Verdict::running || ownership.owner == call.seen_owner ||
        ownership.owner == ports_.database.owner())
        return Next::finished;
    learn_owner(call, ownership);
    call.insert_first = false;
    return call.seen_alive ? Next::finished : Next::again;
}

std::unique_ptr<Claim> Claims::hold(const std::shared_ptr<Call> &call) {
    Found &found = *call->found;
    count(found.verdict);
    std::shared_ptr<Right> right;
    if (found.verdict == Verdict::execute || found.verdict == Verdict::recover) {
        if (found.verdict == Verdict::recover) takeovers_->add();
        right = std::make_shared<Right>();
        right->row = found.record->id;
        right->epoch = found.record->ownership.epoch;
        right->lease_us = call->lease_us;
        right->keep_us = call->keep_us;
        right->claim_no = call->ask.claim_no;
        right->until_us = call->tried_us + call->lease_us;
        const std::lock_guard lock(mutex_);
        right->place = next_place_++;
        rights_.emplace(right->place, right);
        renew_due_us_ = std::min(renew_due_us_, call->tried_us + call->lease_us / 3);
    }
    ClaimRequest request = std::move(call->request);
    if (call->row != 0) {
        request.tenant = found.record->tenant;
        request.space = found.record->space;
        request.key = found.record->key;
        request.operation = found.record->operation;
    }
    return make_claim(shared_from_this(), std::move(request), std::move(found), std::move(right));
}

Result<std::unique_ptr<Claim>> Claims::finish(const std::shared_ptr<Call> &call, Result<void> tried) {
    if (tried && call->found) return hold(call);
    if (tried) tried = error(Status::store, "the key changes faster than it can be claimed; claim again");
    if (tried.status() == Status::mismatch) mismatches_->add();
    if (call->doubtful) {
        lost_->add();
        const std::lock_guard lock(mutex_);
        const ClaimRequest &r = call->request;
        doubts_.push_back({call->row, r.tenant, r.space, r.key, call->ask.claim_no});
        doubt_due_us_ = ports_.clock.boot_us();
    }
    if (tried.status() == Status::busy && call->row != 0) return error(Status::not_found, "there is no key to recover");
    if (tried.status() == Status::busy) return error(Status::store, tried.error().text);
    return std::move(tried).error();
}

Result<std::unique_ptr<Claim>> Claims::claim(const std::shared_ptr<Call> &call) {
    Result<void> tried;
    for (Next next = Next::again; next == Next::again; next = after(*call, tried)) {
        const bool looks =
            ports_.database.reads_locally() && fresh_streak_.load(std::memory_order_relaxed) < kFreshStreak;
        if (call->tries == 0 && call->row == 0 && looks) {
            REMIT_TRY(const bool decided, look(*call));
            if (decided) return hold(call);
        }
        call->tried_us = ports_.clock.boot_us();
        tried = ports_.database.transact([&](SqlTx &tx) { return attempt(tx, *call); });
    }
    if (!tried || !may_wait(*call)) return finish(call, std::move(tried));
    struct Answer {
        std::atomic<bool> there{false};
        std::optional<Result<std::unique_ptr<Claim>>> result;
    };
    auto answer = std::make_shared<Answer>();
    call->done = [answer, wake = ports_.wake](Result<std::unique_ptr<Claim>> result) {
        answer->result = std::move(result);
        answer->there = true;
        wake();
    };
    wait(call);
    REMIT_CHECK(ports_.wait_until([&] { return answer->there.load(); }));
    return std::move(*answer->result);
}

void Claims::claim_async(std::shared_ptr<Call> call) {
    step(std::move(call));
}

void Claims::step(std::shared_ptr<Call> call) {
    call->tried_us = ports_.clock.boot_us();
    auto self = shared_from_this();
    ports_.database.submit([self, call](SqlTx &tx) { return self->attempt(tx, *call); },
                           [self, call](Result<void> tried) {
                               if (self->after(*call, tried) == Next::again) return self->step(call);
                               if (tried && self->may_wait(*call)) return self->wait(call);
                               call->done(self->finish(call, std::move(tried)));
                           });
    ports_.submitted();
}

bool Claims::may_wait(const Call &call) const {
    return call.found && call.found->verdict == Verdict::running && call.request.in_flight != InFlight::reject;
}

void Claims::wait(std::shared_ptr<Call> call) {
    constexpr std::int64_t kFirstNapUs = 5'000;
    std::optional<Error> closed;
    {
        const std::lock_guard lock(mutex_);
        closed = closed_;
        if (!closed) waiting_.push_back({call, ports_.clock.boot_us() + kFirstNapUs, kFirstNapUs});
    }
    if (closed) return call->done(*closed);
    ports_.wake();
}

}  // namespace remit::idempotency
