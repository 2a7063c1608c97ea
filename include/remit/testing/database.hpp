// A wrapper of any Database that injects faults at chosen transactions and counts them by call site.
#pragma once

#include <remit/port/database.hpp>
#include <remit/testing/power.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace remit::testing {

// What happens to one transaction.
enum class DbFault : std::int32_t {
    none = 0,
    refused,       // nothing is done; Store
    answer_lost,   // it is committed, and the caller gets StoreLost
    lost_undone,   // it is not committed, and the caller gets StoreLost
    lied,          // it is not committed, and the caller is told that it is (a disk that lies; nobody can cope)
    crash_before,  // the power goes off before the commit
    crash_after,   // it is committed; the power goes off before the caller knows
};
const char *db_fault_name(DbFault fault) noexcept;

struct DbSiteCount {
    std::uint64_t calls = 0;
    std::map<DbFault, std::uint64_t> faults;
};
using DbSites = std::map<std::string, DbSiteCount, std::less<>>;

// Decides about the nth (from 1) transaction of a site. The site is asked twice: as "begin" before the
// transaction starts (refused, crash_before and none are possible), and by the beginnings of its first two writing
// statements once its function has succeeded, before the commit.
using DbHook = std::function<DbFault(std::string_view site, std::uint64_t nth)>;

class SimDatabase final : public Database {
public:
    // `sites` and `power` are borrowed, so that counts outlive one opening of the database.
    SimDatabase(std::unique_ptr<Database> inner, Power &power, DbSites &sites);
    ~SimDatabase() override;
    void set_hook(DbHook hook) { hook_ = std::move(hook); }
    void set_trace(std::function<void(std::string_view)> trace) { trace_ = std::move(trace); }

    Result<void> transact(const SqlTxFn &fn) override;
    void submit(SqlTxFn fn, SqlDone done) override;
    void drain() override { inner_->drain(); }
    Result<void> read(const SqlReadFn &fn) override { return inner_->read(fn); }
    Result<void> peek(const SqlReadFn &fn) override { return inner_->peek(fn); }
    bool reads_locally() const override { return inner_->reads_locally(); }
    std::string text_of(const Sql &sql) const override { return inner_->text_of(sql); }
    Result<void> migrate(std::span<const Migration> steps, MigrateMode mode) override {
        return inner_->migrate(steps, mode);
    }
    Result<std::string> migration_plan(std::span<const Migration> steps) override {
        return inner_->migration_plan(steps);
    }
    const std::string &owner() const override { return inner_->owner(); }
    bool owner_alive(std::string_view owner) override { return inner_->owner_alive(owner); }
    Result<std::string> integrity_check() override { return inner_->integrity_check(); }
    Result<void> backup(const std::string &path) override { return inner_->backup(path); }
    void start_writer() override { inner_->start_writer(); }
    void stop_writer() override { inner_->stop_writer(); }

private:
    struct Call;
    DbFault decide(std::string_view site);
    Result<void> begin();
    SqlTxFn wrap(SqlTxFn fn, std::shared_ptr<Call> call);
    Result<void> settle(Result<void> done, const Call &call);

    std::unique_ptr<Database> inner_;
    Power &power_;
    DbSites &sites_;
    DbHook hook_;
    std::function<void(std::string_view)> trace_;
};

}  // namespace remit::testing
