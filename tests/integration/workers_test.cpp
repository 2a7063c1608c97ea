// Several processes on one database: killed at random, dead, and held still.
#include "payer.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <random>

using namespace remit;
using namespace remit::testing;

namespace {

constexpr int kSenders = 4;

// More senders with money, so that the work can be shared.
std::vector<Address> fund_senders(Paying &paying) {
    auto engine = open_unlocked(paying.options);
    std::vector<Address> senders{paying.sender};
    while (senders.size() < kSenders) {
        senders.push_back(value_of(engine->keys().create("payer " + std::to_string(senders.size()))).address);
        paying.ledger.give_native(senders.back(), 5'000'000'000'000'000'000ULL);
        paying.ledger.give_tokens(senders.back(), 1'000'000'000'000ULL);
    }
    return senders;
}

// By the chain alone: each of the first n was paid once, exactly, whoever paid, and no nonce was lost or left over.
void audit_all(const Paying &paying, const std::vector<Address> &senders, int n) {
    std::map<std::string, int> paid;
    u256 nonces;
    for (const Address &sender : senders) {
        for (const auto &[to, transfers] : paying.ledger.transfers_of(sender)) {
            CHECK(transfers.first == 1);
            ++paid[to];
        }
        nonces = saturating_add(nonces, paying.ledger.nonce_of(sender));
    }
    for (int i = 0; i < n; ++i) {
        const std::string to = to_hex(recipient(i));
        INFO("recipient " << i << " " << to);
        CHECK(paid[to] == (is_native(i) ? 0 : 1));
        if (is_native(i))
            CHECK(paying.ledger.native_of(to) == u256(amount_of(i)));
        else
            CHECK(paying.ledger.tokens_of(recipient(i)) == u256(amount_of(i)));
    }
    CHECK(nonces == u256(static_cast<std::uint64_t>(n)));
}

std::int64_t running_lanes(Engine &engine) {
    const auto health = value_of(engine.health());
    return std::ranges::count_if(health.lanes, [](const LaneHealth &lane) { return lane.state == "running"; });
}

}  // namespace

TEST_CASE("payouts: four processes on one database, killed at random, pay each once", "[payouts_workers]") {
    const int kills = number_from_environment("REMIT_KILLS", 20);
    const auto seed =
        static_cast<unsigned>(number_from_environment("REMIT_SEED", static_cast<int>(std::random_device{}() >> 1U)));
    std::printf("payouts_workers: %d kills, REMIT_SEED=%u repeats the times\n", kills, seed);
    std::mt19937 random(seed);
    Paying paying({"-b", "0.3"});
    auto &chain = paying.options.chains[0];
    chain.batch = 7;
    chain.in_flight = 30;
    chain.resend_ms = 1'000;
    const auto senders = fund_senders(paying);
    std::vector<Child> workers(4);
    int accepted = 40;
    for (Child &worker : workers) worker = spawn_payer(paying, accepted);
    for (int i = 0; i < kills; ++i) {
        accepted += 15;
        Child &worker = workers[random() % workers.size()];
        // Some die while they open and accept, most while they pay.
        if (i % 4 != 0) (void)worker.line_after("now it", 5'000);
        std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 250)(random)));
        worker.kill();
        worker = spawn_payer(paying, accepted);
    }
    auto look = value_of(Engine::open(paying.options));
    REQUIRE_OK(look->payouts().enqueue(Paying::requests(0, accepted)));
    REQUIRE(until([&] { return Paying::completed(*look) == accepted; }, 120'000));
    CHECK(value_of(look->payouts().audit()).empty());
    CHECK(value_of(look->doctor()).empty());
    for (Child &worker : workers) worker.kill();
    audit_all(paying, senders, accepted);
}

TEST_CASE("payouts: what a dead process held is taken within a second", "[payouts_takeover]") {
    Paying paying({"-b", "0.2"});
    auto second = open_unlocked(paying.options);
    for (int i = 0; i < 5; ++i) {
        Child first = spawn_payer(paying, 20 * (i + 1));
        REQUIRE(first.line_after("now it") == " pays");
        REQUIRE(until([&] { return Paying::completed(*second) > 20 * i; }));
        REQUIRE_OK(second->start());
        first.kill();
        const auto died = std::chrono::steady_clock::now();
        REQUIRE(until([&] { return running_lanes(*second) == 1; }));
        const auto took_ms =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - died).count();
        std::printf("payouts_takeover: taken from a dead process after %lld ms\n", static_cast<long long>(took_ms));
        CHECK(took_ms < 1'000);
        REQUIRE(until([&] { return Paying::completed(*second) == 20 * (i + 1); }));
        REQUIRE_OK(second->stop(5'000));
    }
    paying.audit(100);
}

TEST_CASE("payouts: what a hung process held is taken when its lease is over, and it is fenced", "[payouts_hung]") {
    Paying paying({"-b", "0.2"});
    paying.options.lease_ms = 2'000;
    Child first = spawn_payer(paying, 200);
    REQUIRE(first.line_after("now it") == " pays");
    auto second = open_unlocked(paying.options);
    REQUIRE(until([&] { return Paying::completed(*second) > 10; }));
    REQUIRE_OK(second->start());
    ::kill(first.pid(), SIGSTOP);
    const auto hung = std::chrono::steady_clock::now();
    REQUIRE(until([&] { return running_lanes(*second) == 1; }));
    const auto took_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - hung).count();
    std::printf("payouts_hung: taken from a hung process after %lld ms\n", static_cast<long long>(took_ms));
    CHECK(took_ms < 2'000 + 5'000);
    ::kill(first.pid(), SIGCONT);  // it goes on, and must find that it lost all
    REQUIRE(until([&] { return Paying::completed(*second) == 200; }, 60'000));
    CHECK(running_lanes(*second) == 1);
    REQUIRE_OK(second->stop(5'000));
    first.kill();
    paying.audit(200);
}

TEST_CASE("payouts: the same one accepted by two processes at once is one, and both are told so", "[payouts_twice]") {
    TestDatabase database;
    EngineOptions options;
    options.log_level = "error";
    database.choose(options);
    options.chains.emplace_back();
    options.chains.back().id = 31337;
    options.chains.back().rpc = "http://127.0.0.1:9";  // nobody is asked
    const auto one = value_of(Engine::open(options));
    const auto two = value_of(Engine::open(options));
    for (int round = 0; round < 100; ++round) {
        PayoutRequest request;
        request.chain_id = 31337;
        request.external_id = "twice-" + std::to_string(round);
        request.to = "0x52908400098527886E0F7030069857D2E4169EE7";
        request.amount = u256(1'000);
        std::atomic<int> arrived{0}, created{0}, refused{0};
        const auto accept = [&](Engine &engine) {
            for (++arrived; arrived < 2;) std::this_thread::yield();
            const auto accepted = engine.payouts().enqueue(std::span(&request, 1));
            if (!accepted.ok())
                ++refused;
            else if (accepted->front().created)
                ++created;
        };
        std::thread other([&] { accept(*two); });
        accept(*one);
        other.join();
        INFO(round);
        REQUIRE(refused == 0);
        REQUIRE(created == 1);
    }
}
