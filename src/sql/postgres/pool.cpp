#include "sql/postgres/pool.hpp"

#include <algorithm>
#include <chrono>

namespace remit::sql::pg {
namespace {

constexpr int kTries = 3;
constexpr std::int64_t kNapMs[kTries] = {50, 200, 0};
constexpr Sql kEnd{"SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
                   " WHERE pid = ? AND (extract(epoch FROM backend_start) * 1000000)::bigint = ?"};
constexpr int kEndTries = 200;
constexpr std::int64_t kEndNapMs = 10;
constexpr std::int64_t kSlowAnswerUs = kMicrosPerSecond;  // tells too little of the server's time

}  // namespace

Result<std::unique_ptr<Session>> Pool::connect() {
    for (int tried = 0;; ++tried) {
        const std::int64_t began = shared_.options.clock->boot_us();
        auto session = Session::open(shared_);
        if (session.ok()) {
            if (away_.exchange(false))
                shared_.options.log->write(LogLevel::info, "sql.server_back", {{"server", shared_.where}});
            REMIT_CHECK(ask_time(**session));
            return session;
        }
        // Nothing answers: to try again takes as long again.
        const bool slow = shared_.options.clock->boot_us() - began > shared_.options.connect_ms * kMicrosPerMs / 2;
        if (session.status() != Status::store || slow || tried + 1 == kTries) {
            if (!away_.exchange(true))
                shared_.options.log->write(LogLevel::warn, "sql.server_away", {{"error", session.error().text}});
            return session;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(kNapMs[tried]));
    }
}

Result<void> Pool::ask_time(Session &session) {
    REMIT_TRY(const auto time, session.server_time());
    const std::int64_t now = shared_.options.clock->boot_us();
    if (time.took_us <= kSlowAnswerUs || asked_us_.load() == 0)
        offset_us_.store(time.now_us + time.took_us / 2 - now, std::memory_order_relaxed);
    asked_us_.store(std::max<std::int64_t>(now, 1), std::memory_order_relaxed);
    return {};
}

// A connection that stands, in place of one that was idle or of none.
Result<std::unique_ptr<Session>> Pool::ready(std::unique_ptr<Session> session) {
    if (session != nullptr && !session->alive()) session.reset();
    if (session == nullptr) return connect();
    const std::int64_t every = shared_.options.time_ms * kMicrosPerMs;
    const std::int64_t asked = asked_us_.load(std::memory_order_relaxed);
    if (every > 0 && shared_.options.clock->boot_us() - asked > every) {
        asked_us_.store(shared_.options.clock->boot_us(), std::memory_order_relaxed);  // one asks, not all
        if (!ask_time(*session).ok()) return connect();
    }
    return session;
}

Result<void> Pool::settle(Session &session) {
    std::vector<Session::Backend> left;
    {
        const std::lock_guard lock(mutex_);
        if (in_doubt_.empty()) return {};
        left = in_doubt_;
    }
    for (const Session::Backend &backend : left) {
        const SqlParam params[] = {backend.pid, backend.started_us};
        for (int tries = 0;; ++tries) {
            const Answer there = session.run(session.statement(kEnd), params, Before::nothing, After::nothing, false);
            if (!there.ok()) return there.failure->error;
            if (there.rows() == 0) break;
            if (tries == kEndTries)
                return error(Status::store, shared_.where + ": a commit whose answer was lost is still under way");
            std::this_thread::sleep_for(std::chrono::milliseconds(kEndNapMs));
        }
        const std::lock_guard lock(mutex_);
        std::erase_if(in_doubt_, [&](const Session::Backend &b) {
            return b.pid == backend.pid && b.started_us == backend.started_us;
        });
    }
    shared_.options.log->write(LogLevel::info, "sql.commit_settled", {{"server", shared_.where}});
    return {};
}

Result<Pool::Borrowed> Pool::borrow(For what) {
    const std::thread::id self = std::this_thread::get_id();
    std::unique_ptr<Session> session;
    {
        std::unique_lock lock(mutex_);
        if (what == For::transaction && std::ranges::find(inside_, self) != inside_.end())
            return error(Status::misuse, "a transaction was begun inside a transaction");
        const auto there = [&] { return taken_ < shared_.options.connections; };
        if (!free_.wait_for(lock, std::chrono::milliseconds(shared_.options.free_ms), there))
            return error(Status::store, "all " + std::to_string(shared_.options.connections) +
                                            " connections are in use; the option connections raises their number");
        ++taken_;
        if (what == For::transaction) inside_.push_back(self);
        if (!idle_.empty()) {
            session = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    Borrowed borrowed(*this, what);  // gives the place back when there is no connection
    auto connected = ready(std::move(session));
    // It was usable when it was opened: a primary that became a standby may come back.
    if (connected.status() == Status::invalid)
        return error(Status::store, shared_.where + ": " + connected.error().text);
    REMIT_TRY(borrowed.session_, std::move(connected));
    REMIT_CHECK(settle(*borrowed));
    return borrowed;
}

bool Pool::busy_here() {
    const std::lock_guard lock(mutex_);
    return std::ranges::find(inside_, std::this_thread::get_id()) != inside_.end();
}

void Pool::give_back(For what, std::unique_ptr<Session> session) {
    const bool keep = session != nullptr && session->usable();
    const std::optional<Session::Backend> doubt = session != nullptr ? session->in_doubt() : std::nullopt;
    if (!keep) session.reset();
    {
        const std::lock_guard lock(mutex_);
        --taken_;
        if (doubt) in_doubt_.push_back(*doubt);
        if (what == For::transaction) inside_.erase(std::ranges::find(inside_, std::this_thread::get_id()));
        if (keep) idle_.push_back(std::move(session));
    }
    free_.notify_one();
}

void Pool::abandon() {
    for (auto &session : idle_) session->abandon();
}

}  // namespace remit::sql::pg
