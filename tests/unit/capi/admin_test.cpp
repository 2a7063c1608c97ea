#include "engine/catalogue.hpp"
#include "engine/catalogue_table.hpp"
#include "scene.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace capi_test;

namespace {

struct Answer {
    Said said;
    std::string json;
};

template <class Fn>
Answer ask(Fn fn, Scene &scene, const std::string &name, const std::string &json) {
    remit_blob *blob = nullptr;
    Said out = said(fn, scene.engine, name.data(), name.size(), json.data(), json.size(), nullptr, &blob);
    return {std::move(out), take(blob)};
}
Answer query(Scene &scene, const std::string &name, const std::string &json = {}) {
    return ask(remit_query, scene, name, json);
}
Answer command(Scene &scene, const std::string &name, const std::string &json = {}) {
    return ask(remit_command, scene, name, json);
}

}  // namespace

TEST_CASE("admin: every query without required parameters answers JSON, and none passes an unknown parameter") {
    Scene scene;
    scene.pay("one");
    scene.advance(30'000);
    for (const auto &entry : remit::engine::catalogue_entries()) {
        INFO(entry.name);
        const auto fn = entry.changes ? command : query;
        const Answer unknown = fn(scene, entry.name, R"({"nonsense":1})");
        CHECK(unknown.said.status == REMIT_E_INVALID);
        CHECK(unknown.said.field == "nonsense");
        bool required = false;
        for (const auto &parameter : entry.parameters) required |= parameter.required;
        const Answer bare = fn(scene, entry.name, {});
        if (required) {
            CHECK(bare.said.status == REMIT_E_INVALID);
            CHECK(bare.said.text == "is required");
        } else if (!entry.changes) {
            CHECK(bare.said.text.empty());
            CHECK_FALSE(bare.json.empty());
            CHECK(remit::core::Json::parse(bare.json).ok());
        }
        // A command is no query, nor the other way round.
        CHECK((entry.changes ? query : command)(scene, entry.name, {}).said.status == REMIT_E_NOT_FOUND);
        for (const auto &parameter : entry.parameters) {
            const Answer wrong = fn(scene, entry.name, "{\"" + std::string(parameter.name) + "\":{}}");
            CHECK(wrong.said.field == parameter.name);
        }
    }
    CHECK(query(scene, "payouts.none").said.status == REMIT_E_NOT_FOUND);
    CHECK(query(scene, "health", "[]").said.field == "json");
    CHECK(query(scene, "health", "garbage").said.status == REMIT_E_INVALID);
    remit_blob *blob = nullptr;
    CHECK(said(remit_query, scene.engine, "health", REMIT_ZSTR, nullptr, std::size_t{0}, nullptr, nullptr).field ==
          "out_json");
    CHECK(said(remit_query, scene.engine, nullptr, std::size_t{0}, nullptr, std::size_t{0}, nullptr, &blob).field ==
          "name");
}

TEST_CASE("admin: payouts are enqueued, listed by page, found, reported on and cancelled by name") {
    Scene scene(nullptr, -1);
    const std::string to(kPayee);
    std::string all;
    for (int i = 0; i < 5; ++i)
        all += std::string(i ? "," : "") + R"({"external_id":"e)" + std::to_string(i) + R"(","chain_id":31337,"to":")" +
               to + R"(","token":"USDT","tenant":"t","not_before_us":4000000000000000,"amount":)" +
               (i % 2 ? "7}" : "\"7\"}");
    const Answer made = command(scene, "payouts.enqueue", R"({"payouts":[)" + all + "]}");
    REQUIRE(made.said.text.empty());
    CHECK(has(made.json, "\"created\":true"));
    const Answer bad =
        command(scene, "payouts.enqueue", R"({"payouts":[)" + all + R"(,{"external_id":"x","amount":"1.5"}]})");
    CHECK(bad.said.field == "payouts[5].amount");
    CHECK(command(scene, "payouts.enqueue", R"({"payouts":[{"nonsense":1}]})").said.field == "payouts[0].nonsense");
    CHECK(command(scene, "payouts.enqueue", R"({"payouts":[3]})").said.field == "payouts[0]");
    CHECK(command(scene, "payouts.enqueue", R"({"payouts":[{"chain_id":-1}]})").said.field == "payouts[0].chain_id");
    CHECK(command(scene, "payouts.enqueue", R"({"payouts":[{"external_id":"x","chain_id":31337,"amount":"1"}]})")
              .said.field == "payouts[0].to");

    const Answer page = query(scene, "payouts.list", R"({"tenant":"t","limit":3})");
    REQUIRE(page.said.text.empty());
    CHECK(has(page.json, "\"external_id\":\"e2\""));
    CHECK_FALSE(has(page.json, "\"external_id\":\"e3\""));
    const auto parsed = remit::core::Json::parse(page.json);
    REQUIRE(parsed.ok());
    const std::string after = parsed->find("next")->text();
    REQUIRE_FALSE(after.empty());
    const Answer rest = query(scene, "payouts.list", R"({"tenant":"t","limit":3,"after":")" + after + "\"}");
    CHECK(has(rest.json, "\"external_id\":\"e4\""));
    CHECK(has(rest.json, "\"next\":\"\""));
    CHECK(query(scene, "payouts.list", R"({"tenant":"other"})").json == R"({"payouts":[],"next":""})");
    CHECK(query(scene, "payouts.list", R"({"status":"lost"})").said.field == "status");
    CHECK(query(scene, "payouts.list", R"({"limit":0})").said.field == "limit");
    CHECK(query(scene, "payouts.list", R"({"limit":1001})").said.field == "limit");

    const Answer found = query(scene, "payouts.find", R"({"tenant":"t","external_id":"e3"})");
    REQUIRE(found.said.text.empty());
    const std::string id = remit::core::Json::parse(found.json)->find("id")->text();
    CHECK(query(scene, "payouts.get", R"({"id":")" + id + "\"}").json == found.json);
    CHECK(query(scene, "payouts.get", R"({"id":"po_none"})").said.status == REMIT_E_NOT_FOUND);
    REQUIRE(command(scene, "payouts.cancel", R"({"actor":"ann","reason":"wrong","id":")" + id + "\"}").json == "{}");
    CHECK(command(scene, "payouts.resolve", R"({"actor":"ann","reason":"wrong","id":")" + id + "\"}").said.status ==
          REMIT_E_STATE);
    const std::string report = query(scene, "payouts.report").json;
    CHECK(has(report, "\"cancelled\":1"));
    CHECK(has(report, "\"pending\":4"));
    CHECK(query(scene, "payouts.audit").json == "[]");
    CHECK(command(scene, "payouts.repair").json == "[]");
    CHECK(command(scene, "events.forget", R"({"consumer":"none"})").said.status == REMIT_E_NOT_FOUND);
    CHECK(command(scene, "keys.create").said.status == REMIT_E_STATE);
}

TEST_CASE("admin: a query that does not wait") {
    Scene scene;
    const remit_async async{scene.queue, 51};
    REQUIRE(
        said(remit_query, scene.engine, "config", REMIT_ZSTR, nullptr, std::size_t{0}, &async, nullptr).text.empty());
    const auto item = scene.next();
    CHECK(item.tag == 51);
    CHECK(item.status == REMIT_OK);
    CHECK(has(item.payload, "\"chains\":[{\"id\":31337"));
    REQUIRE(said(remit_command, scene.engine, "nonsense", REMIT_ZSTR, nullptr, std::size_t{0}, &async, nullptr)
                .text.empty());
    CHECK(scene.next().status == REMIT_E_NOT_FOUND);
}

TEST_CASE("admin: the catalogue describes the table, and docs/catalogue.md is made from it") {
    Scene scene;
    remit_blob *blob = nullptr;
    REQUIRE(said(remit_catalogue, scene.engine, &blob).text.empty());
    CHECK(take(blob) == remit::engine::catalogue_json());
    CHECK(said(remit_catalogue, scene.engine, nullptr).field == "out_json");

    const std::string path = REMIT_SOURCE "/docs/catalogue.md";
    const std::string wanted = remit::engine::catalogue_markdown();
    if (std::getenv("REMIT_WRITE_DOCS")) std::ofstream(path) << wanted;
    std::ostringstream kept;
    kept << std::ifstream(path).rdbuf();
    INFO("stale: run unit_capi with REMIT_WRITE_DOCS=1");
    CHECK(kept.str() == wanted);
}
