// Ports that the host supplies through its queue: a log, and a signer.
#include "scene.hpp"

#include <remit/testing/keys.hpp>

#include <vector>

using namespace capi_test;

namespace {

// The keys of the world's own senders, held by the host here.
struct HostKeys {
    remit::testing::SimSigner keys{1 * 8 + 5, 1};
    remit_queue *queue = nullptr;
    remit_async async{};
    remit::Address address = keys.addresses().front();
    remit_engine_options options = REMIT_ENGINE_OPTIONS_INIT;

    HostKeys() {
        REQUIRE(said(remit_queue_open, &queue).status == REMIT_OK);
        async = {queue, 77};
        options.signer = &async;
        options.signer_addresses = address.bytes.data();
        options.signer_addresses_len = address.bytes.size();
    }
    ~HostKeys() { remit_queue_free(queue); }
    HostKeys(const HostKeys &) = delete;
    HostKeys &operator=(const HostKeys &) = delete;

    std::vector<std::uint8_t> sign(const std::string &work) {
        std::vector<std::uint8_t> answer;
        for (std::size_t at = work.find("\"digests\""); (at = work.find("\"0x", at)) != std::string::npos; at += 60) {
            const auto digest = remit::fixed_from_hex<remit::Hash32>(work.substr(at + 1, 66), "digest");
            REQUIRE(digest.ok());
            const auto signature = keys.sign_now(address, *digest);
            REQUIRE(signature.ok());
            answer.insert(answer.end(), signature->r.begin(), signature->r.end());
            answer.insert(answer.end(), signature->s.begin(), signature->s.end());
            answer.push_back(signature->recovery_id);
        }
        return answer;
    }
    Said answer(std::uint64_t token, remit_work_outcome outcome, const std::vector<std::uint8_t> &bytes) {
        return said(remit_work_answer, queue, token, outcome, bytes.data(), bytes.size());
    }
};

remit_payout_status status_of(Scene &scene, const std::string &id) {
    remit_payout_status status = 0;
    REQUIRE(said(remit_payout_get, scene.engine, id.c_str(), REMIT_ZSTR, nullptr, &status, nullptr).text.empty());
    return status;
}

}  // namespace

TEST_CASE("host: signs through the queue, and the payout is paid") {
    HostKeys host;
    Scene scene(&host.options);
    const std::string id = scene.pay("by the host's key");
    const auto work = scene.next(host.queue);
    CHECK(work.kind == REMIT_ITEM_WORK);
    CHECK(work.tag == 77);
    CHECK(work.token != 0);
    CHECK(has(work.payload, R"({"work":"sign","address":")" + remit::to_hex(host.address)));
    CHECK(status_of(scene, id) == REMIT_PAYOUT_PENDING);

    std::vector<std::uint8_t> answer = host.sign(work.payload);
    REQUIRE(answer.size() == 65);
    std::vector<std::uint8_t> bad(answer);
    bad[64] = 27;
    CHECK(host.answer(work.token, REMIT_WORK_DONE, bad).status == REMIT_E_INVALID);
    bad.pop_back();
    CHECK(host.answer(work.token, REMIT_WORK_DONE, bad).status == REMIT_E_INVALID);
    REQUIRE(host.answer(work.token, REMIT_WORK_DONE, answer).text.empty());
    CHECK(host.answer(work.token, REMIT_WORK_DONE, answer).status == REMIT_E_FENCED);
    scene.advance(120'000);
    CHECK(status_of(scene, id) == REMIT_PAYOUT_COMPLETED);
}

TEST_CASE("host: a signer that fails or does not know is asked again, and nothing is paid twice") {
    HostKeys host;
    Scene scene(&host.options);
    const std::string id = scene.pay("asked again");
    for (const remit_work_outcome outcome : {REMIT_WORK_FAILED, REMIT_WORK_UNKNOWN, REMIT_WORK_PASS}) {
        const auto work = scene.next(host.queue);
        REQUIRE(host.answer(work.token, outcome, {'b', 'u', 's', 'y'}).text.empty());
        CHECK(status_of(scene, id) == REMIT_PAYOUT_PENDING);
    }
    const auto work = scene.next(host.queue);
    REQUIRE(host.answer(work.token, REMIT_WORK_DONE, host.sign(work.payload)).text.empty());
    scene.advance(120'000);
    CHECK(status_of(scene, id) == REMIT_PAYOUT_COMPLETED);
    std::uint64_t count = 0;
    REQUIRE(said(remit_world_transfers, scene.world, kPayee, REMIT_ZSTR, &count, nullptr).text.empty());
    CHECK(count == 1);
}

TEST_CASE("host: an answer after the engine has gone is fenced") {
    HostKeys host;
    Scene scene(&host.options);
    scene.pay("too late");
    const auto work = scene.next(host.queue);
    remit_engine_free(scene.engine);
    scene.engine = nullptr;
    CHECK(host.answer(work.token, REMIT_WORK_DONE, host.sign(work.payload)).status == REMIT_E_FENCED);
}

TEST_CASE("host: log lines and misuse arrive as items") {
    remit_queue *lines = nullptr;
    REQUIRE(said(remit_queue_open, &lines).status == REMIT_OK);
    const remit_async async{lines, 88};
    remit_engine_options options = REMIT_ENGINE_OPTIONS_INIT;
    options.log = &async;
    {
        Scene scene(&options);
        CHECK(said(remit_engine_tick, scene.engine, std::int64_t{-1}, nullptr, nullptr).status == REMIT_E_MISUSE);
        bool told = false;
        while (!told) {
            const auto item = scene.next(lines);
            CHECK(item.kind == REMIT_ITEM_LOG);
            CHECK(item.tag == 88);
            told = item.text == "capi.misuse";
            if (told) {
                CHECK(item.status == 3);
                CHECK(item.payload == R"({"field":"budget_us","text":"is negative"})");
            }
        }
    }
    remit_queue_free(lines);
}
