// What functions are given: a transaction, or a snapshot to read.
//
// A transaction begins with its first statement, in the same round trip, and is one of
//   fresh     nothing was sent
//   open      begun
//   over      committed by exec_last: alone in one round trip when it was the only statement, else with the COMMIT
//   failed    the server or the connection failed; whatever the function makes of it, nothing more is done
#pragma once

#include "sql/postgres/pool.hpp"

namespace remit::sql::pg {

class Transaction final : public SqlTx {
public:
    Transaction(Session &session, Pool &pool) : session_(session), pool_(pool) {}
    using SqlTx::exec;
    using SqlTx::exec_last;
    using SqlTx::query;
    Result<std::int64_t> query(const Sql &sql, std::span<const SqlParam> params, const SqlRowFn &row) override;
    Result<std::int64_t> exec(const Sql &sql, std::span<const SqlParam> params) override;
    Result<std::int64_t> exec_last(const Sql &sql, std::span<const SqlParam> params) override;
    Result<std::int64_t> exec_host(std::string_view sql, std::span<const SqlParam> params) override;
    Result<std::int64_t> last_insert_id() override;
    std::int64_t lease_now_us() override { return pool_.server_now_us(); }
    std::string_view lease_clock() override { return "postgres"; }
    bool serial_commits() const override { return false; }

    // One statement of a migration.
    Result<void> script(const std::string &sql);
    // What becomes of it, given what the function said.
    Result<void> finish(Result<void> said);
    // The function is to be run again, in a new transaction.
    bool again() const { return failure_ && failure_->again; }
    bool committed() const { return committed_; }

private:
    enum class State { fresh, open, over };
    Result<Answer> step(const Sql &sql, std::span<const SqlParam> params, bool last);
    Result<Answer> step_text(const std::string &sql, std::span<const SqlParam> params);
    Result<Answer> keep(Answer answer);
    Result<std::int64_t> counted(const Sql &sql, std::span<const SqlParam> params, bool last);

    Session &session_;
    Pool &pool_;
    State state_ = State::fresh;
    bool committed_ = false;
    std::optional<Failure> failure_;
    std::int64_t last_id_ = 0;
};

class Snapshot final : public SqlReader {
public:
    explicit Snapshot(Session &session) : session_(session) {}
    ~Snapshot() override {
        if (begun_ && session_.usable()) session_.end_later();
    }
    Snapshot(const Snapshot &) = delete;
    Snapshot &operator=(const Snapshot &) = delete;
    using SqlReader::query;
    Result<std::int64_t> query(const Sql &sql, std::span<const SqlParam> params, const SqlRowFn &row) override;

private:
    Session &session_;
    bool begun_ = false;
};

}  // namespace remit::sql::pg
