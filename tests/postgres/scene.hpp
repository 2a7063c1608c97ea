// What the tests of PostgreSQL share: ports, a table, a database opened with short patience.
#pragma once

#include "server.hpp"

#include "core/metrics.hpp"
#include "engine/system_ports.hpp"
#include "sql/postgres/postgres.hpp"

#include <mutex>

namespace remit::testing {

// Keeps what was logged, to see what is in it.
class Lines final : public Log {
public:
    void write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) noexcept override {
        const std::lock_guard guard(mutex_);
        text_ += event;
        for (const auto &field : fields) text_ += " " + std::string(field.name) + "=" + field.value;
        text_ += "\n";
    }
    std::string text() {
        const std::lock_guard guard(mutex_);
        return text_;
    }

private:
    std::mutex mutex_;
    std::string text_;
};

template <class T>
std::string words(const Result<T> &r) {
    return r.ok() ? "ok" : std::string(status_name(r.status())) + " " + r.error().field + ": " + r.error().text;
}

inline constexpr const char *kTables[] = {
    "CREATE TABLE remit_t (id {id}, k {text} NOT NULL UNIQUE)",
    "CREATE TABLE remit_total (id {id}, name {text} NOT NULL UNIQUE, n BIGINT NOT NULL)",
    "INSERT INTO remit_total (name, n) VALUES ('all', 0)"};
inline constexpr Migration kSteps[] = {{1, "first", kTables, 1}};
inline constexpr Sql kInsert{"INSERT INTO remit_t (k) VALUES (?)"};
inline constexpr Sql kAddTotal{"UPDATE remit_total SET n = n + 1 WHERE name = 'all'"};
inline constexpr Sql kTotal{"SELECT n FROM remit_total WHERE name = 'all'"};
inline constexpr Sql kCount{"SELECT COUNT(*) FROM remit_t"};
inline constexpr Sql kFind{"SELECT id FROM remit_t WHERE k = ?"};

template <class T>
Result<void> done(const Result<T> &r) {
    return r.ok() ? Result<void>() : Result<void>(r.error());
}

// A row and the total: both or neither.
inline SqlTxFn pay(std::string key) {
    return [key = std::move(key)](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec(kInsert, {key}));
        return done(tx.exec_last(kAddTotal, SqlParams{}));
    };
}

struct Ports {
    std::unique_ptr<Clock> clock = engine::system_clock();
    std::unique_ptr<Random> random = std::move(*engine::system_random());
    Lines log;
    core::Metrics metrics;

    sql::PostgresOptions options(std::string url) {
        sql::PostgresOptions out;
        out.url = std::move(url);
        out.clock = clock.get();
        out.random = random.get();
        out.log = &log;
        out.metrics = &metrics;
        return out;
    }
    std::unique_ptr<Database> open(const sql::PostgresOptions &options) {
        auto db = sql::open_postgres(options);
        INFO(words(db));
        REQUIRE(db.ok());
        const auto migrated = (*db)->migrate(kSteps, MigrateMode::automatic);
        INFO(words(migrated));
        REQUIRE(migrated.ok());
        return std::move(*db);
    }
    std::unique_ptr<Database> open(const PostgresServer &server) { return open(options(server.url())); }
};

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

inline std::int64_t ms_since(std::chrono::steady_clock::time_point began) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace remit::testing
