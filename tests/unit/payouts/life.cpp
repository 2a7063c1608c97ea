#include "scene.hpp"

#include <set>

using namespace scene;

TEST_CASE("payouts: a batch goes from pending to completed, each paid once") {
    auto w = world();
    REQUIRE(w->open_engine(w->engine_options()).ok());
    const auto accepted = w->engine().payouts().enqueue(requests(120));
    REQUIRE(accepted.ok());
    REQUIRE(accepted->size() == 120);
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 120; }));
    std::set<std::uint64_t> nonces;
    for (std::uint64_t n = 1; n <= 120; ++n) {
        const Payout p = find(*w, n);
        CHECK(times_paid(*w, n) == 1);
        CHECK(w->chain().token_balance(w->tokens()[0], payee(n)) == u256(n));
        CHECK(p.sent_us > 0);
        CHECK(p.finished_us >= p.mined_us);
        nonces.insert(*p.nonce);
    }
    CHECK(nonces.size() == 120);
    CHECK(*nonces.begin() == 0);
    CHECK(*nonces.rbegin() == 119);
    CHECK(w->engine().payouts().audit()->empty());
}

TEST_CASE("payouts: the same id and content is the same payout, other content a mismatch") {
    auto w = world();
    REQUIRE(w->open_engine(w->engine_options()).ok());
    Payouts &payouts = w->engine().payouts();
    const auto first = payouts.enqueue(std::vector{request(1, 5)});
    const auto again = payouts.enqueue(std::vector{request(1, 5)});
    REQUIRE(again.ok());
    CHECK((*first)[0].created);
    CHECK_FALSE((*again)[0].created);
    CHECK((*first)[0].id == (*again)[0].id);

    const auto other = payouts.enqueue(std::vector{request(2, 1), request(1, 6)});
    REQUIRE(other.status() == Status::mismatch);
    CHECK(other.error().field == "[1].external_id");
    CHECK(payouts.find("", "inv-2").status() == Status::not_found);  // all or nothing

    PayoutRequest elsewhere = request(1, 6);
    elsewhere.tenant = "shop-2";
    CHECK(payouts.enqueue(std::vector{elsewhere}).ok());  // tenants never meet
    const auto twice = payouts.enqueue(std::vector{request(3, 1), request(3, 1)});
    REQUIRE(twice.ok());
    CHECK((*twice)[0].created);
    CHECK_FALSE((*twice)[1].created);
}

TEST_CASE("payouts: bad input names its field and stores nothing") {
    auto w = world();
    REQUIRE(w->open_engine(w->engine_options()).ok());
    struct Case {
        std::function<void(PayoutRequest &)> spoil;
        const char *field;
    };
    const std::string sender = to_hex(w->signer().addresses()[0]);
    const Case cases[] = {
        {[](PayoutRequest &r) { r.external_id.clear(); }, "[1].external_id"},
        {[](PayoutRequest &r) { r.external_id.assign(256, 'x'); }, "[1].external_id"},
        {[](PayoutRequest &r) { r.external_id = "a\nb"; }, "[1].external_id"},
        {[](PayoutRequest &r) { r.external_id = "\xff"; }, "[1].external_id"},
        {[](PayoutRequest &r) { r.tenant.assign(256, 'x'); }, "[1].tenant"},
        {[](PayoutRequest &r) { r.chain_id = 1; }, "[1].chain_id"},
        {[](PayoutRequest &r) { r.token = "EURC"; }, "[1].token"},
        {[](PayoutRequest &r) { r.to = "0x12"; }, "[1].to"},
        {[](PayoutRequest &r) { r.to = "0x0000000000000000000000000000000000000000"; }, "[1].to"},
        {[](PayoutRequest &r) { r.to = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD1"; }, "[1].to"},
        {[](PayoutRequest &r) { r.to = "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"; }, "[1].to"},
        {[&](PayoutRequest &r) { r.to = to_hex(w->tokens()[0]); }, "[1].to"},
        {[](PayoutRequest &r) { r.amount = u256(0); }, "[1].amount"},
        {[](PayoutRequest &r) { r.priority = 1001; }, "[1].priority"},
        {[](PayoutRequest &r) { r.not_before_us = -1; }, "[1].not_before_us"},
        {[](PayoutRequest &r) { r.not_before_us = 10, r.deadline_us = 10; }, "[1].deadline_us"},
        {[](PayoutRequest &r) { r.from = "me"; }, "[1].from"},
    };
    for (const Case &c : cases) {
        std::vector<PayoutRequest> two{request(1), request(2)};
        c.spoil(two[1]);
        const auto refused = w->engine().payouts().enqueue(two);
        REQUIRE(refused.status() == Status::invalid);
        CHECK(refused.error().field == c.field);
    }
    CHECK(w->engine().payouts().enqueue({}).status() == Status::invalid);
    CHECK(w->engine().payouts().enqueue(requests(10'001)).status() == Status::invalid);
    CHECK(count(*w, PayoutStatus::pending) == 0);
}

TEST_CASE("payouts: on a chain that never mines everything up to the cap goes out") {
    auto o = options();
    o.chain.block_interval_us = 0;
    auto w = world(std::move(o));
    auto engine = w->engine_options();
    engine.chains[0].in_flight = 130;
    REQUIRE(w->open_engine(engine).ok());
    REQUIRE(w->engine().payouts().enqueue(requests(200)).ok());
    REQUIRE(run_until(
        *w, [&] { return count(*w, PayoutStatus::sent) == 130; }, 30));
    REQUIRE(w->run_for(20 * kSecond).ok());
    CHECK(count(*w, PayoutStatus::sent) == 130);
    CHECK(count(*w, PayoutStatus::pending) == 70);
    CHECK(w->chain().pooled().size() == 130);
    for (int block = 0; block < 4; ++block) {  // room again: the rest goes out too
        w->chain().mine();
        REQUIRE(w->run_for(5 * kSecond).ok());
    }
    CHECK(count(*w, PayoutStatus::completed) >= 130);
    w->chain().mine(6);
    REQUIRE(run_until(
        *w, [&] { return count(*w, PayoutStatus::completed) == 200; }, 60));
}

TEST_CASE("payouts: cancelled while pending, refused once signed") {
    auto o = options();
    o.chain.block_interval_us = 0;
    auto w = world(std::move(o));
    REQUIRE(w->open_engine(w->engine_options()).ok());
    Payouts &payouts = w->engine().payouts();
    PayoutRequest later = request(2);
    later.not_before_us = w->clock().utc_us() + 3600 * kSecond;
    const auto ids = payouts.enqueue(std::vector{request(1), later});
    REQUIRE(run_until(
        *w, [&] { return count(*w, PayoutStatus::sent) == 1; }, 30));
    const auto refused = payouts.cancel((*ids)[0].id, "ann", "typo");
    CHECK(refused.status() == Status::state);
    CHECK(payouts.cancel((*ids)[1].id, "", "typo").status() == Status::invalid);
    REQUIRE(payouts.cancel((*ids)[1].id, "ann", "typo").ok());
    CHECK(payouts.cancel((*ids)[1].id, "ann", "again").status() == Status::state);
    CHECK(payouts.cancel("po_none", "ann", "x").status() == Status::not_found);
    const Payout cancelled = find(*w, 2);
    CHECK(cancelled.status == PayoutStatus::cancelled);
    CHECK(cancelled.reason == "typo");
    CHECK(event_types(*w, (*ids)[1].id) == std::vector<std::string>{"payout.pending", "payout.cancelled"});
}

TEST_CASE("payouts: not before its time, never after its deadline") {
    auto w = world();
    REQUIRE(w->open_engine(w->engine_options()).ok());
    const std::int64_t now = w->clock().utc_us();
    PayoutRequest later = request(1), late = request(2);
    later.not_before_us = now + 100 * kSecond;
    late.not_before_us = now + 50 * kSecond;
    late.deadline_us = now + 50 * kSecond + 1;
    REQUIRE(w->engine().payouts().enqueue(std::vector{later, late}).ok());
    REQUIRE(w->run_for(90 * kSecond).ok());
    CHECK(find(*w, 1).state == PayoutState::accepted);
    const Payout rejected = find(*w, 2);
    CHECK(rejected.state == PayoutState::rejected);
    CHECK(rejected.status == PayoutStatus::failed);
    CHECK_FALSE(rejected.tx_hash.has_value());
    CHECK(run_until(*w, [&] { return find(*w, 1).status == PayoutStatus::completed; }));
    CHECK(times_paid(*w, 2) == 0);
}

TEST_CASE("payouts: the more urgent goes first") {
    auto o = options();
    o.chain.block_interval_us = 0;
    auto w = world(std::move(o));
    auto engine = w->engine_options();
    engine.chains[0].in_flight = 5;
    engine.chains[0].batch = 5;
    REQUIRE(w->open_engine(engine).ok());
    auto many = requests(20);
    for (std::size_t i = 15; i < 20; ++i) many[i].priority = 7;
    REQUIRE(w->engine().payouts().enqueue(many).ok());
    REQUIRE(run_until(
        *w, [&] { return count(*w, PayoutStatus::sent) == 5; }, 30));
    for (std::uint64_t n = 16; n <= 20; ++n) CHECK(find(*w, n).status == PayoutStatus::sent);
}

TEST_CASE("payouts: the list pages by cursor and filters") {
    auto w = world();
    REQUIRE(w->open_engine(w->engine_options()).ok());
    REQUIRE(w->engine().payouts().enqueue(requests(25)).ok());
    PayoutFilter filter;
    filter.limit = 10;
    std::vector<std::string> seen;
    do {
        const auto page = w->engine().payouts().list(filter);
        REQUIRE(page.ok());
        for (const Payout &p : page->payouts) seen.push_back(p.external_id);
        filter.after = page->next;
    } while (!filter.after.empty());
    REQUIRE(seen.size() == 25);
    CHECK(seen.front() == "inv-1");
    CHECK(seen.back() == "inv-25");
    filter.status = PayoutStatus::completed;
    CHECK(w->engine().payouts().list(filter)->payouts.empty());
    filter.limit = 0;
    CHECK(w->engine().payouts().list(filter).error().field == "limit");
    filter.limit = 1;
    filter.after = "junk";
    CHECK(w->engine().payouts().list(filter).error().field == "after");
}

TEST_CASE("payouts: one event for each public status, in order") {
    auto w = world();
    REQUIRE(w->open_engine(w->engine_options()).ok());
    const auto ids = w->engine().payouts().enqueue(requests(3));
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 3; }));
    for (const auto &accepted : *ids)
        CHECK(event_types(*w, accepted.id) ==
              std::vector<std::string>{"payout.pending", "payout.sent", "payout.completed"});
}

TEST_CASE("payouts: several senders share the queue") {
    auto o = options();
    o.signers = 3;
    auto w = world(std::move(o));
    auto engine = w->engine_options();
    engine.chains[0].in_flight = 20;
    engine.chains[0].batch = 10;
    REQUIRE(w->open_engine(engine).ok());
    auto many = requests(100);
    many[99].from = to_hex(w->signer().addresses()[2]);
    REQUIRE(w->engine().payouts().enqueue(many).ok());
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 100; }));
    std::set<Address> senders;
    for (std::uint64_t n = 1; n <= 100; ++n) {
        CHECK(times_paid(*w, n) == 1);
        senders.insert(*find(*w, n).sender);
    }
    CHECK(senders.size() == 3);
    CHECK(*find(*w, 100).sender == w->signer().addresses()[2]);
}

TEST_CASE("payouts: the chain's own coin is paid as well") {
    auto w = world();
    REQUIRE(w->open_engine(w->engine_options()).ok());
    PayoutRequest native = request(1, 12'345);
    native.token = "native";
    REQUIRE(w->engine().payouts().enqueue(std::vector{native}).ok());
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 1; }));
    CHECK(w->chain().balance(payee(1)) == u256(12'345));
    CHECK(find(*w, 1).fee_paid > u256(0));
}
