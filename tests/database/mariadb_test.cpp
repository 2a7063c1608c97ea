// What MariaDB says of our schema and our statements, so that an adapter for it finds nothing that it cannot take.
#include "engine/schema.hpp"
#include "sql/dialect.hpp"
#include "sql/migrations.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <mysql.h>
#include <string>

using namespace remit;

namespace {

class Server {
public:
    Server() {
        const char *port = std::getenv("REMIT_TEST_MARIADB");
        REQUIRE(port != nullptr);  // with_mariadb.py sets it
        const auto number = static_cast<unsigned>(std::atoi(port));
        INFO(mysql_error(handle_));
        REQUIRE(mysql_real_connect(handle_, "127.0.0.1", "root", "", nullptr, number, nullptr, 0) != nullptr);
        REQUIRE(run("CREATE DATABASE IF NOT EXISTS remit CHARACTER SET utf8mb4").empty());
        REQUIRE(mysql_select_db(handle_, "remit") == 0);
        // As an adapter would ask for: standard quoting, nothing cut or guessed.
        REQUIRE(run("SET sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES,NO_ENGINE_SUBSTITUTION'").empty());
    }
    ~Server() { mysql_close(handle_); }
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    // What the server has against it; empty: nothing.
    std::string run(const std::string &sql) {
        return mysql_real_query(handle_, sql.data(), sql.size()) == 0 ? "" : mysql_error(handle_);
    }
    std::string prepare(const std::string &sql, std::size_t &parameters) {
        MYSQL_STMT *statement = mysql_stmt_init(handle_);
        const bool good = mysql_stmt_prepare(statement, sql.data(), sql.size()) == 0;
        std::string error = good ? "" : mysql_stmt_error(statement);
        parameters = good ? mysql_stmt_param_count(statement) : 0;
        mysql_stmt_close(statement);
        return error;
    }
    std::string text(const std::string &sql) {
        REQUIRE(run(sql).empty());
        MYSQL_RES *result = mysql_store_result(handle_);
        REQUIRE(result != nullptr);
        MYSQL_ROW row = mysql_fetch_row(result);
        std::string out = row != nullptr && row[0] != nullptr ? row[0] : "";
        mysql_free_result(result);
        return out;
    }

private:
    MYSQL *handle_ = mysql_init(nullptr);
};

std::string in_mysql(std::string_view sql) {
    const auto text = sql::in_dialect(sql, sql::Dialect::mysql);
    REQUIRE(text.ok());
    return *text;
}

std::size_t marks(std::string_view sql) {
    bool literal = false;
    std::size_t count = 0;
    for (const char c : sql) {
        if (c == '\'') literal = !literal;
        if (c == '?' && !literal) ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("mariadb: every migration applies, twice, and every statement prepares") {
    Server server;
    INFO(server.text("SELECT version()"));
    // A step can be repeated: there a CREATE ends the transaction, and a step may stop half-way.
    for (int round = 0; round < 2; ++round) {
        CHECK(server.run(in_mysql(sql::migrations_table())) == "");
        for (const Migration &step : engine::all_migrations())
            for (const char *sql : step.sql) {
                INFO(sql);
                CHECK(server.run(in_mysql(sql)) == "");
            }
    }
    auto all = engine::all_statements();
    all.insert(all.end(), sql::statements().begin(), sql::statements().end());
    REQUIRE(all.size() > 60);
    for (const Sql &sql : all) {
        INFO(sql.text);
        std::size_t parameters = 0;
        CHECK(server.prepare(sql.text, parameters) == "");
        CHECK(parameters == marks(sql.text));
    }
    std::size_t none = 0;
    CHECK(server.prepare("SELECT no_such_column FROM remit_events", none) != "");  // it does look
    // Text is compared byte for byte, and a transaction can be undone.
    CHECK(server.text("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'remit'"
                      " AND collation_name IS NOT NULL AND collation_name <> 'utf8mb4_bin'") == "0");
    CHECK(server.text("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'remit'"
                      " AND engine <> 'InnoDB'") == "0");
}
