#include "scene.hpp"

#include <vector>

using namespace capi_test;

namespace {

Said enqueue(Scene &scene, const remit_payout_request &request, remit_payout_accepted *out) {
    return said(remit_payout_enqueue, scene.engine, &request, std::size_t{1}, nullptr, out);
}

}  // namespace

TEST_CASE("payouts: accepted once, replayed after, and a mismatch is told") {
    Scene scene;
    remit_payout_accepted first, again;
    REQUIRE(enqueue(scene, payout("one"), &first).text.empty());
    REQUIRE(enqueue(scene, payout("one"), &again).text.empty());
    CHECK(first.created == 1);
    CHECK(again.created == 0);
    CHECK(first.reserved == 0);
    CHECK(std::string(first.id.text).substr(0, 3) == "po_");
    CHECK(std::string(first.id.text) == again.id.text);
    const Said other = enqueue(scene, payout("one", "2000000"), &again);
    CHECK(other.status == REMIT_E_MISMATCH);
    CHECK(again.created == 0);
    CHECK(std::string(again.id.text).empty());
}

TEST_CASE("payouts: many at once, all or none") {
    Scene scene;
    std::vector<std::string> names;
    for (int i = 0; i < 500; ++i) names.push_back("bulk-" + std::to_string(i));
    std::vector<remit_payout_request> requests;
    for (const std::string &name : names) requests.push_back(payout(name.c_str()));
    std::vector<remit_payout_accepted> accepted(requests.size());
    requests[321].amount = "1.5";
    Said out = said(remit_payout_enqueue, scene.engine, requests.data(), requests.size(), nullptr, accepted.data());
    CHECK(out.status == REMIT_E_INVALID);
    CHECK(out.field == "[321].amount");
    requests[321].amount = "1000000";
    requests[123].to = "0x52908400098527886E0F7030069857D2E4169Ee7";
    out = said(remit_payout_enqueue, scene.engine, requests.data(), requests.size(), nullptr, accepted.data());
    CHECK(out.status == REMIT_E_INVALID);
    CHECK(out.field == "[123].to");
    CHECK(
        said(remit_payout_find, scene.engine, nullptr, std::size_t{0}, "bulk-0", REMIT_ZSTR, nullptr, nullptr, nullptr)
            .status == REMIT_E_NOT_FOUND);
    requests[123].to = kPayee;
    REQUIRE(said(remit_payout_enqueue, scene.engine, requests.data(), requests.size(), nullptr, accepted.data())
                .text.empty());
    for (const auto &one : accepted) CHECK(one.created == 1);
}

TEST_CASE("payouts: inputs that are wrong are refused with their field") {
    Scene scene;
    remit_payout_accepted accepted;
    const remit_payout_request good = payout("good");
    const auto refused = [&](const remit_payout_request &request, remit_status status, const char *field) {
        const Said out = enqueue(scene, request, &accepted);
        CHECK(out.status == status);
        CHECK(out.field == field);
    };
    remit_payout_request bad = good;
    bad.external_id = nullptr;
    refused(bad, REMIT_E_MISUSE, "[0].external_id");
    bad = good;
    bad.external_id_len = 0;
    refused(bad, REMIT_E_INVALID, "[0].external_id");
    bad = good;
    bad.amount = "0";
    refused(bad, REMIT_E_INVALID, "[0].amount");
    bad.amount = "115792089237316195423570985008687907853269984665640564039457584007913129639936";
    refused(bad, REMIT_E_INVALID, "[0].amount");
    bad = good;
    bad.token = "NONE";
    refused(bad, REMIT_E_INVALID, "[0].token");
    bad = good;
    bad.chain_id = 5;
    refused(bad, REMIT_E_INVALID, "[0].chain_id");
    bad = good;
    bad.priority = 1001;
    refused(bad, REMIT_E_INVALID, "[0].priority");
    bad = good;
    bad.tenant_len = 3;
    refused(bad, REMIT_E_MISUSE, "[0].tenant");
    bad = good;
    bad.from = "0x12";
    bad.from_len = REMIT_ZSTR;
    refused(bad, REMIT_E_INVALID, "[0].from");
    CHECK(said(remit_payout_enqueue, scene.engine, nullptr, std::size_t{1}, nullptr, &accepted).field == "requests");
    CHECK(said(remit_payout_enqueue, scene.engine, &good, std::size_t{0}, nullptr, &accepted).field == "request_count");
    CHECK(said(remit_payout_enqueue, scene.engine, &good, std::size_t{10'001}, nullptr, &accepted).field ==
          "request_count");
    CHECK(enqueue(scene, good, nullptr).field == "out_accepted");
}

TEST_CASE("payouts: a payout is sent, completed, and the chain shows one transfer") {
    Scene scene;
    const std::string id = scene.pay("one");
    remit_payout_status status = 0;
    remit_blob *blob = nullptr;
    REQUIRE(said(remit_payout_wait, scene.engine, id.c_str(), REMIT_ZSTR, REMIT_PAYOUT_SENT, std::int64_t{60'000},
                 nullptr, &status, nullptr)
                .text.empty());
    CHECK(status == REMIT_PAYOUT_SENT);
    REQUIRE(said(remit_payout_wait, scene.engine, id.c_str(), REMIT_ZSTR, REMIT_PAYOUT_COMPLETED, std::int64_t{600'000},
                 nullptr, &status, &blob)
                .text.empty());
    CHECK(status == REMIT_PAYOUT_COMPLETED);
    const std::string json = take(blob);
    CHECK(has(json, "\"id\":\"" + id + "\""));
    CHECK(has(json, "\"status\":\"completed\""));
    CHECK(has(json, "\"amount\":\"1000000\""));
    CHECK(has(json, std::string("\"to\":\"") + kPayee + "\""));
    CHECK(has(json, "\"tx_hash\":\"0x"));
    CHECK(has(json, "\"deadline_us\":null"));

    std::uint64_t count = 0;
    REQUIRE(said(remit_world_transfers, scene.world, kPayee, REMIT_ZSTR, &count, &blob).text.empty());
    CHECK(count == 1);
    CHECK(has(take(blob), "\"amount\":\"1000000\""));
    REQUIRE(said(remit_world_balance, scene.world, "USDT", REMIT_ZSTR, kPayee, REMIT_ZSTR, &blob).text.empty());
    CHECK(take(blob) == "1000000");
}

TEST_CASE("payouts: get, find and wait say when there is none, or not yet") {
    Scene scene(nullptr, -1);
    const std::string id = scene.pay("slow");
    remit_payout_status status = 9;
    remit_blob *blob = nullptr;
    CHECK(said(remit_payout_get, scene.engine, "po_none", REMIT_ZSTR, nullptr, &status, &blob).status ==
          REMIT_E_NOT_FOUND);
    CHECK(status == 0);
    CHECK(blob == nullptr);
    CHECK(said(remit_payout_get, scene.engine, nullptr, std::size_t{0}, nullptr, &status, &blob).field == "id");
    REQUIRE(said(remit_payout_find, scene.engine, nullptr, std::size_t{0}, "slow", REMIT_ZSTR, nullptr, &status, &blob)
                .text.empty());
    CHECK(has(take(blob), id));
    CHECK(said(remit_payout_find, scene.engine, "other", REMIT_ZSTR, "slow", REMIT_ZSTR, nullptr, &status, nullptr)
              .status == REMIT_E_NOT_FOUND);
    const auto wait = [&](const char *which, remit_payout_status until, std::int64_t ms) {
        return said(remit_payout_wait, scene.engine, which, REMIT_ZSTR, until, ms, nullptr, &status, nullptr);
    };
    CHECK(wait(id.c_str(), REMIT_PAYOUT_COMPLETED, 5'000).status == REMIT_E_TIMEOUT);
    CHECK(wait("po_none", REMIT_PAYOUT_COMPLETED, 5'000).status == REMIT_E_NOT_FOUND);
    CHECK(wait(id.c_str(), 0, 5'000).field == "status");
    CHECK(wait(id.c_str(), 6, 5'000).field == "status");
    CHECK(wait(id.c_str(), REMIT_PAYOUT_SENT, -1).field == "timeout_ms");
}

TEST_CASE("payouts: cancelled while nothing is signed, and not after") {
    Scene scene;
    remit_payout_request request = payout("later");
    request.not_before_us = INT64_MAX / 2;
    remit_payout_accepted accepted;
    REQUIRE(enqueue(scene, request, &accepted).text.empty());
    const auto cancel = [&](const char *id, const char *actor) {
        return said(remit_payout_cancel, scene.engine, id, REMIT_ZSTR, actor, REMIT_ZSTR, "not needed", REMIT_ZSTR,
                    nullptr);
    };
    CHECK(cancel("po_none", "ann").status == REMIT_E_NOT_FOUND);
    CHECK(cancel(accepted.id.text, nullptr).field == "actor");
    REQUIRE(cancel(accepted.id.text, "ann").text.empty());
    remit_payout_status status = 0;
    REQUIRE(said(remit_payout_get, scene.engine, accepted.id.text, REMIT_ZSTR, nullptr, &status, nullptr).text.empty());
    CHECK(status == REMIT_PAYOUT_CANCELLED);
    const std::string sent = scene.pay("sent");
    REQUIRE(said(remit_payout_wait, scene.engine, sent.c_str(), REMIT_ZSTR, REMIT_PAYOUT_SENT, std::int64_t{60'000},
                 nullptr, nullptr, nullptr)
                .text.empty());
    CHECK(cancel(sent.c_str(), "ann").status == REMIT_E_STATE);
}

TEST_CASE("payouts: calls that do not wait bring their outcome as items") {
    Scene scene;
    const remit_async async{scene.queue, 21};
    const remit_payout_request requests[] = {payout("a"), payout("b")};
    REQUIRE(said(remit_payout_enqueue, scene.engine, requests, std::size_t{2}, &async, nullptr).text.empty());
    auto item = scene.next();
    CHECK(item.kind == REMIT_ITEM_RESULT);
    CHECK(item.tag == 21);
    CHECK(item.status == REMIT_OK);
    CHECK(has(item.payload, "[{\"id\":\"po_"));
    CHECK(has(item.payload, "\"created\":true}"));
    const std::string id = item.payload.substr(item.payload.find("po_"), 29);

    REQUIRE(said(remit_payout_wait, scene.engine, id.c_str(), REMIT_ZSTR, REMIT_PAYOUT_COMPLETED, std::int64_t{600'000},
                 &async, nullptr, nullptr)
                .text.empty());
    item = scene.next();
    CHECK(item.status == REMIT_OK);
    CHECK(item.value == REMIT_PAYOUT_COMPLETED);
    CHECK(has(item.payload, "\"status\":\"completed\""));

    REQUIRE(said(remit_payout_get, scene.engine, "po_none", REMIT_ZSTR, &async, nullptr, nullptr).text.empty());
    item = scene.next();
    CHECK(item.status == REMIT_E_NOT_FOUND);
    CHECK_FALSE(item.text.empty());
    CHECK(item.payload.empty());

    const remit_payout_request other = payout("a", "5");
    REQUIRE(said(remit_payout_enqueue, scene.engine, &other, std::size_t{1}, &async, nullptr).text.empty());
    CHECK(scene.next().status == REMIT_E_MISMATCH);
    // What is wrong with the call itself is told at once.
    const remit_async nowhere{nullptr, 1};
    CHECK(said(remit_payout_enqueue, scene.engine, requests, std::size_t{2}, &nowhere, nullptr).field == "async");
    const remit_payout_request bad = payout("c", "-1");
    CHECK(said(remit_payout_enqueue, scene.engine, &bad, std::size_t{1}, &async, nullptr).status == REMIT_E_INVALID);
}
