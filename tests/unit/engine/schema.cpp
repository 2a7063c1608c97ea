// Every statement of the library, on a real database and against what other databases do not take.
#include "engine/schema.hpp"

#include "core/metrics.hpp"
#include "engine/system_ports.hpp"
#include "sql/sqlite/sqlite.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <regex>

using namespace remit;

namespace {

// Words that SQLite, PostgreSQL and MySQL do not all understand, or each in its own way.
const std::regex
    kVendors(R"(\bRETURNING\b|\bON\s+CONFLICT\b|\bON\s+DUPLICATE\b|\bINSERT\s+OR\b|\bREPLACE\b|\bUPDATE\s+OR\b|)"
             R"(\bLIMIT\s+\S+\s*,|\|\||\bCREATE\s+(UNIQUE\s+)?INDEX\b.*\bWHERE\b)",
             std::regex::ECMAScript | std::regex::icase);

bool portable(const std::string &sql) {
    return !std::regex_search(sql, kVendors);
}

std::size_t parameters(std::string_view sql) {
    bool literal = false;
    std::size_t count = 0;
    for (const char c : sql) {
        if (c == '\'') literal = !literal;
        if (c == '?' && !literal) ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("engine schema: every statement prepares on a migrated database") {
    std::string folder = "/tmp/remit-schema-XXXXXX";
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    {
        std::deque<std::string> texts;  // outlive the database, which keeps statements by their addresses
        const auto clock = engine::system_clock();
        const auto random = engine::system_random();
        REQUIRE(random.ok());
        NoLog log;
        core::Metrics metrics;
        sql::SqliteOptions options;
        options.path = folder + "/remit.db";
        options.prefix = "other_";  // a name without the prefix would not be found
        options.clock = clock.get();
        options.random = random->get();
        options.log = &log;
        options.metrics = &metrics;
        const auto database = sql::open_sqlite(options);
        REQUIRE(database.ok());
        REQUIRE((*database)->migrate(engine::all_migrations(), MigrateMode::automatic).ok());

        const auto all = engine::all_statements();
        CHECK(all.size() > 50);
        const auto explained = (*database)->read([&](SqlReader &reader) -> Result<void> {
            for (const Sql &sql : all) {
                INFO(sql.text);
                const Sql explain{texts.emplace_back("EXPLAIN " + std::string(sql.text)).c_str()};
                const std::vector<SqlParam> nulls(parameters(sql.text));
                const auto steps = reader.query(explain, nulls, [](const SqlRow &) { return true; });
                CHECK((steps.ok() ? std::string() : steps.error().text).empty());
                CHECK((steps.ok() && *steps > 0));
            }
            return {};
        });
        CHECK(explained.ok());
    }
    std::filesystem::remove_all(folder);
}

TEST_CASE("engine schema: statements and migrations use nothing that only one database has") {
    for (const char *bad : {"INSERT INTO t (a) VALUES (1) RETURNING id", "insert or ignore into t values (1)",
                            "REPLACE INTO t VALUES (1)", "SELECT a || b FROM t", "SELECT a FROM t LIMIT ?, ?",
                            "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "CREATE INDEX i ON t (a) WHERE a > 0",
                            "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1"})
        CHECK_FALSE(portable(bad));
    for (const Sql &sql : engine::all_statements()) {
        INFO(sql.text);
        CHECK(portable(sql.text));
    }
    for (const Migration &step : engine::all_migrations())
        for (const char *sql : step.sql) {
            INFO(sql);
            CHECK(portable(sql));
        }
}
