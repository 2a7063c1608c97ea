#include "sql/migrations.hpp"
#include "sql/sqlite/group_commit.hpp"
#include "sql/sqlite/owner_locks.hpp"
#include "sql/sqlite/readers.hpp"

#include "core/ids.hpp"

#include <remit/process.hpp>

#include <unistd.h>

namespace remit::sql {
namespace {

constexpr Sql kHasTable{"SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?"};

class SqliteDatabase final : public Database {
public:
    SqliteDatabase(const SqliteOptions &options, std::unique_ptr<OwnerLocks> own_locks, std::string owner,
                   std::unique_ptr<Batches> batches) :
        options_(options),
        own_locks_(std::move(own_locks)),
        owner_(std::move(owner)),
        readers_(std::make_unique<Readers>(options)),
        group_(std::make_unique<GroupCommit>(std::move(batches))) {}

    ~SqliteDatabase() override {
        if (!forked()) {
            group_.reset();
            locks().release(owner_);
            return;
        }
        // Files, locks and threads are the parent's: closing them here would take them from it.
        (void)group_.release();
        (void)readers_.release();
        (void)own_locks_.release();
    }

    Result<void> transact(const SqlTxFn &fn) override {
        if (forked()) return forked_error();
        return group_->transact(fn);
    }

    void submit(SqlTxFn fn, SqlDone done) override {
        if (forked()) return done(forked_error());
        group_->submit(std::move(fn), std::move(done));
    }

    void drain() override {
        if (!forked()) group_->drain();
    }

    Result<void> read(const SqlReadFn &fn) override {
        REMIT_CHECK(usable());
        return readers_->read(fn);
    }

    Result<void> peek(const SqlReadFn &fn) override {
        REMIT_CHECK(usable());
        return readers_->peek(fn);
    }
    bool reads_locally() const override { return true; }
    std::string text_of(const Sql &sql) const override { return with_prefix(sql.text, options_.prefix); }

    Result<void> migrate(std::span<const Migration> steps, MigrateMode mode) override {
        REMIT_CHECK(usable());
        return sql::migrate(schema(), steps, mode);
    }

    Result<std::string> migration_plan(std::span<const Migration> steps) override {
        REMIT_CHECK(usable());
        return sql::migration_plan(schema(), steps);
    }

    const std::string &owner() const override { return owner_; }

    bool owner_alive(std::string_view owner) override {
        if (owner == owner_ || forked()) return true;
        return locks().alive(owner);
    }

    Result<std::string> integrity_check() override {
        REMIT_CHECK(usable());
        return readers_->integrity_check();
    }

    Result<void> backup(const std::string &path) override {
        REMIT_CHECK(usable());
        return readers_->backup(path);
    }

    void start_writer() override {
        if (!forked()) group_->start();
    }

    void stop_writer() override {
        if (!forked()) group_->stop();
    }

private:
    bool forked() const { return process_id() != pid_; }
    static Error forked_error() {
        return error(Status::forked, "this database was opened by the parent process; open it again here");
    }
    Result<void> usable() {
        if (forked()) return forked_error();
        return group_->readable();
    }
    OwnerLocks &locks() { return options_.locks != nullptr ? *options_.locks : *own_locks_; }
    Schema schema() {
        return {
            *this,
            Dialect::sqlite,
            *options_.clock,
            options_.prefix,
            [](SqlTx &tx, const std::string &sql) { return static_cast<Transaction &>(tx).connection().script(sql); },
            [](SqlReader &reader, std::string_view name) -> Result<bool> {
                REMIT_TRY(const std::int64_t seen, reader.query(kHasTable, {name}, nullptr));
                return seen > 0;
            }};
    }

    const SqliteOptions options_;
    const long pid_ = process_id();
    std::unique_ptr<OwnerLocks> own_locks_;
    const std::string owner_;
    std::unique_ptr<Readers> readers_;
    std::unique_ptr<GroupCommit> group_;
};

bool is_prefix(std::string_view prefix) {
    return !prefix.empty() && prefix.size() <= 32 &&
           prefix.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
               std::string_view::npos &&
           (prefix[0] < '0' || prefix[0] > '9');
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions &options) {
    if (options.clock == nullptr) return invalid("clock", "is missing");
    if (options.random == nullptr) return invalid("random", "is missing");
    if (options.log == nullptr) return invalid("log", "is missing");
    if (!is_prefix(options.prefix)) return invalid("prefix", "must be letters, digits and _, 1 to 32, no digit first");
    if (options.busy_ms < 0) return invalid("busy_ms", "must not be negative");
    REMIT_TRY(std::unique_ptr<Batches> batches, Batches::open(options));
    std::unique_ptr<OwnerLocks> own_locks;
    if (options.locks == nullptr) {
        REMIT_TRY(own_locks, open_owner_locks(options.path));
    }
    const std::string owner = core::fresh_id("own", options.clock->utc_us(), *options.random);
    REMIT_CHECK((options.locks != nullptr ? *options.locks : *own_locks).acquire(owner));
    return std::unique_ptr<Database>(
        std::make_unique<SqliteDatabase>(options, std::move(own_locks), owner, std::move(batches)));
}

}  // namespace remit::sql
