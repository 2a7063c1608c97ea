#include "machine.hpp"

#include "events/events.hpp"
#include "payouts/payouts.hpp"
#include "signer/keystore/vault.hpp"
#include "sql/sqlite/sqlite.hpp"
#include "wallets/lanes.hpp"

#include <algorithm>

namespace remit::simulation::idempotency {

using testing::DbFault;

namespace {

constexpr int kDepthMax = 2;        // turns within turns
constexpr int kWaitTurnsMax = 400;  // of one caller that waits

std::vector<Migration> migrations() {
    std::vector<Migration> all;
    for (const auto steps : {events::migrations(), signer::migrations(), wallets::migrations(), payouts::migrations(),
                             remit::idempotency::migrations()})
        all.insert(all.end(), steps.begin(), steps.end());
    std::ranges::sort(all, {}, &Migration::number);
    return all;
}

bool storage_trouble(Status status) {
    return status == Status::store || status == Status::store_lost || status == Status::busy;
}

}  // namespace

// Passes everything on; before and after each call that reads or writes, others get a turn.
class Interleaved final : public Database {
public:
    Interleaved(std::unique_ptr<Database> inner, Machine &machine, Worker &worker) :
        inner_(std::move(inner)), machine_(machine), worker_(worker) {}

    Result<void> transact(const SqlTxFn &fn) override {
        machine_.between(worker_);
        Result<void> done = inner_->transact(fn);
        machine_.between(worker_);
        return done;
    }
    void submit(SqlTxFn fn, SqlDone done) override {
        machine_.between(worker_);
        inner_->submit(std::move(fn), std::move(done));
    }
    void drain() override { inner_->drain(); }
    Result<void> read(const SqlReadFn &fn) override {
        machine_.between(worker_);
        if (!worker_.power.on) return error(Status::store, "the process is dead");
        Result<void> done = inner_->read(fn);
        machine_.between(worker_);
        return done;
    }
    bool reads_locally() const override { return inner_->reads_locally(); }
    std::string text_of(const Sql &sql) const override { return inner_->text_of(sql); }
    Result<void> migrate(std::span<const Migration> steps, MigrateMode mode) override {
        return inner_->migrate(steps, mode);
    }
    Result<std::string> migration_plan(std::span<const Migration> steps) override {
        return inner_->migration_plan(steps);
    }
    const std::string &owner() const override { return inner_->owner(); }
    bool owner_alive(std::string_view owner) override { return inner_->owner_alive(owner); }
    Result<std::string> integrity_check() override { return inner_->integrity_check(); }
    Result<void> backup(const std::string &path) override { return inner_->backup(path); }
    void start_writer() override { inner_->start_writer(); }
    void stop_writer() override { inner_->stop_writer(); }

private:
    std::unique_ptr<Database> inner_;
    Machine &machine_;
    Worker &worker_;
};

Machine::Machine(std::uint64_t seed, int count, Trace trace) :
    random(seed * 4 + 1), disk_(seed * 4 + 2, power_), trace_(std::move(trace)) {
    for (int i = 0; i < count; ++i) {
        workers.push_back(std::make_unique<Worker>());
        workers.back()->number = i;
    }
}

Machine::~Machine() {
    for (const auto &worker : workers) close(*worker);
}

Result<void> Machine::set_up() {
    Worker &first = *workers.front();
    REMIT_TRY(const std::unique_ptr<Database> database, open_database(first));
    const std::vector<Migration> all = migrations();
    REMIT_CHECK(database->migrate(all, MigrateMode::automatic));
    REMIT_CHECK(database->transact([this](SqlTx &tx) -> Result<void> {
        const char *const rows[] = {"CREATE TABLE host_rows (token TEXT NOT NULL, epoch BIGINT NOT NULL)",
                                    "CREATE TABLE host_rows (token TEXT NOT NULL PRIMARY KEY, epoch BIGINT NOT NULL)"};
        for (const char *sql :
             {rows[random.range(2)], "CREATE TABLE host_total (id BIGINT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)",
              "INSERT INTO host_total (id, n) VALUES (1, 0)"})
            REMIT_CHECK(tx.exec_host(sql, {}));
        return {};
    }));
    return {};
}

Result<std::unique_ptr<Database>> Machine::open_database(Worker &worker) {
    sql::SqliteOptions options;
    options.path = "keys.db";
    options.vfs = disk_.vfs(worker.number);
    options.locks = &disk_.locks(worker.number);
    options.readers = 1;
    options.clock = &clock;
    options.random = &random;
    options.log = &log_;
    REMIT_TRY(std::unique_ptr<Database> inner, sql::open_sqlite(options));
    auto faulty = std::make_unique<testing::SimDatabase>(std::move(inner), worker.power, sites);
    faulty->set_hook([this, &worker](std::string_view site, std::uint64_t) { return decide(worker, site); });
    if (trace_)
        faulty->set_trace([this, &worker](std::string_view line) {
            note("worker " + std::to_string(worker.number) + " " + std::string(line));
        });
    return std::unique_ptr<Database>(std::make_unique<Interleaved>(std::move(faulty), *this, worker));
}

bool Machine::open(Worker &worker) {
    worker.power.on = true;
    Result<std::unique_ptr<Database>> database = open_database(worker);
    if (!database.ok()) {
        note("worker " + std::to_string(worker.number) + " cannot open: " + database.error().text);
        worker.open_at_us = clock.elapsed_us() + 100'000;
        disk_.kill(worker.number);
        return false;
    }
    worker.database = *std::move(database);
    const remit::idempotency::Ports ports{
        .database = *worker.database,
        .clock = clock,
        .random = random,
        .log = log_,
        .metrics = worker.metrics,
        .tombstone_us = kTombstoneUs,
        .wake = [] {},
        .submitted = [] {},
        .wait_until = [this, &worker](const std::function<bool()> &done) { return wait(worker, done); }};
    worker.service = remit::idempotency::make_idempotency(ports);
    worker.up = true;
    add(What::up, &worker);
    return true;
}

void Machine::forget(Worker &worker) {
    worker.service.reset();
    worker.database.reset();
    worker.up = false;
    worker.hung_until_us = 0;
    worker.open_at_us = clock.elapsed_us() + random.between(0, 3'000'000);
    add(What::down, &worker);
}

void Machine::close(Worker &worker) {
    if (!worker.up) return;
    if (detach) detach(worker);
    worker.service->close(error(Status::closed, "the service stops"));
    if (worker.power.on) worker.database->drain();
    forget(worker);
}

// Its connections are dead before its objects go, so that their ends change nothing.
void Machine::kill(Worker &worker) {
    if (!worker.up) return;
    ++happenings["process killed"];
    worker.power.on = false;
    disk_.kill(worker.number);
    if (detach) detach(worker);
    forget(worker);
}

void Machine::crash() {
    ++happenings["machine crash"];
    note("machine crash");
    power_.on = false;
    for (const auto &worker : workers) {
        worker->power.on = false;
        if (!worker->up) continue;
        if (detach) detach(*worker);
        forget(*worker);
    }
    disk_.crash();
    falling_ = false;
    clock.reboot();
    clock.advance_us(random.between(100'000, 5'000'000));
}

void Machine::calm() {
    rates = {};
    rates.other_turn = 1'000;
    disk_.faults() = {};
    disk_.die_at_op(0);
    for (const auto &worker : workers) worker->hung_until_us = 0;
    add(What::calm);
    note("calm from here on");
}

bool Machine::runnable(const Worker &worker) const {
    return worker.up && worker.power.on && power_.on && !worker.on_stack && worker.hung_until_us <= clock.elapsed_us();
}

void Machine::run(Worker &worker) {
    worker.on_stack = true;
    add(What::ran, &worker);
    const Result<bool> ticked = worker.service->tick();
    if (worker.power.on) add(What::ran, &worker);
    worker.database->drain();
    if (worker.power.on && power_.on) turn(worker);
    if (worker.power.on && power_.on) worker.database->drain();
    worker.on_stack = false;
    const bool broken = !ticked.ok() && !storage_trouble(ticked.status());
    if (broken && worker.power.on) ++happenings["ended: " + ticked.error().text];
    if (!power_.on && !falling_) falling_ = random.range(2) == 0;
    if (!power_.on && !falling_) {  // the write was the process's last, not the machine's
        kill(worker);
        power_.on = true;
    } else if (!worker.power.on || broken) {
        kill(worker);
    }
}

void Machine::between(Worker &worker) {
    if (!worker.power.on || !power_.on || !worker.on_stack) return;
    if (random.chance(static_cast<std::uint64_t>(rates.time_passes)))
        clock.advance_us(random.range(4) == 0 ? random.between(0, 6'000'000) : random.between(0, 300'000));
    if (depth_ >= kDepthMax || !random.chance(static_cast<std::uint64_t>(rates.other_turn))) return;
    Worker &other = *workers[random.range(workers.size())];
    if (!runnable(other)) return;
    ++depth_;
    run(other);
    --depth_;
    if (!power_.on) worker.power.on = false;
}

DbFault Machine::decide(Worker &worker, std::string_view site) {
    if (!worker.on_stack) return DbFault::none;
    const bool begins = site == "begin";
    const std::pair<int, DbFault> kinds[] = {{rates.refused, DbFault::refused},
                                             {rates.crash_before, DbFault::crash_before},
                                             {begins ? 0 : rates.answer_lost, DbFault::answer_lost},
                                             {begins ? 0 : rates.lost_undone, DbFault::lost_undone},
                                             {begins ? 0 : rates.crash_after, DbFault::crash_after}};
    for (const auto &[rate, fault] : kinds)
        if (rate != 0 && random.chance(static_cast<std::uint64_t>(rate))) return fault;
    return DbFault::none;
}

// A caller that waits: time passes, the others work, and so does its own keeper.
Result<void> Machine::wait(Worker &worker, const std::function<bool()> &done) {
    for (int turns = 0; !done(); ++turns) {
        if (!worker.power.on || !power_.on) return error(Status::closed, "the process is dead");
        if (turns == kWaitTurnsMax) return error(Status::closed, "the service stops");
        clock.advance_us(random.between(1'000, 400'000));
        Worker &other = *workers[random.range(workers.size())];
        if (depth_ < kDepthMax && runnable(other)) {
            ++depth_;
            run(other);
            --depth_;
            if (!power_.on) worker.power.on = false;
        }
        if (!worker.power.on) continue;
        add(What::ran, &worker);
        static_cast<void>(worker.service->tick());
        if (worker.power.on) add(What::ran, &worker);
        worker.database->drain();
    }
    return {};
}

Fact &Machine::add(What what, const Worker *worker) {
    Fact &fact = history.facts.emplace_back();
    fact.what = what;
    fact.at_us = clock.elapsed_us();
    fact.utc_us = clock.utc_us();
    if (worker != nullptr) fact.worker = worker->number;
    if (what == What::up || what == What::down)
        note("worker " + std::to_string(fact.worker) + (what == What::up ? " is up" : " is down"));
    return fact;
}

std::int64_t Machine::begin(Fact fact) {
    fact.what = What::begun;
    fact.at_us = clock.elapsed_us();
    fact.utc_us = clock.utc_us();
    fact.call = ++calls_;
    note("client " + std::to_string(fact.client) + " key " + std::to_string(fact.key) + " asks " +
         std::to_string(fact.call));
    history.facts.push_back(std::move(fact));
    return calls_;
}

void Machine::wrong(const std::string &text) {
    add(What::wrong).token = text;
    note("WRONG " + text);
}

void Machine::note(std::string_view line) {
    const std::int64_t now = clock.elapsed_us();
    for (const char c : line) digest_ = (digest_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
    digest_ = (digest_ ^ static_cast<std::uint64_t>(now)) * 0x100000001b3ULL;
    if (!trace_) return;
    std::string micros = std::to_string(now % kMicrosPerSecond);
    micros.insert(0, 6 - micros.size(), '0');
    trace_(std::to_string(now / kMicrosPerSecond) + "." + micros + "  " + std::string(line));
}

}  // namespace remit::simulation::idempotency
