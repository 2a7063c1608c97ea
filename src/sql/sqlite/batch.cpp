#include "sql/sqlite/batch.hpp"

#include <sqlite3.h>

namespace remit::sql {
namespace {

// SQLite's own measure. A log that is let grow is slower to sync: ten times this halves a lone caller's rate.
constexpr int kTidyFrames = 1'000;
constexpr int kCommitTries = 3;  // each waits out the busy time

}  // namespace

Batches::Batches(const SqliteOptions &options) : options_(options) {
    if (options.metrics == nullptr) return;
    core::Metrics &m = *options.metrics;
    commits_ = &m.counter("remit_sql_commits_total", "Transactions committed.");
    functions_ = &m.counter("remit_sql_functions_total", "Functions made durable by those commits.");
    reruns_ = &m.counter("remit_sql_reruns_total", "Times SQLite rolled a whole transaction back.");
    lost_ = &m.counter("remit_sql_commits_unknown_total", "Commits whose fate was not known.");
}

Result<std::unique_ptr<Batches>> Batches::open(const SqliteOptions &options) {
    std::unique_ptr<Batches> out(new Batches(options));
    REMIT_TRY(out->connection_, Connection::open(options, Connection::Use::write));
    return out;
}

Result<void> Batches::readable() const {
    switch (state_.load(std::memory_order_acquire)) {
    case State::ready: return {};
    case State::doubtful: return error(Status::store, options_.path + ": a failed commit is not settled yet");
    case State::fenced: break;
    }
    return error(Status::broken, options_.path + ": a sync failed; open the database anew and look");
}

void Batches::become(State state, const Error &why) {
    state_.store(state, std::memory_order_release);
    if (state == State::ready) {
        options_.log->write(LogLevel::info, "sql.commit_settled", {{"path", options_.path}});
        return;
    }
    options_.log->write(LogLevel::error, state == State::fenced ? "sql.fenced" : "sql.commit_unknown",
                        {{"path", options_.path}, {"error", why.text}});
}

// Writing the user version, with the value that it has, is the smallest transaction that there is.
Result<void> Batches::settle() {
    connection_.reset();
    REMIT_TRY(connection_, Connection::open(options_, Connection::Use::write));
    std::int64_t version = 0;
    Result<std::int64_t> read = connection_->query({"PRAGMA user_version"}, {}, [&](const SqlRow &row) {
        version = row.integer(0);
        return true;
    });
    Result<void> written =
        read.ok()
            ? connection_->script("BEGIN IMMEDIATE; PRAGMA user_version = " + std::to_string(version) + "; COMMIT")
            : Result<void>(read.error());
    if (written.ok()) {
        become(State::ready, {});
        return {};
    }
    const bool sync_failed = connection_->sync_failed();
    connection_.reset();
    if (sync_failed) become(State::fenced, written.error());
    return written;
}

Result<void> Batches::begin() {
    if (doubtful()) {
        if (auto settled = settle(); !settled.ok() && doubtful())
            return error(Status::store, "a failed commit is not settled yet: " + settled.error().text);
    }
    REMIT_CHECK(readable());
    if (const int code = connection_->control(Connection::Control::begin_write); code != SQLITE_OK)
        return connection_->failure(code);
    return {};
}

void Batches::run(std::span<Work *const> batch) {
    pending_.assign(batch.begin(), batch.end());
    bool careful = false;
    while (!pending_.empty()) {
        if (auto begun = begin(); !begun.ok()) {
            for (Work *work : pending_) work->result = begun.error();
            return;
        }
        bool any = false;
        if (!run_functions(pending_, any, careful)) {
            careful = true;
            if (reruns_ != nullptr) reruns_->add();
            continue;
        }
        if (any) return commit(pending_);
        if (connection_->in_transaction()) connection_->control(Connection::Control::rollback);
        return;
    }
}

// False when the whole transaction is rolled back; whoever caused that has its error and is pending no more.
bool Batches::run_functions(Pending &pending, bool &any, bool careful) {
    const bool alone = pending.size() == 1;
    for (std::size_t i = 0; i < pending.size(); ++i) {
        Work &work = *pending[i];
        if (run_one(work, alone, careful)) {
            any = any || work.result.ok();
            continue;
        }
        if (connection_->sync_failed()) become(State::fenced, connection_->last_failure());
        if (connection_->in_transaction()) connection_->control(Connection::Control::rollback);
        if (work.result.ok()) work.result = connection_->last_failure();
        pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(i));
        return false;
    }
    return true;
}

// False when the transaction did not survive it.
bool Batches::run_one(Work &work, bool alone, bool careful) {
    Connection &c = *connection_;
    work.result = {};
    const auto step = [&](Connection::Control which) {
        const int code = c.control(which);
        if (code != SQLITE_OK) c.failure(code);
        return code == SQLITE_OK;
    };
    const bool bare = alone || !careful;
    if (!bare && !step(Connection::Control::savepoint)) return false;
    Transaction tx(c, *options_.clock);
    work.result = (*work.fn)(tx);
    if (!c.in_transaction()) return false;
    if (bare) return alone || work.result.ok() || !tx.wrote();
    if (!work.result.ok() && !step(Connection::Control::rollback_to)) return false;
    return step(Connection::Control::release) && c.in_transaction();
}

void Batches::commit(Pending &pending) {
    int code = SQLITE_BUSY;
    for (int i = 0; i < kCommitTries && (code & 0xff) == SQLITE_BUSY; ++i)
        code = connection_->control(Connection::Control::commit);
    if (code != SQLITE_OK) return commit_failed(code, pending);
    if (commits_ == nullptr) return;
    commits_->add();
    functions_->add(static_cast<std::int64_t>(pending.size()));
}

void Batches::commit_failed(int code, Pending &pending) {
    Error why = connection_->failure(code);
    const bool definite =
        connection_->in_transaction() && ((code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_BUSY);
    if (definite) {
        connection_->control(Connection::Control::rollback);
        if ((code & 0xff) == SQLITE_CONSTRAINT && pending.size() > 1) {
            const Pending all = pending;  // NOLINT: run() fills pending anew
            for (Work *work : all) run(std::span(&work, 1));
            return;
        }
    } else {
        if (lost_ != nullptr) lost_->add();
        why.status = Status::store_lost;
        become(connection_->sync_failed() ? State::fenced : State::doubtful, why);
        if (connection_->sync_failed())
            connection_->leave_log();
        else
            (void)settle();  // at once if possible, so that whoever re-reads finds the truth
    }
    for (Work *work : pending)
        if (work->result.ok()) work->result = why;
}

void Batches::abandon(std::span<Work *const> batch) {
    if (connection_ != nullptr && connection_->in_transaction()) connection_->control(Connection::Control::rollback);
    for (Work *work : batch)
        if (work->result.ok()) work->result = error(Status::store, "another function of the transaction threw");
}

void Batches::tidy() {
    if (connection_ == nullptr || connection_->wal_frames() < kTidyFrames) return;
    const int code = connection_->checkpoint();
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return;
    const Error why = connection_->failure(code);
    if (connection_->sync_failed()) become(State::fenced, why);
}

}  // namespace remit::sql
