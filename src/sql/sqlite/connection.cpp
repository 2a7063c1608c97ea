#include "sql/sqlite/connection.hpp"

#include "sql/dialect.hpp"

#include <sqlite3.h>

#include <cctype>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace remit::sql {
namespace {

constexpr int kOldestSqlite = 3'051'003;
constexpr int kReadyTries = 600;
constexpr int kReadyNapMs = 5;
constexpr const char *kCacheSize = "PRAGMA cache_size = -16384";  // KiB

constexpr std::array<const char *, Connection::kControls> kControlTexts = {
    "BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT remit", "RELEASE remit", "ROLLBACK TO remit"};

// Whether the statement reports rows that it changed.
bool counts_rows(std::string_view sql) {
    const std::size_t start = sql.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return false;
    switch (std::tolower(static_cast<unsigned char>(sql[start]))) {
    case 'i':
    case 'u': return true;
    case 'd': return start + 1 < sql.size() && std::tolower(static_cast<unsigned char>(sql[start + 1])) == 'e';
    default: return false;
    }
}

int bind(sqlite3_stmt *stmt, int index, const SqlParam &p) {
    static constexpr char kNothing[] = "";
    const void *data = p.data != nullptr ? p.data : kNothing;
    switch (p.kind) {
    case SqlParam::Kind::null: return sqlite3_bind_null(stmt, index);
    case SqlParam::Kind::integer: return sqlite3_bind_int64(stmt, index, p.integer);
    case SqlParam::Kind::text:
        return sqlite3_bind_text64(stmt, index, static_cast<const char *>(data), p.size, SQLITE_STATIC, SQLITE_UTF8);
    case SqlParam::Kind::blob: return sqlite3_bind_blob64(stmt, index, data, p.size, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

class Row final : public SqlRow {
public:
    explicit Row(sqlite3_stmt *stmt) : stmt_(stmt) {}
    bool is_null(int column) const override { return sqlite3_column_type(stmt_, column) == SQLITE_NULL; }
    std::int64_t integer(int column) const override { return sqlite3_column_int64(stmt_, column); }
    std::string_view text(int column) const override {
        const auto *data = reinterpret_cast<const char *>(sqlite3_column_text(stmt_, column));
        if (data == nullptr) return {};
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column))};
    }
    ByteView blob(int column) const override {
        const auto *data = static_cast<const std::uint8_t *>(sqlite3_column_blob(stmt_, column));
        if (data == nullptr) return {};
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column))};
    }

private:
    sqlite3_stmt *stmt_;
};

// The file is made here, so that nobody else may ever read it: SQLite gives the log the same rights.
void create_private(const std::string &path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) ::close(fd);
}

}  // namespace

// A statement between its first step and its reset. One that is not from the cache ends with it.
class Connection::Running {
public:
    Running(Statement *cached, Statement own) : cached_(cached), own_(own) { get().in_use = true; }
    Running(Running &&other) noexcept :
        cached_(std::exchange(other.cached_, nullptr)), own_(std::exchange(other.own_, {})) {}
    Running &operator=(Running &&) = delete;
    ~Running() {
        if (cached_ != nullptr) {
            sqlite3_reset(cached_->stmt);
            cached_->in_use = false;
        } else {
            sqlite3_finalize(own_.stmt);
        }
    }
    Statement &get() { return cached_ != nullptr ? *cached_ : own_; }

private:
    Statement *cached_;
    Statement own_;
};

Connection::Connection(const SqliteOptions &options) :
    path_(options.path), prefix_(options.prefix), busy_ms_(options.busy_ms) {}

Connection::~Connection() {
    for (auto &[text, statement] : statements_) sqlite3_finalize(statement.stmt);
    for (sqlite3_stmt *stmt : controls_) sqlite3_finalize(stmt);
    sqlite3_close(db_);
}

Result<std::unique_ptr<Connection>> Connection::open(const SqliteOptions &options, Use use) {
    if (sqlite3_libversion_number() < kOldestSqlite)
        return invalid("sqlite", std::string("SQLite ") + sqlite3_libversion() +
                                     " can corrupt a WAL database that two connections write and checkpoint "
                                     "(the WAL reset bug); 3.51.3 or newer is needed");
    std::unique_ptr<Connection> connection(new Connection(options));
    REMIT_CHECK(connection->open_file(options, use));
    REMIT_CHECK(connection->configure(use, options.busy_ms));
    return connection;
}

Result<void> Connection::open_file(const SqliteOptions &options, Use use) {
    if (path_.empty()) return invalid("path", "is empty");
    if (path_ == ":memory:" || path_.starts_with("file:")) return invalid("path", "must name a plain file");
    if (use == Use::write && options.vfs.empty()) create_private(path_);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (use == Use::write ? SQLITE_OPEN_CREATE : 0) |
                      SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(path_.c_str(), &db_, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
    if (code == SQLITE_OK) return {};
    Error e = failure(code);
    if (db_ != nullptr && sqlite3_system_errno(db_) != 0)
        e.text += std::string(" (") + std::strerror(sqlite3_system_errno(db_)) + ")";  // NOLINT(concurrency-mt-unsafe)
    return e;
}

Result<void> Connection::configure(Use use, std::int64_t busy_ms) {
    sqlite3_busy_timeout(db_, static_cast<int>(std::min<std::int64_t>(busy_ms, INT32_MAX)));
    // Plans never look at bound values. They would for LIMIT ?, and each new binding would prepare the statement anew.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);
    // Busy at once, whatever the timeout, while another process makes the same new file ready.
    Result<void> wal = expect("PRAGMA journal_mode = WAL", "wal");
    for (int i = 0; i < kReadyTries && !wal.ok() && (sqlite3_errcode(db_) & 0xff) == SQLITE_BUSY; ++i) {
        sqlite3_sleep(kReadyNapMs);
        wal = expect("PRAGMA journal_mode = WAL", "wal");
    }
    REMIT_CHECK(wal);
    // The answer of a setting is that of asking for it afterwards.
    REMIT_CHECK(script("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                       "PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY"));
    REMIT_CHECK(script(kCacheSize));
    REMIT_CHECK(expect("PRAGMA synchronous", "2"));
    REMIT_CHECK(expect("PRAGMA foreign_keys", "1"));
    if (use == Use::read) {
        REMIT_CHECK(script("PRAGMA query_only = ON"));
        REMIT_CHECK(expect("PRAGMA query_only", "1"));
    }
    REMIT_CHECK(expect("PRAGMA wal_autocheckpoint = 0", "0"));
    sqlite3_wal_hook(
        db_,
        [](void *self, sqlite3 *, const char *, int frames) {
            static_cast<Connection *>(self)->wal_frames_ = frames;
            return SQLITE_OK;
        },
        this);
    for (std::size_t i = 0; i < kControls; ++i) {
        REMIT_TRY(Statement s, prepare(kControlTexts[i], SQLITE_PREPARE_PERSISTENT));
        controls_[i] = s.stmt;
    }
    return {};
}

Result<void> Connection::expect(const char *pragma, std::string_view answer) {
    REMIT_TRY(Statement s, prepare(pragma, 0));
    const int code = sqlite3_step(s.stmt);
    std::string got = code == SQLITE_ROW ? std::string(Row(s.stmt).text(0)) : std::string();
    sqlite3_finalize(s.stmt);
    if (code != SQLITE_ROW && code != SQLITE_DONE) return failure(code);
    if (got != answer) return error(Status::store, path_ + ": \"" + pragma + "\" was answered with \"" + got + "\"");
    return {};
}

Result<Connection::Statement> Connection::prepare(const char *text, unsigned flags) {
    Statement out;
    const std::string renamed = prefix_ == "remit_" ? std::string() : with_prefix(text, prefix_);
    const char *sql = renamed.empty() ? text : renamed.c_str();
    const int code = sqlite3_prepare_v3(db_, sql, -1, flags, &out.stmt, nullptr);
    if (code != SQLITE_OK) return failure(code);
    out.counts = counts_rows(sql);
    return out;
}

Result<Connection::Statement *> Connection::cached(const char *text) {
    auto found = statements_.find(text);
    if (found == statements_.end()) {
        REMIT_TRY(Statement fresh, prepare(text, SQLITE_PREPARE_PERSISTENT));
        found = statements_.emplace(text, fresh).first;
    }
    return &found->second;
}

Result<Connection::Running> Connection::start(const Sql &sql, std::span<const SqlParam> params) {
    REMIT_TRY(Statement * kept, cached(sql.text));
    Statement own;
    if (kept->in_use) {  // a row function runs the statement that it is called from
        REMIT_TRY(own, prepare(sql.text, 0));
        kept = nullptr;
    }
    Running running(kept, own);
    sqlite3_stmt *stmt = running.get().stmt;
    if (static_cast<std::size_t>(sqlite3_bind_parameter_count(stmt)) != params.size())
        return error(Status::broken, std::string("wrong number of parameters for: ") + sql.text);
    int index = 0;
    for (const SqlParam &p : params)
        if (const int code = bind(stmt, ++index, p); code != SQLITE_OK) return failure(code);
    return running;
}

Result<std::int64_t> Connection::query(const Sql &sql, std::span<const SqlParam> params, const SqlRowFn &row) {
    REMIT_TRY(Running running, start(sql, params));
    sqlite3_stmt *stmt = running.get().stmt;
    const Row view(stmt);
    for (std::int64_t seen = 0;;) {
        const int code = sqlite3_step(stmt);
        if (code == SQLITE_DONE) return seen;
        if (code != SQLITE_ROW) return failure(code);
        ++seen;
        if (row && !row(view)) return seen;
    }
}

Result<std::int64_t> Connection::exec(const Sql &sql, std::span<const SqlParam> params) {
    REMIT_TRY(Running running, start(sql, params));
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW) code = sqlite3_step(running.get().stmt);
    if (code != SQLITE_DONE) return failure(code);
    return running.get().counts ? sqlite3_changes64(db_) : 0;
}

namespace {

// What a host's statement may not do: end or nest our transaction, open other files, change settings, or write our
// rows.
int authorize_host(void *prefix, int action, const char *first, const char *, const char *, const char *) {
    switch (action) {
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    case SQLITE_PRAGMA: return SQLITE_DENY;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_DROP_TABLE:
    case SQLITE_ALTER_TABLE:
        return std::string_view(first).starts_with(static_cast<const char *>(prefix)) ? SQLITE_DENY : SQLITE_OK;
    default: return SQLITE_OK;
    }
}

}  // namespace

Result<Connection::Statement> Connection::prepare_host(std::string_view sql, std::span<const SqlParam> params) {
    Statement out;
    const char *rest = nullptr;
    sqlite3_set_authorizer(db_, authorize_host, prefix_.data());
    const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), 0, &out.stmt, &rest);
    sqlite3_set_authorizer(db_, nullptr, nullptr);
    if (code != SQLITE_OK) {
        Error e = failure(code);
        if (e.status == Status::broken) e.status = Status::invalid;
        if (code == SQLITE_AUTH) return invalid("sql", "may not end the transaction, nor touch what is not the host's");
        return Error{e.status, "sql", e.text};
    }
    const std::string_view tail = sql.substr(static_cast<std::size_t>(rest - sql.data()));
    const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(out.stmt));
    const bool one = out.stmt != nullptr && tail.find_first_not_of(" \t\r\n;") == std::string_view::npos;
    if (one && wanted == params.size()) return out;
    sqlite3_finalize(out.stmt);
    if (!one) return invalid("sql", "must be one statement");
    return invalid("values",
                   "are " + std::to_string(params.size()) + ", the statement takes " + std::to_string(wanted));
}

Result<std::int64_t> Connection::exec_host(std::string_view sql, std::span<const SqlParam> params) {
    REMIT_TRY(const Statement own, prepare_host(sql, params));
    Running running(nullptr, own);
    int index = 0;
    for (const SqlParam &p : params)
        if (const int code = bind(own.stmt, ++index, p); code != SQLITE_OK) return failure(code);
    const bool writes = sqlite3_stmt_readonly(own.stmt) == 0;
    const sqlite3_int64 before = sqlite3_total_changes64(db_);
    std::int64_t rows = 0;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(own.stmt)) == SQLITE_ROW) ++rows;
    if (code == SQLITE_DONE && !writes) return rows;
    if (code == SQLITE_DONE) return sqlite3_total_changes64(db_) == before ? 0 : sqlite3_changes64(db_);
    Error e = failure(code);
    if ((code & 0xff) == SQLITE_CONSTRAINT) return Error{Status::refused, "sql", e.text};
    if (e.status == Status::broken) e.status = Status::invalid;  // a host's division by a text is not our defect
    return Error{e.status, "sql", e.text};
}

Result<void> Connection::script(const std::string &sql) {
    const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failure(code);
    return {};
}

std::int64_t Connection::last_insert_id() noexcept {
    return sqlite3_last_insert_rowid(db_);
}

int Connection::control(Control which) noexcept {
    sqlite3_stmt *stmt = controls_[static_cast<std::size_t>(which)];
    const int code = sqlite3_step(stmt);
    sqlite3_reset(stmt);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

bool Connection::in_transaction() noexcept {
    return sqlite3_get_autocommit(db_) == 0;
}

int Connection::checkpoint() noexcept {
    int frames = 0;
    int moved = 0;
    const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
    if (code == SQLITE_OK) wal_frames_ = frames - moved;
    return code;
}

void Connection::leave_log() noexcept {
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Error Connection::failure(int code) {
    if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) sync_failed_ = true;
    const std::string what = db_ != nullptr ? sqlite3_errmsg(db_) : sqlite3_errstr(code);
    Status status = Status::store;
    std::string text = path_ + ": " + what;
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
        status =
            code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID
                ? Status::mismatch
                : Status::state;
        text = what;
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        text = path_ + ": another process holds the database for longer than " + std::to_string(busy_ms_) + " ms";
        break;
    case SQLITE_NOMEM: status = Status::no_memory; break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: status = Status::corrupt; break;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: status = Status::broken; break;
    default: break;  // cannot open, read-only, full, I/O, interrupted: nothing was done
    }
    last_failure_ = error(status, std::move(text));
    return last_failure_;
}

}  // namespace remit::sql
