#include "fixture.hpp"

#include <sys/stat.h>
#include <thread>

using namespace remit;
using namespace remit::sql::test;

TEST_CASE("sql: values come back as they went in") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    const Bytes bytes = {0, 1, 255};
    static constexpr Sql kKinds{"SELECT ?, ?, ?, ?, ?, ?"};
    auto r = db->transact([&](SqlTx &tx) -> Result<void> {
        REQUIRE(tx.exec(kInsertBytes, {"k", 7, bytes}).value() == 1);
        REQUIRE(tx.last_insert_id().value() == 1);
        REQUIRE(tx.lease_now_us() == 5);
        REQUIRE(tx.lease_clock() == "boot-1");
        REQUIRE(tx.serial_commits());
        const Bytes empty;
        return done(tx.query(kKinds, {SqlParam(), std::int64_t{-1}, "\xc3\xa9", "", empty, ByteView(bytes)},
                             [&](const SqlRow &row) {
                                 REQUIRE(row.is_null(0));
                                 REQUIRE(row.integer(0) == 0);
                                 REQUIRE(row.text(0).empty());
                                 REQUIRE(row.integer(1) == -1);
                                 REQUIRE(row.text(2) == "\xc3\xa9");
                                 REQUIRE_FALSE(row.is_null(3));
                                 REQUIRE_FALSE(row.is_null(4));
                                 REQUIRE(row.blob(4).empty());
                                 REQUIRE(Bytes(row.blob(5).begin(), row.blob(5).end()) == bytes);
                                 return true;
                             }));
    });
    INFO(text_of(r));
    REQUIRE(r.ok());
    REQUIRE(number(*db, kFind, {"k"}) == 7);
}

TEST_CASE("sql: counts are of rows found, and only of what changes rows") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    static constexpr Sql kSame{"UPDATE remit_t SET n = n"};
    static constexpr Sql kDelete{"  delete FROM remit_t"};
    static constexpr Sql kCreate{"CREATE TABLE remit_x (a INTEGER)"};
    REQUIRE(db->transact([&](SqlTx &tx) -> Result<void> {
                  REMIT_CHECK(insert(tx, "a"));
                  REMIT_CHECK(insert(tx, "b"));
                  REQUIRE(tx.exec(kSame, SqlParams{}).value() == 2);
                  REQUIRE(tx.exec(kCreate, SqlParams{}).value() == 0);
                  REQUIRE(tx.exec(kDelete, SqlParams{}).value() == 2);
                  return {};
              }).ok());
}

TEST_CASE("sql: a taken unique key is a mismatch, and the transaction goes on") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    REQUIRE(db->transact([](SqlTx &tx) -> Result<void> {
                  REMIT_CHECK(insert(tx, "a"));
                  REQUIRE(insert(tx, "a").status() == Status::mismatch);
                  return insert(tx, "b");
              }).ok());
    REQUIRE(has(*db, "a"));
    REQUIRE(has(*db, "b"));
}

TEST_CASE("sql: an error undoes the function and is what the caller gets") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    auto r = db->transact([](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(insert(tx, "a"));
        return invalid("amount", "is wrong");
    });
    REQUIRE(r.status() == Status::invalid);
    REQUIRE(r.error().field == "amount");
    REQUIRE_FALSE(has(*db, "a"));
    REQUIRE(db->transact(pay("b")).ok());
}

TEST_CASE("sql: a row function may run the statement that it is called from") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    static constexpr Sql kAll{"SELECT k FROM remit_t ORDER BY k"};
    std::string seen;
    REQUIRE(db->transact([&](SqlTx &tx) -> Result<void> {
                  for (const char *k : {"a", "b", "c"}) REMIT_CHECK(insert(tx, k));
                  return done(tx.query(kAll, SqlParams{}, [&](const SqlRow &outer) {
                      seen += outer.text(0);
                      return tx.query(kAll, SqlParams{}, [&](const SqlRow &inner) {
                                   seen += inner.text(0);
                                   return inner.text(0) != "b";
                               }).value() == 2;
                  }));
              }).ok());
    REQUIRE(seen == "aabbabcab");
}

TEST_CASE("sql: mistakes in a statement are told, not guessed") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    static constexpr Sql kNonsense{"SELEC 1"};
    REQUIRE(db->transact([](SqlTx &tx) { return done(tx.exec(kInsert, {"a"})); }).status() == Status::broken);
    REQUIRE(db->transact([](SqlTx &tx) { return done(tx.exec(kNonsense, SqlParams{})); }).status() == Status::broken);
    static constexpr Sql kNull{"INSERT INTO remit_t (k, n) VALUES (?, NULL)"};
    REQUIRE(db->transact([](SqlTx &tx) { return done(tx.exec(kNull, {"a"})); }).status() == Status::state);
    REQUIRE(db->transact(pay("a")).ok());
}

TEST_CASE("sql: a transaction inside a transaction is refused, not waited for") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    Result<void> inner;
    REQUIRE(db->transact([&](SqlTx &tx) -> Result<void> {
                  inner = db->transact(pay("in"));
                  db->drain();
                  return insert(tx, "out");
              }).ok());
    REQUIRE(inner.status() == Status::misuse);
    REQUIRE(has(*db, "out"));
    REQUIRE_FALSE(has(*db, "in"));
}

TEST_CASE("sql: a reader keeps its snapshot and never waits for the writer") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    REQUIRE(db->transact(pay("a")).ok());
    REQUIRE(db->read([&](SqlReader &reader) -> Result<void> {
                  const auto count = [&] {
                      std::int64_t n = 0;
                      REQUIRE(reader
                                  .query(kCount, SqlParams{},
                                         [&](const SqlRow &row) {
                                             n = row.integer(0);
                                             return true;
                                         })
                                  .ok());
                      return n;
                  };
                  REQUIRE(count() == 1);
                  REQUIRE(db->transact([&](SqlTx &tx) -> Result<void> {
                                REMIT_CHECK(insert(tx, "b"));
                                REQUIRE(number(*db, kCount) ==
                                        1);  // another reader, while the writer is in its transaction
                                return {};
                            }).ok());
                  REQUIRE(count() == 1);
                  return {};
              }).ok());
    REQUIRE(number(*db, kCount) == 2);
}

TEST_CASE("sql: readers cannot write") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    auto r = db->read([](SqlReader &reader) { return done(reader.query(kInsert, {"a", 1}, nullptr)); });
    REQUIRE_FALSE(r.ok());
    REQUIRE(number(*db, kCount) == 0);
}

TEST_CASE("sql: the files are the owner's alone") {
    Folder folder;
    Ports ports;
    const std::string path = folder / "a.db";
    auto db = open(ports.options(path));
    REQUIRE(db->transact(pay("a")).ok());
    const auto mode = [](const std::string &name) {
        struct stat s = {};
        REQUIRE(::stat(name.c_str(), &s) == 0);
        return s.st_mode & 0777U;
    };
    for (const char *end : {"", "-wal", "-shm"}) REQUIRE(mode(path + end) == 0600U);
    REQUIRE(mode(path + "-owners") == 0700U);
    REQUIRE(mode(path + "-owners/" + db->owner()) == 0600U);
}

TEST_CASE("sql: what cannot be opened is named") {
    Folder folder;
    Ports ports;
    auto missing = sql::open_sqlite(ports.options(folder / "no/such/a.db"));
    REQUIRE(missing.status() == Status::store);
    REQUIRE(missing.error().text.find("no/such/a.db") != std::string::npos);
    REQUIRE(missing.error().text.find("No such file") != std::string::npos);
    REQUIRE(sql::open_sqlite(ports.options(":memory:")).error().field == "path");
    REQUIRE(sql::open_sqlite(ports.options("")).error().field == "path");
    auto options = ports.options(folder / "a.db");
    options.prefix = "x; DROP";
    REQUIRE(sql::open_sqlite(options).error().field == "prefix");
    options = ports.options(folder / "a.db");
    options.clock = nullptr;
    REQUIRE(sql::open_sqlite(options).error().field == "clock");
}

TEST_CASE("sql: a file that is no database is corrupt") {
    Folder folder;
    Ports ports;
    const std::string path = folder / "a.db";
    FILE *f = std::fopen(path.c_str(), "w");
    for (int i = 0; i < 1000; ++i) std::fputs("not a database ", f);
    std::fclose(f);
    REQUIRE(sql::open_sqlite(ports.options(path)).status() == Status::corrupt);
}

TEST_CASE("sql: integrity is checked, damage is told") {
    Folder folder;
    Ports ports;
    const std::string path = folder / "a.db";
    {
        auto db = open(ports.options(path));
        for (int i = 0; i < 300; ++i) REQUIRE(db->transact(pay("key-" + std::to_string(i))).ok());
        REQUIRE(db->integrity_check().value() == "ok");
    }
    FILE *f = std::fopen(path.c_str(), "r+");  // the last page: a leaf of the table or of its index
    std::fseek(f, -2048, SEEK_END);
    for (int i = 0; i < 2048; ++i) std::fputc(0x5a, f);
    std::fclose(f);
    auto db = sql::open_sqlite(ports.options(path));
    REQUIRE(db.ok());
    auto checked = (*db)->integrity_check();
    REQUIRE((checked.status() == Status::corrupt || (checked.ok() && *checked != "ok")));
}

TEST_CASE("sql: a backup is one snapshot, made while work goes on") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    const Bytes ballast(100'000, 1);
    for (int i = 0; i < 100; ++i)
        REQUIRE(db->transact([&](SqlTx &tx) -> Result<void> {
                      REMIT_CHECK(tx.exec(kInsertBytes, {"b" + std::to_string(i), 0, ballast}));
                      return done(tx.exec(kAddTotal, SqlParams{}));
                  }).ok());
    std::atomic<bool> over{false};
    int more = 0;
    std::thread busy([&] {
        for (; !over; ++more)
            if (!db->transact(pay("m" + std::to_string(more))).ok()) return;
    });
    auto copied = db->backup(folder / "copy.db");
    over = true;
    busy.join();
    INFO(text_of(copied));
    REQUIRE(copied.ok());
    REQUIRE(number(*db, kTotal) == 100 + more);
    auto copy = open(ports.options(folder / "copy.db"));
    REQUIRE(copy->integrity_check().value() == "ok");
    REQUIRE(number(*copy, kTotal) == number(*copy, kCount));
    REQUIRE(number(*copy, kTotal) >= 100);
    REQUIRE(db->backup(folder / "copy.db").error().field == "path");
}

TEST_CASE("sql: the prefix stands in names, not in literals") {
    Folder folder;
    Ports ports;
    auto options = ports.options(folder / "a.db");
    options.prefix = "pay_";
    auto db = open(options);
    static constexpr Sql kNames{"SELECT count(*) FROM sqlite_schema WHERE name LIKE 'remit@_%' ESCAPE '@'"};
    static constexpr Sql kOurs{"SELECT count(*) FROM sqlite_schema WHERE name = 'pay_t'"};
    REQUIRE(number(*db, kNames) == 0);
    REQUIRE(number(*db, kOurs) == 1);
    static constexpr Sql kLiteral{"SELECT 'remit_' || k FROM remit_t"};
    REQUIRE(db->transact(pay("x")).ok());
    std::string got;
    REQUIRE(db->read([&](SqlReader &reader) {
                  return done(reader.query(kLiteral, SqlParams{}, [&](const SqlRow &row) {
                      got = row.text(0);
                      return true;
                  }));
              }).ok());
    REQUIRE(got == "remit_x");
}
