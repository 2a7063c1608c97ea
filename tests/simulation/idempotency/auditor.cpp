#include "history.hpp"

#include <remit/port/clock.hpp>

#include <algorithm>
#include <optional>
#include <set>

namespace remit::simulation::idempotency {

namespace {

constexpr std::int64_t kDeadUs = 1'000'000;  // a dead worker's key is free for the next claim within this
constexpr std::int64_t kHungUs = 5'000'000;  // a hung one's within its lease and this
constexpr std::int64_t kRecoverLeaseMs = 2'000, kRecoverKeepMs = 20'000;  // those of recover_one

bool works(Verdict verdict) {
    return verdict == Verdict::execute || verdict == Verdict::recover;
}

// One completion that somebody tried, by its token; a person's word has none.
struct Attempt {
    std::string token, reply;
    std::int64_t utc_us = 0;
    bool acknowledged = false;
    bool maybe = false;  // some answer is missing or unclear
    int open = 0;        // calls without an answer
};

struct Key {
    std::int64_t max_epoch = 0;
    std::set<std::int64_t> epochs;
    bool seen = false;
    std::optional<std::string> stored;  // the reply that is known to be on record
    std::int64_t stored_utc_us = 0;
    std::vector<Attempt> attempts;
    std::map<int, int> once;                    // effects that may be done once only
    std::map<int, int> asked;                   // ... or only after asking
    std::map<int, std::set<std::string>> keys;  // derived, by step
    bool may_once = false;                      // one that may be done once only was begun
    bool effect_told = false;                   // in this life of the key
    int resolved = 0;                           // times that it may have been
    std::map<std::string, int> events;
    std::string last_event;
    std::optional<KeyState> state;
};

struct Call {
    Fact fact;
    std::int64_t max_epoch = 0;
    int resolved = 0;
    bool seen = false, settled = false, effect_told = false, held = false, answered = false;
};

// Somebody who may have a right to a key, as far as the outside can know.
struct Holder {
    int key = -1;  // any
    int worker = -1;
    std::int64_t left_us = -1, down_us = -1;
};

struct Process {
    bool up = false;
    std::int64_t ran_us = 0;
};

class Judge {
public:
    explicit Judge(const History &history) : history_(history), keys_(history.keys.size()) {}

    std::vector<std::string> all() {
        for (const Fact &fact : history_.facts) look(fact);
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            end_of_key(static_cast<int>(i), keys_[i]);
            rows_of_key(static_cast<int>(i), keys_[i]);
        }
        for (const auto &[token, count] : rows_) say("a row of the host's belongs to no completion: " + token);
        if (total_ != row_count_)
            say("the host's total says " + std::to_string(total_) + ", its rows are " + std::to_string(row_count_));
        return std::move(out_);
    }

private:
    void say(std::string text) { out_.push_back(std::move(text)); }
    void say(const Fact &fact, const std::string &text) {
        say("key " + std::to_string(fact.key) + ", call " + std::to_string(fact.call) + " of client " +
            std::to_string(fact.client) + ": " + text);
    }
    const Intent &intent(int key) const { return history_.keys[static_cast<std::size_t>(key)]; }

    void look(const Fact &fact);
    void begun(const Fact &fact);
    void ended(const Fact &fact);
    void claim_ended(const Call &call, const Fact &fact, Key &key);
    void granted(const Call &call, const Fact &fact, Key &key);
    void write_ended(const Call &call, const Fact &fact, Key &key);
    void completed(const Call &call, const Fact &fact, Key &key);
    void resolve_ended(const Fact &fact, Key &key);
    void replayed(const Fact &fact, Key &key);
    void effect(const Fact &fact, Key &key);
    bool somebody_may_hold(const Call &call) const;
    bool expired(const Key &key, int number, std::int64_t utc_us) const;
    void event(const Fact &fact, Key &key);
    void end_of_key(int number, const Key &key);
    void rows_of_key(int number, const Key &key);
    Attempt *attempt(Key &key, const std::string &token);

    const History &history_;
    std::vector<Key> keys_;
    std::map<std::int64_t, Call> calls_;
    std::map<std::int64_t, Holder> holders_;  // by the call that asked for it
    std::map<int, Process> processes_;
    std::map<std::string, int> rows_;  // by token
    std::int64_t row_count_ = 0, total_ = 0;
    bool turned_ = false;
    std::vector<std::string> out_;
};

void Judge::look(const Fact &fact) {
    Key none;
    Key &key = fact.key < 0 ? none : keys_[static_cast<std::size_t>(fact.key)];
    switch (fact.what) {
    case What::begun: return begun(fact);
    case What::ended: return ended(fact);
    case What::held:
        if (fact.epoch < key.max_epoch) say(fact, "two have the right to work");
        return;
    case What::effect: return effect(fact, key);
    case What::left:
        if (const auto at = holders_.find(fact.right); at != holders_.end()) at->second.left_us = fact.at_us;
        return;
    case What::up: processes_[fact.worker] = {true, fact.at_us}; return;
    case What::down:
        processes_[fact.worker].up = false;
        for (auto &[call, holder] : holders_)
            if (holder.worker == fact.worker && holder.down_us < 0) holder.down_us = fact.at_us;
        return;
    case What::ran: processes_[fact.worker].ran_us = fact.at_us; return;
    case What::turned: turned_ = true; return;
    case What::calm: return;
    case What::row:
        key.state = fact.state;
        if (fact.epoch < key.max_epoch) say(fact, "its record has an older epoch than it was given in");
        return;
    case What::event: return event(fact, key);
    case What::host:
        ++rows_[fact.token];
        ++row_count_;
        return;
    case What::total: total_ = fact.count; return;
    case What::wrong: return say(fact.token);
    }
}

Attempt *Judge::attempt(Key &key, const std::string &token) {
    const auto at = std::ranges::find(key.attempts, token, &Attempt::token);
    return at == key.attempts.end() ? nullptr : &*at;
}

void Judge::begun(const Fact &fact) {
    Call &call = calls_[fact.call];
    call.fact = fact;
    if (fact.op == Op::claim || fact.op == Op::recover) holders_[fact.call] = {fact.key, fact.worker, -1, -1};
    if (fact.key < 0) return;
    Key &key = keys_[static_cast<std::size_t>(fact.key)];
    call.max_epoch = key.max_epoch;
    call.seen = key.seen;
    call.resolved = key.resolved;
    call.settled = key.stored.has_value();
    call.effect_told = key.effect_told;
    call.held = somebody_may_hold(call);
    if (fact.op == Op::effect_begin && fact.effect == EffectClass::at_most_once) key.may_once = true;
    if (fact.op == Op::resolve) ++key.resolved;
    if (fact.op == Op::resolve && fact.reply.empty()) key.effect_told = false;  // it may begin anew from here on
    if (fact.op != Op::complete && (fact.op != Op::resolve || fact.reply.empty())) return;
    const std::string token = fact.op == Op::complete ? fact.token : "by hand " + std::to_string(fact.call);
    Attempt *known = attempt(key, token);
    if (known == nullptr) known = &key.attempts.emplace_back(Attempt{token, fact.reply, fact.utc_us});
    ++known->open;
}

void Judge::ended(const Fact &fact) {
    const auto at = calls_.find(fact.call);
    if (at == calls_.end()) return say(fact, "an answer to nothing");
    Call &call = at->second;
    call.answered = true;
    if (fact.key < 0) {  // of a recovery that found nothing
        if (fact.status == Status::ok) say(fact, "recovered a key that nobody asked for");
        // One that failed may have taken a key all the same, until its lease ends.
        if (fact.status == Status::not_found)
            holders_.erase(fact.call);
        else
            holders_[fact.call].left_us = fact.at_us;
        return;
    }
    Key &key = keys_[static_cast<std::size_t>(fact.key)];
    switch (call.fact.op) {
    case Op::claim:
    case Op::recover: claim_ended(call, fact, key); break;
    case Op::resolve: resolve_ended(fact, key); break;
    default: write_ended(call, fact, key);
    }
}

// Whether a worker that lives and is not silent for too long may have the key, or one that has just died.
bool Judge::somebody_may_hold(const Call &call) const {
    const std::int64_t lease_us = std::max(intent(call.fact.key).lease_ms, kRecoverLeaseMs) * kMicrosPerMs;
    return std::ranges::any_of(holders_, [&](const auto &item) {
        const auto &[number, holder] = item;
        if (number == call.fact.call || (holder.key >= 0 && holder.key != call.fact.key)) return false;
        if (holder.down_us >= 0) return call.fact.at_us <= holder.down_us + kDeadUs;
        const std::int64_t heard = holder.left_us >= 0 ? holder.left_us : processes_.at(holder.worker).ran_us;
        return call.fact.at_us <= heard + lease_us + kHungUs;
    });
}

bool Judge::expired(const Key &key, int number, std::int64_t utc_us) const {
    const std::int64_t keep_us = std::min(intent(number).keep_ms, kRecoverKeepMs) * kMicrosPerMs;
    return turned_ || std::ranges::any_of(key.attempts, [&](const Attempt &attempt) {
               return (attempt.acknowledged || attempt.maybe || attempt.open > 0) && attempt.utc_us + keep_us <= utc_us;
           });
}

void Judge::claim_ended(const Call &call, const Fact &fact, Key &key) {
    const bool trouble = fact.status == Status::store || fact.status == Status::store_lost ||
                         fact.status == Status::closed || fact.status == Status::broken ||
                         fact.status == Status::timeout;
    Holder &holder = holders_[fact.call];
    holder.key = fact.key;
    if (trouble && fact.status != Status::timeout) {
        holder.left_us = fact.at_us;
        return;
    }
    const bool right = fact.status == Status::ok && works(fact.verdict);
    if (fact.status == Status::ok && fact.verdict == Verdict::running && !call.held && !somebody_may_hold(call))
        say(fact, "told that another works on it, and nobody does");
    if (!right) holders_.erase(fact.call);
    if (call.fact.other) {
        if (fact.status != Status::mismatch && call.seen)
            say(fact, std::string("another request under its key is told ") +
                          (fact.status == Status::ok ? std::string(verdict_name(fact.verdict))
                                                     : std::string(status_name(fact.status))));
        return;
    }
    if (fact.status == Status::mismatch) return say(fact, "the same request is told that it is another");
    if (fact.status == Status::timeout) return;
    if (fact.status != Status::ok)
        return say(fact, std::string("a claim is told ") + std::string(status_name(fact.status)));
    key.seen = true;
    switch (fact.verdict) {
    case Verdict::execute:
    case Verdict::recover: return granted(call, fact, key);
    case Verdict::replay: return replayed(fact, key);
    case Verdict::unknown:
        if (!key.may_once) say(fact, "in doubt without an effect that could be");
        return;
    case Verdict::expired:
        if (!expired(key, fact.key, fact.utc_us)) say(fact, "expired, and no reply of it was old enough");
        return;
    case Verdict::running: return;
    }
}

void Judge::granted(const Call &call, const Fact &fact, Key &key) {
    if (fact.epoch <= call.max_epoch || !key.epochs.insert(fact.epoch).second)
        say(fact, "given in epoch " + std::to_string(fact.epoch) + " after " + std::to_string(call.max_epoch));
    const bool anew = intent(fact.key).again_after_expiry && expired(key, fact.key, fact.utc_us);
    if (call.settled && !anew) say(fact, "work begins again on what was completed");
    if (fact.verdict == Verdict::execute && call.effect_told && key.effect_told && !anew)
        say(fact, "executed from the start although an effect was begun");
    if (fact.verdict == Verdict::execute && anew) {
        key.stored.reset();
        key.effect_told = false;
    }
    if (anew) key.keys.clear();  // another life of the key, also when who began it died with the answer
    key.max_epoch = std::max(key.max_epoch, fact.epoch);
    // Who asks at this time may be told that another works on it, even if the answer comes when that is over.
    for (auto &[number, other] : calls_)
        if (!other.answered && other.fact.key == fact.key) other.held = true;
}

void Judge::write_ended(const Call &call, const Fact &fact, Key &key) {
    const bool done = fact.status == Status::ok;
    if (done && call.fact.epoch < call.max_epoch)
        say(fact, "epoch " + std::to_string(call.fact.epoch) + " wrote after " + std::to_string(call.max_epoch) +
                      " was given");
    if (fact.status == Status::fenced && fact.verdict == Verdict::replay) replayed(fact, key);
    if (fact.status == Status::fenced) holders_.erase(call.fact.right);
    if (call.fact.op == Op::complete) return completed(call, fact, key);
    if (!done) return;
    // Unless a person has freed the key before this answer arrived.
    if (call.fact.op == Op::effect_begin && call.resolved == key.resolved) key.effect_told = true;
    if (call.fact.op != Op::release) return;
    holders_.erase(call.fact.right);
    if (key.effect_told && call.fact.epoch >= key.max_epoch) say(fact, "given back after an effect was begun");
}

void Judge::completed(const Call &call, const Fact &fact, Key &key) {
    Attempt *tried = attempt(key, call.fact.token);
    if (tried == nullptr) return;
    --tried->open;
    if (fact.status == Status::store_lost || fact.status == Status::broken || fact.status == Status::closed)
        tried->maybe = true;
    if (fact.status != Status::ok) return;
    holders_.erase(call.fact.right);
    tried->acknowledged = true;
    if (call.fact.other) say(fact, "completed with a statement that cannot work");
    if (key.stored && *key.stored != tried->reply && !intent(fact.key).again_after_expiry)
        say(fact, "completed although another reply was on record");
    key.stored = tried->reply;
}

void Judge::resolve_ended(const Fact &fact, Key &key) {
    if (fact.status == Status::ok) ++key.events["acknowledged"];
    const bool nothing = fact.status != Status::ok && fact.status != Status::store_lost;
    if (nothing) --key.resolved;
    Attempt *tried = attempt(key, "by hand " + std::to_string(fact.call));
    if (tried == nullptr) return;
    --tried->open;
    if (!nothing) (fact.status == Status::ok ? tried->acknowledged : tried->maybe) = true;
    if (fact.status != Status::ok) return;
    if (key.stored && *key.stored != tried->reply) say(fact, "resolved although another reply was on record");
    key.stored = tried->reply;
}

void Judge::replayed(const Fact &fact, Key &key) {
    const bool given = std::ranges::any_of(key.attempts, [&](const Attempt &attempt) {
        return attempt.reply == fact.reply && (attempt.acknowledged || attempt.maybe || attempt.open > 0);
    });
    if (!given) return say(fact, "a reply that was never put on record");
    const bool again = intent(fact.key).again_after_expiry;
    if (key.stored && *key.stored != fact.reply && !again) return say(fact, "two replies to one key");
    if (!key.stored) key.stored = fact.reply;
}

void Judge::effect(const Fact &fact, Key &key) {
    if (fact.epoch < key.max_epoch)
        say(fact, "an effect in epoch " + std::to_string(fact.epoch) + " after " + std::to_string(key.max_epoch) +
                      " was given");
    if (key.stored && !intent(fact.key).again_after_expiry) say(fact, "an effect after the completion");
    auto &derived = key.keys[fact.step];
    derived.insert(fact.token);
    if (derived.size() > 1) say(fact, "two keys for one effect");
    for (const auto &[step, others] : key.keys)
        if (step != fact.step && others.contains(fact.token)) say(fact, "one key for two effects");
    if (fact.effect == EffectClass::at_most_once && ++key.once[fact.step] > 1)
        say(fact, "an effect that may be done once only, done again");
    if (fact.effect == EffectClass::queryable && ++key.asked[fact.step] > 1)
        say(fact, "an effect that is to be asked for first, done again");
}

void Judge::event(const Fact &fact, Key &key) {
    ++key.events[fact.token];
    if (fact.token == "idempotency.expired") return;
    if (fact.token == key.last_event) say(fact, fact.token + " was told twice");
    if (key.last_event.empty() && fact.token != "idempotency.unknown") say(fact, fact.token + " was told first");
    key.last_event = fact.token;
}

void Judge::end_of_key(int number, const Key &key) {
    Fact fact;
    fact.key = number;
    if (!key.state) {
        if (key.seen) say(fact, "its record is gone");
        return;
    }
    if (*key.state != KeyState::completed && *key.state != KeyState::tombstone)
        say(fact, std::string("still ") + key_state_name(*key.state) + " at the end");
    const auto told = [&](const char *type) {
        const auto at = key.events.find(type);
        return at == key.events.end() ? 0 : at->second;
    };
    if (told("idempotency.unknown") != told("idempotency.resolved"))
        say(fact, "in doubt and resolved are not told equally often");
    if (told("idempotency.resolved") < told("acknowledged") || told("idempotency.resolved") > key.resolved)
        say(fact, "told resolved " + std::to_string(told("idempotency.resolved")) + " times");
    if (told("idempotency.unknown") > 0 && !key.may_once) say(fact, "told in doubt, without an effect that could be");
    const int expired = told("idempotency.expired");
    const bool again = intent(number).again_after_expiry;
    if (*key.state == KeyState::tombstone && (expired < 1 || (!again && expired > 1)))
        say(fact, "told expired " + std::to_string(expired) + " times");
    if (*key.state != KeyState::tombstone && expired > 0 && !again) say(fact, "told expired, and it is not");
}

// The host's rows stand for completions, one for one.
void Judge::rows_of_key(int number, const Key &key) {
    Fact fact;
    fact.key = number;
    int found = 0;
    for (const Attempt &attempt : key.attempts) {
        const auto at = rows_.find(attempt.token);
        const int rows = at == rows_.end() ? 0 : at->second;
        if (at != rows_.end()) rows_.erase(at);
        found += rows;
        if (attempt.token.starts_with("by hand")) continue;
        if (rows > 1) say(fact, "the host's row of a completion is there " + std::to_string(rows) + " times");
        if (attempt.acknowledged && rows == 0) say(fact, "a completion without the host's row");
        if (rows == 0 && key.stored == attempt.reply) say(fact, "a reply on record without the host's row");
        if (rows > 0 && !attempt.acknowledged && !attempt.maybe && attempt.open == 0)
            say(fact, "the host's row of a completion that was refused");
        if (rows > 0 && key.stored && *key.stored != attempt.reply && !intent(number).again_after_expiry)
            say(fact, "the host's row of a completion that is not on record");
    }
    if (found > 1 && !intent(number).again_after_expiry) say(fact, "the host's rows are of two completions");
}

}  // namespace

std::vector<std::string> judge(const History &history) {
    return Judge(history).all();
}

}  // namespace remit::simulation::idempotency
