// The database that a test runs on: a SQLite file in a folder of its own or, where REMIT_TEST_POSTGRES has a server's
// URL, a schema of its own on that server. The same tests run on both.
#pragma once

#include "core/metrics.hpp"
#include "sql/postgres/postgres.hpp"
#include "sql/sqlite/sqlite.hpp"

#include <remit/engine.hpp>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <unistd.h>

namespace remit::testing {

// Empty: SQLite.
inline std::string postgres_url() {
    const char *url = std::getenv("REMIT_TEST_POSTGRES");
    return url == nullptr ? "" : url;
}

class TestDatabase {
public:
    TestDatabase() {
        static std::atomic<int> made{0};
        // Random, as two programs may run their tests on one server at once.
        name_ = "test_" + std::to_string(std::random_device{}()) + "_" + std::to_string(++made);
        if (!on_postgres()) std::filesystem::create_directories(folder());
    }
    ~TestDatabase() {
        std::error_code ignored;
        if (!on_postgres()) std::filesystem::remove_all(folder(), ignored);
    }
    TestDatabase(const TestDatabase &) = delete;
    TestDatabase &operator=(const TestDatabase &) = delete;

    bool on_postgres() const { return !url_.empty(); }
    const std::string &url() const { return url_; }
    const std::string &schema() const { return name_; }
    std::filesystem::path folder() const { return std::filesystem::temp_directory_path() / ("remit-" + name_); }

    // Opens it once more, with a connection and an owner of its own.
    Result<std::unique_ptr<Database>> open(Clock &clock, Random &random, Log &log, core::Metrics &metrics) const {
        if (!on_postgres()) {
            sql::SqliteOptions options;
            options.path = (folder() / "test.db").string();
            options.clock = &clock;
            options.random = &random;
            options.log = &log;
            options.metrics = &metrics;
            return sql::open_sqlite(options);
        }
#ifdef REMIT_WITH_POSTGRES
        sql::PostgresOptions options;
        options.url = url_;
        options.schema = name_;
        options.time_ms = 0;  // a simulated clock goes its own way
        options.clock = &clock;
        options.random = &random;
        options.log = &log;
        options.metrics = &metrics;
        return sql::open_postgres(options);
#else
        return invalid("database", "this build has no PostgreSQL");
#endif
    }

    // The same for an engine.
    void choose(EngineOptions &options) const {
        options.database = on_postgres() ? url_ : (folder() / "test.db").string();
        options.schema = on_postgres() ? name_ : "";
    }

private:
    const std::string url_ = postgres_url();
    std::string name_;
};

}  // namespace remit::testing
