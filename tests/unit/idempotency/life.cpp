// Each transition of a key.
#include "scene.hpp"

#include <algorithm>
#include <thread>

using namespace remit;
using testing::KeyScene;

TEST_CASE("idempotency: the first claim executes, the same again replays byte for byte") {
    KeyScene scene;
    auto one = scene.process();
    const std::string body("{\"id\":1}\0\xff\r\n", 12);
    {
        const auto claim = KeyScene::claim(*one, KeyScene::request("a"));
        REQUIRE(claim->verdict() == Verdict::execute);
        REQUIRE(claim->epoch() == 1);
        REQUIRE(claim->held());
        REQUIRE(claim->complete(KeyScene::reply(body)).ok());
        REQUIRE_FALSE(claim->held());
        REQUIRE(claim->complete(KeyScene::reply(body)).ok());
        REQUIRE(claim->complete(KeyScene::reply("other")).status() == Status::mismatch);
    }
    auto two = scene.process();
    for (auto *process : {one.get(), two.get()}) {
        const auto again = KeyScene::claim(*process, KeyScene::request("a"));
        REQUIRE(again->verdict() == Verdict::replay);
        REQUIRE(again->reply().body == body);
        REQUIRE(again->reply().status == 201);
        REQUIRE(again->reply().headers ==
                std::vector<HttpHeader>{{"Content-Type", "application/json"}, {"location", "/orders/1"}});
        REQUIRE(again->complete(KeyScene::reply("x")).status() == Status::misuse);
    }
    REQUIRE(one->service->audit()->empty());
}

TEST_CASE("idempotency: another request under the same key is a mismatch in every state, told before the state") {
    KeyScene scene;
    auto one = scene.process();
    const auto other = [&] { return one->service->claim(KeyScene::request("a", R"({"amount":"6"})")).status(); };
    auto claim = KeyScene::claim(*one, KeyScene::request("a"));
    REQUIRE(other() == Status::mismatch);
    REQUIRE(claim->complete(KeyScene::reply("done")).ok());
    REQUIRE(other() == Status::mismatch);
    ClaimRequest elsewhere = KeyScene::request("a");
    elsewhere.operation = "POST /refunds";
    REQUIRE(one->service->claim(elsewhere).status() == Status::mismatch);
    claim = KeyScene::claim(*one, KeyScene::request("b"));
    REQUIRE(claim->release().ok());
    REQUIRE(one->service->claim(KeyScene::request("b", "{}")).status() == Status::mismatch);
    REQUIRE(one->service->claim(KeyScene::request("b", "")).status() == Status::mismatch);  // empty is a request, too
    ClaimRequest unsaid = KeyScene::request("b");
    unsaid.request.reset();
    REQUIRE(KeyScene::claim(*one, unsaid)->verdict() == Verdict::execute);
}

TEST_CASE("idempotency: keys of two tenants or namespaces never meet, and JSON is compared by meaning") {
    KeyScene scene;
    auto one = scene.process();
    auto request = KeyScene::request("a");
    const auto first = KeyScene::claim(*one, request);
    request.tenant = "acme";
    const auto second = KeyScene::claim(*one, request);
    REQUIRE(second->verdict() == Verdict::execute);
    request.space = "refunds";
    REQUIRE(KeyScene::claim(*one, request)->verdict() == Verdict::execute);

    auto json = KeyScene::request("j", R"({"amount":"5","currency":"MNT","note":"a"})");
    json.form = RequestForm::json;
    const auto third = KeyScene::claim(*one, json);
    REQUIRE(third->complete(KeyScene::reply("ok")).ok());
    json.request = R"({ "note" : "a", "currency":"MNT", "amount":"\u0035" })";
    REQUIRE(KeyScene::claim(*one, json)->verdict() == Verdict::replay);
    json.request = R"({"amount":"5","currency":"USD","note":"a"})";
    REQUIRE(one->service->claim(json).status() == Status::mismatch);
    json.request = "{";
    REQUIRE(one->service->claim(json).status() == Status::invalid);
}

TEST_CASE("idempotency: a duplicate in flight is told to come back") {
    KeyScene scene;
    auto one = scene.process();
    auto two = scene.process();
    const auto claim = KeyScene::claim(*one, KeyScene::request("a"));
    for (auto *process : {one.get(), two.get()}) {
        const auto again = KeyScene::claim(*process, KeyScene::request("a"));
        REQUIRE(again->verdict() == Verdict::running);
        REQUIRE(again->retry_ms() > 0);
        REQUIRE(http_answer(*again).status == 409);
    }
}

TEST_CASE("idempotency: waiting gets the reply, or running when the time is over; attach gets a timeout") {
    KeyScene scene;
    auto one = scene.process();
    auto claim = KeyScene::claim(*one, KeyScene::request("a"));
    auto waits = KeyScene::request("a");
    waits.in_flight = InFlight::wait;
    waits.wait_ms = 500;
    REQUIRE(KeyScene::claim(*one, waits)->verdict() == Verdict::running);
    waits.in_flight = InFlight::attach;
    REQUIRE(one->service->claim(waits).status() == Status::timeout);

    std::optional<Result<std::unique_ptr<Claim>>> answer;
    waits.wait_ms = 0;
    one->service->claim_async(waits, [&](auto result) { answer = std::move(result); });
    one->tick();
    REQUIRE_FALSE(answer);
    REQUIRE(claim->complete(KeyScene::reply("done")).ok());
    one->tick();
    REQUIRE(answer);
    REQUIRE((*answer)->get()->verdict() == Verdict::replay);
    REQUIRE((*answer)->get()->reply().body == "done");
}

TEST_CASE("idempotency: who waits for a key that is given back executes it") {
    KeyScene scene;
    auto one = scene.process();
    auto claim = KeyScene::claim(*one, KeyScene::request("a"));
    auto waits = KeyScene::request("a");
    waits.in_flight = InFlight::attach;
    std::optional<Result<std::unique_ptr<Claim>>> answer;
    one->service->claim_async(waits, [&](auto result) { answer = std::move(result); });
    one->tick();
    claim.reset();
    one->tick();
    REQUIRE(answer);
    REQUIRE((*answer)->get()->verdict() == Verdict::execute);
    REQUIRE((*answer)->get()->epoch() == 2);
}

TEST_CASE("idempotency: given back before an effect the key is free, after one it is not") {
    KeyScene scene;
    auto one = scene.process();
    auto claim = KeyScene::claim(*one, KeyScene::request("a"));
    REQUIRE(claim->release().ok());
    REQUIRE(claim->release().ok());
    claim = KeyScene::claim(*one, KeyScene::request("a"));
    REQUIRE(claim->verdict() == Verdict::execute);
    REQUIRE(claim->epoch() == 2);
    REQUIRE(claim->effect_begin(EffectClass::none).status() == Status::misuse);
    REQUIRE(claim->effect_begin(EffectClass::idempotent).ok());
    REQUIRE(claim->effects_started());
    REQUIRE(claim->release().status() == Status::state);
    REQUIRE(claim->complete(KeyScene::reply("done")).ok());
}

TEST_CASE("idempotency: a claim that ends unfinished gives the key back, or leaves it to be recovered") {
    KeyScene scene;
    auto one = scene.process();
    KeyScene::claim(*one, KeyScene::request("a")).reset();
    one->tick();
    auto claim = KeyScene::claim(*one, KeyScene::request("a"));
    REQUIRE(claim->verdict() == Verdict::execute);
    REQUIRE(claim->checkpoint("reserved", "row 5").ok());
    REQUIRE(claim->effect_begin(EffectClass::queryable).ok());
    claim.reset();
    one->tick();
    claim = KeyScene::claim(*one, KeyScene::request("a"));
    REQUIRE(claim->verdict() == Verdict::recover);
    REQUIRE(claim->point() == "reserved");
    REQUIRE(claim->data() == "row 5");
    REQUIRE(claim->effect() == EffectClass::queryable);
    REQUIRE(claim->effects_started());
}

TEST_CASE("idempotency: an effect that may be done once only leaves an unknown key, which a person resolves") {
    KeyScene scene;
    auto one = scene.process();
    auto claim = KeyScene::claim(*one, KeyScene::request("a"));
    REQUIRE(claim->effect_begin(EffectClass::at_most_once).ok());
    claim.reset();
    one->tick();
    claim = KeyScene::claim(*one, KeyScene::request("a"));
    REQUIRE(claim->verdict() == Verdict::unknown);
    REQUIRE_FALSE(claim->doubt().empty());
    REQUIRE(http_answer(*claim).status == 409);
    REQUIRE(one->service->claim(KeyScene::request("a", "{}")).status() == Status::mismatch);

    auto &keys = *one->service;
    REQUIRE(keys.resolve("", "orders", "a", std::nullopt, "", "why").error().field == "actor");
    REQUIRE(keys.resolve("", "orders", "b", std::nullopt, "bat", "why").status() == Status::not_found);
    REQUIRE(keys.resolve("", "orders", "a", KeyScene::reply("slip 7"), "bat", "slip 7").ok());
    REQUIRE(keys.resolve("", "orders", "a", KeyScene::reply("slip 7"), "bat", "again").status() == Status::state);
    claim = KeyScene::claim(*one, KeyScene::request("a"));
    REQUIRE(claim->verdict() == Verdict::replay);
    REQUIRE(claim->reply().body == "slip 7");

    claim = KeyScene::claim(*one, KeyScene::request("c"));
    REQUIRE(claim->effect_begin(EffectClass::at_most_once).ok());
    claim.reset();
    one->tick();
    REQUIRE(keys.resolve("", "orders", "c", std::nullopt, "bat", "the operator has nothing").ok());
    REQUIRE(KeyScene::claim(*one, KeyScene::request("c"))->verdict() == Verdict::execute);
    REQUIRE(scene.events(*one) == std::vector<std::string>{"idempotency.unknown", "idempotency.resolved",
                                                           "idempotency.unknown", "idempotency.resolved"});
    REQUIRE(keys.audit()->empty());
}

TEST_CASE("idempotency: resolved as not done, what a checkpoint says was done is not done again") {
    KeyScene scene;
    auto one = scene.process();
    auto claim = KeyScene::claim(*one, KeyScene::request("a"));
    REQUIRE(claim->effect_begin(EffectClass::at_most_once).ok());
    REQUIRE(claim->checkpoint("charged", "ch_1").ok());
    REQUIRE(claim->effect_begin(EffectClass::at_most_once).ok());
    claim.reset();
    one->tick();
    REQUIRE(KeyScene::claim(*one, KeyScene::request("a"))->verdict() == Verdict::unknown);
    REQUIRE(one->service->resolve("", "orders", "a", std::nullopt, "bat", "nothing was sent").ok());
    claim = KeyScene::claim(*one, KeyScene::request("a"));
    REQUIRE(claim->verdict() == Verdict::recover);
    REQUIRE(claim->point() == "charged");
    REQUIRE(claim->effect() == EffectClass::none);
    REQUIRE(claim->release().status() == Status::state);
    REQUIRE(claim->complete(KeyScene::reply("done")).ok());
    REQUIRE(one->service->audit()->empty());
}

TEST_CASE("idempotency: a reply is kept its time, then refused, then forgotten") {
    KeyScene scene;
    auto one = scene.process();
    auto request = KeyScene::request("a");
    request.keep_ms = 60'000;
    auto claim = KeyScene::claim(*one, request);
    REQUIRE(claim->complete(KeyScene::reply("done")).ok());
    const auto held = KeyScene::claim(*one, KeyScene::request("running"));
    scene.clock.advance_us(59 * kMicrosPerSecond);
    REQUIRE(KeyScene::claim(*one, request)->verdict() == Verdict::replay);
    scene.clock.advance_us(2 * kMicrosPerSecond);
    REQUIRE(KeyScene::claim(*one, request)->verdict() == Verdict::expired);
    one->tick();
    REQUIRE(one->service->show("", "orders", "a")->state == KeyState::tombstone);
    REQUIRE(KeyScene::claim(*one, request)->verdict() == Verdict::expired);
    REQUIRE(one->service->claim(KeyScene::request("a", "{}")).status() == Status::mismatch);
    request.again_after_expiry = true;
    {
        const auto anew = KeyScene::claim(*one, request);
        REQUIRE(anew->verdict() == Verdict::execute);
        REQUIRE(*anew->effect_key("charge") != *claim->effect_key("charge"));
    }
    request.key = "b";
    REQUIRE(KeyScene::claim(*one, request)->complete(KeyScene::reply(std::string(100'000, 'x'))).ok());
    for (int i = 0; i < 100; ++i) {  // in steps: the held key's lease is renewed on the way
        scene.clock.advance_us(86'400 * kMicrosPerSecond);
        one->tick();
    }
    REQUIRE(one->service->show("", "orders", "b").status() == Status::not_found);
    REQUIRE(one->service->show("", "orders", "running")->state == KeyState::in_progress);
    const auto told = scene.events(*one);
    REQUIRE(std::ranges::count(told, "idempotency.expired") == 2);
}

TEST_CASE("idempotency: large replies stand in parts, larger ones are left out and say so") {
    KeyScene scene;
    auto one = scene.process();
    std::string body;
    for (int i = 0; body.size() < 300'000; ++i) body += std::to_string(i) + ",";
    REQUIRE(KeyScene::claim(*one, KeyScene::request("a"))->complete(KeyScene::reply(body)).ok());
    auto again = KeyScene::claim(*one, KeyScene::request("a"));
    REQUIRE(again->reply().body == body);
    Reply huge = KeyScene::reply(std::string(3U << 20U, 'y'));
    huge.result_ref = "/orders/9";
    REQUIRE(KeyScene::claim(*one, KeyScene::request("b"))->complete(huge).ok());
    again = KeyScene::claim(*one, KeyScene::request("b"));
    REQUIRE(again->verdict() == Verdict::replay);
    REQUIRE(again->reply().body_omitted);
    REQUIRE(again->reply().body_len == 3 << 20);
    const HttpAnswer answer = http_answer(*again);
    REQUIRE(answer.status == 201);
    REQUIRE(std::ranges::find(answer.headers, HttpHeader{"Content-Location", "/orders/9"}) != answer.headers.end());
    REQUIRE(one->service->audit()->empty());
}

TEST_CASE("idempotency: bad input names its field") {
    KeyScene scene;
    auto one = scene.process();
    const auto field = [&](ClaimRequest r) {
        auto claimed = one->service->claim(std::move(r));
        REQUIRE(claimed.status() == Status::invalid);
        return claimed.error().field;
    };
    for (const std::string &key : {std::string(), std::string(256, 'a'), std::string("a b"), std::string("a\n"),
                                   std::string("ключ"), std::string("a\0b", 3)})
        REQUIRE(field(KeyScene::request(key)) == "key");
    auto r = KeyScene::request("a");
    r.tenant = std::string(256, 't');
    REQUIRE(field(r) == "tenant");
    r = KeyScene::request("a");
    r.lease_ms = 999;
    REQUIRE(field(r) == "lease_ms");
    r.lease_ms = 0;
    r.keep_ms = -1;
    REQUIRE(field(r) == "keep_ms");
    r.keep_ms = 0;
    r.exclude = {"/note"};
    REQUIRE(field(r) == "exclude");
    const auto claim = KeyScene::claim(*one, KeyScene::request("a"));
    Reply bad = KeyScene::reply("x", 99);
    REQUIRE(claim->complete(bad).error().field == "reply.status");
    bad = KeyScene::reply("x");
    bad.headers[0].value = "a\r\nSet-Cookie: b";
    REQUIRE(claim->complete(bad).error().field == "reply.headers[0]");
    REQUIRE(claim->checkpoint(std::string(256, 'p'), "").error().field == "point");
    REQUIRE(claim->checkpoint("p", std::string(300'000, 'd')).error().field == "data");
    REQUIRE(claim->complete(KeyScene::reply("fine")).ok());
}

TEST_CASE("idempotency: effect keys are the same for every worker and differ by step, key, namespace and tenant") {
    KeyScene scene;
    auto one = scene.process();
    const auto claim = KeyScene::claim(*one, KeyScene::request("a"));
    const auto other = KeyScene::claim(*one, KeyScene::request("b"));
    const auto key = claim->effect_key("charge");
    REQUIRE(key->starts_with("ek_"));
    REQUIRE(key->size() == 29);
    REQUIRE(*key == *KeyScene::claim(*one, KeyScene::request("a"))->effect_key("charge"));
    REQUIRE(*key != *claim->effect_key("refund"));
    REQUIRE(*key != *other->effect_key("charge"));
    REQUIRE(claim->effect_key("").status() == Status::invalid);
}
