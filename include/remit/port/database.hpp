// Port: the database. `transact` is the only way to write.
//
// Statements are portable (no RETURNING, no partial index, no vendor upsert), use ? for
// parameters, name tables remit_..., and live in a primitive's rows.cpp as constants of type Sql.
#pragma once

#include <remit/bytes.hpp>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace remit {

// The text of one statement. Always a constant with static storage: its address keys the statement cache.
struct Sql {
    const char *text;
};

// One parameter. Text and bytes are borrowed until the call returns.
struct SqlParam {
    enum class Kind : std::uint8_t { null, integer, text, blob };
    Kind kind = Kind::null;
    std::int64_t integer = 0;
    const void *data = nullptr;
    std::size_t size = 0;

    SqlParam() = default;                                          // NULL
    SqlParam(std::int64_t v) : kind(Kind::integer), integer(v) {}  // NOLINT: values bind as they are
    SqlParam(int v) : kind(Kind::integer), integer(v) {}           // NOLINT
    SqlParam(std::uint64_t v) :
        kind(Kind::integer), integer(static_cast<std::int64_t>(v)) {}                   // NOLINT: ids, nonces < 2^63
    SqlParam(std::string_view v) : kind(Kind::text), data(v.data()), size(v.size()) {}  // NOLINT
    SqlParam(const std::string &v) : SqlParam(std::string_view(v)) {}                   // NOLINT
    SqlParam(const char *v) : SqlParam(std::string_view(v)) {}                          // NOLINT
    SqlParam(ByteView v) : kind(Kind::blob), data(v.data()), size(v.size()) {}          // NOLINT
    SqlParam(const Bytes &v) : SqlParam(ByteView(v)) {}                                 // NOLINT
    template <std::size_t N, class Tag>
    SqlParam(const FixedBytes<N, Tag> &v) : SqlParam(ByteView(v.bytes)) {}  // NOLINT
};
using SqlParams = std::initializer_list<SqlParam>;

// The row a query stands on. Views are valid until the next step or the end of the query.
class SqlRow {
public:
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;   // 0 for NULL
    virtual std::string_view text(int column) const = 0;  // empty for NULL
    virtual ByteView blob(int column) const = 0;          // empty for NULL

protected:
    ~SqlRow() = default;
};
// Called for each row; returns false to stop early.
using SqlRowFn = std::function<bool(const SqlRow &)>;

// A view of the database: what readers see, and the reading half of a transaction.
class SqlReader {
public:
    virtual ~SqlReader() = default;
    // How many rows were seen. Store or StoreLost on trouble.
    virtual Result<std::int64_t> query(const Sql &sql, std::span<const SqlParam> params, const SqlRowFn &row) = 0;
    Result<std::int64_t> query(const Sql &sql, SqlParams params, const SqlRowFn &row) {
        return query(sql, std::span(params.begin(), params.size()), row);
    }
};

// A transaction in progress. Used on one thread, only inside the function it was given to.
class SqlTx : public SqlReader {
public:
    // Rows found (not: rows changed). A UNIQUE violation is Status::mismatch, so that an insert can be
    // tried and its conflict read.
    virtual Result<std::int64_t> exec(const Sql &sql, std::span<const SqlParam> params) = 0;
    Result<std::int64_t> exec(const Sql &sql, SqlParams params) {
        return exec(sql, std::span(params.begin(), params.size()));
    }
    // The same for the last statement of a transaction: nothing follows it, and all is to be committed however many
    // rows it finds. A database across a network sends it together with the commit.
    virtual Result<std::int64_t> exec_last(const Sql &sql, std::span<const SqlParam> params) {
        return exec(sql, params);
    }
    Result<std::int64_t> exec_last(const Sql &sql, SqlParams params) {
        return exec_last(sql, std::span(params.begin(), params.size()));
    }
    // One statement of the host's own on tables of its own: the text as it stands, with the database's own
    // placeholders. Rows found. Invalid when the text is refused (not one statement, ends or nests the transaction,
    // does not parse, other count of parameters); Refused when a constraint of the host's says no.
    virtual Result<std::int64_t> exec_host(std::string_view sql, std::span<const SqlParam> params) = 0;
    // The integer primary key that the last INSERT of this transaction made; also after exec_last.
    virtual Result<std::int64_t> last_insert_id() = 0;
    // Time for leases: microseconds of a clock that does not jump, and its name. Rows keep both; a
    // lease under another clock name than the present one has expired.
    virtual std::int64_t lease_now_us() = 0;
    virtual std::string_view lease_clock() = 0;
    // Whether commits happen one after the other, so that ids given inside them are in commit order.
    virtual bool serial_commits() const = 0;
};

// May run more than once and on another thread; touches only its transaction. An error undoes what it did
// and is what transact returns.
using SqlTxFn = std::function<Result<void>(SqlTx &)>;
using SqlReadFn = std::function<Result<void>(SqlReader &)>;
using SqlDone = std::function<void(Result<void>)>;

// One step of the schema. Steps only add; each says how to do itself on each database.
struct Migration {
    std::int32_t number;  // consecutive from 1 over the whole library
    const char *name;
    std::span<const char *const>
        sql;                     // portable DDL; {id}, {bytes}, {text}, {longtext}, {longbytes} are the dialect's types
    std::int32_t oldest_reader;  // the oldest library migration number that can work on this schema
};

enum class MigrateMode : std::int32_t { automatic = 0, check = 1, manual = 2 };

// Threads: any thread may call any method, except that `read` and `transact` are not called from
// inside a transaction function.
class Database {
public:
    virtual ~Database() = default;

    // Runs fn in a transaction, shares its commit with other callers, and returns when it is durable.
    // Errors: fn's own; Store (nothing was done); StoreLost (the commit's fate is unknown: re-read);
    // Broken (the instance fenced itself); Forked.
    virtual Result<void> transact(const SqlTxFn &fn) = 0;
    // The same without waiting: `done` runs once, on an arbitrary thread, and must be short. Without a
    // writer thread it runs in `drain`.
    virtual void submit(SqlTxFn fn, SqlDone done) = 0;
    virtual void drain() = 0;
    // Runs fn on a snapshot, on a connection of its own.
    virtual Result<void> read(const SqlReadFn &fn) = 0;

    // The same for a function that makes a single query, which needs no snapshot.
    virtual Result<void> peek(const SqlReadFn &fn) { return read(fn); }
    // Whether a read costs no round trip to a server.
    virtual bool reads_locally() const = 0;
    // One of our statements as this database's own clients write it: names prefixed, its placeholders.
    virtual std::string text_of(const Sql &sql) const = 0;

    // Brings the schema up to date, checks it, or leaves it alone. Newer when the file needs a newer library.
    virtual Result<void> migrate(std::span<const Migration> steps, MigrateMode mode) = 0;
    // The SQL that `automatic` would run now, one statement a line.
    virtual Result<std::string> migration_plan(std::span<const Migration> steps) = 0;

    // This process's owner name: fresh for each open, held by a lock that ends with the process.
    virtual const std::string &owner() const = 0;
    // Whether the process that had this owner name still lives. Unknown is true (never steal on doubt).
    virtual bool owner_alive(std::string_view owner) = 0;

    // "ok" or what is wrong. Reads everything: slow on a large file.
    virtual Result<std::string> integrity_check() = 0;
    // Copies the live database into `path`, consistent, while work goes on. Invalid when there is a file already.
    virtual Result<void> backup(const std::string &path) = 0;
    // Starts and stops the writer thread. Without one, callers that wait lead the commit themselves.
    virtual void start_writer() = 0;
    virtual void stop_writer() = 0;
};

}  // namespace remit
