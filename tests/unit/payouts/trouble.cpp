#include "scene.hpp"

using namespace scene;

TEST_CASE("payouts: too little of the token blocks the lane, a refill frees it, nothing is dropped") {
    auto o = options();
    o.tokens_each = u256(10);
    auto w = world(std::move(o));
    REQUIRE(w->open_engine(w->engine_options()).ok());
    REQUIRE(w->engine().payouts().enqueue(std::vector{request(1, 6), request(2, 6), request(3, 1)}).ok());
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 1; }));
    REQUIRE(w->run_for(30 * kSecond).ok());
    CHECK(count(*w, PayoutStatus::pending) == 2);
    const auto health = w->engine().health();
    REQUIRE(health.ok());
    REQUIRE(health->lanes.size() == 1);
    CHECK(health->lanes[0].state == "blocked");
    w->chain().credit_token(w->tokens()[0], w->signer().addresses()[0], u256(100));
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 3; }));
    CHECK(event_types(*w, "lane:") == std::vector<std::string>{"lane.blocked", "lane.unblocked"});
    for (std::uint64_t n = 1; n <= 3; ++n) CHECK(times_paid(*w, n) == 1);
}

TEST_CASE("payouts: too little coin for gas blocks before a nonce is used") {
    auto o = options();
    o.coin_each = u256(1);
    auto w = world(std::move(o));
    REQUIRE(w->open_engine(w->engine_options()).ok());
    REQUIRE(w->engine().payouts().enqueue(requests(3)).ok());
    REQUIRE(w->run_for(30 * kSecond).ok());
    CHECK(count(*w, PayoutStatus::pending) == 3);
    CHECK_FALSE(find(*w, 1).nonce.has_value());
    w->chain().credit(w->signer().addresses()[0], coins(1));
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 3; }));
}

TEST_CASE("payouts: a fee above the cap is never signed") {
    auto o = options();
    o.chain.base_fee = u256(9'000'000'000);
    o.chain.min_base_fee = u256(9'000'000'000);
    auto w = world(std::move(o));
    auto engine = w->engine_options();
    engine.chains[0].max_fee_gwei = "2";
    REQUIRE(w->open_engine(engine).ok());
    REQUIRE(w->engine().payouts().enqueue(requests(2)).ok());
    REQUIRE(w->run_for(30 * kSecond).ok());
    CHECK(count(*w, PayoutStatus::pending) == 2);
    CHECK(w->engine().health()->lanes[0].state == "blocked");
    CHECK(w->chain().pooled().empty());
}

TEST_CASE("payouts: mined and reverted is failed, and the next is not held up") {
    auto w = world();
    auto engine = w->engine_options();
    engine.chains[0].tokens[0].gas = 90'000;
    w->chain().block_recipient(w->tokens()[0], payee(2));
    REQUIRE(w->open_engine(engine).ok());
    REQUIRE(w->engine().payouts().enqueue(requests(3)).ok());
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 2; }));
    const Payout failed = find(*w, 2);
    CHECK(failed.state == PayoutState::reverted);
    CHECK(failed.fee_paid > u256(0));
    CHECK_FALSE(failed.reason.empty());
}

TEST_CASE("payouts: status 1 without the Transfer log is not completed") {
    auto o = options();
    o.tokens[0].kind = testing::TokenKind::false_return;
    auto w = world(std::move(o));
    auto engine = w->engine_options();
    engine.chains[0].tokens[0].gas = 90'000;
    w->chain().block_recipient(w->tokens()[0], payee(1));
    REQUIRE(w->open_engine(engine).ok());
    REQUIRE(w->engine().payouts().enqueue(requests(2)).ok());
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 1; }));
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::failed) == 1; }));
    CHECK(find(*w, 1).reason.find("Transfer") != std::string::npos);
}

TEST_CASE("payouts: a token that keeps a fee leaves the payout in doubt, never failed") {
    auto o = options();
    o.tokens[0].kind = testing::TokenKind::fee_on_transfer;
    auto w = world(std::move(o));
    REQUIRE(w->open_engine(w->engine_options()).ok());
    REQUIRE(w->engine().payouts().enqueue(std::vector{request(1, 1'000)}).ok());
    REQUIRE(run_until(*w, [&] { return !find(*w, 1).doubt.empty(); }));
    REQUIRE(w->run_for(60 * kSecond).ok());
    const Payout p = find(*w, 1);
    CHECK(p.status == PayoutStatus::sent);
    CHECK(p.doubt.find("990") != std::string::npos);
    CHECK(event_types(*w, p.id) == std::vector<std::string>{"payout.pending", "payout.sent", "payout.unknown"});
    REQUIRE(w->engine().payouts().resolve(p.id, "ann", "agreed with the payee").ok());
    CHECK(find(*w, 1).status == PayoutStatus::failed);
}

TEST_CASE("payouts: a reorganisation takes mined back to sent and pays once in the end") {
    for (const auto kind : {testing::ReorgKind::remine, testing::ReorgKind::delay, testing::ReorgKind::drop}) {
        auto w = world();
        auto engine = w->engine_options();
        engine.chains[0].confirmations = 8;
        engine.chains[0].resend_ms = 5'000;
        REQUIRE(w->open_engine(engine).ok());
        REQUIRE(w->engine().payouts().enqueue(requests(10)).ok());
        REQUIRE(run_until(*w, [&] { return find(*w, 10).state == PayoutState::mined; }));
        w->chain().reorg(3, kind);
        REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 10; }));
        for (std::uint64_t n = 1; n <= 10; ++n) CHECK(times_paid(*w, n) == 1);
    }
}

TEST_CASE("payouts: a node that says yes and forgets is sent the same bytes again") {
    auto w = world();
    auto engine = w->engine_options();
    engine.chains[0].resend_ms = 3'000;
    REQUIRE(w->open_engine(engine).ok());
    w->chain().pause_mining(true);
    REQUIRE(w->engine().payouts().enqueue(requests(5)).ok());
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::sent) == 5; }));
    const Hash32 before = *find(*w, 3).tx_hash;
    CHECK(w->chain().drop_all() == 5);
    w->chain().pause_mining(false);
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 5; }));
    CHECK(*find(*w, 3).tx_hash == before);
}

TEST_CASE("payouts: an answer that is lost leaves it sent and pays it once") {
    auto w = world();
    int lost = 0;
    w->network().set_hook([&](const HttpRequest &, std::string_view site, std::uint64_t nth) {
        if (site != "eth_sendRawTransaction" || nth > 2) return testing::SimFault::none;
        ++lost;
        return nth == 1 ? testing::SimFault::request_lost : testing::SimFault::answer_lost;
    });
    REQUIRE(w->open_engine(w->engine_options()).ok());
    REQUIRE(w->engine().payouts().enqueue(requests(30)).ok());
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 30; }));
    CHECK(lost == 2);
    for (std::uint64_t n = 1; n <= 30; ++n) CHECK(times_paid(*w, n) == 1);
}

TEST_CASE("payouts: killed at every step of the order of writes, the rows alone go on") {
    for (const auto *site : {"eth_sendRawTransaction", "eth_getBlockByNumber", "eth_getTransactionCount"})
        for (const auto fault : {testing::SimFault::crash_before, testing::SimFault::crash_after})
            for (std::uint64_t at = 1; at <= 3; ++at) {
                auto w = world(options(at));
                w->network().set_hook([&](const HttpRequest &, std::string_view s, std::uint64_t nth) {
                    return s == site && nth == at ? fault : testing::SimFault::none;
                });
                REQUIRE(w->open_engine(w->engine_options()).ok());
                REQUIRE(w->engine().payouts().enqueue(requests(60)).ok());
                while (w->run_until([&] { return count(*w, PayoutStatus::completed) == 60; }, 300 * kSecond).status() ==
                       Status::closed) {
                    w->kill_engine();
                    REQUIRE(w->open_engine(w->engine_options()).ok());
                }
                REQUIRE(count(*w, PayoutStatus::completed) == 60);
                for (std::uint64_t n = 1; n <= 60; ++n) REQUIRE(times_paid(*w, n) == 1);
                CHECK(w->engine().payouts().audit()->empty());
            }
}

TEST_CASE("payouts: a nonce that somebody else used puts the payout in doubt and the sender in quarantine") {
    auto w = world();
    auto engine = w->engine_options();
    engine.chains[0].resend_ms = 3'000;
    REQUIRE(w->open_engine(engine).ok());
    w->chain().pause_mining(true);
    REQUIRE(w->engine().payouts().enqueue(requests(1)).ok());
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::sent) == 1; }));
    w->chain().drop_all();
    const Address sender = w->signer().addresses()[0];
    w->chain().external_transfer(sender, payee(99), u256(1));
    w->chain().pause_mining(false);
    REQUIRE(run_until(*w, [&] { return !find(*w, 1).doubt.empty(); }));
    CHECK(find(*w, 1).status == PayoutStatus::sent);  // unknown is never failed
    CHECK(w->engine().health()->lanes[0].state == "quarantined");

    REQUIRE(w->engine().payouts().enqueue(std::vector{request(2)}).ok());
    REQUIRE(w->run_for(60 * kSecond).ok());
    CHECK(find(*w, 2).state == PayoutState::accepted);

    Payouts &payouts = w->engine().payouts();
    PayoutFilter doubtful;
    doubtful.doubtful = true;
    CHECK(payouts.list(doubtful)->payouts.size() == 1);
    CHECK(payouts.resolve(find(*w, 2).id, "ann", "not in doubt").status() == Status::state);
    REQUIRE(payouts.resolve(find(*w, 1).id, "ann", "the chain shows no payment").ok());
    CHECK(find(*w, 1).status == PayoutStatus::failed);
    REQUIRE(payouts.resume_lane(31337, to_hex(sender), "ann", "it was us").ok());
    REQUIRE(run_until(*w, [&] { return find(*w, 2).status == PayoutStatus::completed; }));
    CHECK(times_paid(*w, 1) == 0);
    CHECK(times_paid(*w, 2) == 1);
}

TEST_CASE("payouts: a chain that counts more than we made quarantines the sender") {
    auto w = world();
    REQUIRE(w->open_engine(w->engine_options()).ok());
    REQUIRE(w->engine().payouts().enqueue(requests(1)).ok());
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 1; }));
    w->chain().external_transfer(w->signer().addresses()[0], payee(99), u256(1));
    REQUIRE(run_until(*w, [&] { return w->engine().health()->lanes[0].state == "quarantined"; }));
    REQUIRE(w->engine().payouts().enqueue(std::vector{request(2)}).ok());
    REQUIRE(w->run_for(30 * kSecond).ok());
    CHECK(find(*w, 2).state == PayoutState::accepted);
}

TEST_CASE("payouts: the node holds a transaction that this database never made: nothing is signed beside it") {
    auto w = world();
    w->chain().pause_mining(true);
    REQUIRE(w->open_engine(w->engine_options()).ok());
    REQUIRE(w->engine().payouts().enqueue(requests(1)).ok());
    w->chain().pause_mining(false);
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 1; }));
    w->chain().pause_mining(true);
    w->chain().external_transfer(w->signer().addresses()[0], payee(99), u256(1));  // pooled, not mined
    REQUIRE(w->run_for(30 * kSecond).ok());
    REQUIRE(w->engine().payouts().enqueue(std::vector{request(2)}).ok());
    REQUIRE(w->run_for(30 * kSecond).ok());
    CHECK(w->engine().health()->lanes[0].state == "quarantined");
    CHECK(find(*w, 2).state == PayoutState::accepted);
}

TEST_CASE("payouts: repair tells why a payout waits and has its bytes sent again") {
    auto o = options();
    o.chain.block_interval_us = 0;
    auto w = world(std::move(o));
    REQUIRE(w->open_engine(w->engine_options()).ok());
    REQUIRE(w->engine().payouts().enqueue(requests(2)).ok());
    REQUIRE(run_until(
        *w, [&] { return count(*w, PayoutStatus::sent) == 2; }, 30));
    CHECK(w->engine().payouts().repair(60'000)->empty());
    REQUIRE(w->run_for(2 * kSecond).ok());
    w->chain().drop_all();
    const auto findings = w->engine().payouts().repair(1'000);
    REQUIRE(findings.ok());
    REQUIRE(findings->size() == 2);
    CHECK((*findings)[0].why == "the chain has not mined it yet");
    REQUIRE(w->run_for(5 * kSecond).ok());  // well before the minute of a resend
    CHECK(w->chain().pooled().size() == 2);
}

TEST_CASE("payouts: a node of another chain is never paid through") {
    auto o = options();
    auto w = world(std::move(o));
    auto engine = w->engine_options();
    engine.chains[0].id = 5;
    REQUIRE(w->open_engine(engine).ok());
    PayoutRequest r = request(1);
    r.chain_id = 5;
    REQUIRE(w->engine().payouts().enqueue(std::vector{r}).ok());
    REQUIRE(w->run_for(30 * kSecond).ok());
    CHECK(count(*w, PayoutStatus::pending) == 1);
    const auto health = w->engine().health();
    CHECK_FALSE(health->ok);
    CHECK(health->chains[0].problem.find("31337") != std::string::npos);
}

TEST_CASE("payouts: a clock that jumps expires nothing and pays nothing twice") {
    auto w = world();
    REQUIRE(w->open_engine(w->engine_options()).ok());
    REQUIRE(w->engine().payouts().enqueue(requests(20)).ok());
    REQUIRE(w->run_for(kSecond).ok());
    w->clock().jump_utc_us(-86'400 * kSecond);
    REQUIRE(w->run_for(kSecond).ok());
    w->clock().jump_utc_us(10 * 86'400 * kSecond);
    REQUIRE(run_until(*w, [&] { return count(*w, PayoutStatus::completed) == 20; }));
    for (std::uint64_t n = 1; n <= 20; ++n) CHECK(times_paid(*w, n) == 1);
}
