#include "engine/options.hpp"

#include <remit/money.hpp>

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

#include <unistd.h>

using namespace remit;

namespace {

constexpr const char *kUsdt = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
constexpr const char *kUsdc = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48";

std::string token(const std::string &symbol, const std::string &address, const std::string &rest = R"(,"decimals":6)") {
    return R"({"symbol":")" + symbol + R"(","address":")" + address + "\"" + rest + "}";
}
std::string chain(const std::string &id, const std::string &rest = {}) {
    return R"({"id":)" + id + R"(,"rpc":"http://127.0.0.1:8545")" + rest + "}";
}
std::string chains(const std::string &inside) {
    return R"({"chains":[)" + inside + "]}";
}

struct Refusal {
    std::string json;
    std::string field;
    std::string text;  // a part of it
};

void refuses(const Refusal &refusal) {
    INFO(refusal.json);
    auto options = engine_options_from_json(refusal.json);
    REQUIRE_FALSE(options.ok());
    CHECK(options.status() == Status::invalid);
    CHECK(options.error().field == refusal.field);
    CHECK_THAT(options.error().text, Catch::Contains(refusal.text));
}

Result<EngineOptions> with_environment(const std::string &json, const std::map<std::string, std::string> &values) {
    auto options = engine_options_from_json(json);
    REQUIRE(options.ok());
    REMIT_CHECK(engine_options_from_environment(*options, [&values](const char *name) -> const char * {
        const auto found = values.find(name);
        return found == values.end() ? nullptr : found->second.c_str();
    }));
    return options;
}

}  // namespace

TEST_CASE("engine options: an empty document gives every default of the header") {
    auto options = engine_options_from_json("{}");
    REQUIRE(options.ok());
    CHECK(to_json(*options) == to_json(EngineOptions{}));
    CHECK(options->database == "remit.db");
    CHECK(options->lease_ms == 30'000);
    CHECK(options->migrate == MigrateMode::automatic);

    auto one = engine_options_from_json(chains(chain("1")));
    REQUIRE(one.ok());
    ChainOptions expected;
    expected.id = 1;
    expected.rpc = "http://127.0.0.1:8545";
    expected.name = "chain-1";
    EngineOptions whole;
    whole.chains.push_back(expected);
    CHECK(to_json(*one) == to_json(whole));
}

TEST_CASE("engine options: every field is read, and written back the same") {
    const std::string json =
        R"({"database":"postgres://u:p@a,b:6432/x?sslmode=require","prefix":"pay_","schema":"Pay 1","connections":64,)"
        R"("migrate":"check","log_level":"debug",)"
        R"("password_file":"/run/secrets/p","proxy":"socks5://u:p@[::1]:1080","ca_file":"/etc/node.pem",)"
        R"("unlock_ms":60000,"lease_ms":1000,"events_keep_days":3650,)"
        R"("tombstone_days":1,"consumer_dead_days":1,"chains":[{"id":31337,"name":"local","rpc":"https://[::1]:8545/v3/abc",)"
        R"("confirmations":1,"poll_ms":10,"in_flight":10000,"batch":500,"resend_ms":100,"max_fee_gwei":"0.000000001",)"
        R"("gas_margin_percent":200,"tokens":[{"symbol":"USDT","address":")" +
        std::string(kUsdt) + R"(","decimals":0,"gas":30000000}],"senders":[")" + kUsdc + R"("]}]})";
    auto options = engine_options_from_json(json);
    REQUIRE(options.ok());
    CHECK(to_json(*options) == json);
    CHECK(options->chains[0].tokens[0].gas == 30'000'000);
    CHECK(options->migrate == MigrateMode::check);
}

TEST_CASE("engine options: the error names the field by its path") {
    const std::string twice = token("USDT", kUsdt);
    for (const Refusal &refusal : {
             Refusal{R"([])", "$", "object"},
             {R"({"databse":"x"})", "databse", "not a known field"},
             {R"({"database":7})", "database", "string"},
             {R"({"database":""})", "database", "empty"},
             {R"({"prefix":"Remit_"})", "prefix", "a-z"},
             {R"({"prefix":"1x"})", "prefix", "letter"},
             {R"({"migrate":"auto"})", "migrate", "automatic, check or manual"},
             {R"({"log_level":"trace"})", "log_level", "debug, info, warn or error"},
             {R"({"lease_ms":999})", "lease_ms", "1000 to 600000"},
             {R"({"lease_ms":"30000"})", "lease_ms", ""},
             {R"({"lease_ms":1000.5})", "lease_ms", ""},
             {R"({"events_keep_days":0})", "events_keep_days", "1 to 3650"},
             {R"({"chains":{}})", "chains", "array"},
             {R"({"chains":[7]})", "chains[0]", "object"},
             {chains(R"({"rpc":"http://a"})"), "chains[0].id", "must be given"},
             {chains(R"({"id":-1,"rpc":"http://a"})"), "chains[0].id", "1 to"},
             {chains(R"({"id":1})"), "chains[0].rpc", "must be given"},
             {chains(R"({"id":1,"rpc":"ws://a"})"), "chains[0].rpc", "http://"},
             {chains(R"({"id":1,"rpc":"http://"})"), "chains[0].rpc", "host"},
             {chains(R"({"id":1,"rpc":"http://a b"})"), "chains[0].rpc", "space"},
             {chains(R"({"id":1,"rpc":"http://u:p@a"})"), "chains[0].rpc", "user name or password"},
             {chains(R"({"id":1,"rpc":"http://a:70000"})"), "chains[0].rpc", "port"},
             {chains(chain("1", R"(,"confirmations":1001)")), "chains[0].confirmations", "1 to 1000"},
             {chains(chain("1", R"(,"batch":0)")), "chains[0].batch", "1 to 500"},
             {chains(chain("1", R"(,"max_fee_gwei":"1.0000000001")")), "chains[0].max_fee_gwei", ""},
             {chains(chain("1", R"(,"max_fee_gwei":"0")")), "chains[0].max_fee_gwei", "more than zero"},
             {chains(chain("1", R"(,"max_fee_gwei":"500000000000")")), "chains[0].max_fee_gwei", "wei"},
             {chains(chain("1", R"(,"max_fee_gwei":500)")), "chains[0].max_fee_gwei", "string"},
             {chains(chain("1") + "," + chain("1")), "chains[1].id", "chains[0].id"},
             {chains(chain("1", R"(,"name":"a")") + "," + chain("2", R"(,"name":"a")")), "chains[1].name", "chains[0]"},
             {chains(chain("1", R"(,"tokens":[)" + twice + "," + token("usdc", kUsdc, "") + "]")),
              "chains[0].tokens[1].decimals", "must be given"},
             {chains(chain("1", R"(,"tokens":[)" + token("A", kUsdt, R"(,"decimals":37)") + "]")),
              "chains[0].tokens[0].decimals", "0 to 36"},
             {chains(chain("1", R"(,"tokens":[)" + token("A B", kUsdt) + "]")), "chains[0].tokens[0].symbol",
              "letters"},
             {chains(chain("1", R"(,"tokens":[)" + token("native", kUsdt) + "]")), "chains[0].tokens[0].symbol",
              "coin"},
             {chains(chain("1", R"(,"tokens":[)" + twice + "," + token("USDT", kUsdc) + "]")),
              "chains[0].tokens[1].symbol", "chains[0].tokens[0].symbol"},
             {chains(chain("1", R"(,"tokens":[)" + twice + "," +
                                    token("X", "0xdac17f958d2ee523a2206206994597c13d831ec7") + "]")),
              "chains[0].tokens[1].address", "chains[0].tokens[0].address"},
             {chains(chain("1", R"(,"tokens":[)" + token("A", "0xDAC17F958D2ee523a2206206994597C13D831ec7") + "]")),
              "chains[0].tokens[0].address", "checksum"},
             {chains(chain("1", R"(,"tokens":[)" + token("A", "0x00") + "]")), "chains[0].tokens[0].address", ""},
             {chains(chain("1", R"(,"tokens":[)" + token("A", kUsdt, R"(,"decimals":6,"gas":20999)") + "]")),
              "chains[0].tokens[0].gas", "21000"},
             {chains(chain("1", R"(,"senders":["0x0000000000000000000000000000000000000000"])")),
              "chains[0].senders[0]", "zero address"},
             {chains(chain("1", std::string(R"(,"senders":[")") + kUsdt +
                                    R"(","0xdac17f958d2ee523a2206206994597c13d831ec7"])")),
              "chains[0].senders[1]", "chains[0].senders[0]"},
         })
        refuses(refusal);
}

TEST_CASE("engine options: a proxy is a URL of one of three schemes, up to its port") {
    for (const Refusal &refusal : {
             Refusal{R"({"proxy":"proxy:3128"})", "proxy", "http://, https:// or socks5://"},
             {R"({"proxy":"ftp://a"})", "proxy", "socks5://"},
             {R"({"proxy":"http://u:p@"})", "proxy", "host"},
             {R"({"proxy":"http://a:0"})", "proxy", "port"},
             {R"({"proxy":"http://a/b"})", "proxy", "host and port"},
             {R"({"proxy":"http://u:1/2@a"})", "proxy", "host and port"},
             {R"({"proxy":"http://a b"})", "proxy", "space"},
         })
        refuses(refusal);
    for (const char *good : {"http://a", "https://a:1/", "socks5://u:p@[::1]:1080"})
        CHECK(engine_options_from_json(std::string(R"({"proxy":")") + good + "\"}").ok());
}

TEST_CASE("engine options: a secret in the document is refused and not repeated") {
    for (const char *name : {"password", "private_key", "mnemonic"}) {
        auto options = engine_options_from_json(std::string("{\"") + name + R"(":"hunter2"})");
        REQUIRE_FALSE(options.ok());
        CHECK(options.error().field == name);
        CHECK_THAT(options.error().text, Catch::Contains("secret") && !Catch::Contains("hunter2"));
    }
    refuses({chains(chain("1", R"(,"private_key":"00")")), "chains[0].private_key", "secret"});
}

TEST_CASE("engine options: the environment overrides, and errors name the variable") {
    auto options = with_environment(chains(chain("1")), {{"REMIT_DATABASE", "/tmp/other.db"},
                                                         {"REMIT_LOG_LEVEL", "warn"},
                                                         {"REMIT_PASSWORD_FILE", "/run/p"},
                                                         {"REMIT_PROXY", "http://u:p@proxy.example:3128/"},
                                                         {"REMIT_RPC", "https://node.example/key"},
                                                         {"REMIT_MIGRATE", "manual"}});
    REQUIRE(options.ok());
    CHECK(options->database == "/tmp/other.db");
    CHECK(options->log_level == "warn");
    CHECK(options->password_file == "/run/p");
    CHECK(options->proxy == "http://u:p@proxy.example:3128/");
    CHECK(options->chains[0].rpc == "https://node.example/key");
    CHECK(options->migrate == MigrateMode::manual);

    const auto ca_file = [](const std::string &json, std::map<std::string, std::string> set) {
        return with_environment(json, std::move(set))->ca_file;
    };
    CHECK(ca_file("{}", {{"SSL_CERT_FILE", "/s.pem"}}) == "/s.pem");
    CHECK(ca_file(R"({"ca_file":"/o.pem"})", {{"SSL_CERT_FILE", "/s.pem"}}) == "/o.pem");
    CHECK(ca_file(R"({"ca_file":"/o.pem"})", {{"REMIT_CA_FILE", "/r.pem"}, {"SSL_CERT_FILE", "/s.pem"}}) == "/r.pem");

    auto empty = with_environment(chains(chain("1")), {{"REMIT_RPC", ""}, {"REMIT_DATABASE", ""}});
    REQUIRE(empty.ok());
    CHECK(empty->chains[0].rpc == "http://127.0.0.1:8545");

    CHECK(with_environment(chains(chain("1")), {{"REMIT_RPC", "node"}}).error().field == "REMIT_RPC");
    const auto proxy = with_environment("{}", {{"REMIT_PROXY", "http://u:hunter2@a:b"}});
    REQUIRE_FALSE(proxy.ok());
    CHECK(proxy.error().field == "REMIT_PROXY");
    CHECK_THAT(proxy.error().text, !Catch::Contains("hunter2"));
    CHECK(with_environment(chains(chain("1")), {{"REMIT_LOG_LEVEL", "loud"}}).error().field == "REMIT_LOG_LEVEL");
    CHECK(with_environment(chains(chain("1")), {{"REMIT_MIGRATE", "yes"}}).error().field == "REMIT_MIGRATE");
    CHECK(with_environment("{}", {{"REMIT_RPC", "http://a"}}).error().field == "REMIT_RPC");
    CHECK(with_environment(chains(chain("1") + "," + chain("2")), {{"REMIT_RPC", "http://a"}}).status() ==
          Status::invalid);
}

TEST_CASE("engine options: a file is read, and its absence is told apart") {
    std::string path = "/tmp/remit-options-XXXXXX";
    const int file = mkstemp(path.data());
    REQUIRE(file >= 0);
    close(file);
    std::remove(path.c_str());
    CHECK(engine_options_from_file(path).status() == Status::not_found);
    std::ofstream(path) << "\xef\xbb\xbf{\"database\":\"a.db\"}";
    auto options = engine_options_from_file(path);
    REQUIRE(options.ok());
    CHECK(options->database == "a.db");
    std::ofstream(path) << "{\"database\":";
    CHECK(engine_options_from_file(path).status() == Status::invalid);
    std::ofstream(path) << std::string((1U << 20U) + 1, ' ');
    CHECK(engine_options_from_file(path).error().text == "is larger than 1 MiB");
    CHECK(engine_options_from_file("/").status() == Status::invalid);
    std::remove(path.c_str());
}

TEST_CASE("engine options: the database is a file or a server's URL") {
    for (const Refusal &refusal : {Refusal{R"({"database":"mysql://a/b"})", "database", "postgresql://"},
                                   {R"({"database":"postgresql://a/b c"})", "database", "space"},
                                   {R"({"schema":"x"})", "schema", "PostgreSQL only"},
                                   {R"({"connections":65})", "connections", "1 to 64"}})
        refuses(refusal);
    CHECK(with_environment("{}", {{"REMIT_DATABASE", "postgresql://a/b"}})->database == "postgresql://a/b");
    CHECK(with_environment("{}", {{"REMIT_DATABASE", "redis://a"}}).error().field == "REMIT_DATABASE");
    CHECK(engine_options_from_json(R"({"database":"a:b/c"})").ok());  // an odd name, and a path
}

TEST_CASE("engine options: gwei text becomes wei exactly") {
    CHECK(to_decimal(*engine::gwei_to_wei("500", "f")) == "500000000000");
    CHECK(to_decimal(*engine::gwei_to_wei("0.000000001", "f")) == "1");
    CHECK(to_decimal(*engine::gwei_to_wei("1000000", "f")) == "1000000000000000");
    CHECK(engine::gwei_to_wei("1e3", "f").error().field == "f");
    CHECK_FALSE(engine::gwei_to_wei("-1", "f").ok());
    CHECK_FALSE(engine::gwei_to_wei("", "f").ok());
}

TEST_CASE("engine options: an origin hides a provider's key") {
    CHECK(engine::url_origin("https://node.example:8545/v3/secret?x=1") == "https://node.example:8545");
    CHECK(engine::url_origin("http://a") == "http://a");
    CHECK(engine::url_origin("socks5://user:p@ss@proxy:1080") == "socks5://proxy:1080");
    CHECK(engine::url_origin("").empty());
}

TEST_CASE("engine options: what is shown has no secret, and checksums") {
    EngineOptions options;
    options.database = "postgresql://user:hunter?2@db.example:5432/shop?password=hunter2";
    options.proxy = "http://user:hunter2@proxy.example:3128";
    options.chains.resize(1);
    options.chains[0].rpc = "https://node.example/v3/the-access-key?also=the-access-key";
    options.chains[0].tokens.push_back({"USDT", "0xdac17f958d2ee523a2206206994597c13d831ec7", 6, 0});
    options.chains[0].senders.push_back("0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48");
    const EngineOptions seen = engine::without_secrets(options);
    CHECK(seen.database == "postgresql://db.example:5432/shop");
    CHECK(engine::shown_database("postgres://db/shop") == "postgres://db/shop");
    CHECK(engine::shown_database("postgresql://a,b:6432/shop#x") == "postgresql://a,b:6432/shop");
    CHECK(engine::shown_database("postgresql://user:hunter/2@db/shop") == "postgresql://...");
    CHECK(engine::shown_database("postgresql://user@db/shop?options=a@b") == "postgresql://db/shop");
    CHECK(engine::shown_database("/var/lib/x.db") == "/var/lib/x.db");
    CHECK(seen.proxy == "http://proxy.example:3128");
    CHECK(seen.chains[0].rpc == "https://node.example");
    CHECK(seen.chains[0].tokens[0].address == kUsdt);
    CHECK(seen.chains[0].senders[0] == kUsdc);
}
