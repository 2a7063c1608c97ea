#include "scene.hpp"

#include <vector>

using namespace capi_test;

namespace {

constexpr std::uint8_t kKek[32] = {1, 2, 3};
constexpr std::uint8_t kKey[32] = {0xac, 0x09, 0x74, 0xbe, 0xc3, 0x9a, 0x17, 0xe3, 0x6b, 0xa4, 0xa6,
                                   0xb4, 0xd2, 0x38, 0xff, 0x94, 0x4b, 0xac, 0xb4, 0x78, 0xcb, 0xed,
                                   0x5e, 0xfc, 0xae, 0x78, 0x4d, 0x7b, 0xf4, 0xf2, 0xff, 0x80};
constexpr const char *kAddress = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

Said unlock(Scene &scene, const std::uint8_t *kek, std::size_t size = 32) {
    return said(remit_keys_unlock_kek, scene.engine, kek, size, std::int64_t{0}, nullptr);
}

std::string query(Scene &scene, const char *name, const char *json = nullptr) {
    remit_blob *blob = nullptr;
    const Said out = said(remit_query, scene.engine, name, REMIT_ZSTR, json, json ? REMIT_ZSTR : 0, nullptr, &blob);
    CHECK(out.text == "");
    return take(blob);
}

}  // namespace

TEST_CASE("keys: made, imported, listed and given out again under a key of the host's") {
    Scene scene;
    remit_blob *blob = nullptr;
    std::int32_t unlocked = -1;
    REQUIRE(said(remit_keys_unlocked, scene.engine, &unlocked).text.empty());
    CHECK(unlocked == 0);
    CHECK(said(remit_keys_create, scene.engine, "hot", REMIT_ZSTR, nullptr, &blob).status == REMIT_E_STATE);
    CHECK(unlock(scene, kKek, 31).field == "kek_len");
    CHECK(unlock(scene, nullptr).field == "kek");
    REQUIRE(unlock(scene, kKek).text.empty());
    REQUIRE(said(remit_keys_unlocked, scene.engine, &unlocked).text.empty());
    CHECK(unlocked == 1);

    REQUIRE(said(remit_keys_create, scene.engine, "hot", REMIT_ZSTR, nullptr, &blob).text.empty());
    CHECK(has(take(blob), "\"label\":\"hot\""));
    REQUIRE(said(remit_keys_import, scene.engine, kKey, std::size_t{32}, nullptr, std::size_t{0}, nullptr, &blob)
                .text.empty());
    CHECK(has(take(blob), std::string("\"address\":\"") + kAddress));
    CHECK(said(remit_keys_import, scene.engine, kKey, std::size_t{31}, nullptr, std::size_t{0}, nullptr, &blob).field ==
          "key_len");
    const std::uint8_t zero[32] = {};
    CHECK(
        said(remit_keys_import, scene.engine, zero, std::size_t{32}, nullptr, std::size_t{0}, nullptr, &blob).status ==
        REMIT_E_INVALID);
    CHECK(has(query(scene, "keys.list"), kAddress));

    REQUIRE(said(remit_keys_lock, scene.engine).text.empty());
    CHECK(said(remit_keys_export_v3, scene.engine, kAddress, REMIT_ZSTR, "pw", REMIT_ZSTR, nullptr, &blob).status ==
          REMIT_E_STATE);
    std::uint8_t other[32] = {9};
    CHECK(unlock(scene, other).status == REMIT_E_WRONG_KEY);
    CHECK(said(remit_keys_unlock, scene.engine, "password", REMIT_ZSTR, std::int64_t{-1}, nullptr).field == "ttl_ms");
}

TEST_CASE("keys: a v3 file goes out and comes in, and says when the password or the file is wrong") {
    Scene scene;
    remit_blob *blob = nullptr;
    REQUIRE(unlock(scene, kKek).text.empty());
    REQUIRE(said(remit_keys_import, scene.engine, kKey, std::size_t{32}, nullptr, std::size_t{0}, nullptr, nullptr)
                .text.empty());
    CHECK(said(remit_keys_export_v3, scene.engine, kPayee, REMIT_ZSTR, "pw", REMIT_ZSTR, nullptr, &blob).status ==
          REMIT_E_NOT_FOUND);
    CHECK(said(remit_keys_export_v3, scene.engine, "0x12", REMIT_ZSTR, "pw", REMIT_ZSTR, nullptr, &blob).field ==
          "address");
    CHECK(said(remit_keys_export_v3, scene.engine, kAddress, REMIT_ZSTR, "pw", REMIT_ZSTR, nullptr, nullptr).field ==
          "out_json");
    REQUIRE(
        said(remit_keys_export_v3, scene.engine, kAddress, REMIT_ZSTR, "pw", REMIT_ZSTR, nullptr, &blob).text.empty());
    const std::string file = take(blob);
    CHECK(has(file, "\"version\":3"));

    const auto import = [&](const std::string &json, const char *password) {
        Said out = said(remit_keys_import_v3, scene.engine, json.data(), json.size(), password, REMIT_ZSTR, nullptr,
                        std::size_t{0}, nullptr, &blob);
        take(blob);
        return out;
    };
    CHECK(import(file, "other").status == REMIT_E_WRONG_KEY);
    CHECK(import("{", "pw").status == REMIT_E_INVALID);
}

TEST_CASE("keys: unlocking by password without waiting") {
    Scene scene;
    const remit_async async{scene.queue, 31};
    REQUIRE(
        said(remit_keys_unlock, scene.engine, "correct horse", REMIT_ZSTR, std::int64_t{60'000}, &async).text.empty());
    const auto item = scene.next();
    CHECK(item.tag == 31);
    CHECK(item.text.empty());
    CHECK(item.status == REMIT_OK);
    REQUIRE(said(remit_keys_lock, scene.engine).text.empty());
    CHECK(said(remit_keys_unlock, scene.engine, "wrong", REMIT_ZSTR, std::int64_t{0}, nullptr).status ==
          REMIT_E_WRONG_KEY);
    CHECK(said(remit_keys_unlock, scene.engine, nullptr, std::size_t{0}, std::int64_t{0}, nullptr).field == "password");
}

TEST_CASE("events: read, acknowledged, and read on from there") {
    Scene scene;
    const std::string id = scene.pay("told");
    REQUIRE(said(remit_payout_wait, scene.engine, id.c_str(), REMIT_ZSTR, REMIT_PAYOUT_COMPLETED, std::int64_t{600'000},
                 nullptr, nullptr, nullptr)
                .text.empty());
    std::int64_t last = -1;
    remit_blob *blob = nullptr;
    const auto next = [&](std::int32_t count) {
        return said(remit_events_next, scene.engine, "books", REMIT_ZSTR, count, nullptr, &last, &blob);
    };
    REQUIRE(next(0).text.empty());
    const std::string events = take(blob);
    CHECK(last > 0);
    CHECK(has(events, "\"type\":\"payout.completed\""));
    CHECK(has(events, "\"subject\":\"" + id + "\""));
    const std::int64_t end = last;
    REQUIRE(next(1).text.empty());
    CHECK(last < end);
    take(blob);
    CHECK(next(10'001).status == REMIT_E_INVALID);
    CHECK(next(-1).status == REMIT_E_INVALID);

    const auto ack = [&](const char *consumer, std::int64_t position) {
        return said(remit_events_ack, scene.engine, consumer, REMIT_ZSTR, position, nullptr);
    };
    CHECK(ack("books", end + 1'000).status == REMIT_E_INVALID);
    REQUIRE(ack("books", end).text.empty());
    REQUIRE(ack("books", 1).text.empty());
    REQUIRE(next(0).text.empty());
    CHECK(take(blob) == "[]");
    CHECK(last == 0);
    CHECK(has(query(scene, "events.consumers"), "\"name\":\"books\""));
    CHECK(said(remit_events_next, scene.engine, "books", REMIT_ZSTR, 0, nullptr, &last, nullptr).field == "out_events");
    CHECK(said(remit_events_next, scene.engine, nullptr, std::size_t{0}, 0, nullptr, &last, &blob).field == "consumer");

    const remit_async async{scene.queue, 41};
    REQUIRE(said(remit_events_next, scene.engine, "other", REMIT_ZSTR, 0, &async, nullptr, nullptr).text.empty());
    const auto item = scene.next();
    CHECK(item.value == end);
    CHECK(item.payload == events);
}
