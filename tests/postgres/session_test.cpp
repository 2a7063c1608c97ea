// What a connection is set to, what a server must be, and what nobody is shown.
#include "scene.hpp"

#include "engine/databases.hpp"
#include "engine/schema.hpp"
#include "sql/migrations.hpp"

#include <libpq-fe.h>

using namespace remit;
using namespace remit::testing;

namespace {

struct Connection {
    explicit Connection(const std::string &url) : raw(PQconnectdb(url.c_str())) {
        INFO(PQerrorMessage(raw));
        REQUIRE(PQstatus(raw) == CONNECTION_OK);
    }
    ~Connection() { PQfinish(raw); }
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;
    void run(const std::string &sql) const {
        PGresult *result = PQexec(raw, sql.c_str());
        INFO(sql << ": " << PQresultErrorMessage(result));
        const auto status = PQresultStatus(result);
        PQclear(result);
        REQUIRE((status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK));
    }
    std::string text(const std::string &sql) const {
        PGresult *result = PQexec(raw, sql.c_str());
        INFO(sql << ": " << PQresultErrorMessage(result));
        REQUIRE(PQresultStatus(result) == PGRES_TUPLES_OK);
        std::string out = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
        PQclear(result);
        return out;
    }
    PGconn *raw;
};

std::string setting(Database &db, const char *name) {
    static constexpr Sql kSetting{"SELECT current_setting(?)"};
    std::string out;
    const auto read = db.transact([&](SqlTx &tx) {
        return done(tx.query(kSetting, {name}, [&](const SqlRow &row) {
            out = row.text(0);
            return true;
        }));
    });
    INFO(words(read));
    REQUIRE(read.ok());
    return out;
}

// An authority, a stranger's authority, and a certificate of the first for "localhost".
struct Certificates {
    const std::string at =
        (std::filesystem::temp_directory_path() / ("remit-tls-" + std::to_string(getpid()))).string() + "/";

    Certificates() {
        std::filesystem::create_directories(at);
        const std::string fresh = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + at;
        openssl("req -x509 -days 2 -subj /CN=ours -out " + at + "ca.pem" + fresh + "ca.key");
        openssl("req -x509 -days 2 -subj /CN=stranger -out " + at + "other.pem" + fresh + "other.key");
        openssl("req -subj /CN=localhost -out " + at + "server.csr" + fresh + "server.key");
        openssl("x509 -req -days 2 -in " + at + "server.csr -CA " + at + "ca.pem -CAkey " + at +
                "ca.key -CAcreateserial -out " + at + "server.pem");
        PostgresServer::own(at);
    }
    ~Certificates() { std::filesystem::remove_all(at); }
    Certificates(const Certificates &) = delete;
    Certificates &operator=(const Certificates &) = delete;

private:
    static void openssl(const std::string &arguments) {
        INFO(arguments);
        REQUIRE(PostgresServer::run_plain({"/bin/sh", "-c", "openssl " + arguments + " 2>/dev/null"}));
    }
};

}  // namespace

TEST_CASE("postgres: commits are durable whatever the server's defaults are", "[pg_session]") {
    PostgresServer server({"synchronous_commit=off", "default_transaction_isolation=serializable",
                           "default_transaction_read_only=on", "standard_conforming_strings=off"});
    Ports ports;
    auto options = ports.options(server.url());
    options.schema = "Pay 1\"x";
    auto db = ports.open(options);
    CHECK(setting(*db, "synchronous_commit") == "on");
    CHECK(setting(*db, "transaction_isolation") == "read committed");
    CHECK(setting(*db, "transaction_read_only") == "off");
    CHECK(setting(*db, "standard_conforming_strings") == "on");
    CHECK(setting(*db, "search_path") == "\"Pay 1\"\"x\"");
    CHECK(setting(*db, "client_encoding") == "UTF8");
    CHECK(setting(*db, "application_name") == "remit " + db->owner());
    CHECK(setting(*db, "lock_timeout") == "10s");
    CHECK(setting(*db, "statement_timeout") == "30s");
    CHECK(db->transact(pay("a")).ok());
    const Connection own(server.url());
    CHECK(own.text("SELECT schemaname FROM pg_tables WHERE tablename = 'remit_t'") == "Pay 1\"x");
    CHECK(own.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "1");
    const std::string text = db->text_of(kInsert);
    CHECK(text == "INSERT INTO \"Pay 1\"\"x\".remit_t (k) VALUES ($1)");
    CHECK(own.text("SELECT count(*) FROM \"Pay 1\"\"x\".remit_t") == "1");

    // Two schemas and two prefixes are two databases.
    options.schema = "other";
    options.prefix = "mine_";
    auto second = ports.open(options);
    CHECK(number(*second, kTotal) == 0);
    CHECK(own.text("SELECT schemaname FROM pg_tables WHERE tablename = 'mine_t'") == "other");
    const auto kept = db->backup("/tmp/never");
    CHECK(kept.status() == Status::state);
    CHECK_THAT(kept.error().text, Catch::Contains("pg_dump"));
}

TEST_CASE("postgres: many who migrate at once make one schema", "[pg_session]") {
    PostgresServer server;
    Ports ports;
    std::vector<std::thread> threads;
    std::vector<std::string> said(6);
    for (std::string &mine : said)
        threads.emplace_back([&] {
            auto options = ports.options(server.url());
            options.schema = "fresh";
            auto db = sql::open_postgres(options);
            mine = db.ok() ? words((*db)->migrate(kSteps, MigrateMode::automatic)) : words(db);
        });
    for (std::thread &thread : threads) thread.join();
    for (const std::string &mine : said) CHECK(mine == "ok");
}

TEST_CASE("postgres: the schema's plan is what makes it", "[pg_session]") {
    PostgresServer server;
    Ports ports;
    auto options = ports.options(server.url());
    options.schema = "planned";
    auto db = *sql::open_postgres(options);
    CHECK(db->migrate(kSteps, MigrateMode::check).status() == Status::state);
    const Connection own(server.url());
    CHECK(own.text("SELECT count(*) FROM pg_namespace WHERE nspname = 'planned'") == "0");
    own.run(*db->migration_plan(kSteps));
    CHECK(db->migrate(kSteps, MigrateMode::check).ok());
    CHECK(db->transact(pay("a")).ok());
}

TEST_CASE("postgres: every statement of the library prepares, every migration applies", "[pg_session]") {
    PostgresServer server;
    Ports ports;
    auto options = ports.options(server.url());
    options.schema = "whole";
    options.prefix = "other_";  // a name without the prefix would not be found
    auto db = *sql::open_postgres(options);
    const auto migrated = db->migrate(engine::all_migrations(), MigrateMode::automatic);
    INFO(words(migrated));
    REQUIRE(migrated.ok());
    const Connection own(server.url());
    auto all = engine::all_statements();
    all.insert(all.end(), sql::statements().begin(), sql::statements().end());
    REQUIRE(all.size() > 60);
    for (const Sql &sql : all) {
        // As a host's own client sends it: no types, the server finds them out.
        const std::string text = db->text_of(sql);
        PGresult *result = PQprepare(own.raw, "", text.c_str(), 0, nullptr);
        INFO(text << ": " << PQresultErrorMessage(result));
        CHECK(PQresultStatus(result) == PGRES_COMMAND_OK);
        PQclear(result);
    }
    CHECK(db->integrity_check().value() == "ok");
}

TEST_CASE("postgres: a server that cannot be used is refused at open", "[pg_session]") {
    PostgresServer server;
    Ports ports;
    const Connection own(server.url());
    own.run("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0");
    auto opened = sql::open_postgres(ports.options(server.url("/ascii")));
    CHECK(opened.status() == Status::invalid);
    CHECK(opened.error().field == "database");
    CHECK_THAT(opened.error().text, Catch::Contains("UTF8") && Catch::Contains("SQL_ASCII"));
    opened = sql::open_postgres(ports.options(server.url("/missing")));
    CHECK(opened.status() == Status::store);
    CHECK_THAT(opened.error().text, Catch::Contains("\"missing\" does not exist"));
    opened = sql::open_postgres(ports.options(server.url("/postgres?nonsense=hunter2hunter2")));
    CHECK(opened.status() == Status::invalid);
    CHECK(opened.error().field == "database");
    CHECK(opened.error().text.find("hunter2") == std::string::npos);
    auto options = ports.options("mysql://x");
    CHECK(sql::open_postgres(options).error().field == "database");
    options = ports.options(server.url());
    options.connections = 0;
    CHECK(sql::open_postgres(options).error().field == "connections");

    server.stop();
    const PostgresServer standby(server, {}, "standby.signal");
    opened = sql::open_postgres(ports.options(standby.url()));
    CHECK(opened.status() == Status::invalid);
    CHECK_THAT(opened.error().text, Catch::Contains("standby"));
}

TEST_CASE("postgres: a host's text must be a text, a zero byte is told", "[pg_session]") {
    PostgresServer server;
    Ports ports;
    auto db = ports.open(server);
    const auto said = db->transact([](SqlTx &tx) { return done(tx.exec(kInsert, {std::string_view("a\0b", 3)})); });
    CHECK(said.status() == Status::invalid);
    CHECK(db->transact([](SqlTx &tx) { return done(tx.exec(kInsert, {"\xff\xfe"})); }).status() == Status::invalid);
    const std::string begin("/* a */ Begin");
    CHECK(db->transact([&](SqlTx &tx) { return done(tx.exec_host(begin, {})); }).error().field == "sql");
}

TEST_CASE("postgres: leases go by the server's time, told without asking each time", "[pg_session]") {
    PostgresServer server;
    Ports ports;
    auto db = ports.open(server);
    const Connection own(server.url());
    std::int64_t ours = 0;
    std::string clock;
    REQUIRE(db->transact([&](SqlTx &tx) -> Result<void> {
                  ours = tx.lease_now_us();
                  clock = tx.lease_clock();
                  CHECK_FALSE(tx.serial_commits());
                  return {};
              }).ok());
    const std::int64_t theirs =
        std::atoll(own.text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").c_str());
    CHECK(clock == "postgres");
    CHECK(std::llabs(theirs - ours) < 1'000'000);
    CHECK_FALSE(db->reads_locally());
}

TEST_CASE("postgres: certificates are checked as the URL says, and no password is ever told", "[pg_tls]") {
    const Certificates certificates;
    const std::string at = certificates.at;
    PostgresServer server({"ssl=on", "ssl_cert_file=" + at + "server.pem", "ssl_key_file=" + at + "server.key",
                           "password_encryption=scram-sha-256"});
    const Connection own(server.url());
    own.run("CREATE ROLE payer LOGIN SUPERUSER PASSWORD 'hunter2hunter2'");
    std::ofstream(server.data() + "/pg_hba.conf")
        << "host all remit 127.0.0.1/32 trust\nhostssl all payer all scram-sha-256\n";
    own.run("SELECT pg_reload_conf()");

    Ports ports;
    const auto try_url = [&](const std::string &host, const std::string &password, const std::string &rest) {
        return sql::open_postgres(ports.options(server.url("/postgres?" + rest, "payer:" + password, host)));
    };
    const std::string right = "hunter2hunter2";
    auto db = try_url("localhost", right, "sslmode=verify-full&sslrootcert=" + at + "ca.pem");
    INFO(words(db));
    REQUIRE(db.ok());
    CHECK((*db)->migrate(kSteps, MigrateMode::automatic).ok());
    CHECK((*db)->transact(pay("a")).ok());
    CHECK(own.text("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                   " WHERE usename = 'payer'") == "t");

    std::string all = ports.log.text();
    const auto refused = [&](const Result<std::unique_ptr<Database>> &said, const char *why) {
        INFO(words(said));
        CHECK(said.status() == Status::store);
        CHECK_THAT(words(said), Catch::Contains(why));
        all += words(said);
    };
    refused(try_url("localhost", right, "sslmode=verify-full&sslrootcert=" + at + "other.pem"), "certificate");
    refused(try_url("127.0.0.1", right, "sslmode=verify-full&sslrootcert=" + at + "ca.pem"), "does not match");
    refused(try_url("localhost", right, "sslmode=disable"), "no pg_hba.conf entry");
    refused(try_url("localhost", "wrong-wrong-wrong", "sslmode=require"), "password authentication failed");

    EngineOptions options;
    options.database = server.url("/postgres?sslmode=require", "payer:wrong-wrong-wrong", "localhost");
    const auto engine = Engine::open(options);
    CHECK(engine.status() == Status::store);
    all += words(engine) + ports.log.text();
    CHECK(all.find("hunter2") == std::string::npos);
    CHECK(all.find("wrong-wrong") == std::string::npos);
}
