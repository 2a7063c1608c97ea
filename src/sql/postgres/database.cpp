#include "sql/postgres/owner_lock.hpp"
#include "sql/postgres/server_text.hpp"
#include "sql/postgres/submitted.hpp"
#include "sql/postgres/transaction.hpp"

#include "core/ids.hpp"

#include "core/metrics.hpp"
#include "sql/dialect.hpp"
#include "sql/migrations.hpp"
#include <remit/process.hpp>

#include <chrono>
#include <unistd.h>

namespace remit::sql {
namespace pg {
namespace {

constexpr int kRuns = 10;       // of one function that meets deadlocks
constexpr int kNapFromRun = 3;  // the first reruns find the way free
constexpr int kSubmitThreads = 4;

constexpr Sql kHasTable{"SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                        " WHERE n.nspname = current_schema() AND c.relname = ? AND c.relkind IN ('r', 'p')"};
constexpr Sql kHasSchema{"SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ?"};
constexpr Sql kLockSchema{"SELECT pg_advisory_xact_lock(hashtextextended(?, 7))"};
constexpr Sql kBadIndexes{
    "SELECT c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = current_schema() AND left(c.relname, length(?)) = ? AND NOT i.indisvalid"};

class PostgresDatabase final : public Database {
public:
    explicit PostgresDatabase(std::unique_ptr<Shared> shared) :
        shared_(std::move(shared)),
        pool_(std::make_unique<Pool>(*shared_)),
        lock_(std::make_unique<OwnerLock>(*shared_, *pool_)),
        submitted_(std::make_unique<Submitted>([this](const SqlTxFn &fn) { return transact(fn); })) {
        if (shared_->options.metrics == nullptr) return;
        core::Metrics &m = *shared_->options.metrics;
        commits_ = &m.counter("remit_sql_commits_total", "Transactions committed.");
        functions_ = &m.counter("remit_sql_functions_total", "Functions made durable by those commits.");
        reruns_ = &m.counter("remit_sql_reruns_total", "Times the database rolled a whole transaction back.");
        lost_ = &m.counter("remit_sql_commits_unknown_total", "Commits whose fate was not known.");
    }
    ~PostgresDatabase() override;
    Result<void> open() { return lock_->acquire(); }

    Result<void> transact(const SqlTxFn &fn) override;
    void submit(SqlTxFn fn, SqlDone done) override {
        if (forked()) return done(forked_error());
        submitted_->submit(std::move(fn), std::move(done));
    }
    void drain() override {
        if (!forked() && !pool_->busy_here()) submitted_->drain();
    }
    Result<void> read(const SqlReadFn &fn) override;
    bool reads_locally() const override { return false; }
    std::string text_of(const Sql &sql) const override;
    Result<void> migrate(std::span<const Migration> steps, MigrateMode mode) override;
    Result<std::string> migration_plan(std::span<const Migration> steps) override;
    const std::string &owner() const override { return shared_->owner; }
    bool owner_alive(std::string_view owner) override { return forked() || lock_->alive(owner); }
    Result<std::string> integrity_check() override;
    Result<void> backup(const std::string &) override {
        return error(Status::state, "a database on PostgreSQL is backed up by its own programs, as pg_dump or "
                                    "pg_basebackup");
    }
    void start_writer() override {
        if (!forked()) submitted_->start(std::min(kSubmitThreads, shared_->options.connections));
    }
    void stop_writer() override {
        if (!forked()) submitted_->stop();
    }

private:
    bool forked() const { return process_id() != pid_; }
    static Error forked_error() {
        return error(Status::forked, "this database was opened by the parent process; open it again here");
    }
    Result<void> run(const SqlTxFn &fn, bool &again);
    Result<bool> has_schema();
    Schema schema();

    const long pid_ = process_id();
    std::unique_ptr<Shared> shared_;
    std::unique_ptr<Pool> pool_;
    std::unique_ptr<OwnerLock> lock_;
    std::unique_ptr<Submitted> submitted_;
    core::Counter *commits_ = nullptr;
    core::Counter *functions_ = nullptr;
    core::Counter *reruns_ = nullptr;
    core::Counter *lost_ = nullptr;
};

PostgresDatabase::~PostgresDatabase() {
    if (!forked()) {
        submitted_.reset();
        return;
    }
    // Connections and threads are the parent's: closing them here would close them for it.
    lock_->abandon();
    pool_->abandon();
    (void)submitted_.release();
    (void)lock_.release();
    (void)pool_.release();
    (void)shared_.release();
}

Result<void> PostgresDatabase::run(const SqlTxFn &fn, bool &again) {
    REMIT_TRY(const auto session, pool_->borrow(Pool::For::transaction));
    REMIT_CHECK(lock_->keep());
    Transaction tx(*session, *pool_);
    Result<void> done = tx.finish(fn(tx));
    again = tx.again();
    if (tx.committed() && commits_ != nullptr) {
        commits_->add();
        functions_->add();
    }
    if (done.status() == Status::store_lost) {
        if (lost_ != nullptr) lost_->add();
        shared_->options.log->write(LogLevel::error, "sql.commit_unknown", {{"error", done.error().text}});
    }
    return done;
}

Result<void> PostgresDatabase::transact(const SqlTxFn &fn) {
    if (forked()) return forked_error();
    for (int runs = 1;; ++runs) {
        bool again = false;
        Result<void> done = run(fn, again);
        if (!again || runs == kRuns) return done;
        if (reruns_ != nullptr) reruns_->add();
        if (runs >= kNapFromRun) {
            const auto most = static_cast<std::uint64_t>(1) << static_cast<unsigned>(runs);
            const auto nap_ms = static_cast<std::int64_t>(shared_->options.random->next_u64() % most);
            std::this_thread::sleep_for(std::chrono::milliseconds(nap_ms));
        }
    }
}

Result<void> PostgresDatabase::read(const SqlReadFn &fn) {
    if (forked()) return forked_error();
    REMIT_TRY(const auto session, pool_->borrow(Pool::For::read));
    (void)lock_->keep();  // who only reads shall be seen to live, too; reading needs no lock
    Snapshot snapshot(*session);
    return fn(snapshot);
}

std::string PostgresDatabase::text_of(const Sql &sql) const {
    const PostgresOptions &o = shared_->options;
    const std::string names = o.schema.empty() ? o.prefix : quoted(o.schema) + "." + o.prefix;
    return with_numbers(with_prefix(sql.text, names)).text;
}

Schema PostgresDatabase::schema() {
    return {*this,
            Dialect::postgres,
            *shared_->options.clock,
            shared_->options.prefix,
            [this](SqlTx &tx, const std::string &sql) -> Result<void> {
                const PostgresOptions &o = shared_->options;
                REMIT_CHECK(tx.SqlReader::query(kLockSchema, {"remit schema\n" + o.schema + "\n" + o.prefix}, nullptr));
                return static_cast<Transaction &>(tx).script(sql);
            },
            [](SqlReader &reader, std::string_view name) -> Result<bool> {
                REMIT_TRY(const std::int64_t seen, reader.query(kHasTable, {name}, nullptr));
                return seen > 0;
            }};
}

Result<bool> PostgresDatabase::has_schema() {
    std::int64_t seen = 1;
    if (!shared_->options.schema.empty())
        REMIT_CHECK(read([&](SqlReader &reader) -> Result<void> {
            REMIT_TRY(seen, reader.query(kHasSchema, {shared_->options.schema}, nullptr));
            return {};
        }));
    return seen > 0;
}

Result<void> PostgresDatabase::migrate(std::span<const Migration> steps, MigrateMode mode) {
    if (forked()) return forked_error();
    {
        const std::lock_guard lock(shared_->mutex);
        for (const Migration &step : steps)
            for (const char *ddl : step.sql)
                if (const auto table = table_with_id(ddl)) shared_->tables_with_id.emplace(*table);
    }
    REMIT_TRY(const bool there, has_schema());
    if (!there && mode == MigrateMode::automatic) {
        auto made = transact([&](SqlTx &tx) {
            return static_cast<Transaction &>(tx).script("CREATE SCHEMA IF NOT EXISTS " +
                                                         quoted(shared_->options.schema));
        });
        // Two who make it at once: one of them finds it.
        if (!made.ok() && made.status() != Status::mismatch) return made;
    }
    return sql::migrate(schema(), steps, mode);
}

Result<std::string> PostgresDatabase::migration_plan(std::span<const Migration> steps) {
    if (forked()) return forked_error();
    REMIT_TRY(const bool there, has_schema());
    REMIT_TRY(std::string plan, sql::migration_plan(schema(), steps));
    const std::string name = quoted(shared_->options.schema);
    if (shared_->options.schema.empty() || plan.empty()) return plan;
    return (there ? "" : "CREATE SCHEMA " + name + ";\n") + "SET search_path = " + name + ";\n" + plan;
}

Result<std::string> PostgresDatabase::integrity_check() {
    std::string out;
    REMIT_CHECK(read([&](SqlReader &reader) -> Result<void> {
        const std::string &prefix = shared_->options.prefix;
        REMIT_CHECK(reader.query(kBadIndexes, {prefix, prefix}, [&](const SqlRow &row) {
            out.append(out.empty() ? "" : "\n").append("index ").append(row.text(0)).append(" is not valid");
            return true;
        }));
        return {};
    }));
    return out.empty() ? "ok" : out;
}

}  // namespace

// What errors may show of the URL, and what they may not. Invalid when libpq cannot read it.
Result<void> read_url(Shared &shared) {
    PQconninfoOption *options = PQconninfoParse(shared.options.url.c_str(), nullptr);
    // libpq's own text repeats the URL.
    if (options == nullptr) return invalid("database", "is no URL of PostgreSQL: postgresql://user@host:port/name");
    std::string host = "localhost", port, name;
    for (const PQconninfoOption *o = options; o->keyword != nullptr; ++o) {
        const std::string_view word = o->keyword;
        if (o->val == nullptr) continue;
        if (word == "host") host = o->val;
        if (word == "port") port = std::string(":") + o->val;
        if (word == "dbname") name = std::string("/") + o->val;
        if (word == "password") shared.password = o->val;
    }
    PQconninfoFree(options);
    shared.where = "postgresql://" + host + port + name;
    return {};
}

}  // namespace pg

Result<std::unique_ptr<Database>> open_postgres(const PostgresOptions &options) {
    if (options.clock == nullptr) return invalid("clock", "is missing");
    if (options.random == nullptr) return invalid("random", "is missing");
    if (options.log == nullptr) return invalid("log", "is missing");
    if (!options.url.starts_with("postgresql://") && !options.url.starts_with("postgres://"))
        return invalid("database", "must begin with postgresql:// or postgres://");
    if (options.connections < 1 || options.connections > 64) return invalid("connections", "must be 1 to 64");
    if (PQisthreadsafe() == 0) return invalid("database", "needs a libpq that is made for threads");
    auto shared = std::make_unique<pg::Shared>();
    shared->options = options;
    shared->owner = core::fresh_id("own", options.clock->utc_us(), *options.random);
    REMIT_CHECK(pg::read_url(*shared));
    auto database = std::make_unique<pg::PostgresDatabase>(std::move(shared));
    REMIT_CHECK(database->open());
    return std::unique_ptr<Database>(std::move(database));
}

}  // namespace remit::sql
