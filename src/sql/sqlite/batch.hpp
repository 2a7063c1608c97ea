// The writing connection and what may become of a batch of functions on it. One thread at a time.
//
// States, and what each call finds there:
//   ready     BEGIN IMMEDIATE; each function; COMMIT. When one fails after it wrote, all is rolled back, and the others
//             run again, each in a savepoint now: those cost a copy of each page, and are seldom needed.
//   doubtful  a COMMIT failed. Its frames may lie in the log, unseen now, and come back after a crash. The
//             connection is opened anew and a small transaction of our own is committed over whatever lies
//             there; from then on what is read is what a restart would find. Until that works: Store.
//   fenced    a sync failed, so a later one may say "done" of what is lost. Broken for good.
//
// What a function's caller is told:
//   BEGIN failed                         Store          the function did not run
//   the function failed                  its own error  what it wrote is undone, and the innocent functions run again
//   SQLite rolled the transaction back   its own error  and the innocent functions run again
//   COMMIT: busy after retries           Store          rolled back
//   COMMIT: a deferred constraint        State          each function again, in a transaction of its own
//   COMMIT: any other error              StoreLost      doubtful, or fenced when it was a sync
//   COMMIT returned                      ok             durable
//
// A crash of the process or the machine:
//   before COMMIT was called             nothing of the batch is there; nobody was answered
//   inside COMMIT                        all of the batch or nothing; nobody was answered
//   after COMMIT returned                all of the batch is there, whoever was answered
#pragma once

#include "sql/sqlite/connection.hpp"

#include "core/metrics.hpp"

#include <atomic>
#include <vector>

namespace remit::sql {

// One function that waits for a commit.
struct Work {
    const SqlTxFn *fn = nullptr;
    Result<void> result;
};

// The transaction that a function is given.
class Transaction final : public SqlTx {
public:
    Transaction(Connection &connection, Clock &clock) : connection_(connection), clock_(clock) {}
    using SqlTx::exec;
    using SqlTx::query;
    Result<std::int64_t> query(const Sql &sql, std::span<const SqlParam> params, const SqlRowFn &row) override {
        return connection_.query(sql, params, row);
    }
    Result<std::int64_t> exec(const Sql &sql, std::span<const SqlParam> params) override {
        auto rows = connection_.exec(sql, params);
        if (rows.ok() && *rows != 0) wrote_ = true;
        return rows;
    }
    Result<std::int64_t> exec_host(std::string_view sql, std::span<const SqlParam> params) override {
        auto rows = connection_.exec_host(sql, params);
        if (rows.ok()) wrote_ = true;
        return rows;
    }
    Result<std::int64_t> last_insert_id() override { return connection_.last_insert_id(); }
    std::int64_t lease_now_us() override { return clock_.boot_us(); }
    std::string_view lease_clock() override { return clock_.boot_id(); }
    bool serial_commits() const override { return true; }
    // For what is neither of these, as migrations; taken for a write.
    Connection &connection() {
        wrote_ = true;
        return connection_;
    }
    bool wrote() const noexcept { return wrote_; }

private:
    Connection &connection_;
    bool wrote_ = false;
    Clock &clock_;
};

class Batches {
public:
    static Result<std::unique_ptr<Batches>> open(const SqliteOptions &options);

    // Sets the result of each.
    void run(std::span<Work *const> batch);
    // A function threw: nothing of the batch is done, and whoever had no error is told so.
    void abandon(std::span<Work *const> batch);
    // After a commit was answered: moves the log into the database when it has grown.
    void tidy();
    // Any thread: whether reading would find the truth. Broken when fenced, Store when doubtful.
    Result<void> readable() const;
    bool doubtful() const noexcept { return state_.load(std::memory_order_acquire) == State::doubtful; }

private:
    enum class State : std::uint8_t { ready, doubtful, fenced };
    using Pending = std::vector<Work *>;

    explicit Batches(const SqliteOptions &options);
    Result<void> settle();
    Result<void> begin();
    bool run_functions(Pending &pending, bool &any, bool careful);
    bool run_one(Work &work, bool alone, bool careful);
    void commit(Pending &pending);
    void commit_failed(int code, Pending &pending);
    void become(State state, const Error &why);

    SqliteOptions options_;
    std::unique_ptr<Connection> connection_;
    std::atomic<State> state_{State::ready};
    Pending pending_;
    core::Counter *commits_ = nullptr;
    core::Counter *functions_ = nullptr;
    core::Counter *reruns_ = nullptr;
    core::Counter *lost_ = nullptr;
};

}  // namespace remit::sql
