// A simulated machine with some processes on it, each with a database handle and a service of its own over one file.
// All run on one thread; at every call of a database another process may get its turn.
#pragma once

#include "history.hpp"

#include "core/metrics.hpp"
#include "idempotency/idempotency.hpp"

#include <remit/events.hpp>
#include <remit/testing/clock.hpp>
#include <remit/testing/crash_disk.hpp>
#include <remit/testing/database.hpp>
#include <remit/testing/random.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string_view>

namespace remit::simulation::idempotency {

inline constexpr std::int64_t kTombstoneUs = 365LL * 86'400 * kMicrosPerSecond;

class Machine;

// One process.
struct Worker {
    int number = 0;
    testing::Power power;  // off: it is dead, and its code runs on without effect
    core::Metrics metrics;
    std::unique_ptr<Database> database;
    std::unique_ptr<remit::idempotency::Service> service;
    bool up = false;
    bool on_stack = false;  // a call of its stands on the stack
    std::int64_t hung_until_us = 0;
    std::int64_t open_at_us = 0;
};

// Chances in 10,000.
struct Rates {
    int refused = 0, answer_lost = 0, lost_undone = 0, crash_before = 0, crash_after = 0;
    int other_turn = 0;   // another process runs at a call of the database
    int time_passes = 0;  // ... or time does
};

class Machine {
public:
    using Trace = std::function<void(std::string_view)>;
    Machine(std::uint64_t seed, int workers, Trace trace);
    ~Machine();

    Result<void> set_up();  // the schema, and tables of the host's own

    // `turn` is what a worker does when it runs, `detach` takes its claims away from those who hold them.
    std::function<void(Worker &)> turn;
    std::function<void(Worker &)> detach;
    Rates rates;

    std::vector<std::unique_ptr<Worker>> workers;
    testing::SimClock clock;
    testing::SimRandom random;
    testing::DbSites sites;
    History history;
    std::set<int> seen;  // keys that somebody was told of
    std::map<std::string, std::uint64_t> happenings;

    testing::CrashDisk &disk() { return disk_; }
    bool runnable(const Worker &worker) const;
    // Gives a worker its turn: its keeper, its database, one move of `turn`. Whatever dies is taken away.
    void run(Worker &worker);
    bool open(Worker &worker);
    void close(Worker &worker);  // in order
    void kill(Worker &worker);
    void crash();  // all of it, if its power went or the time has come
    bool lost_power() const { return !power_.on; }
    void calm();

    Fact &add(What what, const Worker *worker = nullptr);
    std::int64_t begin(Fact fact);  // the number of the call
    void wrong(const std::string &text);
    void note(std::string_view line);
    bool tracing() const { return static_cast<bool>(trace_); }
    std::uint64_t digest() const { return digest_; }

private:
    friend class Interleaved;
    // Between two calls of a worker's database.
    void between(Worker &worker);
    testing::DbFault decide(Worker &worker, std::string_view site);
    Result<void> wait(Worker &worker, const std::function<bool()> &done);
    Result<std::unique_ptr<Database>> open_database(Worker &worker);
    void forget(Worker &worker);

    testing::Power power_;
    testing::CrashDisk disk_;
    NoLog log_;
    Trace trace_;
    int depth_ = 0;
    bool falling_ = false;  // the power that went off is the whole machine's
    std::int64_t calls_ = 0;
    std::uint64_t digest_ = 0xcbf29ce484222325ULL;
};

}  // namespace remit::simulation::idempotency
