#include "testing/database_kit.hpp"

#include <atomic>

namespace remit::testing::kit {
namespace {

constexpr Sql kStartTotal{"INSERT INTO remit_conformance_total (name, n) VALUES (?, 0)"};
constexpr Sql kAddTotal{"UPDATE remit_conformance_total SET n = n + 1 WHERE name = ?"};
constexpr Sql kTotal{"SELECT n FROM remit_conformance_total WHERE name = ?"};
// As the database's own clients write them: the host's table has no prefix.
constexpr Sql kHostInsert{"INSERT INTO host_conformance (name, n) VALUES (?, ?)"};
constexpr Sql kHostUpdate{"UPDATE host_conformance SET n = n - ? WHERE name = ?"};
constexpr Sql kHostFind{"SELECT n FROM host_conformance WHERE name = ?"};

}  // namespace

void Kit::host_statements() {
    const std::string insert = host(kHostInsert), update = host(kHostUpdate);
    ok(db_->transact([&](SqlTx &tx) -> Result<void> {
        const SqlParam row[] = {"stock", 5};
        REMIT_TRY(auto found, tx.exec_host(insert, row));
        that(found == 1, "a host's INSERT does not count");
        const SqlParam take[] = {2, "stock"};
        REMIT_TRY(found, tx.exec_host("  -- the stock\n" + update, take));
        that(found == 1, "a host's UPDATE does not count");
        const SqlParam missing[] = {2, "nobody"};
        REMIT_TRY(found, tx.exec_host(update, missing));
        that(found == 0, "a host's UPDATE counts what is not there");
        const SqlParam name[] = {"stock"};
        REMIT_TRY(found, tx.exec_host(host(kHostFind), name));
        that(found == 1, "a host's SELECT does not count");
        return done(tx.exec(kInsert, {"h1", 1}));
    }),
       "a host's statements");
    that(has("h1") && number(kHostFind, {"stock"}) == 3, "a host's statements are not there");
    ok(db_->transact([&](SqlTx &tx) -> Result<void> {
        const SqlParam take[] = {1, "stock"};
        REMIT_CHECK(tx.exec_host(update, take));
        return done(tx.exec_last(kAdd, {1, "h1"}));
    }),
       "a host's statement before a last one");
    that(number(kHostFind, {"stock"}) == 2, "a host's statement before a last one is not there");
    is(db_->transact([&](SqlTx &tx) -> Result<void> {
        const SqlParam take[] = {1, "stock"};
        REMIT_CHECK(tx.exec_host(update, take));
        return error(Status::fenced, "another");
    }),
       Status::fenced, "a function that fails after a host's statement");
    that(number(kHostFind, {"stock"}) == 2, "a host's statement stays when its transaction fails");
}

void Kit::host_refusals() {
    const auto refused = [&](const std::string &sql, const std::vector<SqlParam> &params, Status status,
                             const char *field) {
        const auto said = host_run(sql, params);
        is(said, status, "a host's \"" + sql + "\"");
        if (!said.ok() && field != nullptr)
            that(said.error().field == field, "a host's \"" + sql + "\" is blamed on " + said.error().field);
        that(!has("with_host"), "a transaction stays whose host statement failed: " + sql);
    };
    for (const char *sql : {"COMMIT", "rollback", " /* no */ BEGIN", "-- no\nEND", "SAVEPOINT x", "RELEASE x",
                            "SELEC 1", "SELECT no_such_column FROM host_conformance", "SELECT 1; SELECT 2",
                            "DELETE FROM no_such_table", "", "  -- nothing\n"})
        refused(sql, {}, Status::invalid, "sql");
    refused(host(kHostFind), {}, Status::invalid, "values");
    refused(host(kHostInsert), {"stock", 1}, Status::refused, "sql");
    refused(host(kHostInsert), {"less", -1}, Status::refused, "sql");
    const auto named = db_->transact([&](SqlTx &tx) -> Result<void> {
        const auto ran = tx.exec_host("nonsense", {});
        return Error{ran.status(), "statements[0]." + (ran.ok() ? "" : ran.error().field), "is nonsense"};
    });
    that(named.error().field == "statements[0].sql", "what a function says of a host's statement is not told");
    // A function that makes nothing of it gets no further.
    const auto said = db_->transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec(kInsert, {"with_host", 1}));
        const SqlParam taken[] = {"stock", 1};
        REMIT_CHECK(tx.exec_host(host(kHostInsert), taken));
        return {};
    });
    is(said, Status::refused, "a host's taken key");
}

void Kit::owners() {
    that(db_->owner_alive(db_->owner()), "an owner does not know that it lives");
    auto other = bench_.open();
    that(other.ok(), "the database cannot be opened twice");
    if (!other.ok()) return;
    const std::string name = (*other)->owner();
    that(name != db_->owner(), "two openings have one owner");
    that(db_->owner_alive(name) && (*other)->owner_alive(db_->owner()), "a living owner is taken for dead");
    that(db_->owner_alive(name), "asking whether an owner lives ends it");
    other->reset();
    that(!db_->owner_alive(name), "an owner outlives its database");
}

void Kit::many_writers() {
    ok(db_->transact([](SqlTx &tx) { return done(tx.exec(kStartTotal, {"writers"})); }), "starting a total");
    std::atomic<int> won{0}, failed{0};
    at_once([&](int thread) {
        for (int i = 0; i < bench_.rounds; ++i) {
            const std::string mine = "w" + std::to_string(thread) + "-" + std::to_string(i);
            const std::string shared = "w-" + std::to_string(i);
            bool first = false;
            const auto said = db_->transact([&](SqlTx &tx) -> Result<void> {
                REMIT_CHECK(tx.exec(kInsert, {mine, i}));
                const auto taken = tx.exec(kInsert, {shared, i});
                first = taken.ok();
                if (!first && taken.status() != Status::mismatch) return taken.error();
                REMIT_TRY(const auto seen, tx.query(kByKey, {shared}, nullptr));
                if (seen != 1) return error(Status::corrupt, "the row in the way is not to be seen");
                return done(tx.exec(kAddTotal, {"writers"}));
            });
            if (!said.ok()) ++failed;
            if (said.ok() && first) ++won;
        }
    });
    that(failed == 0, "writers at once fail: " + std::to_string(failed));
    that(won == bench_.rounds, "one key is won by " + std::to_string(won) + " of " + std::to_string(bench_.rounds));
    that(number(kTotal, {"writers"}) == bench_.threads * bench_.rounds, "a sum of writers at once is lost");
}

// Rows taken in opposite orders: where that is a deadlock, the function is run again.
void Kit::crossing() {
    ok(db_->transact([](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec(kInsert, {"x0", 0}));
        return done(tx.exec(kInsert, {"x1", 0}));
    }),
       "two rows");
    std::atomic<int> failed{0}, done_count{0};
    at_once([&](int thread) {
        if (thread > 1) return;
        for (int i = 0; i < 2; ++i) {
            const auto said = db_->transact([&](SqlTx &tx) -> Result<void> {
                REMIT_CHECK(tx.exec(kAdd, {1, thread == 0 ? "x0" : "x1"}));
                return done(tx.exec(kAdd, {1, thread == 0 ? "x1" : "x0"}));
            });
            if (!said.ok()) ++failed;
            ++done_count;
        }
    });
    that(failed == 0, "transactions that cross fail: " + std::to_string(failed));
    that(number(kByKey, {"x0"}) == done_count && number(kByKey, {"x1"}) == done_count, "crossing transactions lose");
}

}  // namespace remit::testing::kit
