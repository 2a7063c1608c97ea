#include "testing/database_kit.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <utility>

namespace remit::testing {
namespace kit {
namespace {

constexpr const char *kFirst[] = {
    "CREATE TABLE remit_conformance_rows (id {id}, k {text} NOT NULL UNIQUE, n BIGINT NOT NULL, t {longtext},"
    " b {longbytes})",
    "CREATE TABLE remit_conformance_total (id {id}, name {text} NOT NULL UNIQUE, n BIGINT NOT NULL)"};
constexpr const char *kSecond[] = {"CREATE INDEX remit_conformance_by_n ON remit_conformance_rows (n)",
                                   "CREATE TABLE host_conformance (name VARCHAR(100) PRIMARY KEY, n BIGINT NOT NULL,"
                                   " CHECK (n >= 0))"};
constexpr Migration kSteps[] = {{1, "rows", kFirst, 1}, {2, "index", kSecond, 1}};
constexpr Migration kFuture[] = {{1, "rows", kFirst, 1}, {2, "index", kSecond, 1}, {3, "future", {}, 3}};

constexpr Sql kInsertAll{"INSERT INTO remit_conformance_rows (k, n, t, b) VALUES (?, ?, ?, ?)"};
constexpr Sql kById{"SELECT k FROM remit_conformance_rows WHERE id = ?"};
constexpr Sql kSame{"UPDATE remit_conformance_rows SET n = n WHERE k = ?"};
constexpr Sql kDelete{"DELETE FROM remit_conformance_rows WHERE k = ?"};
constexpr Sql kKeys{"SELECT k FROM remit_conformance_rows WHERE n >= ? ORDER BY k LIMIT ?"};
constexpr Sql kCount{"SELECT COUNT(*), MAX(n), MIN(n) FROM remit_conformance_rows WHERE k = ?"};
constexpr Sql kLiteral{"SELECT 'remit_? it''s ?', k FROM remit_conformance_rows WHERE k = ?"};
constexpr Sql kNonsense{"SELEC 1"};

}  // namespace

void Kit::migrations() {
    auto plan = db_->migration_plan(kSteps);
    that(plan.ok() && plan->find("CREATE TABLE") != std::string::npos, "a plan tells nothing of what is missing");
    is(db_->migrate(kSteps, MigrateMode::check), Status::state, "a check of a schema that is not there");
    ok(db_->migrate(kSteps, MigrateMode::automatic), "migrating");
    ok(db_->migrate(kSteps, MigrateMode::automatic), "migrating again");
    ok(db_->migrate(kSteps, MigrateMode::check), "a check of a schema that is there");
    plan = db_->migration_plan(kSteps);
    that(plan.ok() && plan->empty(), "a plan is left when all is applied");
    ok(db_->migrate(kFuture, MigrateMode::automatic), "a step of a later library");
    is(db_->migrate(kSteps, MigrateMode::automatic), Status::newer, "a schema that needs a later library");
}

void Kit::values() {
    const Bytes bytes = {0, 1, 255, 0};
    const Bytes none;
    constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
    const std::string large(3'000'000, 'x');
    ok(db_->transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec(kInsertAll, {"v1", kMin, SqlParam(), SqlParam()}));
        REMIT_CHECK(tx.exec(kInsertAll, {"v2", std::numeric_limits<std::int64_t>::max(), "\xc3\xa9'?$1", bytes}));
        REMIT_CHECK(tx.exec(kInsertAll, {"v3", -1, "", none}));
        return done(tx.exec(kInsertAll, {"v4", 0, large, SqlParam()}));
    }),
       "writing values");
    ok(db_->read([&](SqlReader &reader) -> Result<void> {
        REMIT_CHECK(reader.query(kByKey, {"v1"}, [&](const SqlRow &row) {
            that(row.integer(0) == kMin, "the smallest integer is lost");
            that(row.is_null(1) && row.is_null(2) && row.text(1).empty() && row.blob(2).empty(), "NULL is not NULL");
            return true;
        }));
        REMIT_CHECK(reader.query(kByKey, {"v2"}, [&](const SqlRow &row) {
            that(row.integer(0) == std::numeric_limits<std::int64_t>::max(), "the largest integer is lost");
            that(row.text(1) == "\xc3\xa9'?$1", "a text is another");
            that(std::ranges::equal(row.blob(2), bytes), "bytes are others");
            return true;
        }));
        REMIT_CHECK(reader.query(kByKey, {"v3"}, [&](const SqlRow &row) {
            that(!row.is_null(1) && !row.is_null(2) && row.text(1).empty() && row.blob(2).empty(),
                 "empty is not empty");
            return true;
        }));
        REMIT_CHECK(reader.query(kByKey, {"v4"}, [&](const SqlRow &row) {
            that(row.text(1) == large, "a large text is another");
            return true;
        }));
        return done(reader.query(kLiteral, {"v1"}, [&](const SqlRow &row) {
            that(row.text(0) == "remit_? it's ?", "a literal was rewritten: " + std::string(row.text(0)));
            return true;
        }));
    }),
       "reading values");
    that(number(kCount, {"nobody"}) == 0, "an aggregate of nothing is not 0");
}

void Kit::counts() {
    ok(db_->transact([&](SqlTx &tx) -> Result<void> {
        REMIT_TRY(const auto inserted, tx.exec(kInsert, {"c1", 1}));
        that(inserted == 1, "an INSERT does not count its row");
        REMIT_TRY(const auto id, tx.last_insert_id());
        REMIT_CHECK(tx.query(kById, {id}, [&](const SqlRow &row) {
            that(row.text(0) == "c1", "last_insert_id is another row's");
            return true;
        }));
        REMIT_CHECK(tx.exec(kInsert, {"c2", 1}));
        REMIT_TRY(const auto next, tx.last_insert_id());
        that(next != id, "two rows have one id");
        REMIT_TRY(const auto same, tx.exec(kSame, {"c1"}));
        that(same == 1, "an UPDATE that changes nothing does not count the rows it found");
        REMIT_TRY(const auto missing, tx.exec(kSame, {"nobody"}));
        that(missing == 0, "an UPDATE counts rows that are not there");
        REMIT_TRY(const auto gone, tx.exec(kDelete, {"c2"}));
        that(gone == 1, "a DELETE does not count its row");
        REMIT_TRY(const auto seen, tx.query(kKeys, {1, 100}, [](const SqlRow &) { return false; }));
        that(seen == 1, "a query goes on after its row function stopped it");
        return {};
    }),
       "counting");
}

void Kit::conflicts() {
    ok(db_->transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec(kInsert, {"u1", 7}));
        is(done(tx.exec(kInsert, {"u1", 8})), Status::mismatch, "a taken key");
        REMIT_CHECK(tx.query(kByKey, {"u1"}, [&](const SqlRow &row) {
            that(row.integer(0) == 7, "a refused INSERT changed the row");
            return true;
        }));
        return done(tx.exec(kInsert, {"u2", 1}));
    }),
       "a transaction that goes on after a taken key");
    that(has("u1") && has("u2"), "a refused INSERT undid its transaction");
}

void Kit::undone() {
    const auto said = db_->transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec(kInsert, {"e1", 1}));
        return invalid("amount", "is wrong");
    });
    that(said.status() == Status::invalid && said.error().field == "amount", "a function's error is not what is told");
    that(!has("e1"), "what a function did is there although it failed");
    is(db_->transact([](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec(kInsert, {"e2", 1}));
        return done(tx.exec(kNonsense, SqlParams{}));
    }),
       Status::broken, "nonsense");
    that(!has("e2"), "what stands before nonsense is there");
    is(db_->transact([](SqlTx &tx) { return done(tx.exec(kInsert, {"e3"})); }), Status::broken, "too few parameters");
    is(db_->transact([](SqlTx &tx) {
        return done(tx.exec(kAdd, {1, "e3", 2}));
    }),
       Status::broken, "too many parameters");
    ok(db_->transact([](SqlTx &) -> Result<void> { return {}; }), "a transaction of nothing");
}

void Kit::last() {
    ok(db_->transact([](SqlTx &tx) { return done(tx.exec_last(kInsert, {"l1", 1})); }), "a last statement alone");
    that(has("l1"), "a last statement alone is not there");
    ok(db_->transact([&](SqlTx &tx) -> Result<void> {
        is(done(tx.exec_last(kInsert, {"l1", 1})), Status::mismatch, "a taken key in a last statement");
        return done(tx.exec_last(kInsert, {"l2", 1}));
    }),
       "what follows a last statement that did nothing");
    that(has("l2"), "what follows a last statement that did nothing is not there");
    ok(db_->transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec(kAdd, {5, "l1"}));
        REMIT_TRY(const auto found, tx.exec_last(kAdd, {5, "l2"}));
        that(found == 1, "a last statement does not count");
        return {};
    }),
       "a last statement after another");
    that(number(kByKey, {"l1"}) == 6 && number(kByKey, {"l2"}) == 6, "a last statement took not all along");
    const auto said = db_->transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec(kInsert, {"l3", 1}));
        return done(tx.exec_last(kInsert, {"l1", 1}));
    });
    is(said, Status::mismatch, "a taken key in a last INSERT after another statement");
    that(!has("l3"), "a last INSERT that found its key taken committed what stood before");
}

void Kit::nested() {
    Result<void> inner;
    ok(db_->transact([&](SqlTx &tx) -> Result<void> {
        inner = db_->transact([](SqlTx &in) { return done(in.exec(kInsert, {"n1", 1})); });
        return done(tx.exec(kInsert, {"n2", 1}));
    }),
       "a transaction around another");
    is(inner, Status::misuse, "a transaction inside a transaction");
    that(!has("n1") && has("n2"), "a transaction inside another did something");
    ok(db_->transact([&](SqlTx &tx) -> Result<void> {
        std::string seen;
        REMIT_CHECK(tx.query(kKeys, {std::numeric_limits<std::int64_t>::min(), 2}, [&](const SqlRow &outer) {
            seen += outer.text(0);
            return tx
                .query(kKeys, {std::numeric_limits<std::int64_t>::min(), 1},
                       [&](const SqlRow &in) { return !in.text(0).empty(); })
                .ok();
        }));
        that(seen.starts_with("c1"), "rows are not in binary order: " + seen);
        return {};
    }),
       "a query inside a query");
}

void Kit::readers() {
    ok(db_->read([&](SqlReader &reader) -> Result<void> {
        REMIT_CHECK(reader.query(kByKey, {"r1"}, nullptr));
        ok(db_->transact([](SqlTx &tx) { return done(tx.exec(kInsert, {"r1", 1})); }), "writing beside a reader");
        REMIT_TRY(const auto seen, reader.query(kByKey, {"r1"}, nullptr));
        that(seen == 0, "a reader's snapshot changes");
        return {};
    }),
       "reading twice");
    that(has("r1"), "a reader begun after a commit does not see it");
    const auto wrote = db_->read([](SqlReader &reader) { return done(reader.query(kInsert, {"r2", 1}, nullptr)); });
    that(!wrote.ok() && !has("r2"), "a reader writes");
    const auto said = db_->read([](SqlReader &) -> Result<void> { return error(Status::not_found, "nobody"); });
    is(said, Status::not_found, "a reader's own error");
}

void Kit::submitted() {
    std::atomic<int> answered{0}, failed{0};
    const auto submit = [&](const std::string &key) {
        db_->submit(
            [key](SqlTx &tx) {
                return done(tx.exec(kInsert, {key, 1}));
            },
            [&](const Result<void> &result) {
                if (!result.ok()) ++failed;
                ++answered;
            });
    };
    submit("s1");
    db_->drain();
    that(answered == 1 && has("s1"), "drain returns before what was submitted is done");
    {
        std::shared_ptr<void> last(nullptr, [&](void *) { submit("s1-more"); });
        db_->submit([last = std::move(last)](SqlTx &) { return Result<void>(); }, [](const Result<void> &) {});
    }
    for (int i = 0; i < 2; ++i) db_->drain();
    that(answered == 2 && has("s1-more"), "what goes with a submitted function cannot submit more");
    db_->start_writer();
    for (int i = 0; i < 20; ++i) submit("s2-" + std::to_string(i));
    db_->drain();
    that(answered == 22, "drain returns before the writer is done");
    submit("s3");
    db_->stop_writer();
    that(answered == 23 && has("s3"), "stopping the writer forgets what was submitted");
    that(failed == 0, "what was submitted fails");
    submit("s3");
    db_->drain();
    that(failed == 1, "a submitted function's error is not told");
}

void Kit::leases() {
    std::int64_t first = 0, second = 0;
    std::string clock, again;
    ok(db_->transact([&](SqlTx &tx) -> Result<void> {
        first = tx.lease_now_us();
        clock = tx.lease_clock();
        return {};
    }),
       "asking the time");
    ok(db_->transact([&](SqlTx &tx) -> Result<void> {
        second = tx.lease_now_us();
        again = tx.lease_clock();
        return {};
    }),
       "asking the time again");
    that(second >= first, "time goes back");
    that(!clock.empty() && clock == again, "the clock of leases has no lasting name");
}

std::vector<std::string> Kit::run() {
    auto opened = bench_.open();
    if (!opened.ok()) return {"cannot be opened: " + opened.error().field + " " + opened.error().text};
    db_ = std::move(*opened);
    migrations();
    values();
    counts();
    conflicts();
    undone();
    last();
    nested();
    readers();
    submitted();
    host_statements();
    host_refusals();
    leases();
    owners();
    many_writers();
    crossing();
    const auto whole = db_->integrity_check();
    that(whole.ok() && *whole == "ok", "the database is not whole: " + (whole.ok() ? *whole : whole.error().text));
    return std::move(broken_);
}

}  // namespace kit

std::vector<std::string> database_conformance(DatabaseBench &bench) {
    return kit::Kit(bench).run();
}

}  // namespace remit::testing
