#include "fixture.hpp"

#include <set>
#include <sqlite3.h>

using namespace remit;
using namespace remit::sql::test;
using remit::testing::CrashDisk;
using remit::testing::Power;

namespace {

#if defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kSchedules = 50;  // one thread: there is nothing to find, and it is slow
#else
constexpr std::uint64_t kSchedules = 600;
#endif

struct Tally {
    int runs = 0;
    int lost = 0;     // acknowledged, and not there
    int half = 0;     // a row without its total, or the other way round
    int strange = 0;  // neither acknowledged nor in doubt, and there
    int damaged = 0;
    int in_doubt = 0;  // told StoreLost, and there
    std::int64_t acknowledged = 0;
    std::int64_t bad_seed = -1;  // the last schedule that showed one of the wrong ones

    int wrong() const { return lost + half + strange + damaged; }
};

// Payments until the machine dies, alone and in shared commits; then what the restart finds.
void schedule(std::uint64_t seed, bool faults, Tally &tally) {
    Power power;
    CrashDisk disk(seed, power);
    Ports ports;
    std::mt19937_64 dice(seed);
    std::vector<std::string> acknowledged, doubtful, refused;
    const auto pick = [&](Status s) -> std::vector<std::string> & {
        return s == Status::ok ? acknowledged : s == Status::store_lost ? doubtful : refused;
    };
    {
        auto db = open(ports.options(disk));
        disk.die_at_op(1 + static_cast<std::int64_t>(dice() % 200));
        if (faults) disk.faults() = {60, 20, 20, 60, 50};
        for (int i = 0; i < 60 && power.on; ++i) {
            const std::size_t together = dice() % 3 == 0 ? 1 + dice() % 6 : 0;
            for (std::size_t j = 0; j < together; ++j) {
                const std::string key = "s" + std::to_string(i) + "-" + std::to_string(j);
                db->submit(pay(key), [&, key](const Result<void> &r) { pick(r.status()).push_back(key); });
            }
            const std::string key = "t" + std::to_string(i);
            pick(db->transact(pay(key)).status()).push_back(key);
        }
        power.on = false;
    }
    disk.faults() = {};
    disk.crash();
    const int wrong = tally.wrong();
    ++tally.runs;
    tally.acknowledged += static_cast<std::int64_t>(acknowledged.size());
    auto db = open(ports.options(disk));
    if (db->integrity_check().value() != "ok") ++tally.damaged;
    for (const std::string &key : acknowledged) tally.lost += has(*db, key) ? 0 : 1;
    for (const std::string &key : refused) tally.strange += has(*db, key) ? 1 : 0;
    for (const std::string &key : doubtful) tally.in_doubt += has(*db, key) ? 1 : 0;
    if (number(*db, kCount) != number(*db, kTotal)) ++tally.half;
    if (tally.wrong() > wrong) tally.bad_seed = static_cast<std::int64_t>(seed);
}

Status transact_status(Database &db, const SqlTxFn &fn) {
    return db.transact(fn).status();
}

}  // namespace

TEST_CASE("sql: nothing acknowledged is lost and nothing is half there, whenever the machine dies") {
    Tally tally;
    for (std::uint64_t seed = 0; seed < kSchedules; ++seed) schedule(seed, false, tally);
    CAPTURE(tally.bad_seed, tally.acknowledged, tally.in_doubt);
    REQUIRE(tally.lost == 0);
    REQUIRE(tally.half == 0);
    REQUIRE(tally.strange == 0);
    REQUIRE(tally.damaged == 0);
    REQUIRE(tally.acknowledged > static_cast<std::int64_t>(kSchedules));
    REQUIRE(tally.in_doubt > 0);  // the schedules do reach the inside of commits
}

TEST_CASE("sql: the same with a disk that also refuses, fills up and is busy") {
    Tally tally;
    for (std::uint64_t seed = 10'000; seed < 10'000 + kSchedules; ++seed) schedule(seed, true, tally);
    CAPTURE(tally.bad_seed, tally.acknowledged, tally.in_doubt);
    REQUIRE(tally.lost == 0);
    REQUIRE(tally.half == 0);
    REQUIRE(tally.strange == 0);
    REQUIRE(tally.damaged == 0);
    REQUIRE(tally.acknowledged > static_cast<std::int64_t>(kSchedules));
}

TEST_CASE("sql: the crash disk shows what synchronous=NORMAL loses") {
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        Power power;
        CrashDisk disk(seed, power);
        sqlite3 *db = nullptr;
        const auto run = [&](const char *sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK; };
        const auto reopen = [&] {
            const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
            REQUIRE(sqlite3_open_v2("n.db", &db, flags, disk.vfs().c_str()) == SQLITE_OK);
            REQUIRE(
                run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE IF NOT EXISTS t (a INTEGER)"));
        };
        reopen();
        REQUIRE(run("PRAGMA wal_checkpoint(TRUNCATE)"));
        REQUIRE(run("INSERT INTO t VALUES (1)"));  // acknowledged
        power.on = false;
        sqlite3_close(db);
        disk.crash();
        reopen();
        sqlite3_stmt *count = nullptr;
        REQUIRE(sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &count, nullptr) == SQLITE_OK);
        REQUIRE(sqlite3_step(count) == SQLITE_ROW);
        lost += sqlite3_column_int(count, 0) == 0 ? 1 : 0;
        sqlite3_finalize(count);
        sqlite3_close(db);
    }
    REQUIRE(lost > 10);
    REQUIRE(lost < 100);
}

TEST_CASE("sql: a failed commit is unknown to all of its batch, and what is read after it stays true") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Power power;
        CrashDisk disk(seed, power);
        Ports ports;
        auto db = open(ports.options(disk));
        REQUIRE(db->transact(pay("before")).ok());
        std::vector<Status> got;
        const auto note = [&](const Result<void> &r) { got.push_back(r.status()); };
        db->submit(pay("one"), note);
        db->submit(
            [](SqlTx &tx) -> Result<void> {
                REMIT_CHECK(pay("two")(tx));
                return error(Status::refused, "");
            },
            note);
        db->submit(
            [&](SqlTx &tx) {
                disk.faults().write_error = 1'500;  // now and then only after all that matters was written
                disk.faults().full = 300;
                return pay("three")(tx);
            },
            note);
        db->drain();
        disk.faults() = {};
        if (got[0] == Status::ok) continue;  // no fault was drawn
        REQUIRE(got == std::vector{Status::store_lost, Status::refused, Status::store_lost});
        const bool one = has(*db, "one");
        REQUIRE(has(*db, "three") == one);
        REQUIRE(has(*db, "before"));
        REQUIRE_FALSE(has(*db, "two"));
        const bool goes_on = seed % 2 == 0;
        if (goes_on) REQUIRE(db->transact(pay("after")).ok());
        if (seed % 4 < 2)
            disk.kill(0);  // every write is there, and the next process reads the log anew
        else
            power.on = false;
        db.reset();
        if (!power.on) disk.crash();
        db = open(ports.options(disk));
        CAPTURE(seed);
        REQUIRE(has(*db, "one") == one);
        REQUIRE(has(*db, "three") == one);
        REQUIRE(has(*db, "after") == goes_on);
        REQUIRE(db->integrity_check().value() == "ok");
    }
}

TEST_CASE("sql: while a failed commit cannot be settled nothing is read and nothing is written") {
    Power power;
    CrashDisk disk(1, power);
    Ports ports;
    auto db = open(ports.options(disk));
    auto lost = db->transact([&](SqlTx &tx) {
        disk.faults().full = 10'000;
        return pay("a")(tx);
    });
    REQUIRE(lost.status() == Status::store_lost);
    REQUIRE(transact_status(*db, pay("b")) == Status::store);
    REQUIRE(db->read([](SqlReader &) -> Result<void> { return {}; }).status() == Status::store);
    disk.faults() = {};
    REQUIRE_FALSE(has(*db, "b"));
    REQUIRE(db->transact(pay("b")).ok());
    REQUIRE(has(*db, "b"));
}

TEST_CASE("sql: a failed sync fences the instance for good") {
    Power power;
    CrashDisk disk(1, power);
    Ports ports;
    auto db = open(ports.options(disk));
    REQUIRE(db->transact(pay("a")).ok());
    auto lost = db->transact([&](SqlTx &tx) {
        disk.faults().sync_error = 10'000;
        return pay("b")(tx);
    });
    REQUIRE(lost.status() == Status::store_lost);
    disk.faults() = {};
    REQUIRE(transact_status(*db, pay("c")) == Status::broken);
    REQUIRE(db->read([](SqlReader &) -> Result<void> { return {}; }).status() == Status::broken);
    REQUIRE(db->integrity_check().status() == Status::broken);
    db.reset();
    db = open(ports.options(disk));
    REQUIRE(has(*db, "a"));
    REQUIRE(db->transact(pay("c")).ok());
}

TEST_CASE("sql: when SQLite rolls everything back the guilty gets its error and the innocent run again") {
    Power power;
    CrashDisk disk(1, power);
    Ports ports;
    {
        auto db = open(ports.options(disk));
        const Bytes ballast(3'000, 1);
        for (int i = 0; i < 50; ++i)
            REQUIRE(db->transact([&](SqlTx &tx) {
                          return done(tx.exec(kInsertBytes, {"old" + std::to_string(i), 0, ballast}));
                      }).ok());
    }
    auto db = open(ports.options(disk));  // nothing in its cache
    static constexpr Sql kTouchAll{"UPDATE remit_t SET n = n + 1"};
    int ran = 0;
    std::vector<Status> got;
    const auto note = [&](const Result<void> &r) { got.push_back(r.status()); };
    const auto innocent = [&](std::string key) {
        return [&, key](SqlTx &tx) {
            ++ran;
            return pay(key)(tx);
        };
    };
    const bool silent = GENERATE(false, true);
    db->submit(innocent("a"), note);
    db->submit(
        [&](SqlTx &tx) -> Result<void> {
            disk.faults().read_error = 10'000;
            auto r = done(tx.exec(kTouchAll, SqlParams{}));
            disk.faults().read_error = 0;
            REQUIRE_FALSE(r.ok());
            return silent ? Result<void>() : r;  // swallowing the error helps nobody
        },
        note);
    db->submit(innocent("b"), note);
    db->drain();
    REQUIRE(got == std::vector{Status::ok, Status::store, Status::ok});
    REQUIRE(ran == 3);
    REQUIRE(has(*db, "a"));
    REQUIRE(has(*db, "b"));
    REQUIRE(number(*db, kTotal) == 2);
}

TEST_CASE("sql: another process's long transaction is waited for, then told") {
    Power power;
    CrashDisk disk(1, power);
    Ports ports;
    auto a = open(ports.options(disk, 1));
    auto options = ports.options(disk, 2);
    options.busy_ms = 100;
    auto b = open(options);
    Result<void> inner;
    REQUIRE(a->transact([&](SqlTx &tx) {
                 inner = b->transact(pay("b"));
                 return pay("a")(tx);
             }).ok());
    REQUIRE(inner.status() == Status::store);
    REQUIRE(inner.error().text.find("100 ms") != std::string::npos);
    REQUIRE(b->transact(pay("b")).ok());
    REQUIRE(number(*a, kTotal) == 2);
}

TEST_CASE("sql: a process that is killed leaves its work to others at once") {
    Power power;
    CrashDisk disk(1, power);
    Ports ports;
    auto a = open(ports.options(disk, 1));
    auto b = open(ports.options(disk, 2));
    REQUIRE(a->transact(pay("a")).ok());
    const std::string owner = a->owner();
    REQUIRE(b->owner_alive(owner));
    auto cut = a->transact([&](SqlTx &tx) {
        auto r = pay("cut")(tx);
        disk.kill(1);
        return r;
    });
    REQUIRE_FALSE(cut.ok());
    REQUIRE_FALSE(b->owner_alive(owner));
    REQUIRE(b->transact(pay("b")).ok());
    REQUIRE(has(*b, "a"));
    REQUIRE_FALSE(has(*b, "cut"));
    REQUIRE_FALSE(a->transact(pay("ghost")).ok());
    a = open(ports.options(disk, 1));  // a new process
    REQUIRE(has(*a, "b"));
    REQUIRE(a->transact(pay("again")).ok());
    REQUIRE(number(*b, kTotal) == 3);
}

TEST_CASE("testing: the crash disk does the same for the same seed, and several live at once") {
    const auto run = [](std::uint64_t seed, CrashDisk &disk, Power &power) {
        Ports ports;
        std::string log;
        auto db = open(ports.options(disk));
        disk.faults() = {200, 50, 50, 100, 100};
        disk.die_at_op(100 + static_cast<std::int64_t>(seed));
        for (int i = 0; power.on && i < 100; ++i)
            log += std::string(status_name(transact_status(*db, pay(std::to_string(i))))) + " ";
        db.reset();
        disk.faults() = {};
        disk.crash();
        db = open(ports.options(disk));
        return log + std::to_string(number(*db, kTotal)) + " " + std::to_string(disk.counts().writes) + " " +
               std::to_string(disk.counts().lost_writes);
    };
    std::set<std::string> different;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Power p1, p2;
        CrashDisk d1(seed, p1), d2(seed, p2);
        REQUIRE(d1.vfs() != d2.vfs());
        const std::string first = run(seed, d1, p1);
        REQUIRE(first == run(seed, d2, p2));
        different.insert(first);
    }
    REQUIRE(different.size() > 15);
}

TEST_CASE("testing: a crash disk without power gives and takes nothing") {
    Power power;
    CrashDisk disk(1, power);
    Ports ports;
    auto db = open(ports.options(disk));
    REQUIRE(db->transact(pay("a")).ok());
    power.on = false;
    REQUIRE_FALSE(db->transact(pay("b")).ok());
    REQUIRE_FALSE(sql::open_sqlite(ports.options(disk)).ok());
    db.reset();
    disk.crash();
    REQUIRE(power.on);
    db = open(ports.options(disk));
    REQUIRE(has(*db, "a"));
    REQUIRE_FALSE(has(*db, "b"));
    REQUIRE(disk.counts().crashes == 1);
}
