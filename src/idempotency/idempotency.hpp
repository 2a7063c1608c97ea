// Idempotency keys as the engine wires them: the calls of the host (any thread), and a keeper (tick thread) that
// renews leases, answers those who wait, finds keys whose worker has died, and takes away what has expired.
//
// A key, by event and guard (step.hpp decides, rows.cpp writes):
//
//   1  -            claim                                   -> in_progress, epoch 1     execute
//   2  any          claim, another request                  -> same                     Mismatch, before anything else
//   3  in_progress  claim, its worker lives                 -> same                     running; or wait, or attach
//   4  in_progress  claim or recover_one, its worker died,  -> in_progress, epoch + 1   recover
//                   let go, or is silent beyond its lease
//   5  in_progress  the same, within an at_most_once effect -> unknown, epoch + 1       unknown; an event tells
//   6  in_progress  effect_begin, checkpoint (epoch)        -> in_progress              ok, else Fenced
//   7  in_progress  complete (epoch), with the host's rows  -> completed                ok, else Fenced
//   8  completed    claim                                   -> same                     replay
//   9  in_progress  release (epoch), no effect started      -> released                 ok; the next claim executes
//   10 completed    its time is over                        -> tombstone -> gone        expired; an event tells
//      released     its time is over                        -> gone
//   11 unknown      resolve                                 -> completed; or, when the effect did not happen,
//                                                              released, or in_progress at its last checkpoint
//
// A worker that crashed holding the key, by the point where it did:
//
//   before the claim committed                 nothing is there: the next claim executes
//   claimed, no effect begun                   row 4: recover, from the start
//   between checkpoints, no effect under way   row 4: recover, from the last checkpoint
//   an effect begun, its result not recorded   row 4 with the effect's class; at_most_once: row 5
//   the result in a checkpoint, not completed  row 4: recover, nothing is under way
//   completed, the answer lost                 row 8: replay
//   it was only slow, and wakes                Fenced, and its claim shows the winner's reply
//   the store is down at the claim             Store: the request is not run
//   the store is down at the completion        the host's rows and ours fail together: row 4
//
// Invariants, which doctor checks: I1 one live epoch of a key. I2 no released key has had an effect. I3 the reply's
// bytes have the hash that was recorded. I4 what is running or unknown is never taken away. I5 only the epoch's
// owner changes a running key. I6 whoever takes over reads the record in the transaction that takes it.
#pragma once

#include "core/metrics.hpp"

#include <remit/idempotency.hpp>
#include <remit/port/clock.hpp>
#include <remit/port/database.hpp>
#include <remit/port/log.hpp>
#include <remit/port/random.hpp>

#include <functional>
#include <memory>
#include <span>

namespace remit::idempotency {

struct Ports {
    Database &database;
    Clock &clock;
    Random &random;
    Log &log;
    core::Metrics &metrics;
    std::int64_t lease_us = 30'000'000;
    std::int64_t tombstone_us = 90LL * 86'400 * 1'000'000;  // after a reply's time, until the key is forgotten
    // Called when the keeper should look, and when something was submitted to the database; any thread.
    std::function<void()> wake;
    std::function<void()> submitted;
    // Returns when done() says so, and lets the engine's work go on meanwhile, ticking itself when nobody else does.
    std::function<Result<void>(const std::function<bool()> &done)> wait_until;
};

class Service : public Idempotency {
public:
    // Does what is due; true when something was done. One thread at a time. Errors of storage come back.
    virtual Result<bool> tick() = 0;
    virtual std::int64_t next_due_us() const = 0;  // boot clock
    // Answers all who wait with `why`; later claims get it too.
    virtual void close(const Error &why) = 0;
};

std::unique_ptr<Service> make_idempotency(const Ports &ports);

std::span<const Migration> migrations();
std::span<const Sql> statements();

}  // namespace remit::idempotency
