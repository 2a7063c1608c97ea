#include "fixture.hpp"

#include "sql/dialect.hpp"

#include <sqlite3.h>
#include <thread>

using namespace remit;
using namespace remit::sql::test;

namespace {

constexpr const char *kSecond[] = {"CREATE TABLE remit_u (id {id},\n   note {text} NOT NULL DEFAULT 'a  b')",
                                   "CREATE INDEX remit_u_note ON remit_u (note)"};
constexpr const char *kThird[] = {"ALTER TABLE remit_u ADD COLUMN more {longtext}"};
constexpr Migration kThree[] = {{1, "first", kSchema, 1}, {2, "second", kSecond, 1}, {3, "third", kThird, 2}};
constexpr std::span<const Migration> kOne(kThree, 1);
constexpr Sql kSteps3{"SELECT count(*) FROM remit_migrations"};

std::unique_ptr<Database> bare(const sql::SqliteOptions &options) {
    auto db = sql::open_sqlite(options);
    INFO(text_of(db));
    REQUIRE(db.ok());
    return std::move(db).value();
}

}  // namespace

TEST_CASE("sql: migrations are applied once, and only what is missing") {
    Folder folder;
    Ports ports;
    auto db = bare(ports.options(folder / "a.db"));
    REQUIRE(db->migrate(kOne, MigrateMode::automatic).ok());
    REQUIRE(db->transact(pay("a")).ok());
    REQUIRE(db->migrate(kThree, MigrateMode::automatic).ok());
    REQUIRE(db->migrate(kThree, MigrateMode::automatic).ok());
    REQUIRE(number(*db, kSteps3) == 3);
    REQUIRE(has(*db, "a"));
}

TEST_CASE("sql: check tells what is missing, manual touches nothing") {
    Folder folder;
    Ports ports;
    auto db = bare(ports.options(folder / "a.db"));
    REQUIRE(db->migrate(kThree, MigrateMode::check).status() == Status::state);
    REQUIRE(db->migrate(kThree, MigrateMode::manual).ok());
    REQUIRE(number(*db, kSteps3) == -1);
    REQUIRE(db->migrate(kThree, MigrateMode::automatic).ok());
    REQUIRE(db->migrate(kThree, MigrateMode::check).ok());
}

TEST_CASE("sql: the plan is SQL that does the same, one statement a line") {
    Folder folder;
    Ports ports;
    auto options = ports.options(folder / "a.db");
    options.prefix = "p_";
    auto db = bare(options);
    const std::string plan = db->migration_plan(kThree).value();
    REQUIRE(plan.find("CREATE TABLE p_u (id INTEGER PRIMARY KEY, note TEXT NOT NULL DEFAULT 'a  b');\n") !=
            std::string::npos);
    REQUIRE(std::count(plan.begin(), plan.end(), '\n') == 1 + 3 + 2 + 1 + 3);
    sqlite3 *raw = nullptr;
    REQUIRE(sqlite3_open(options.path.c_str(), &raw) == SQLITE_OK);
    REQUIRE(sqlite3_exec(raw, plan.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(raw);
    REQUIRE(db->migrate(kThree, MigrateMode::check).ok());
    REQUIRE(db->migration_plan(kThree).value().empty());
}

TEST_CASE("sql: a schema whose oldest reader is newer than this library is refused, an additive one is not") {
    Folder folder;
    Ports ports;
    auto db = bare(ports.options(folder / "a.db"));
    REQUIRE(db->migrate(kThree, MigrateMode::automatic).ok());
    for (const MigrateMode mode : {MigrateMode::automatic, MigrateMode::check, MigrateMode::manual}) {
        REQUIRE(db->migrate(kOne, mode).status() == Status::newer);
        REQUIRE(db->migrate(std::span(kThree, 2), mode).ok());
    }
}

TEST_CASE("sql: two processes may migrate at once") {
    Folder folder;
    Ports ports;
    const std::string path = folder / "a.db";
    for (int round = 0; round < 10; ++round) {
        auto a = bare(ports.options(path + std::to_string(round)));
        auto b = bare(ports.options(path + std::to_string(round)));
        Result<void> of_a, of_b;
        std::thread other([&] { of_b = b->migrate(kThree, MigrateMode::automatic); });
        of_a = a->migrate(kThree, MigrateMode::automatic);
        other.join();
        INFO(text_of(of_a) << " / " << text_of(of_b));
        REQUIRE(of_a.ok());
        REQUIRE(of_b.ok());
        REQUIRE(number(*a, kSteps3) == 3);
    }
}

TEST_CASE("sql: a crash inside a migration leaves it to be done again") {
    int cut = 0;
    for (std::int64_t op = 1; op < 60; ++op) {
        testing::Power power;
        testing::CrashDisk disk(static_cast<std::uint64_t>(op), power);
        Ports ports;
        disk.die_at_op(op);
        if (auto db = sql::open_sqlite(ports.options(disk)); db.ok())
            cut += (*db)->migrate(kThree, MigrateMode::automatic).ok() ? 0 : 1;
        power.on = false;
        disk.crash();
        auto db = bare(ports.options(disk));
        REQUIRE(db->migrate(kThree, MigrateMode::automatic).ok());
        REQUIRE(number(*db, kSteps3) == 3);
        REQUIRE(db->integrity_check().value() == "ok");
    }
    REQUIRE(cut > 5);
}

TEST_CASE("sql: steps out of order and unknown types are mistakes") {
    Folder folder;
    Ports ports;
    auto db = bare(ports.options(folder / "a.db"));
    REQUIRE(db->migrate(std::span(kThree).subspan(1), MigrateMode::automatic).status() == Status::broken);
    static constexpr const char *kWrong[] = {"CREATE TABLE remit_w (a {float})"};
    const Migration wrong[] = {{1, "wrong", kWrong, 1}};
    auto r = db->migrate(wrong, MigrateMode::automatic);
    REQUIRE(r.status() == Status::broken);
    REQUIRE(r.error().text.find("{float}") != std::string::npos);
    REQUIRE(number(*db, kSteps3) == -1);
}

TEST_CASE("sql: every dialect has every type") {
    using sql::Dialect;
    const std::string all = "a {id}, b {bytes}, c {text}, d {longtext}, e {longbytes}";
    REQUIRE(sql::in_dialect(all, Dialect::sqlite).value() == "a INTEGER PRIMARY KEY, b BLOB, c TEXT, d TEXT, e BLOB");
    REQUIRE(sql::in_dialect(all, Dialect::postgres).value() ==
            "a BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, b BYTEA, c TEXT COLLATE \"C\","
            " d TEXT COLLATE \"C\", e BYTEA");
    REQUIRE(sql::in_dialect(all, Dialect::mysql).value() ==
            "a BIGINT AUTO_INCREMENT PRIMARY KEY, b VARBINARY(255),"
            " c VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,"
            " d LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, e LONGBLOB");
    REQUIRE(sql::in_dialect("{id", Dialect::sqlite).status() == Status::broken);
}

TEST_CASE("sql: the prefix is put at the start of names only") {
    REQUIRE(sql::with_prefix("SELECT remit_a.x, \"remit_b\", my_remit_c, 'remit_d ''remit_e' FROM remit_a", "q_") ==
            "SELECT q_a.x, \"q_b\", my_remit_c, 'remit_d ''remit_e' FROM q_a");
}
