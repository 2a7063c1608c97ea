// Real processes on a real file: two on one key, and one killed at random while it pays.
#include "payer.hpp"

#include <cstdio>
#include <random>

using namespace remit;
using namespace remit::testing;

TEST_CASE("payer: accepts and pays until it is killed", "[.payer]") {
    const char *config = std::getenv("REMIT_PAYER_CONFIG");
    if (config == nullptr) return;
    auto engine = open_unlocked(value_of(engine_options_from_file(config)));
    REQUIRE_OK(engine->payouts().enqueue(Paying::requests(0, number_from_environment("REMIT_PAYER_COUNT", 0))));
    REQUIRE_OK(engine->start());
    std::puts("now it pays");
    std::fflush(stdout);
    for (;;) ::pause();
}

TEST_CASE("payouts: a live second process is refused, a dead one taken over at once", "[payouts_two_processes]") {
    Paying paying({"-b", "0.2"});
    paying.options.chains[0].in_flight = 20;
    paying.options.chains[0].batch = 10;
    Child first = spawn_payer(paying, 300);
    REQUIRE(first.line_after("now it") == " pays");
    auto second = open_unlocked(paying.options);
    REQUIRE(until([&] { return Paying::count(*second, "sent") + Paying::completed(*second) > 0; }));
    REQUIRE_OK(second->start());
    auto lane_state = [&] {
        const auto health = value_of(second->health());
        return health.lanes.empty() ? std::string() : health.lanes[0].state;
    };
    REQUIRE(until([&] { return lane_state() == "elsewhere"; }));
    // It stays refused as long as the first lives, and the first goes on.
    const auto before = Paying::completed(*second);
    REQUIRE(until([&] { return Paying::completed(*second) >= before + 40; }));
    CHECK(lane_state() == "elsewhere");
    REQUIRE(Paying::completed(*second) < 300);

    first.kill();
    const auto died = std::chrono::steady_clock::now();
    REQUIRE(until([&] { return lane_state() == "running"; }));
    const auto took_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - died).count();
    CHECK(took_ms < 5'000);  // a lease is 30 s: it was not waited for
    REQUIRE(until([&] { return Paying::completed(*second) == 300; }, 60'000));
    REQUIRE_OK(second->stop(5'000));
    paying.audit(300);
}

TEST_CASE("payouts: killed at random, each is paid once", "[payouts_kill]") {
    const int kills = number_from_environment("REMIT_KILLS", 20);
    const auto seed =
        static_cast<unsigned>(number_from_environment("REMIT_SEED", static_cast<int>(std::random_device{}() >> 1U)));
    std::printf("payouts_kill: %d kills, REMIT_SEED=%u repeats the times\n", kills, seed);
    std::mt19937 random(seed);
    Paying paying({"-b", "0.3"});
    paying.options.chains[0].batch = 7;
    paying.options.chains[0].in_flight = 50;
    paying.options.chains[0].resend_ms = 1'000;
    int accepted = 0, mid_way = 0;
    for (int i = 0; i < kills; ++i) {
        accepted += 15;
        Child payer = spawn_payer(paying, accepted);
        // Some die while they open and accept, most while they pay.
        if (i % 4 != 0) REQUIRE(payer.line_after("now it") == " pays");
        std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 350)(random)));
        payer.kill();
        auto look = value_of(Engine::open(paying.options));
        if (Paying::count(*look, "signed") + Paying::count(*look, "sent") > 0) ++mid_way;
    }
    std::printf("payouts_kill: %d kills found payouts signed or sent\n", mid_way);
    CHECK(mid_way >= kills / 5);  // a slow machine is killed before it has begun more often
    auto engine = open_unlocked(paying.options);
    REQUIRE_OK(engine->payouts().enqueue(Paying::requests(0, accepted)));
    REQUIRE_OK(engine->start());
    REQUIRE(until([&] { return Paying::completed(*engine) == accepted; }, 90'000));
    CHECK(value_of(engine->payouts().audit()).empty());
    CHECK(value_of(engine->doctor()).empty());
    REQUIRE_OK(engine->stop(5'000));
    paying.audit(accepted);
}
