// What is done without being asked: renewing, answering, looking for the dead, taking away the old.
#include "idempotency/claims.hpp"

#include "core/planted.hpp"

#include <algorithm>
#include <utility>

namespace remit::idempotency {

namespace {

constexpr std::int64_t kSweepBatch = 200;
constexpr std::int64_t kSweepUs = 500'000;
constexpr std::int64_t kIdleSweepUs = 5 * kMicrosPerSecond;
constexpr std::int64_t kPurgeBatch = 500;
constexpr std::int64_t kPurgeUs = 10 * kMicrosPerSecond;
constexpr std::int64_t kNapMaxUs = 100'000;
constexpr std::int64_t kDoubtUs = 200'000;
constexpr std::int64_t kReleasedKeptUs = 7LL * 86'400 * kMicrosPerSecond;

}  // namespace

void Claims::forget(const Right &right) {
    const std::lock_guard lock(mutex_);
    rights_.erase(right.place);
}

// Those whose lease is a third gone, in one transaction. One that finds no row is fenced.
Result<bool> Claims::renew() {
    const std::int64_t now = ports_.clock.boot_us();
    std::vector<std::shared_ptr<Right>> due;
    {
        const std::lock_guard lock(mutex_);
        if (now < renew_due_us_) return false;
        renew_due_us_ = INT64_MAX;
        for (const auto &[place, right] : rights_) {
            if (core::renewal_due(right->until_us, now, right->lease_us))
                due.push_back(right);
            else
                renew_due_us_ = std::min(renew_due_us_, right->until_us - right->lease_us + right->lease_us / 3);
        }
        if (!due.empty()) renew_due_us_ = std::min(renew_due_us_, now + kDoubtUs);  // until it worked
    }
    if (due.empty()) return false;
    if (!ports_.database.reads_locally()) {
        for (const auto &right : due) renew_later(right);
        return true;
    }
    std::vector<bool> ours;
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        ours.assign(due.size(), false);
        for (std::size_t i = 0; i < due.size(); ++i) {
            const rows::Lease lease{ports_.database.owner(), tx.lease_now_us() + due[i]->lease_us, tx.lease_clock(),
                                    ports_.clock.utc_us() + due[i]->lease_us};
            REMIT_TRY(ours[i], rows::renew(tx, due[i]->row, due[i]->epoch, lease));
        }
        return {};
    }));
    for (std::size_t i = 0; i < due.size(); ++i) {
        if (ours[i]) {
            due[i]->until_us = now + due[i]->lease_us;
            const std::lock_guard lock(mutex_);
            renew_due_us_ = std::min(renew_due_us_, now + due[i]->lease_us / 3);
        } else {
            if (!due[i]->over) due[i]->fenced = true;
            forget(*due[i]);
        }
    }
    return true;
}

// Across a network each by itself and without waiting: a row that somebody holds locked keeps no other from renewal.
void Claims::renew_later(const std::shared_ptr<Right> &right) {
    if (right->renewing.exchange(true)) return;
    auto self = shared_from_this();
    const std::int64_t asked = ports_.clock.boot_us();
    ports_.database.submit(
        [self, right](SqlTx &tx) -> Result<void> {
            const rows::Lease lease{self->ports_.database.owner(), tx.lease_now_us() + right->lease_us,
                                    tx.lease_clock(), self->ports_.clock.utc_us() + right->lease_us};
            REMIT_TRY(const bool ours, rows::renew(tx, right->row, right->epoch, lease));
            return ours ? Result<void>() : error(Status::fenced, "another has taken over");
        },
        [self, right, asked](Result<void> done) {
            right->renewing = false;
            if (done.status() == Status::fenced) {
                if (!right->over) right->fenced = true;
                return self->forget(*right);
            }
            if (!done) return;  // the next look tries again
            right->until_us = asked + right->lease_us;
            const std::lock_guard lock(self->mutex_);
            self->renew_due_us_ = std::min(self->renew_due_us_, asked + right->lease_us / 3);
        });
    ports_.submitted();
}

void Claims::settled(std::string_view tenant, std::string_view space, std::string_view key) {
    bool any = false;
    {
        const std::lock_guard lock(mutex_);
        for (Waiting &waiting : waiting_) {
            const ClaimRequest &r = waiting.call->request;
            if (r.key != key || r.space != space || r.tenant != tenant) continue;
            waiting.look_us = 0;
            any = true;
        }
    }
    if (any) ports_.wake();
}

// One look at each key that somebody waits for; those whose key has moved on try again.
Result<bool> Claims::answer_waiting() {
    const std::int64_t now = ports_.clock.boot_us();
    std::vector<Waiting> due;
    {
        const std::lock_guard lock(mutex_);
        const auto is_later = [&](const Waiting &w) { return w.look_us > now; };
        const auto first = std::partition(waiting_.begin(), waiting_.end(), is_later);
        due.assign(std::make_move_iterator(first), std::make_move_iterator(waiting_.end()));
        waiting_.erase(first, waiting_.end());
    }
    bool progressed = false;
    std::map<std::array<std::string, 3>, bool> running;  // by key
    for (Waiting &waiting : due) {
        Call &call = *waiting.call;
        const ClaimRequest &r = call.request;
        auto [known, fresh] = running.try_emplace({r.tenant, r.space, r.key}, true);
        if (fresh) {
            std::shared_ptr<Record> record;
            const auto read = ports_.database.read([&](SqlReader &reader) -> Result<void> {
                REMIT_TRY(record, rows::find(reader, r.tenant, r.space, r.key));
                return {};
            });
            known->second = !read.ok();  // the try itself will tell of trouble, if it lasts
            if (read && record && record->state == KeyState::in_progress) {
                const std::string &owner = record->ownership.owner;
                const bool gone = owner.empty() || !ports_.database.owner_alive(owner);
                // Whether the lease is over is judged in the transaction.
                known->second = !gone && record->due_us > ports_.clock.utc_us();
            }
        }
        if (known->second && now < call.wait_until_us) {
            waiting.nap_us = std::min(waiting.nap_us * 2, kNapMaxUs);
            waiting.look_us = now + waiting.nap_us;
            const std::lock_guard lock(mutex_);
            waiting_.push_back(std::move(waiting));
            continue;
        }
        progressed = true;
        if (known->second) {
            if (call.request.in_flight == InFlight::attach)
                call.done(error(Status::timeout, "the key's work is not done yet; it goes on"));
            else
                call.done(finish(waiting.call, {}));
            continue;
        }
        call.tries = 0;
        call.insert_first = false;
        call.seen_owner.clear();
        step(waiting.call);
    }
    return progressed;
}

Result<void> Claims::drop(SqlTx &tx, const Record &record) {
    if (record.effect == EffectClass::at_most_once)
        return make_unknown(tx, record, "its worker let go within an effect that may be done once only");
    Result<bool> done = record.effects_started ? rows::let_go(tx, record.id, record.ownership.epoch)
                                               : rows::release(tx, record.id, record.ownership.epoch,
                                                               ports_.clock.utc_us() + kReleasedKeptUs, false);
    REMIT_TRY(const bool found, std::move(done));
    return found ? Result<void>() : error(Status::store, "the key has changed meanwhile");
}

void Claims::give_back(const std::shared_ptr<Right> &right) {
    forget(*right);
    if (right->over.exchange(true)) return;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return;  // the database may be going: whoever comes next sees a dead worker's key
    }
    auto self = shared_from_this();
    auto key = std::make_shared<std::array<std::string, 3>>();
    ports_.database.submit(
        [self, right, key](SqlTx &tx) -> Result<void> {
            REMIT_TRY(const auto record, rows::by_id(tx, right->row));
            if (!record || record->state != KeyState::in_progress || record->ownership.epoch != right->epoch) return {};
            *key = {record->tenant, record->space, record->key};
            return self->drop(tx, *record);
        },
        [self, right, key](Result<void> done) {
            if (done) return self->settled((*key)[0], (*key)[1], (*key)[2]);
            if (status_class(done.status()) != StatusClass::RETRY && status_class(done.status()) != StatusClass::ASK)
                return;
            // The row stays ours until its lease ends, or until this works.
            const std::lock_guard lock(self->mutex_);
            self->left_.push_back(right);
            self->doubt_due_us_ = std::min(self->doubt_due_us_, self->ports_.clock.boot_us() + kDoubtUs);
        });
    ports_.submitted();
}

// Claims whose commit was in doubt, and rights whose giving back did not work: tried until the store answers.
Result<bool> Claims::settle_doubts() {
    const std::int64_t now = ports_.clock.boot_us();
    std::vector<Doubt> doubts;
    std::vector<std::shared_ptr<Right>> left;
    {
        const std::lock_guard lock(mutex_);
        if (now < doubt_due_us_) return false;
        doubts.swap(doubts_);
        left.swap(left_);
        doubt_due_us_ = INT64_MAX;
    }
    for (std::size_t i = 0; i < doubts.size(); ++i) {
        const Doubt &d = doubts[i];
        std::shared_ptr<Record> record;
        const auto done = ports_.database.transact([&](SqlTx &tx) -> Result<void> {
            REMIT_TRY(record, d.row != 0 ? rows::by_id(tx, d.row) : rows::find(tx, d.tenant, d.space, d.key));
            const bool ours = record && record->state == KeyState::in_progress && record->claim_no == d.claim_no;
            return ours ? drop(tx, *record) : Result<void>();
        });
        if (done) {
            if (record) settled(record->tenant, record->space, record->key);
            continue;
        }
        const std::lock_guard lock(mutex_);
        doubts_.insert(doubts_.end(), doubts.begin() + static_cast<std::ptrdiff_t>(i), doubts.end());
        doubt_due_us_ = now + kDoubtUs;
        break;
    }
    for (const auto &right : left) {
        right->over = false;
        give_back(right);
    }
    return true;
}

// Rows of owners that are dead, and rows whose lease has run out: anybody may have them, and an effect among them that
// cannot be repeated is in doubt from here on.
Result<bool> Claims::sweep() {
    const std::int64_t now = ports_.clock.boot_us();
    {
        const std::lock_guard lock(mutex_);
        if (now < sweep_due_us_) return false;
        sweep_due_us_ = now + kSweepUs;
    }
    return sweep_now();
}

Result<bool> Claims::sweep_now() {
    std::vector<std::string> owners;
    std::vector<std::int64_t> found;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(owners, rows::owners(reader, ports_.database.owner()));
        REMIT_TRY(found, rows::lapsed(reader, ports_.clock.utc_us(), kSweepBatch));
        return {};
    }));
    std::vector<std::string> dead;
    for (std::string &owner : owners)
        if (!owner.empty() && !ports_.database.owner_alive(owner)) dead.push_back(std::move(owner));
    if (!dead.empty())
        REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
            for (const std::string &owner : dead) {
                REMIT_TRY(const auto some, rows::of_owner(reader, owner, kSweepBatch));
                found.insert(found.end(), some.begin(), some.end());
            }
            return {};
        }));
    if (owners.empty() && found.empty()) {
        const std::lock_guard lock(mutex_);
        if (rights_.empty()) sweep_due_us_ = ports_.clock.boot_us() + kIdleSweepUs;
        return false;
    }
    return sweep_rows(found, dead);
}

Result<bool> Claims::sweep_rows(const std::vector<std::int64_t> &found, const std::vector<std::string> &dead) {
    bool any = false;
    // Across a network each by itself: a row that somebody holds locked keeps no other from being found.
    const std::size_t step = ports_.database.reads_locally() ? std::max<std::size_t>(found.size(), 1) : 1;
    for (std::size_t at = 0; at < found.size(); at += step) {
        const auto swept = sweep_some(std::span(found).subspan(at, std::min(step, found.size() - at)), dead);
        if (!swept && (step > 1 || swept.status() != Status::store)) return swept;
        any |= swept && *swept;
    }
    return any;
}

Result<bool> Claims::sweep_some(std::span<const std::int64_t> found, const std::vector<std::string> &dead) {
    std::vector<std::array<std::string, 3>> moved;
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        moved.clear();
        for (const std::int64_t id : found) {
            REMIT_TRY(const auto record, rows::by_id(tx, id));
            if (!record || record->state != KeyState::in_progress || record->due_us == 0) continue;
            const bool alive = std::ranges::find(dead, record->ownership.owner) == dead.end();
            if (!abandoned(record->ownership, ports_.database.owner(), alive, tx.lease_now_us(), tx.lease_clock()))
                continue;
            if (record->effect == EffectClass::at_most_once)
                REMIT_CHECK(
                    make_unknown(tx, *record, "its worker was gone within an effect that may be done once only"));
            else
                REMIT_CHECK(rows::let_go(tx, id, record->ownership.epoch));
            moved.push_back({record->tenant, record->space, record->key});
        }
        return {};
    }));
    for (const auto &[tenant, space, key] : moved) settled(tenant, space, key);
    return !moved.empty();
}

Result<std::int64_t> Claims::purge(std::int64_t limit) {
    const std::int64_t utc = ports_.clock.utc_us();
    std::vector<rows::Old> old;
    std::vector<std::int64_t> gone;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(old, rows::expired(reader, utc, limit));
        REMIT_TRY(gone, rows::forgettable(reader, utc, limit - static_cast<std::int64_t>(old.size())));
        return {};
    }));
    if (old.empty() && gone.empty()) return 0;
    std::int64_t count = 0;
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        count = 0;
        for (const rows::Old &row : old) {
            REMIT_TRY(const bool done, rows::bury(tx, row, utc, utc + ports_.tombstone_us));
            if (!done) continue;
            ++count;
            Record told;
            told.tenant = row.tenant;
            told.space = row.space;
            told.key = row.key;
            told.state = KeyState::tombstone;
            REMIT_CHECK(tell(tx, told, "idempotency.expired", {}, {}));
        }
        for (const std::int64_t id : gone) {
            REMIT_TRY(const bool done, rows::forget(tx, id, utc));
            if (done) ++count;
        }
        return {};
    }));
    return count;
}

Result<bool> Claims::purge_due() {
    const std::int64_t now = ports_.clock.boot_us();
    if (now < purge_due_us_) return false;
    purge_due_us_ = now + kPurgeUs;
    REMIT_TRY(const std::int64_t gone, purge(kPurgeBatch));
    if (gone >= kPurgeBatch) purge_due_us_ = now;
    return gone > 0;
}

std::int64_t Claims::next_due_us() const {
    const std::lock_guard lock(mutex_);
    std::int64_t due = std::min({sweep_due_us_, purge_due_us_, renew_due_us_, doubt_due_us_});
    for (const Waiting &waiting : waiting_) due = std::min(due, waiting.look_us);
    return due;
}

void Claims::close(const Error &why) {
    std::vector<Waiting> all;
    {
        const std::lock_guard lock(mutex_);
        closed_ = why;
        all.swap(waiting_);
    }
    for (Waiting &waiting : all) waiting.call->done(why);
}

}  // namespace remit::idempotency
