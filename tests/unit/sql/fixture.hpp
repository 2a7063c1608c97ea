// What the tests of the sql room share: ports with nothing behind them, a table, a folder.
#pragma once

#include "sql/sqlite/sqlite.hpp"

#include "core/metrics.hpp"

#include <catch2/catch.hpp>
#include <remit/testing/crash_disk.hpp>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <unistd.h>

namespace remit::sql::test {

class TestClock final : public Clock {
public:
    std::int64_t utc_us() noexcept override { return 1'700'000'000 * kMicrosPerSecond + now_us.load(); }
    std::int64_t boot_us() noexcept override { return now_us.load(); }
    const std::string &boot_id() noexcept override { return boot_; }
    std::atomic<std::int64_t> now_us{5};

private:
    std::string boot_ = "boot-1";
};

// The system's, so that a forked child draws other numbers than its parent.
class TestRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) noexcept override {
        if (getentropy(out.data(), out.size()) != 0) std::abort();
    }
};

class Folder {
public:
    Folder() {
        std::string name = std::filesystem::temp_directory_path() / "remit-sql-XXXXXX";
        if (mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
    std::string operator/(const std::string &name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

inline constexpr const char *kSchema[] = {
    "CREATE TABLE remit_t (id {id}, k {text} NOT NULL UNIQUE, n INTEGER NOT NULL, b {longbytes})",
    "CREATE TABLE remit_total (id {id}, n INTEGER NOT NULL)", "INSERT INTO remit_total (id, n) VALUES (1, 0)"};
inline constexpr Migration kSteps[] = {{1, "first", kSchema, 1}};

inline constexpr Sql kInsert{"INSERT INTO remit_t (k, n) VALUES (?, ?)"};
inline constexpr Sql kInsertBytes{"INSERT INTO remit_t (k, n, b) VALUES (?, ?, ?)"};
inline constexpr Sql kAddTotal{"UPDATE remit_total SET n = n + 1"};
inline constexpr Sql kTotal{"SELECT n FROM remit_total"};
inline constexpr Sql kCount{"SELECT count(*) FROM remit_t"};
inline constexpr Sql kFind{"SELECT n FROM remit_t WHERE k = ?"};

struct Ports {
    TestClock clock;
    TestRandom random;
    NoLog log;
    core::Metrics metrics;

    SqliteOptions options(std::string path) {
        SqliteOptions out;
        out.path = std::move(path);
        out.clock = &clock;
        out.random = &random;
        out.log = &log;
        out.metrics = &metrics;
        return out;
    }
    SqliteOptions options(testing::CrashDisk &disk, int process = 0) {
        SqliteOptions out = options("main.db");
        out.vfs = disk.vfs(process);
        out.locks = &disk.locks(process);
        return out;
    }
    std::int64_t commits() { return metrics.counter("remit_sql_commits_total", "").value(); }
    std::int64_t functions() { return metrics.counter("remit_sql_functions_total", "").value(); }
};

template <class T>
std::string text_of(const Result<T> &r) {
    return r.ok() ? "ok" : std::string(status_name(r.status())) + " " + r.error().field + ": " + r.error().text;
}

inline std::unique_ptr<Database> open(const SqliteOptions &options) {
    auto db = open_sqlite(options);
    INFO(text_of(db));
    REQUIRE(db.ok());
    auto migrated = (*db)->migrate(kSteps, MigrateMode::automatic);
    INFO(text_of(migrated));
    REQUIRE(migrated.ok());
    return std::move(db).value();
}

template <class T>
Result<void> done(const Result<T> &r) {
    return r.ok() ? Result<void>() : Result<void>(r.error());
}

inline Result<void> insert(SqlTx &tx, std::string_view key, std::int64_t n = 0) {
    return done(tx.exec(kInsert, {key, n}));
}
// A row and the total: both or neither.
inline SqlTxFn pay(std::string key) {
    return [key = std::move(key)](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(insert(tx, key));
        return done(tx.exec(kAddTotal, SqlParams{}));
    };
}
// -1 when it cannot be read.
inline std::int64_t number(Database &db, const Sql &sql, SqlParams params = {}) {
    std::int64_t out = -1;
    (void)db.read([&](SqlReader &reader) {
        return done(reader.query(sql, params, [&](const SqlRow &row) {
            out = row.integer(0);
            return true;
        }));
    });
    return out;
}
inline bool has(Database &db, std::string_view key) {
    return number(db, kFind, {key}) >= 0;
}

}  // namespace remit::sql::test
