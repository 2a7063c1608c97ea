#include "schedule.hpp"

#include "client.hpp"

#include "events/events.hpp"

#include <algorithm>

namespace remit::simulation::idempotency {

using testing::SimRandom;

namespace {

constexpr int kCalmTurnsMax = 3'000;
constexpr Sql kHostRows{"SELECT token, epoch FROM host_rows"};
constexpr Sql kHostTotal{"SELECT n FROM host_total WHERE id = 1"};

Intent make_intent(SimRandom &random, std::size_t index) {
    Intent k;
    constexpr const char *kTenants[] = {"", "acme", "b"};
    k.tenant = kTenants[random.range(3)];
    k.space = random.range(4) == 0 ? "" : "orders";
    k.key = "key-" + std::to_string(index);
    k.operation = random.range(2) == 0 ? "POST /orders" : "";
    if (random.range(2) == 0) {
        k.request = R"({"n":)" + std::to_string(index) + R"(,"amount":"5"})";
        k.other_request = R"({"n":)" + std::to_string(index) + R"(,"amount":"6"})";
    } else {
        k.request = "order " + std::to_string(index);
        k.other_request = k.request + "!";
    }
    k.again_after_expiry = random.range(5) == 0;
    constexpr EffectClass kAny[] = {EffectClass::at_most_once, EffectClass::pure, EffectClass::idempotent,
                                    EffectClass::queryable, EffectClass::at_most_once};
    for (std::size_t n = random.range(3); n > 0; --n)
        k.steps.push_back(kAny[k.again_after_expiry ? 1 + random.range(2) : random.range(std::size(kAny))]);
    k.lease_ms = random.between(1'000, 4'000);
    k.keep_ms = random.range(4) == 0 ? random.between(1'000, 10'000) : random.between(30'000, 600'000);
    return k;
}

class Run {
public:
    Run(std::uint64_t seed, const std::function<void(std::string_view)> &trace) :
        machine_(seed, 2 + static_cast<int>(seed % 3 == 0), trace), random_(seed * 4 + 3) {}

    Outcome play();

private:
    void make_clients();
    void tune();
    void move(Worker &worker);
    void start_something(Client &client, Worker &worker);
    void chaos();
    void stir();
    void calm();
    bool all_settled() const;
    void expire();
    void find_all();
    void turn_once(std::int64_t step_us);

    Machine machine_;
    Outside outside_;
    SimRandom random_;
    std::vector<std::unique_ptr<Client>> clients_;
    bool calm_ = false;
    std::size_t calm_from_ = 0;  // facts before that
};

void Run::make_clients() {
    const std::size_t keys = 1 + random_.range(4);
    for (std::size_t i = 0; i < keys; ++i) machine_.history.keys.push_back(make_intent(random_, i));
    const int clients = 4 + static_cast<int>(random_.range(5));
    for (int i = 0; i < clients; ++i)
        clients_.push_back(
            std::make_unique<Client>(machine_, outside_, i, i % static_cast<int>(machine_.workers.size())));
    machine_.turn = [this](Worker &worker) { move(worker); };
    machine_.detach = [this](Worker &worker) {
        for (const auto &client : clients_)
            if (client->worker() == worker.number) client->detach(!worker.power.on);
    };
}

void Run::tune() {
    Rates &rates = machine_.rates;
    const auto some = [this](std::int64_t most) {
        return random_.range(3) == 0 ? 0 : static_cast<int>(random_.between(0, most));
    };
    rates.refused = some(300);
    rates.answer_lost = some(400);
    rates.lost_undone = some(300);
    rates.crash_before = some(120);
    rates.crash_after = some(160);
    rates.other_turn = some(3'000);
    rates.time_passes = some(400);
    testing::CrashDisk::Faults &faults = machine_.disk().faults();
    if (random_.range(4) == 0) {
        int *const kinds[] = {&faults.write_error, &faults.sync_error, &faults.read_error, &faults.full, &faults.busy};
        *kinds[random_.range(std::size(kinds))] = static_cast<int>(1 + random_.range(60));
    }
}

// What a worker does in its turn: one of its clients makes a move.
void Run::move(Worker &worker) {
    std::vector<Client *> mine;
    for (const auto &client : clients_)
        if (client->worker() == worker.number) mine.push_back(client.get());
    Client &client = *mine[random_.range(mine.size())];
    if (client.idle())
        start_something(client, worker);
    else
        client.step(worker, calm_);
    if (!worker.power.on) return;
    for (const auto &each : clients_) each->tell_held();
    if (random_.range(calm_ ? 4U : 30U) == 0) resolve_one(machine_, outside_, worker);
    if (!calm_ && worker.power.on && random_.range(80) == 0) static_cast<void>(worker.service->purge(100));
}

void Run::start_something(Client &client, Worker &worker) {
    const std::size_t keys = machine_.history.keys.size();
    if (!calm_ && random_.range(3) == 0) return;
    if (random_.range(12) == 0) return client.recover(worker, random_.range(2) == 0);
    const int key = static_cast<int>(random_.range(keys));
    constexpr InFlight kPolicies[] = {InFlight::reject, InFlight::reject, InFlight::wait, InFlight::attach};
    const InFlight policy = kPolicies[random_.range(std::size(kPolicies))];
    const bool async = random_.range(2) == 0;
    const bool seen = machine_.seen.contains(key);
    client.claim(worker, key, policy, seen && random_.range(10) == 0, async);
}

void Run::turn_once(std::int64_t step_us) {
    machine_.clock.advance_us(step_us);
    Worker &worker = *machine_.workers[random_.range(machine_.workers.size())];
    if (!worker.up) {
        if (worker.open_at_us <= machine_.clock.elapsed_us()) machine_.open(worker);
    } else if (machine_.runnable(worker)) {
        machine_.run(worker);
    }
    if (machine_.lost_power()) machine_.crash();
}

// Trouble from outside of the code.
void Run::stir() {
    Worker &worker = *machine_.workers[random_.range(machine_.workers.size())];
    switch (random_.range(24)) {
    case 0:
        if (worker.up) machine_.kill(worker);
        return;
    case 1:
        if (random_.range(3) == 0) machine_.crash();
        return;
    case 2:
    case 3:
        if (!worker.up) return;
        ++machine_.happenings["worker hung"];
        worker.hung_until_us = machine_.clock.elapsed_us() + random_.between(200'000, 15'000'000);
        machine_.note("worker " + std::to_string(worker.number) + " hangs");
        return;
    case 4:
        if (!worker.up) return;
        ++machine_.happenings["worker restarted"];
        machine_.close(worker);
        return;
    case 5:
        if (random_.range(3) == 0) machine_.disk().die_at_op(1 + static_cast<std::int64_t>(random_.range(40)));
        return;
    case 6: {
        if (random_.range(4) != 0) return;
        const std::int64_t by = random_.between(-20'000'000, 20'000'000);
        ++machine_.happenings["clock jump"];
        machine_.clock.jump_utc_us(by);
        if (by < 0) machine_.add(What::turned);
        return;
    }
    default: return;
    }
}

void Run::chaos() {
    const int turns = 30 + static_cast<int>(random_.range(90));
    for (int i = 0; i < turns; ++i) {
        const std::uint64_t pace = random_.range(10);
        turn_once(pace < 6   ? random_.between(0, 60'000)
                  : pace < 9 ? random_.between(0, 500'000)
                             : random_.between(0, 4'000'000));
        if (random_.range(3) == 0) stir();
    }
}

// Each key has come to its end when somebody was told so since the calm began; nobody works or waits any more.
bool Run::all_settled() const {
    std::set<int> settled;
    const std::vector<Fact> &facts = machine_.history.facts;
    for (std::size_t i = calm_from_; i < facts.size(); ++i) {
        const Fact &fact = facts[i];
        if (fact.what != What::ended || fact.op != Op::claim || fact.status != Status::ok) continue;
        if (fact.verdict == Verdict::replay || fact.verdict == Verdict::expired) settled.insert(fact.key);
    }
    return settled.size() == machine_.history.keys.size();
}

void Run::calm() {
    if (machine_.lost_power()) machine_.crash();
    machine_.calm();
    calm_ = true;
    calm_from_ = machine_.history.facts.size();
    for (int i = 0; i < kCalmTurnsMax; ++i) {
        if (i % 16 == 0 && all_settled()) break;
        turn_once(random_.between(10'000, 200'000));
    }
    if (!all_settled()) machine_.wrong("the keys do not come to their end");
    // Who still waits or works comes to an end as well.
    machine_.turn = [this](Worker &worker) {
        for (const auto &client : clients_)
            if (client->worker() == worker.number && !client->idle()) client->step(worker, true);
        resolve_one(machine_, outside_, worker);
    };
    const auto idle = [](const auto &client) { return client->idle(); };
    for (int i = 0; i < kCalmTurnsMax && !std::ranges::all_of(clients_, idle); ++i)
        turn_once(random_.between(10'000, 200'000));
    for (const auto &client : clients_)
        if (!client->idle())
            machine_.wrong("client " + std::to_string(client->number()) + " of key " + std::to_string(client->key()) +
                           (client->waits() ? " was never answered" : " never comes to an end"));
}

void Run::find_all() {
    Worker &worker = *machine_.workers.front();
    const auto trouble = [this](const char *what, const auto &result) {
        if (!result.ok()) machine_.wrong(std::string(what) + ": " + result.error().text);
        return !result.ok();
    };
    const auto page = worker.service->list({});
    if (trouble("list", page)) return;
    for (const KeyRecord &record : page->keys) {
        Fact &fact = machine_.add(What::row);
        for (std::size_t i = 0; i < machine_.history.keys.size(); ++i)
            if (machine_.history.keys[i].key == record.key) fact.key = static_cast<int>(i);
        fact.state = record.state;
        fact.epoch = record.epoch;
    }
    const auto lines = worker.service->audit();
    if (trouble("audit", lines)) return;
    for (const std::string &line : *lines) machine_.wrong("doctor: " + line);
    const auto events =
        remit::events::make_events(*worker.database, machine_.clock, worker.metrics)->next("auditor", 10'000);
    if (trouble("events", events)) return;
    for (const Event &event : *events) {
        Fact &fact = machine_.add(What::event);
        for (std::size_t i = 0; i < machine_.history.keys.size(); ++i)
            if (event.data.find("\"" + machine_.history.keys[i].key + "\"") != std::string::npos)
                fact.key = static_cast<int>(i);
        fact.token = event.type;
        if (fact.key < 0) machine_.wrong("an event names no key: " + event.type);
    }
    const auto read = worker.database->read([&](SqlReader &reader) -> Result<void> {
        REMIT_CHECK(reader.query(kHostRows, SqlParams{}, [&](const SqlRow &row) {
            machine_.add(What::host).token = row.text(0);
            return true;
        }));
        REMIT_CHECK(reader.query(kHostTotal, SqlParams{}, [&](const SqlRow &row) {
            machine_.add(What::total).count = row.integer(0);
            return true;
        }));
        return {};
    });
    trouble("reading the host's rows", read);
}

// Every reply's time is over: all are taken away, and said to be.
void Run::expire() {
    machine_.clock.advance_us(601 * kMicrosPerSecond);
    machine_.turn = [](Worker &) {};
    for (int i = 0; i < 40; ++i) turn_once(random_.between(0, 3'000'000));
    Worker &worker = *machine_.workers.front();
    for (int i = 0; i < 3; ++i) {
        const auto gone = worker.service->purge(1'000);
        if (!gone.ok()) machine_.wrong("purge: " + gone.error().text);
    }
}

Outcome Run::play() {
    const Result<void> made = machine_.set_up();
    if (!made.ok()) machine_.wrong("the machine cannot be set up: " + made.error().text);
    make_clients();
    tune();
    chaos();
    for (const auto &worker : machine_.workers) worker->open_at_us = 0;
    calm();
    if (random_.range(2) == 0) expire();
    for (const auto &worker : machine_.workers)
        if (!worker->up) machine_.open(*worker);
    find_all();
    Outcome out;
    for (const auto &worker : machine_.workers) machine_.close(*worker);
    out.history = std::move(machine_.history);
    out.violations = judge(out.history);
    out.digest = machine_.digest();
    out.sites = std::move(machine_.sites);
    out.happenings = std::move(machine_.happenings);
    out.simulated_us = machine_.clock.elapsed_us();
    return out;
}

}  // namespace

Outcome run_schedule(std::uint64_t seed, const std::function<void(std::string_view)> &trace) {
    Run run(seed, trace);
    return run.play();
}

}  // namespace remit::simulation::idempotency
