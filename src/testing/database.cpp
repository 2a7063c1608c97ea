#include <remit/testing/database.hpp>

namespace remit::testing {

const char *db_fault_name(DbFault fault) noexcept {
    switch (fault) {
    case DbFault::none: return "none";
    case DbFault::refused: return "refused";
    case DbFault::answer_lost: return "answer_lost";
    case DbFault::lost_undone: return "lost_undone";
    case DbFault::lied: return "lied";
    case DbFault::crash_before: return "crash_before";
    case DbFault::crash_after: return "crash_after";
    }
    return "?";
}

namespace {

// The first two statements that write, as far as they differ: enough to tell one kind of transaction from another.
struct Writes {
    const char *first = nullptr;
    const char *second = nullptr;

    void add(const char *text) {
        if (first == nullptr)
            first = text;
        else if (second == nullptr && text != first)
            second = text;
    }
    std::string site() const {
        std::string name(std::string_view(first).substr(0, kShown));
        if (second != nullptr) name.append(" + ").append(std::string_view(second).substr(0, kShown));
        return name;
    }
    static constexpr std::size_t kShown = 48;
};

}  // namespace

// One transaction: which site it turned out to be, and what was decided about it.
struct SimDatabase::Call {
    Writes writes;
    bool decided = false;
    DbFault fault = DbFault::none;
};

namespace {

// Passes everything on and remembers what is written.
class Recorder final : public SqlTx {
public:
    Recorder(SqlTx &inner, Writes &writes) : inner_(inner), writes_(writes) {}
    using SqlTx::exec;
    using SqlTx::query;
    Result<std::int64_t> query(const Sql &sql, std::span<const SqlParam> params, const SqlRowFn &row) override {
        return inner_.query(sql, params, row);
    }
    Result<std::int64_t> exec(const Sql &sql, std::span<const SqlParam> params) override {
        writes_.add(sql.text);
        return inner_.exec(sql, params);
    }
    using SqlTx::exec_last;
    Result<std::int64_t> exec_last(const Sql &sql, std::span<const SqlParam> params) override {
        writes_.add(sql.text);
        return inner_.exec_last(sql, params);
    }
    Result<std::int64_t> exec_host(std::string_view sql, std::span<const SqlParam> params) override {
        return inner_.exec_host(sql, params);
    }
    Result<std::int64_t> last_insert_id() override { return inner_.last_insert_id(); }
    std::int64_t lease_now_us() override { return inner_.lease_now_us(); }
    std::string_view lease_clock() override { return inner_.lease_clock(); }
    bool serial_commits() const override { return inner_.serial_commits(); }

private:
    SqlTx &inner_;
    Writes &writes_;
};

Error refused() {
    return error(Status::store, "the simulated database refuses");
}
Error lost() {
    return error(Status::store_lost, "the simulated commit's answer is lost");
}

}  // namespace

SimDatabase::SimDatabase(std::unique_ptr<Database> inner, Power &power, DbSites &sites) :
    inner_(std::move(inner)), power_(power), sites_(sites) {}

SimDatabase::~SimDatabase() = default;

DbFault SimDatabase::decide(std::string_view site) {
    if (!power_.on) return DbFault::none;
    auto at = sites_.find(site);
    if (at == sites_.end()) at = sites_.emplace(std::string(site), DbSiteCount{}).first;
    const std::uint64_t nth = ++at->second.calls;
    const DbFault fault = hook_ ? hook_(site, nth) : DbFault::none;
    if (fault != DbFault::none) ++at->second.faults[fault];
    if (trace_ && (fault != DbFault::none || site != "begin"))
        trace_("db  " + std::string(site) + (fault == DbFault::none ? "" : "  ") +
               (fault == DbFault::none ? "" : db_fault_name(fault)));
    return fault;
}

Result<void> SimDatabase::begin() {
    const DbFault fault = decide("begin");
    if (fault == DbFault::crash_before) power_.on = false;
    if (fault == DbFault::refused || !power_.on) return refused();
    return {};
}

// The function may run again; what was decided about it stays.
SqlTxFn SimDatabase::wrap(SqlTxFn fn, std::shared_ptr<Call> call) {
    return [this, fn = std::move(fn), call = std::move(call)](SqlTx &tx) -> Result<void> {
        call->writes = {};
        Recorder recorder(tx, call->writes);
        REMIT_CHECK(fn(recorder));
        if (!call->decided && call->writes.first != nullptr) {
            call->decided = true;
            call->fault = decide(call->writes.site());
        }
        if (call->fault == DbFault::crash_before) power_.on = false;
        if (call->fault == DbFault::refused || !power_.on) return refused();
        if (call->fault == DbFault::lost_undone || call->fault == DbFault::lied) return lost();
        return {};
    };
}

Result<void> SimDatabase::settle(Result<void> done, const Call &call) {
    if (call.fault == DbFault::lied) return {};
    if (!done.ok()) return done;
    if (call.fault == DbFault::crash_after) power_.on = false;
    if (call.fault == DbFault::crash_after || call.fault == DbFault::answer_lost) return lost();
    return done;
}

Result<void> SimDatabase::transact(const SqlTxFn &fn) {
    REMIT_CHECK(begin());
    const auto call = std::make_shared<Call>();
    return settle(inner_->transact(wrap(fn, call)), *call);
}

void SimDatabase::submit(SqlTxFn fn, SqlDone done) {
    if (Result<void> begun = begin(); !begun.ok()) {
        done(std::move(begun));
        return;
    }
    const auto call = std::make_shared<Call>();
    inner_->submit(wrap(std::move(fn), call), [this, call, done = std::move(done)](Result<void> outcome) {
        done(settle(std::move(outcome), *call));
    });
}

}  // namespace remit::testing
