// One SQLite connection: its settings, its statements, its errors as ours. Used by one thread at a time.
#pragma once

#include "sql/sqlite/sqlite.hpp"

#include <array>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace remit::sql {

class Connection {
public:
    enum class Use { read, write };
    // The statements around transactions.
    enum class Control { begin_read, begin_write, commit, rollback, savepoint, release, rollback_to };
    static constexpr std::size_t kControls = 7;

    // Invalid, Store, Corrupt. Every setting that matters is read back.
    static Result<std::unique_ptr<Connection>> open(const SqliteOptions &options, Use use);
    ~Connection();
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    Result<std::int64_t> query(const Sql &sql, std::span<const SqlParam> params, const SqlRowFn &row);
    // Rows found.
    Result<std::int64_t> exec(const Sql &sql, std::span<const SqlParam> params);
    // One statement of the host's own, not kept: see SqlTx::exec_host.
    Result<std::int64_t> exec_host(std::string_view sql, std::span<const SqlParam> params);
    // Any number of statements, not kept.
    Result<void> script(const std::string &sql);
    std::int64_t last_insert_id() noexcept;

    // SQLite's extended code.
    int control(Control which) noexcept;
    bool in_transaction() noexcept;
    // What an extended code means here; remembers a failed fsync.
    Error failure(int code);
    // The latest error of this connection, or of the call that `code` came from.
    const Error &last_failure() const noexcept { return last_failure_; }
    void forget_failure() { last_failure_ = {}; }
    // A sync of a file failed: what the system says about later ones cannot be believed.
    bool sync_failed() const noexcept { return sync_failed_; }
    // Frames in the write-ahead log after the last commit of this connection.
    int wal_frames() const noexcept { return wal_frames_; }
    // Moves what it can from the log into the database without waiting for anyone. The extended code.
    int checkpoint() noexcept;
    // Closing will leave the log and the database as they are.
    void leave_log() noexcept;
    sqlite3 *handle() noexcept { return db_; }

private:
    struct Statement {
        sqlite3_stmt *stmt = nullptr;
        bool counts = false;  // INSERT, UPDATE, DELETE
        bool in_use = false;
    };
    class Running;

    explicit Connection(const SqliteOptions &options);
    Result<void> open_file(const SqliteOptions &options, Use use);
    Result<void> configure(Use use, std::int64_t busy_ms);
    Result<void> expect(const char *pragma, std::string_view answer);
    Result<Statement> prepare(const char *text, unsigned flags);
    Result<Statement *> cached(const char *text);
    Result<Running> start(const Sql &sql, std::span<const SqlParam> params);
    Result<Statement> prepare_host(std::string_view sql, std::span<const SqlParam> params);

    sqlite3 *db_ = nullptr;
    std::string path_;
    std::string prefix_;
    std::int64_t busy_ms_;
    std::unordered_map<const char *, Statement> statements_;
    std::array<sqlite3_stmt *, kControls> controls_{};
    Error last_failure_;
    bool sync_failed_ = false;
    int wal_frames_ = 0;
};

}  // namespace remit::sql
