// What happened in one schedule, as the outside saw it: calls and their answers, effects, deaths, and what is found at
// the end. The auditor reads this and nothing else.
#pragma once

#include <remit/idempotency.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace remit::simulation::idempotency {

// What a key is for, known from its index. All its clients work by it.
struct Intent {
    std::string tenant, space, key, operation, request, other_request;
    std::vector<EffectClass> steps;
    std::int64_t lease_ms = 0, keep_ms = 0;
    bool again_after_expiry = false;
};

enum class What : std::int32_t {
    begun,   // a call
    ended,   // its answer arrived, and its caller still lived
    held,    // a claim says that it has its key
    effect,  // on the outside world
    left,    // a claim was destroyed before its end
    up,      // a worker
    down,    // the same, by a crash or by closing
    ran,     // the keeper of a worker had a turn
    turned,  // the wall clock was put back
    calm,    // from here on nothing goes wrong
    row,     // what follows is found at the end: a key
    event,   // one that was told
    host,    // a row of the host's own
    total,   // the host's count of them
    wrong,   // seen by a client itself
};

enum class Op : std::int32_t { claim, recover, effect_begin, checkpoint, complete, release, resolve };

struct Fact {
    What what = What::wrong;
    std::int64_t at_us = 0;   // since the world was made
    std::int64_t utc_us = 0;  // by the wall clock of the machine
    int worker = -1;
    int client = -1;
    int key = -1;
    std::int64_t call = 0;   // begun, ended: the same number
    std::int64_t right = 0;  // the claim that it is about: the number of its call
    Op op = Op::claim;
    bool other = false;  // begun: a claim for another request than the key's
    Status status = Status::ok;
    Verdict verdict = Verdict::execute;
    std::int64_t epoch = 0;
    int step = -1;
    EffectClass effect = EffectClass::none;
    KeyState state = KeyState::in_progress;
    std::int64_t count = 0;
    std::string token;  // a completion's, which the host's row carries too; an effect's derived key; an event's type
    std::string reply;  // all bytes of it
};

struct History {
    std::vector<Intent> keys;
    std::vector<Fact> facts;
};

// All of a reply that must come back, as one text.
std::string spelt(const Reply &reply);
// What of a reply is put on record.
Reply recorded(Reply reply);

// Every promise that the history breaks, in words. The model is its own: it knows the public meaning of verdicts,
// statuses and epochs only.
std::vector<std::string> judge(const History &history);

}  // namespace remit::simulation::idempotency
