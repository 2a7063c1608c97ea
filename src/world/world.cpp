#include <remit/testing/world.hpp>

#include "sql/sqlite/sqlite.hpp"

#include <algorithm>
#include <fstream>
#include <limits>

namespace remit::testing {

namespace {

constexpr int kIdleTicksMax = 10'000;  // ticks that all claim progress while no time passes
constexpr std::int64_t kAfterErrorUs = 50'000;
constexpr std::int64_t kSpinUs = 1'000;  // passes when a tick did nothing and yet is due again at once

bool storage_trouble(Status status) {
    return status == Status::store || status == Status::store_lost || status == Status::busy;
}

}  // namespace

// Hands log lines to the trace. Below "info" nothing is of interest there.
class World::TraceLog final : public Log {
public:
    explicit TraceLog(World &world) : world_(world) {}
    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) noexcept override {
        if (!world_.trace_ || level < LogLevel::info) return;
        std::string line = "log " + std::string(event);
        for (const LogField &field : fields) line += " " + std::string(field.name) + "=" + field.value;
        world_.note(line);
    }

private:
    World &world_;
};

World::World(WorldOptions options) :
    options_(std::move(options)),
    random_(options_.seed * 8 + 1),
    disk_(options_.seed * 8 + 2, power_),
    chain_(clock_, options_.chain),
    node_(chain_, options_.seed * 8 + 3, options_.node),
    network_(clock_, power_, options_.seed * 8 + 4),
    signer_(options_.seed * 8 + 5, options_.signers),
    log_(std::make_unique<TraceLog>(*this)) {}

World::~World() {
    close_engine();
}

Result<std::unique_ptr<World>> World::make(WorldOptions options) {
    std::unique_ptr<World> world(new World(std::move(options)));
    const WorldOptions &kept = world->options_;
    for (const TokenSpec &spec : kept.tokens) world->tokens_.push_back(world->chain_.add_token(spec));
    for (const Address &who : world->signer_.addresses()) {
        if (!kept.coin_each.is_zero()) world->chain_.credit(who, kept.coin_each);
        if (kept.tokens_each.is_zero()) continue;
        for (const Address &token : world->tokens_) world->chain_.credit_token(token, who, kept.tokens_each);
    }
    if (!kept.journal_path.empty()) {
        REMIT_CHECK(world->chain_.open_journal(kept.journal_path));
        // A chain that has lived before: the clock goes on from its last block.
        const auto seen = static_cast<std::int64_t>(world->chain_.head().timestamp_s) * kMicrosPerSecond;
        if (seen > world->clock_.utc_us()) world->clock_.jump_utc_us(seen - world->clock_.utc_us());
        REMIT_CHECK(world->count_run());
    }
    world->network_.attach(kNodeUrl, world->node_);
    world->network_.set_on_wait([w = world.get()](std::int64_t timeout_ms) {
        // The engine itself waits here, so what it said to be due before does not count.
        const std::int64_t now = w->clock_.elapsed_us();
        w->engine_due_us_ = now + timeout_ms * kMicrosPerMs;
        w->pass(w->next_due_us(w->engine_due_us_));
    });
    return world;
}

void World::set_trace(std::function<void(std::string_view)> trace) {
    trace_ = std::move(trace);
    network_.set_trace([this](std::string_view line) { note(line); });
}

void World::note(std::string_view line) {
    if (!trace_) return;
    const std::int64_t now = clock_.elapsed_us();
    std::string micros = std::to_string(now % kMicrosPerSecond);
    micros.insert(0, 6 - micros.size(), '0');
    trace_(std::to_string(now / kMicrosPerSecond) + "." + micros + "  " + std::string(line));
}

EngineOptions World::engine_options() const {
    EngineOptions options;
    options.database = options_.database_path.empty() ? "remit.db" : options_.database_path;
    ChainOptions chain;
    chain.id = options_.chain.chain_id;
    chain.rpc = kNodeUrl;
    chain.confirmations = 3;
    for (std::size_t i = 0; i < tokens_.size(); ++i)
        chain.tokens.push_back({options_.tokens[i].symbol, to_hex(tokens_[i]), options_.tokens[i].decimals, 0});
    options.chains.push_back(std::move(chain));
    return options;
}

Result<std::unique_ptr<Database>> World::open_database(const EngineOptions &options) {
    sql::SqliteOptions sqlite;
    sqlite.path = options.database;
    sqlite.prefix = options.prefix;
    if (options_.database_path.empty()) {
        sqlite.vfs = disk_.vfs();
        sqlite.locks = &disk_.locks();
    }
    sqlite.clock = &clock_;
    sqlite.random = &random_;
    sqlite.log = log_.get();
    REMIT_TRY(std::unique_ptr<Database> inner, sql::open_sqlite(sqlite));
    auto database = std::make_unique<SimDatabase>(std::move(inner), power_, db_sites_);
    database->set_hook(
        [this](std::string_view site, std::uint64_t nth) { return db_hook_ ? db_hook_(site, nth) : DbFault::none; });
    if (trace_) database->set_trace([this](std::string_view line) { note(line); });
    return std::unique_ptr<Database>(std::move(database));
}

// The seed alone would give a second process the ids that the first has given out.
Result<void> World::count_run() {
    constexpr std::int64_t kDrawsPerRun = 65'536;
    std::ofstream runs(options_.journal_path + ".runs", std::ios::app | std::ios::ate);
    if (!runs.put('.').flush()) return error(Status::store, "the journal's folder cannot be written");
    for (std::int64_t draws = runs.tellp() * kDrawsPerRun; draws > 0; --draws) random_.next();
    return {};
}

Result<void> World::open_engine(EngineOptions options, bool with_signer, EnginePorts instead) {
    close_engine();
    EnginePorts ports;
    ports.clock = &clock_;
    ports.random = &random_;
    ports.log = instead.log ? instead.log : log_.get();
    ports.http = &network_;
    if (with_signer) ports.signer = instead.signer ? instead.signer : &signer_;
    REMIT_TRY(ports.database, open_database(options));
    REMIT_TRY(engine_, Engine::open(std::move(options), std::move(ports)));
    engine_due_us_ = clock_.elapsed_us();
    note("engine open");
    return {};
}

void World::close_engine() {
    engine_.reset();
}

void World::kill_engine(Crash how) {
    note(how == Crash::power ? "machine crash" : "process kill");
    power_.on = false;
    engine_.reset();
    network_.power_lost();
    signer_.power_lost();
    if (how == Crash::power) {
        disk_.crash();
        clock_.reboot();
    } else {
        disk_.kill(0);
    }
    power_.on = true;
}

// True when the engine may have more to do at once.
Result<bool> World::tick() {
    Result<EngineTick> done = engine_->tick(kMicrosPerSecond);
    if (!power_.on) return error(Status::closed, "the power went off");
    if (done.ok()) {
        const std::int64_t now = clock_.boot_us();
        if (!done->progressed && done->next_due_us <= now) ++spins_;
        engine_due_us_ = clock_.elapsed_us() + std::max(done->next_due_us - now, kSpinUs);
        return done->progressed;
    }
    note("tick: " + done.error().text);
    if (!storage_trouble(done.status())) return std::move(done).error();
    ++tick_errors_;
    engine_due_us_ = clock_.elapsed_us() + kAfterErrorUs;
    return false;
}

std::int64_t World::next_due_us(std::int64_t deadline) const {
    std::int64_t next = std::min({deadline, network_.next_due_us(), chain_.next_block_us()});
    if (engine_ != nullptr) next = std::min(next, engine_due_us_);
    return std::max(next, clock_.elapsed_us() + 1);
}

void World::pass(std::int64_t until_us) {
    clock_.advance_us(until_us - clock_.elapsed_us());
    chain_.advance();
    network_.run_due();
}

Result<void> World::run_for(std::int64_t us) {
    Result<void> done = run_until([] { return false; }, us);
    if (done.status() == Status::timeout) return {};
    return done;
}

Result<void> World::run_until(const std::function<bool()> &done, std::int64_t max_us) {
    const std::int64_t deadline = clock_.elapsed_us() + max_us;
    int busy = 0;
    while (!done()) {
        if (!power_.on) return error(Status::closed, "the power went off");
        if (engine_ != nullptr) {
            REMIT_TRY(const bool more, tick());
            if (more && ++busy < kIdleTicksMax) continue;
            if (more) return error(Status::broken, "the engine is busy without end while no time passes");
        }
        busy = 0;
        if (clock_.elapsed_us() >= deadline) return error(Status::timeout, "the simulated time is over");
        pass(std::min(next_due_us(deadline), deadline));
    }
    return {};
}

}  // namespace remit::testing
