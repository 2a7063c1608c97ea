// Running an instance: ticks, its thread, waits, health.
#include "crypto/eip55.hpp"
#include "engine/doctor.hpp"
#include "engine/instance.hpp"
#include "engine/password_file.hpp"
#include "events/events.hpp"

namespace remit::engine {

namespace {

constexpr int kJobThreads = 2;
constexpr int kRoundsMax = 256;  // of one tick without a budget
constexpr std::int64_t kWaitMaxMs = 1'000;
constexpr std::int64_t kWaitLongestMs = 10LL * 365 * 86'400 * 1'000;
constexpr auto kNap = std::chrono::milliseconds(5);
constexpr auto kLook = std::chrono::milliseconds(20);
constexpr std::int64_t kPurgeEveryUs = 60 * kMicrosPerSecond;
constexpr std::int64_t kTroubleToldUs = 10 * kMicrosPerSecond;
constexpr std::int64_t kPurgeBatch = 500;
constexpr std::int64_t kDayUs = 86'400 * kMicrosPerSecond;

}  // namespace

namespace {

// A wait of `ms` from `now_us`; what is meant as for ever does not overflow.
std::int64_t until(std::int64_t now_us, std::int64_t ms) {
    return now_us + std::clamp<std::int64_t>(ms, 0, kWaitLongestMs) * kMicrosPerMs;
}

}  // namespace

Instance::~Instance() {
    if (pid_ != process_id()) {  // the threads are the parent's; there is nothing here to stop
        if (thread_.joinable()) thread_.detach();
        return;
    }
    static_cast<void>(stop(0));
    closed_ = true;
    if (waiters_) waiters_->end(error(Status::closed, "the engine is closed"));
    if (idempotency_) {
        database_->drain();  // what was submitted is done, keys given back among it
        idempotency_->close(error(Status::closed, "the engine is closed"));
    }
    for (auto &worker : workers_) worker->release();
}

Result<void> Instance::usable() const {
    if (pid_ != process_id()) return error(Status::forked, "the engine is of the parent process; open one here");
    if (closed_) return error(Status::closed, "the engine is closed");
    return {};
}

// Once: a wrong password is told at each start, not in a loop.
Result<void> Instance::unlock_by_file() {
    if (options_.password_file.empty() || unlock_tried_ || vault_->unlocked()) return {};
    unlock_tried_ = true;
    REMIT_TRY(const Secret password, read_password_file(options_.password_file, "password_file"));
    return vault_->unlock(password, options_.unlock_ms * kMicrosPerMs);
}

void Instance::wake() {
    for (auto &worker : workers_) worker->poke();
    http_->wake();
}

// Trouble of storage is told and passes; what fences the instance comes back.
Result<bool> Instance::done_or_told(Result<bool> done) {
    if (done || done.status() == Status::broken || done.status() == Status::forked) return done;
    trouble_ = done.error().text;
    trouble_us_ = clock_->boot_us();
    log_->write(LogLevel::error, "engine.storage_trouble",
                {{"status", status_name(done.status())}, {"error", trouble_}});
    return false;
}

// Everything that is due, once.
Result<bool> Instance::round() {
    database_->drain();
    vault_->tick();
    bool progressed = false;
    for (auto &worker : workers_) {
        REMIT_TRY(const bool did, done_or_told(worker->tick()));
        progressed |= did;
    }
    REMIT_TRY(const bool kept, done_or_told(idempotency_->tick()));
    progressed |= kept;
    for (auto &chain : doctor_chains_) {  // what came after the doctor gave up
        doctor_late_.clear();
        chain->poll(doctor_late_);
    }
    return progressed;
}

void Instance::purge_events() {
    if (clock_->boot_us() < purge_due_us_) return;
    purge_due_us_ = clock_->boot_us() + kPurgeEveryUs;
    const auto purged = events::purge(*database_, options_.events_keep_days * kDayUs,
                                      options_.consumer_dead_days * kDayUs, clock_->utc_us(), kPurgeBatch);
    if (purged && *purged == kPurgeBatch) purge_due_us_ = 0;
}

std::int64_t Instance::next_due_us() const {
    std::int64_t due = std::min({waiters_->next_due_us(), std::max(purge_due_us_, clock_->boot_us()),
                                 std::max(idempotency_->next_due_us(), clock_->boot_us())});
    for (const auto &worker : workers_) due = std::min(due, worker->next_due_us());
    return due;
}

Result<EngineTick> Instance::tick_held(std::int64_t budget_us) {
    const std::int64_t until = clock_->boot_us() + budget_us;
    EngineTick tick;
    for (int i = 0; i < kRoundsMax; ++i) {
        REMIT_TRY(const bool progressed, round());
        tick.progressed |= progressed;
        if (!progressed || (budget_us > 0 && clock_->boot_us() >= until)) break;
    }
    waiters_->check();
    purge_events();
    ticked_.notify_all();
    tick.next_due_us = router_->idle() ? next_due_us() : clock_->boot_us();
    return tick;
}

Result<EngineTick> Instance::tick(std::int64_t budget_us) {
    REMIT_CHECK(usable());
    if (running_) return error(Status::busy, "the engine's own thread ticks");
    jobs_.run_due();  // before the turn is taken: a job may want it
    const auto lock = turn_.try_enter();
    if (!lock.owns_lock()) return error(Status::busy, "another thread ticks");
    REMIT_CHECK(unlock_by_file());
    return tick_held(budget_us);
}

void Instance::loop() {
    while (running_) {
        const auto lock = turn_.enter_loop();
        const auto tick = tick_held(0);
        if (!tick) {
            log_->write(LogLevel::error, "engine.stopped", {{"error", tick.error().text}});
            running_ = false;  // stop() still joins; whoever waits is told
            waiters_->end(tick.error());
            return;
        }
        const std::int64_t wait_ms = (tick->next_due_us - clock_->boot_us() + kMicrosPerMs - 1) / kMicrosPerMs;
        if (running_ && !turn_.wanted() && wait_ms > 0) http_->wait(std::min(wait_ms, kWaitMaxMs));
    }
}

Result<void> Instance::start() {
    REMIT_CHECK(usable());
    if (running_ || thread_.joinable()) return error(Status::state, "the engine runs already");
    const auto lock = turn_.enter([this] { http_->wake(); });
    unlock_tried_ = false;
    REMIT_CHECK(unlock_by_file());
    for (auto &worker : workers_) worker->drain(false);
    database_->start_writer();
    jobs_.start(kJobThreads);
    running_ = true;
    thread_ = std::thread([this] { loop(); });
    return {};
}

// Until nothing is under way, or the time is over.
Result<void> Instance::drain(std::int64_t until_us) {
    std::mutex mutex;
    std::condition_variable nap;
    while (clock_->boot_us() < until_us) {
        {
            const auto lock = turn_.enter([this] { http_->wake(); });
            for (auto &worker : workers_) worker->drain(true);
            if (!running_) REMIT_CHECK(tick_held(0));
            if (drained()) return {};
            if (!running_) http_->wait(10);
        }
        std::unique_lock lock(mutex);
        if (running_) nap.wait_for(lock, kNap);
    }
    return {};
}

Result<void> Instance::stop(std::int64_t drain_ms) {
    if (pid_ != process_id()) return error(Status::forked, "the engine is of the parent process");
    Result<void> done;
    if (drain_ms > 0 && payouts_) done = drain(until(clock_->boot_us(), drain_ms));
    if (thread_.joinable()) {
        running_ = false;
        http_->wake();
        thread_.join();
        database_->stop_writer();
    }
    jobs_.stop();
    if (!payouts_) return done;
    const auto lock = turn_.enter([this] { http_->wake(); });
    for (auto &worker : workers_) {
        worker->release();
        worker->drain(false);
    }
    return done;
}

Result<Payout> Instance::wait(std::string_view payout_id, PayoutStatus status, std::int64_t timeout_ms) {
    REMIT_CHECK(usable());
    const std::int64_t until_us = until(clock_->boot_us(), timeout_ms);
    struct Shared {
        std::atomic<bool> there{false};
        std::optional<Result<Payout>> result;
    };
    auto shared = std::make_shared<Shared>();
    waiters_->add(std::string(payout_id), status, until_us, [shared](Result<Payout> result) {
        shared->result = std::move(result);
        shared->there = true;
    });
    REMIT_CHECK(wait_until([&] { return shared->there.load(); }));
    return std::move(*shared->result);
}

// The engine's own thread works meanwhile; without one, whoever waits ticks.
Result<void> Instance::wait_until(const std::function<bool()> &done) {
    http_->wake();
    while (!done()) {
        REMIT_CHECK(usable());
        bool ticked = false;
        if (!running_) {
            jobs_.run_due();
            if (const auto turn = turn_.try_enter(); turn.owns_lock()) {
                ticked = true;
                REMIT_CHECK(unlock_by_file());
                REMIT_TRY(const EngineTick tick, tick_held(0));
                const std::int64_t wait_ms = (tick.next_due_us - clock_->boot_us() + kMicrosPerMs - 1) / kMicrosPerMs;
                if (!done() && !tick.progressed) http_->wait(std::clamp<std::int64_t>(wait_ms, 1, 20));
            }
        }
        std::unique_lock lock(ticked_mutex_);
        if (!ticked && !done()) ticked_.wait_for(lock, kLook);
    }
    return {};
}

void Instance::wait_async(std::string payout_id, PayoutStatus status, std::int64_t timeout_ms,
                          std::function<void(Result<Payout>)> done) {
    if (auto ok = usable(); !ok) return done(std::move(ok).error());
    waiters_->add(std::move(payout_id), status, until(clock_->boot_us(), timeout_ms), std::move(done));
    http_->wake();
}

void Instance::post(std::function<void()> job) {
    jobs_.post(std::move(job));
    http_->wake();
}

Result<Health> Instance::health() {
    REMIT_CHECK(usable());
    Health health;
    const auto lock = turn_.enter([this] { http_->wake(); });
    health.keys_unlocked = vault_->unlocked();
    if (!trouble_.empty() && clock_->boot_us() - trouble_us_ < kTroubleToldUs)
        health.problems.push_back("storage: " + trouble_);
    const auto readable = database_->read([](SqlReader &) { return Result<void>{}; });
    if (!readable) health.problems.push_back("storage: " + readable.error().text);
    for (const auto &worker : workers_) {
        const payouts::ChainView view = worker->view();
        health.chains.push_back({view.chain_id, view.reachable, view.problem, view.head,
                                 view.head_seen_us == 0 ? 0 : clock_->boot_us() - view.head_seen_us});
        if (!view.reachable) health.problems.push_back("chain " + std::to_string(view.chain_id) + ": " + view.problem);
        for (const payouts::LaneView &lane : view.lanes) {
            health.lanes.push_back({view.chain_id, lane.sender, lane.state, lane.reason, lane.next_nonce,
                                    lane.in_flight, lane.native_balance});
            if (lane.state == "blocked" || lane.state == "quarantined")
                health.problems.push_back("sender " + crypto::checksum_address(lane.sender) + " is " + lane.state +
                                          ": " + lane.reason);
        }
    }
    health.ok = health.problems.empty();
    return health;
}

Result<std::vector<std::string>> Instance::doctor() {
    REMIT_CHECK(usable());
    std::vector<std::string> lines;
    REMIT_TRY(const std::string integrity, database_->integrity_check());
    if (integrity != "ok") lines.push_back("database: " + integrity);
    REMIT_TRY(auto violated, payouts_->audit());
    lines.insert(lines.end(), violated.begin(), violated.end());
    REMIT_TRY(violated, idempotency_->audit());
    lines.insert(lines.end(), violated.begin(), violated.end());
    const auto lock = turn_.enter([this] { http_->wake(); });
    for (std::size_t i = 0; i < doctor_chains_.size(); ++i) {
        REMIT_TRY(auto found,
                  reconcile(*payouts_, *doctor_chains_[i], doctor_token_, *http_, *clock_, options_.chains[i].id));
        lines.insert(lines.end(), found.begin(), found.end());
    }
    return lines;
}

}  // namespace remit::engine
