#include "self_test.hpp"

#include "schedule.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <set>
#include <span>

namespace remit::simulation::idempotency {

namespace {

using Facts = std::vector<Fact>;
struct Break {
    const char *name;
    std::function<bool(History &)> apply;  // false: this history has nothing of the kind to break
};

template <class Is>
Fact *last(Facts &facts, Is is) {
    const auto at = std::find_if(facts.rbegin(), facts.rend(), is);
    return at == facts.rend() ? nullptr : &*at;
}

// Copies the last such fact behind itself.
template <class Is>
bool twice(Facts &facts, Is is) {
    Fact *fact = last(facts, is);
    if (fact == nullptr) return false;
    const Fact copy = *fact;
    facts.insert(facts.begin() + (fact - facts.data()), copy);
    return true;
}

template <class Is>
bool take_away(Facts &facts, Is is) {
    Fact *fact = last(facts, is);
    if (fact != nullptr) facts.erase(facts.begin() + (fact - facts.data()));
    return fact != nullptr;
}

bool told(const Fact &fact, Verdict verdict) {
    return fact.what == What::ended && fact.op == Op::claim && fact.status == Status::ok && fact.verdict == verdict;
}
// Of keys that live once.
bool lives_once(const History &history, const Fact &fact) {
    return fact.key >= 0 && !history.keys[static_cast<std::size_t>(fact.key)].again_after_expiry;
}

bool change_last(History &history, Verdict from, const std::function<void(Fact &)> &change) {
    Fact *fact = last(history.facts, [&](const Fact &f) { return told(f, from) && lives_once(history, f); });
    if (fact != nullptr) change(*fact);
    return fact != nullptr;
}

bool change_row(History &history, KeyState state) {
    Fact *row = last(history.facts, [](const Fact &f) { return f.what == What::row; });
    if (row != nullptr) row->state = state;
    return row != nullptr;
}

bool event_twice(History &history, const char *type) {
    return twice(history.facts,
                 [&](const Fact &f) { return f.what == What::event && f.token == type && lives_once(history, f); });
}
bool event_lost(History &history, const char *type) {
    return take_away(history.facts,
                     [&](const Fact &f) { return f.what == What::event && f.token == type && lives_once(history, f); });
}
bool effect_twice(History &history, EffectClass effect) {
    return twice(history.facts, [&](const Fact &f) { return f.what == What::effect && f.effect == effect; });
}

// A write of an epoch after another was given, taken instead of fenced.
bool stale_write(History &history, Op op) {
    std::map<int, std::int64_t> given;
    std::map<std::int64_t, Fact> late;  // by call
    for (Fact &fact : history.facts) {
        const bool grant = told(fact, Verdict::execute) || told(fact, Verdict::recover);
        if (grant) given[fact.key] = std::max(given[fact.key], fact.epoch);
        if (fact.what == What::begun && fact.op == op && fact.epoch < given[fact.key]) late[fact.call] = fact;
        if (fact.what != What::ended || fact.status != Status::fenced || !late.contains(fact.call)) continue;
        fact.status = Status::ok;
        return true;
    }
    return false;
}

// A recovery after an effect was begun for sure, told as an execution; of a key that no person has touched.
bool executed_after_effect(History &history) {
    std::set<int> resolved, begun;
    for (const Fact &fact : history.facts)
        if (fact.op == Op::resolve) resolved.insert(fact.key);
    std::set<std::int64_t> after;  // calls
    for (Fact &fact : history.facts) {
        if (resolved.contains(fact.key) || !lives_once(history, fact)) continue;
        const bool done = fact.what == What::ended && fact.status == Status::ok;
        if (done && fact.op == Op::effect_begin) begun.insert(fact.key);
        if (fact.what == What::begun && fact.op == Op::claim && begun.contains(fact.key)) after.insert(fact.call);
        if (!told(fact, Verdict::recover) || !after.contains(fact.call)) continue;
        fact.verdict = Verdict::execute;
        return true;
    }
    return false;
}

const Break kEffects[] = {
    {"an effect that may be done once, done twice",
     [](History &h) { return effect_twice(h, EffectClass::at_most_once); }},
    {"an effect that is asked for, done twice", [](History &h) { return effect_twice(h, EffectClass::queryable); }},
    {"another key for the same effect",
     [](History &h) {
         if (!effect_twice(h, EffectClass::idempotent)) return false;
         last(h.facts, [](const Fact &f) {
             return f.effect == EffectClass::idempotent && f.what == What::effect;
         })->token = "ek_other";
         return true;
     }},
    {"an effect of an older epoch",
     [](History &h) {
         Fact *fact = last(h.facts, [](const Fact &f) { return f.what == What::effect; });
         if (fact != nullptr) fact->epoch = 0;
         return fact != nullptr;
     }},
    {"two that hold one key",
     [](History &h) {
         Fact *fact = last(h.facts, [](const Fact &f) { return f.what == What::held; });
         if (fact != nullptr) fact->epoch = 0;
         return fact != nullptr;
     }},
    {"checkpoint of an older epoch", [](History &h) { return stale_write(h, Op::checkpoint); }},
    {"effect begun by an older epoch", [](History &h) { return stale_write(h, Op::effect_begin); }},
    {"completion by an older epoch", [](History &h) { return stale_write(h, Op::complete); }},
};

const Break kVerdicts[] = {
    {"an epoch given twice", [](History &h) { return change_last(h, Verdict::recover, [](Fact &f) { --f.epoch; }); }},
    {"one byte of a reply",
     [](History &h) {
         return change_last(h, Verdict::replay,
                            [](Fact &f) { f.reply.back() = static_cast<char>(f.reply.back() + 1); });
     }},
    {"another key's reply",
     [](History &h) {
         return change_last(h, Verdict::replay, [&](Fact &f) {
             const int key = f.key;
             const Fact *other = last(h.facts, [&](const Fact &g) { return told(g, Verdict::replay) && g.key != key; });
             f.reply = other == nullptr ? "" : other->reply;
         });
     }},
    {"another request is told the reply",
     [](History &h) {
         Fact *fact =
             last(h.facts, [](const Fact &f) { return f.what == What::ended && f.status == Status::mismatch; });
         if (fact == nullptr) return false;
         fact->status = Status::ok;
         fact->verdict = Verdict::replay;
         return true;
     }},
    {"the same request is told mismatch",
     [](History &h) { return change_last(h, Verdict::replay, [](Fact &f) { f.status = Status::mismatch; }); }},
    {"executed again after the completion",
     [](History &h) {
         return change_last(h, Verdict::replay, [](Fact &f) {
             f.verdict = Verdict::execute;
             f.epoch = 1'000;
         });
     }},
    {"executed from the start after an effect", executed_after_effect},
    {"told running when nobody works",
     [](History &h) {
         std::int64_t call = 0;
         const bool told_so = change_last(h, Verdict::replay, [&](Fact &f) {
             f.verdict = Verdict::running;
             call = f.call;
         });
         for (Fact &f : h.facts)  // and asked long after anybody was heard of
             if (f.what == What::begun && f.call == call) f.at_us += 1'000'000'000;
         return told_so;
     }},
    {"told expired before its time",
     [](History &h) {
         if (std::ranges::any_of(h.facts, [](const Fact &f) { return f.what == What::turned; })) return false;
         const auto first = std::ranges::find_if(h.facts, [&](const Fact &f) { return told(f, Verdict::running); });
         if (first == h.facts.end()) return false;
         first->verdict = Verdict::expired;
         return true;
     }},
    {"told in doubt without a reason",
     [](History &h) {
         std::set<int> once;
         for (const Fact &f : h.facts)
             if (f.effect == EffectClass::at_most_once) once.insert(f.key);
         Fact *fact = last(h.facts, [&](const Fact &f) { return told(f, Verdict::replay) && !once.contains(f.key); });
         if (fact != nullptr) fact->verdict = Verdict::unknown;
         return fact != nullptr;
     }},
};

const Break kEnds[] = {
    {"a key that never ends", [](History &h) { return change_row(h, KeyState::in_progress); }},
    {"a key left in doubt", [](History &h) { return change_row(h, KeyState::unknown); }},
    {"a key given back at the end", [](History &h) { return change_row(h, KeyState::released); }},
    {"a key's record gone",
     [](History &h) { return take_away(h.facts, [](const Fact &f) { return f.what == What::row; }); }},
    {"a row of the host's twice",
     [](History &h) { return twice(h.facts, [](const Fact &f) { return f.what == What::host; }); }},
    {"a row of the host's lost",
     [](History &h) { return take_away(h.facts, [](const Fact &f) { return f.what == What::host; }); }},
    {"a row of the host's for nothing",
     [](History &h) {
         Fact *fact = last(h.facts, [](const Fact &f) { return f.what == What::host; });
         if (fact != nullptr) fact->token = "t0.0.0";
         return fact != nullptr;
     }},
    {"the host's total",
     [](History &h) {
         Fact *fact = last(h.facts, [](const Fact &f) { return f.what == What::total; });
         if (fact != nullptr) ++fact->count;
         return fact != nullptr;
     }},
    {"in doubt told twice", [](History &h) { return event_twice(h, "idempotency.unknown"); }},
    {"in doubt not told", [](History &h) { return event_lost(h, "idempotency.unknown"); }},
    {"resolved told twice", [](History &h) { return event_twice(h, "idempotency.resolved"); }},
    {"resolved not told", [](History &h) { return event_lost(h, "idempotency.resolved"); }},
    {"expired told twice", [](History &h) { return event_twice(h, "idempotency.expired"); }},
    {"expired not told", [](History &h) { return event_lost(h, "idempotency.expired"); }},
};

constexpr std::uint64_t kSeeds = 400;

// Tries the break on one history after the other, until one can be broken so: that must be noticed.
bool try_break(const Break &breaking, const std::vector<History> &healthy) {
    for (const History &history : healthy) {
        History broken = history;
        if (!breaking.apply(broken)) continue;
        const bool noticed = !judge(broken).empty();
        std::printf("  %-48s %s\n", breaking.name, noticed ? "noticed" : "MISSED");
        return noticed;
    }
    std::printf("  %-48s could not be applied\n", breaking.name);
    return false;
}

}  // namespace

int self_test() {
    std::vector<History> healthy;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        Outcome outcome = run_schedule(seed, {});
        if (outcome.violations.empty()) healthy.push_back(std::move(outcome.history));
    }
    int missed = healthy.size() == kSeeds ? 0 : 1;
    for (const std::span<const Break> some :
         {std::span<const Break>(kEffects), std::span<const Break>(kVerdicts), std::span<const Break>(kEnds)})
        for (const Break &breaking : some) missed += try_break(breaking, healthy) ? 0 : 1;
    return missed == 0 ? 0 : 1;
}

}  // namespace remit::simulation::idempotency
