#include "scene.hpp"

#include <remit/idempotency.h>

#include <vector>

using namespace capi_test;

namespace {

struct Claimed {
    Said said;
    remit_verdict verdict = 0;
    remit_claim *claim = nullptr;

    Claimed(Scene &scene, const char *key, const remit_claim_options *options = nullptr) {
        said =
            capi_test::said(remit_idempotency_claim, scene.engine, key, REMIT_ZSTR, options, nullptr, &verdict, &claim);
    }
    ~Claimed() { remit_claim_free(claim); }
    Claimed(const Claimed &) = delete;
    Claimed &operator=(const Claimed &) = delete;
    const remit_claim_view &view() const { return *remit_claim_look(claim); }
};

remit_reply reply_of(const char *body) {
    remit_reply reply = REMIT_REPLY_INIT;
    reply.status = 201;
    reply.headers = R"([["Content-Type","text/plain"],["Date","now"]])";
    reply.headers_len = REMIT_ZSTR;
    reply.body = body;
    reply.body_len = std::string_view(body).size();
    return reply;
}

Said complete(remit_claim *claim, const remit_reply &reply, const std::vector<remit_statement> &statements = {}) {
    return said(remit_claim_complete, claim, &reply, statements.empty() ? nullptr : statements.data(),
                statements.size(), nullptr);
}

struct Http {
    int32_t status = 0;
    std::string headers, body;
};
Http http(const remit_claim *claim) {
    Http out;
    remit_blob *headers = nullptr, *body = nullptr;
    REQUIRE(said(remit_claim_http, claim, &out.status, &headers, &body).text.empty());
    out.headers = take(headers);
    out.body = take(body);
    return out;
}

}  // namespace

TEST_CASE("idempotency: claimed, completed, replayed, in flight, and what HTTP says of each") {
    Scene scene;
    Claimed first(scene, "a");
    REQUIRE(first.said.text.empty());
    CHECK(first.verdict == REMIT_VERDICT_EXECUTE);
    CHECK(first.view().epoch == 1);
    CHECK(remit_claim_held(first.claim) == 1);
    CHECK(http(first.claim).status == 0);
    {
        Claimed second(scene, "a");
        CHECK(second.verdict == REMIT_VERDICT_RUNNING);
        CHECK(second.view().retry_ms > 0);
        const Http answer = http(second.claim);
        CHECK(answer.status == 409);
        CHECK(has(answer.headers, "Retry-After"));
        CHECK(has(answer.headers, "application/problem+json"));
        CHECK(complete(second.claim, reply_of("x")).status == REMIT_E_MISUSE);
    }
    remit_id id;
    REQUIRE(said(remit_claim_effect_key, first.claim, "charge", REMIT_ZSTR, &id).text.empty());
    CHECK(std::string(id.text).substr(0, 3) == "ek_");
    REQUIRE(said(remit_claim_effect_begin, first.claim, remit_effect{REMIT_EFFECT_IDEMPOTENT}, nullptr).text.empty());
    REQUIRE(
        said(remit_claim_checkpoint, first.claim, "charged", REMIT_ZSTR, "ch_1", std::size_t{4}, nullptr).text.empty());
    CHECK(said(remit_claim_release, first.claim, nullptr).status == REMIT_E_STATE);
    REQUIRE(complete(first.claim, reply_of("done")).text.empty());
    Claimed third(scene, "a");
    CHECK(third.verdict == REMIT_VERDICT_REPLAY);
    CHECK(third.view().reply_status == 201);
    CHECK(std::string(third.view().reply_headers) == R"([["Content-Type","text/plain"]])");
    CHECK(std::string(third.view().reply_body, third.view().reply_body_len) == "done");
    const Http answer = http(third.claim);
    CHECK(answer.status == 201);
    CHECK(answer.body == "done");
    CHECK(has(answer.headers, R"(["Idempotent-Replayed","true"])"));
}

TEST_CASE("idempotency: another request is a 422, a bad key a 400, a missing one a 400") {
    Scene scene;
    remit_claim_options options = REMIT_CLAIM_OPTIONS_INIT;
    options.request_form = REMIT_REQUEST_JSON;
    options.request = R"({"amount":"1","n":1})";
    options.request_len = std::string_view(R"({"amount":"1","n":1})").size();
    options.exclude = R"(["/n"])";
    options.exclude_len = REMIT_ZSTR;
    Claimed first(scene, "a", &options);
    REQUIRE(first.said.text.empty());
    options.request = R"({"n":2,"amount":"1"})";
    CHECK(Claimed(scene, "a", &options).verdict == REMIT_VERDICT_RUNNING);
    options.request = R"({"n":1,"amount":"2"})";
    remit_claim *none = nullptr;
    remit_error *error = nullptr;
    CHECK(remit_idempotency_claim(scene.engine, "a", REMIT_ZSTR, &options, nullptr, nullptr, &none, &error) ==
          REMIT_E_MISMATCH);
    CHECK(none == nullptr);
    int32_t status = 0;
    const auto answer = [&](remit_status why) {
        REQUIRE(said(remit_error_http, why, "key", REMIT_ZSTR, "is wrong", REMIT_ZSTR, &status, nullptr, nullptr)
                    .text.empty());
        return status;
    };
    CHECK(answer(remit_error_status(error)) == 422);
    CHECK(answer(REMIT_E_INVALID) == 400);
    CHECK(answer(REMIT_E_STORE) == 503);
    CHECK(answer(REMIT_E_STORE_LOST) == 503);
    CHECK(answer(REMIT_E_BROKEN) == 500);
    CHECK(answer(-999) == 500);
    remit_error_free(error);
    CHECK(Claimed(scene, "a b").said.field == "key");
    options.exclude = R"(["/amount"])";
    CHECK(Claimed(scene, "c", &options).said.status == REMIT_E_INVALID);
    options.exclude = "nonsense";
    CHECK(Claimed(scene, "c", &options).said.field == "options.exclude");
}

TEST_CASE("idempotency: options are refused when they are garbage, and read when they are older or newer") {
    Scene scene;
    struct Longer {
        remit_claim_options known;
        unsigned char more[16];
    };
    Longer longer{REMIT_CLAIM_OPTIONS_INIT, {}};
    longer.known.struct_size = sizeof longer;
    CHECK(Claimed(scene, "a", &longer.known).verdict == REMIT_VERDICT_EXECUTE);
    longer.more[15] = 1;
    CHECK(Claimed(scene, "b", &longer.known).said.status == REMIT_E_NEWER);
    remit_claim_options options = REMIT_CLAIM_OPTIONS_INIT;
    for (const std::uint32_t size : {0U, 3U, 22U, 5'000U}) {
        options.struct_size = size;
        CHECK(Claimed(scene, "b", &options).said.status == REMIT_E_MISUSE);
    }
    options.struct_size = 8;  // as of a first version
    CHECK(Claimed(scene, "b", &options).verdict == REMIT_VERDICT_EXECUTE);
    options = REMIT_CLAIM_OPTIONS_INIT;
    options.in_flight = 3;
    CHECK(Claimed(scene, "c", &options).said.field == "options.in_flight");
    options.in_flight = 0;
    options.lease_ms = 1;
    CHECK(Claimed(scene, "c", &options).said.field == "lease_ms");
    options.lease_ms = 0;
    options.tenant_len = 3;
    CHECK(Claimed(scene, "c", &options).said.field == "options.tenant");
}

TEST_CASE("idempotency: statements of the host's own commit with the reply, or say which was wrong") {
    Scene scene;
    Claimed claim(scene, "a");
    remit_statement create = REMIT_STATEMENT_INIT;
    create.sql = "CREATE TABLE host_orders (id INTEGER PRIMARY KEY, note TEXT, raw BLOB)";
    create.sql_len = REMIT_ZSTR;
    remit_value values[3] = {{REMIT_VALUE_INTEGER, 0, 7, nullptr, 0},
                             {REMIT_VALUE_TEXT, 0, 0, "seven", 5},
                             {REMIT_VALUE_BYTES, 0, 0, "\0\1", 2}};
    remit_statement insert = REMIT_STATEMENT_INIT;
    insert.sql = "INSERT INTO host_orders (id, note, raw) VALUES (?, ?, ?)";
    insert.sql_len = REMIT_ZSTR;
    insert.values = values;
    insert.value_count = 3;
    insert.row_count = 1;
    Said out = complete(claim.claim, reply_of("done"), {create, insert, insert});
    CHECK(out.status == REMIT_E_REFUSED);
    CHECK(has(out.field, "statements[2]"));
    remit_statement bad = insert;
    values[0].kind = 9;
    CHECK(complete(claim.claim, reply_of("done"), {bad}).status == REMIT_E_MISUSE);
    values[0].kind = REMIT_VALUE_INTEGER;
    bad.struct_size = 40;
    CHECK(complete(claim.claim, reply_of("done"), {insert, bad}).status == REMIT_E_MISUSE);
    REQUIRE(complete(claim.claim, reply_of("done"), {create, insert}).text.empty());
    CHECK(Claimed(scene, "a").verdict == REMIT_VERDICT_REPLAY);
}

TEST_CASE("idempotency: without waiting the claim comes with its item, and goes back when nobody takes it") {
    Scene scene;
    remit_async async = {scene.queue, 5};
    for (int i = 0; i < 2; ++i)
        REQUIRE(remit_idempotency_claim(scene.engine, "a", REMIT_ZSTR, nullptr, &async, nullptr, nullptr, nullptr) ==
                REMIT_OK);
    REQUIRE(remit_world_advance(scene.world, 10, nullptr) == REMIT_OK);
    remit_batch *batch = nullptr;
    REQUIRE(remit_queue_fetch(scene.queue, 0, 0, &batch, nullptr) == REMIT_OK);
    REQUIRE(remit_batch_count(batch) == 2);
    CHECK(remit_batch_at(batch, 0)->tag == 5);
    CHECK(remit_batch_at(batch, 0)->value == REMIT_VERDICT_EXECUTE);
    CHECK(remit_batch_at(batch, 1)->value == REMIT_VERDICT_RUNNING);
    remit_claim *claim = remit_batch_claim(batch, 0);
    REQUIRE(claim != nullptr);
    CHECK(remit_batch_claim(batch, 0) == nullptr);
    CHECK(remit_batch_claim(batch, 2) == nullptr);
    remit_batch_free(batch);
    const remit_reply reply = reply_of("done");
    async.tag = 6;
    REQUIRE(remit_claim_complete(claim, &reply, nullptr, 0, &async, nullptr) == REMIT_OK);
    remit_claim_free(claim);  // the call under way keeps what it needs
    REQUIRE(remit_world_advance(scene.world, 10, nullptr) == REMIT_OK);
    REQUIRE(remit_queue_fetch(scene.queue, 0, 0, &batch, nullptr) == REMIT_OK);
    REQUIRE(remit_batch_count(batch) == 1);
    CHECK(remit_batch_at(batch, 0)->tag == 6);
    CHECK(remit_batch_at(batch, 0)->status == REMIT_OK);
    remit_batch_free(batch);
    CHECK(Claimed(scene, "a").verdict == REMIT_VERDICT_REPLAY);

    REQUIRE(remit_idempotency_claim(scene.engine, "b", REMIT_ZSTR, nullptr, &async, nullptr, nullptr, nullptr) ==
            REMIT_OK);
    REQUIRE(remit_world_advance(scene.world, 10, nullptr) == REMIT_OK);
    REQUIRE(remit_queue_fetch(scene.queue, 0, 0, &batch, nullptr) == REMIT_OK);
    remit_batch_free(batch);
    REQUIRE(remit_world_advance(scene.world, 10, nullptr) == REMIT_OK);
    CHECK(Claimed(scene, "b").verdict == REMIT_VERDICT_EXECUTE);
}

TEST_CASE("idempotency: engine and claim may be freed in either order, and NULL is taken") {
    remit_world *world = nullptr;
    remit_engine *engine = nullptr;
    remit_claim *claim = nullptr;
    REQUIRE(remit_world_open(nullptr, &world, nullptr) == REMIT_OK);
    REQUIRE(remit_world_engine(world, nullptr, 0, nullptr, &engine, nullptr) == REMIT_OK);
    REQUIRE(remit_idempotency_claim(engine, "a", REMIT_ZSTR, nullptr, nullptr, nullptr, &claim, nullptr) == REMIT_OK);
    remit_engine_free(engine);
    REQUIRE(remit_claim_complete(claim, nullptr, nullptr, 0, nullptr, nullptr) == REMIT_OK);
    remit_claim_free(claim);
    remit_world_free(world);
    remit_claim_free(nullptr);
    CHECK(remit_claim_look(nullptr) == nullptr);
    CHECK(remit_claim_held(nullptr) == 0);
    CHECK(said(remit_claim_release, static_cast<remit_claim *>(nullptr), nullptr).field == "claim");
}

TEST_CASE("idempotency: an engine that ends with claims and completions under way answers each of them") {
    remit_queue *queue = nullptr;
    REQUIRE(remit_queue_open(&queue, nullptr) == REMIT_OK);
    {
        Scene scene;
        const remit_async async = {queue, 1};
        remit_claim *claim = nullptr;
        REQUIRE(remit_idempotency_claim(scene.engine, "a", REMIT_ZSTR, nullptr, nullptr, nullptr, &claim, nullptr) ==
                REMIT_OK);
        REQUIRE(remit_claim_complete(claim, nullptr, nullptr, 0, &async, nullptr) == REMIT_OK);
        remit_claim_free(claim);
        for (const char *key : {"a", "b", "c"})
            REQUIRE(remit_idempotency_claim(scene.engine, key, REMIT_ZSTR, nullptr, &async, nullptr, nullptr,
                                            nullptr) == REMIT_OK);
    }
    remit_batch *batch = nullptr;
    REQUIRE(remit_queue_fetch(queue, 0, 0, &batch, nullptr) == REMIT_OK);
    CHECK(remit_batch_count(batch) == 4);
    remit_batch_free(batch);
    remit_queue_free(queue);
}

TEST_CASE("idempotency: a key whose worker let go is recovered, as text for the host's own connection too") {
    Scene scene;
    remit_verdict verdict = 0;
    remit_claim *found = nullptr;
    CHECK(said(remit_idempotency_recover, scene.engine, nullptr, nullptr, &verdict, &found).status ==
          REMIT_E_NOT_FOUND);
    {
        Claimed claim(scene, "a");
        REQUIRE(remit_claim_effect_begin(claim.claim, REMIT_EFFECT_QUERYABLE, nullptr, nullptr) == REMIT_OK);
    }
    REQUIRE(remit_world_advance(scene.world, 10, nullptr) == REMIT_OK);
    REQUIRE(said(remit_idempotency_recover, scene.engine, nullptr, nullptr, &verdict, &found).text.empty());
    CHECK(verdict == REMIT_VERDICT_RECOVER);
    CHECK(std::string(remit_claim_look(found)->key) == "a");
    CHECK(remit_claim_look(found)->effect == REMIT_EFFECT_QUERYABLE);
    remit_blob *json = nullptr;
    REQUIRE(said(remit_claim_complete_sql, found, nullptr, &json).text.empty());
    const std::string text = take(json);
    CHECK(has(text, "UPDATE remit_idempotency SET"));
    CHECK(has(text, R"("row_count":1)"));
    remit_claim_free(found);
}

TEST_CASE("idempotency: canonical JSON as the fingerprint sees it") {
    remit_blob *out = nullptr;
    REQUIRE(said(remit_canonical_json, R"({"b":2,"a":[1.0,"x"],"amount":"5"})", REMIT_ZSTR, nullptr, std::size_t{0},
                 R"(["/a/0"])", REMIT_ZSTR, &out)
                .text.empty());
    CHECK(take(out) == R"({"a":["x"],"amount":"5","b":2})");
    CHECK(said(remit_canonical_json, "{\"a\":1,\"a\":2}", REMIT_ZSTR, nullptr, std::size_t{0}, nullptr, std::size_t{0},
               &out)
              .status == REMIT_E_INVALID);
}
