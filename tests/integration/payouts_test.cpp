// Payouts on a real node: the whole life, and what can go wrong on the node's side.
#include "paying.hpp"

using namespace remit;
using namespace remit::testing;

namespace {

const std::vector<std::string> kMining = {"-b", "0.2", "--slots-in-an-epoch", "1"};

bool said(Engine &engine, const std::string &type) {
    for (const auto &event : value_of(engine.events().next("test", 10'000)))
        if (event.type == type) return true;
    return false;
}

LaneHealth lane(Engine &engine) {
    auto health = value_of(engine.health());
    return health.lanes.empty() ? LaneHealth{} : health.lanes[0];
}

}  // namespace

TEST_CASE("payouts: the whole life", "[payouts_whole_life]") {
    Paying paying(kMining);
    auto engine = open_unlocked(paying.options);
    const auto requests = paying.requests(0, 120);
    const auto accepted = value_of(engine->payouts().enqueue(requests));
    REQUIRE(accepted.size() == 120);

    auto later = paying.request(500);
    later.not_before_us = 4'000'000'000'000'000;  // 2096
    const auto withdrawn = value_of(engine->payouts().enqueue(std::span(&later, 1)))[0].id;

    REQUIRE_OK(engine->start());
    const auto again = value_of(engine->payouts().enqueue(requests));
    for (std::size_t i = 0; i < again.size(); ++i) {
        CHECK_FALSE(again[i].created);
        CHECK(again[i].id == accepted[i].id);
    }
    auto other = requests[5];
    other.amount = 7;
    CHECK(engine->payouts().enqueue(std::span(&other, 1)).status() == Status::mismatch);

    const auto last = value_of(engine->wait(accepted[119].id, PayoutStatus::completed, 60'000));
    CHECK(last.status == PayoutStatus::completed);
    CHECK(last.sender == paying.sender);
    CHECK_FALSE(last.fee_paid.is_zero());
    REQUIRE(until([&] { return Paying::completed(*engine) == 120; }));

    REQUIRE_OK(engine->payouts().cancel(withdrawn, "test", "not wanted"));
    CHECK(value_of(engine->payouts().get(withdrawn)).status == PayoutStatus::cancelled);
    CHECK(engine->payouts().cancel(accepted[0].id, "test", "too late").status() == Status::state);
    CHECK(value_of(engine->payouts().find("", "person-7")).id == accepted[7].id);

    PayoutFilter filter;
    filter.status = PayoutStatus::completed;
    filter.limit = 50;
    std::size_t listed = 0;
    do {
        const auto page = value_of(engine->payouts().list(filter));
        listed += page.payouts.size();
        filter.after = page.next;
    } while (!filter.after.empty());
    CHECK(listed == 120);

    CHECK(said(*engine, "payout.completed"));
    CHECK(value_of(engine->payouts().audit()).empty());
    CHECK(value_of(engine->doctor()).empty());
    CHECK(value_of(engine->health()).ok);
    REQUIRE_OK(engine->stop(5'000));
    paying.audit(120);
}

TEST_CASE("payouts: on a chain that never mines all up to the cap goes out", "[payouts_never_mined]") {
    Paying paying({"--no-mining"});
    paying.options.chains[0].in_flight = 40;
    paying.options.chains[0].batch = 10;
    auto engine = open_unlocked(paying.options);
    REQUIRE_OK(engine->payouts().enqueue(paying.requests(0, 100)));
    REQUIRE_OK(engine->start());
    REQUIRE(until([&] { return paying.ledger.pooled() == 40; }));
    REQUIRE(until([&] { return Paying::count(*engine, "sent") == 40; }));
    CHECK(Paying::count(*engine, "accepted") == 60);
    CHECK(Paying::completed(*engine) == 0);

    // Once it mines, the rest follows.
    REQUIRE(until([&] {
        paying.ledger.mine();
        return Paying::completed(*engine) == 100;
    }));
    REQUIRE_OK(engine->stop(5'000));
    paying.audit(100);
}

TEST_CASE("payouts: too little money blocks the lane and drops nothing", "[payouts_refill]") {
    Paying paying(kMining);
    TestDatabase poor;
    poor.choose(paying.options);
    auto engine = open_unlocked(paying.options);
    paying.sender = value_of(engine->keys().create("poor")).address;
    paying.ledger.give_native(paying.sender, 1'000'000'000'000'000'000ULL);
    paying.ledger.give_tokens(paying.sender, 10'500'000);  // enough for ten

    REQUIRE_OK(engine->payouts().enqueue(paying.requests(0, 30)));
    REQUIRE_OK(engine->start());
    REQUIRE(until([&] { return lane(*engine).state == "blocked"; }));
    CHECK_FALSE(lane(*engine).reason.empty());
    REQUIRE(until([&] { return said(*engine, "lane.blocked"); }));
    const auto by_status = value_of(engine->payouts().report()).by_status;
    CHECK(by_status.at("failed") == 0);
    CHECK(by_status.at("cancelled") == 0);

    paying.ledger.give_tokens(paying.sender, 1'000'000'000);
    REQUIRE(until([&] { return Paying::completed(*engine) == 30; }));
    CHECK(lane(*engine).state == "running");
    REQUIRE_OK(engine->stop(5'000));
    paying.audit(30);
}

TEST_CASE("payouts: a node that dies mid-batch and forgets its pool", "[payouts_node_dies]") {
    Folder states;
    std::vector<std::string> args = kMining;
    args.insert(args.end(), {"--state", states.file("state.json")});
    Paying paying(args);
    paying.options.chains[0].batch = 20;
    paying.options.chains[0].in_flight = 60;
    paying.options.chains[0].resend_ms = 500;
    auto engine = open_unlocked(paying.options);
    REQUIRE_OK(engine->payouts().enqueue(paying.requests(0, 200)));
    REQUIRE_OK(engine->start());
    for (const std::int64_t mark : {20, 80, 140}) {
        REQUIRE(until([&] { return Paying::count(*engine, "accepted") <= 200 - mark; }));
        paying.node.stop_gently();  // writes its blocks, and loses its pool
        REQUIRE(until([&] {
            const auto health = value_of(engine->health());
            return !health.chains.empty() && !health.chains[0].reachable;
        }));
        paying.node.restart();
        REQUIRE(paying.node.running());
    }
    REQUIRE(until([&] { return Paying::completed(*engine) == 200; }, 60'000));
    CHECK(value_of(engine->payouts().audit()).empty());
    REQUIRE_OK(engine->stop(5'000));
    paying.audit(200);
}

TEST_CASE("payouts: a node killed on the spot comes back with older blocks", "[payouts_node_killed]") {
    Folder states;
    std::vector<std::string> args = kMining;
    args.insert(args.end(), {"--state", states.file("state.json"), "--state-interval", "1"});
    Paying paying(args);
    auto &chain = paying.options.chains[0];
    chain.confirmations = 30;  // deeper than the blocks it can lose
    chain.batch = 20;
    chain.in_flight = 200;
    chain.resend_ms = 500;
    auto engine = open_unlocked(paying.options);
    REQUIRE_OK(engine->payouts().enqueue(paying.requests(0, 150)));
    REQUIRE(until([&] { return std::filesystem::exists(states.file("state.json")); }));
    REQUIRE_OK(engine->start());
    REQUIRE(until([&] { return Paying::count(*engine, "mined") >= 20; }));
    paying.node.stop();  // SIGKILL: the pool and up to a second of blocks are gone
    paying.node.restart();
    REQUIRE(paying.node.running());
    REQUIRE(until([&] { return Paying::completed(*engine) == 150; }, 90'000));
    CHECK(value_of(engine->payouts().audit()).empty());
    REQUIRE_OK(engine->stop(5'000));
    paying.audit(150);
}
