#include "sql/sqlite/readers.hpp"

#include <sqlite3.h>

#include <unistd.h>

namespace remit::sql {
namespace {

constexpr int kBackupPages = 256;  // between two looks at whether the copy is busy
constexpr int kBackupNapMs = 10;

class Reader final : public SqlReader {
public:
    explicit Reader(Connection &connection) : connection_(connection) {}
    Result<std::int64_t> query(const Sql &sql, std::span<const SqlParam> params, const SqlRowFn &row) override {
        return connection_.query(sql, params, row);
    }

private:
    Connection &connection_;
};

}  // namespace

// A connection with a read transaction; goes back to the idle ones, or is closed when there are enough.
class Readers::Snapshot {
public:
    Snapshot(Readers &readers, std::unique_ptr<Connection> connection) :
        readers_(readers), connection_(std::move(connection)) {}
    Snapshot(Snapshot &&) = default;
    Snapshot &operator=(Snapshot &&) = delete;
    ~Snapshot() {
        if (connection_ == nullptr) return;
        if (connection_->in_transaction() && connection_->control(Connection::Control::rollback) != SQLITE_OK) return;
        const std::lock_guard lock(readers_.mutex_);
        if (static_cast<int>(readers_.idle_.size()) < readers_.options_.readers)
            readers_.idle_.push_back(std::move(connection_));
    }
    Connection &operator*() { return *connection_; }
    Connection *operator->() { return connection_.get(); }

private:
    Readers &readers_;
    std::unique_ptr<Connection> connection_;
};

Result<Readers::Snapshot> Readers::take() {
    std::unique_ptr<Connection> connection;
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            connection = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (connection == nullptr) {
        REMIT_TRY(connection, Connection::open(options_, Connection::Use::read));
    }
    return Snapshot(*this, std::move(connection));
}

Result<Readers::Snapshot> Readers::open() {
    REMIT_TRY(Snapshot snapshot, take());
    if (const int code = snapshot->control(Connection::Control::begin_read); code != SQLITE_OK)
        return snapshot->failure(code);
    return snapshot;
}

Result<void> Readers::peek(const SqlReadFn &fn) {
    REMIT_TRY(Snapshot snapshot, take());
    Reader reader(*snapshot);
    return fn(reader);
}

Result<void> Readers::read(const SqlReadFn &fn) {
    REMIT_TRY(Snapshot snapshot, open());
    Reader reader(*snapshot);
    return fn(reader);
}

Result<std::string> Readers::integrity_check() {
    REMIT_TRY(Snapshot snapshot, open());
    std::string out;
    const auto line = [&](const SqlRow &row) {
        out.append(out.empty() ? "" : "\n").append(row.text(0));
        return true;
    };
    REMIT_CHECK(snapshot->query({"PRAGMA integrity_check"}, {}, line));
    if (out == "ok") out.clear();
    REMIT_CHECK(snapshot->query({"PRAGMA foreign_key_check"}, {}, [&](const SqlRow &row) {
        out.append(out.empty() ? "" : "\n").append("row ").append(std::to_string(row.integer(1)));
        out.append(" of ").append(row.text(0)).append(" refers to no row of ").append(row.text(2));
        return true;
    }));
    return out.empty() ? "ok" : out;
}

// One read transaction holds the snapshot that is copied, so that commits meanwhile do not start it anew.
Result<void> Readers::backup(const std::string &path) {
    if (options_.vfs.empty() && ::access(path.c_str(), F_OK) == 0) return invalid("path", "there is a file already");
    REMIT_TRY(Snapshot source, open());
    REMIT_CHECK(source->query({"SELECT count(*) FROM sqlite_schema"}, {}, nullptr));
    SqliteOptions copy_options = options_;
    copy_options.path = path;
    REMIT_TRY(std::unique_ptr<Connection> copy, Connection::open(copy_options, Connection::Use::write));
    sqlite3_backup *backup = sqlite3_backup_init(copy->handle(), "main", source->handle(), "main");
    if (backup == nullptr) return copy->failure(sqlite3_extended_errcode(copy->handle()));
    int code = SQLITE_OK;
    for (std::int64_t waited = 0; waited <= options_.busy_ms; waited += kBackupNapMs) {
        do code = sqlite3_backup_step(backup, kBackupPages);
        while (code == SQLITE_OK);
        if ((code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED) break;
        sqlite3_sleep(kBackupNapMs);
    }
    const int finished = sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE && finished == SQLITE_OK) return {};
    Error why = copy->failure(code == SQLITE_DONE ? finished : code);
    copy.reset();
    if (options_.vfs.empty()) ::unlink(path.c_str());
    return why;
}

}  // namespace remit::sql
