#include <remit/testing/world.hpp>

#include <catch2/catch.hpp>

#include <cstdio>
#include <filesystem>

#include <unistd.h>

using namespace remit;
using namespace remit::testing;

namespace {

constexpr std::int64_t kHour = 3'600 * kMicrosPerSecond;

WorldOptions options(std::uint64_t seed) {
    WorldOptions out;
    out.seed = seed;
    out.tokens = {{"USD", 6, TokenKind::usdt_like, {}}};
    out.chain.block_interval_us = 2 * kMicrosPerSecond;
    out.coin_each = u256(1'000'000'000'000'000'000);
    out.tokens_each = u256(1'000'000);
    return out;
}

PayoutRequest request(const World &, const std::string &id, std::uint64_t amount) {
    PayoutRequest out;
    out.external_id = id;
    out.chain_id = 31337;
    out.token = "USD";
    out.to = "0x00000000000000000000000000000000000000b0";
    out.amount = u256(amount);
    return out;
}

std::string ask(World &world, const std::string &id, std::uint64_t amount) {
    const PayoutRequest wanted = request(world, id, amount);
    Result<std::vector<PayoutAccepted>> accepted = world.engine().payouts().enqueue({&wanted, 1});
    REQUIRE(accepted.ok());
    return (*accepted)[0].id;
}

bool completed(World &world, const std::string &id) {
    const Result<Payout> row = world.engine().payouts().get(id);
    return row.ok() && row->status == PayoutStatus::completed;
}

Address payee() {
    return *fixed_from_hex<Address>("0x00000000000000000000000000000000000000b0", "to");
}

}  // namespace

TEST_CASE("world: a payout is paid, and the ledger shows it") {
    Result<std::unique_ptr<World>> world = World::make(options(1));
    REQUIRE(world.ok());
    World &w = **world;
    REQUIRE(w.open_engine(w.engine_options()).ok());
    const std::string id = ask(w, "one", 700);
    REQUIRE(w.run_until([&] { return completed(w, id); }, kHour).ok());
    CHECK(w.chain().token_balance(w.tokens()[0], payee()) == u256(700));
    CHECK(w.spins() == 0);
}

TEST_CASE("world: Engine::wait lets simulated time pass") {
    Result<std::unique_ptr<World>> world = World::make(options(2));
    REQUIRE(world.ok());
    World &w = **world;
    REQUIRE(w.open_engine(w.engine_options()).ok());
    const std::string id = ask(w, "one", 5);
    const Result<Payout> done = w.engine().wait(id, PayoutStatus::completed, 600'000);
    REQUIRE(done.ok());
    CHECK(done->status == PayoutStatus::completed);
    CHECK(w.clock().elapsed_us() > 4 * kMicrosPerSecond);
}

TEST_CASE("world: a crash right after the bytes left pays once") {
    const auto fault = GENERATE(SimFault::crash_before, SimFault::crash_after, SimFault::answer_lost);
    const auto how = GENERATE(Crash::process, Crash::power);
    Result<std::unique_ptr<World>> world = World::make(options(3));
    REQUIRE(world.ok());
    World &w = **world;
    w.network().set_hook([&](const HttpRequest &, std::string_view site, std::uint64_t nth) {
        return site == "eth_sendRawTransaction" && nth == 1 ? fault : SimFault::none;
    });
    REQUIRE(w.open_engine(w.engine_options()).ok());
    const std::string id = ask(w, "one", 700);
    if (fault != SimFault::answer_lost) {
        CHECK(w.run_until([&] { return completed(w, id); }, kHour).status() == Status::closed);
        w.kill_engine(how);
        REQUIRE(w.open_engine(w.engine_options()).ok());
    }
    REQUIRE(w.run_until([&] { return completed(w, id); }, kHour).ok());
    CHECK(w.chain().token_balance(w.tokens()[0], payee()) == u256(700));
    CHECK(w.chain().nonce(w.signer().addresses()[0]) == 1);
}

TEST_CASE("world: a new head alone makes nothing final, when what we hold has left the chain") {
    Result<std::unique_ptr<World>> world = World::make(options(7));
    REQUIRE(world.ok());
    World &w = **world;
    EngineOptions wanted = w.engine_options();
    wanted.chains[0].confirmations = 4;
    REQUIRE(w.open_engine(wanted).ok());
    const std::string id = ask(w, "one", 700);
    const auto mined = [&] { return w.engine().payouts().get(id)->state == PayoutState::mined; };
    REQUIRE(w.run_until(mined, kHour).ok());
    REQUIRE(w.run_for(1'500'000).ok());  // its block is followed
    REQUIRE(mined());
    w.network().detach(World::kNodeUrl);  // meanwhile the block goes, and the chain grows past the depth asked for
    w.chain().reorg(1 + w.chain().head().number - *w.chain().mined_in(*w.engine().payouts().get(id)->tx_hash),
                    ReorgKind::drop);
    w.chain().mine(8);
    w.network().attach(World::kNodeUrl, w.node());  // the first to arrive is the new head's number
    REQUIRE(w.run_until([&] { return completed(w, id); }, kHour).ok());
    const auto block = w.chain().mined_in(*w.engine().payouts().get(id)->tx_hash);
    REQUIRE(block.has_value());
    CHECK(w.chain().head().number >= *block + 3);
    CHECK(w.chain().token_balance(w.tokens()[0], payee()) == u256(700));
}

TEST_CASE("world: a receipt that was read before blocks are followed makes nothing final") {
    bool hold = false;  // outlives the world, whose hook asks it
    Result<std::unique_ptr<World>> world = World::make(options(8));
    REQUIRE(world.ok());
    World &w = **world;
    w.network().set_hook([&](const HttpRequest &request, std::string_view, std::uint64_t) {
        const bool a_block = request.body.find("eth_getBlockReceipts") != std::string::npos;
        return hold && a_block ? SimFault::refused : SimFault::none;
    });
    EngineOptions wanted = w.engine_options();
    wanted.chains[0].confirmations = 5;
    REQUIRE(w.open_engine(wanted).ok());
    const std::string id = ask(w, "one", 700);
    const auto mined = [&] { return w.engine().payouts().get(id)->state == PayoutState::mined; };
    REQUIRE(w.run_until(mined, kHour).ok());
    REQUIRE(w.run_for(2 * kMicrosPerSecond).ok());  // its block is no longer the head
    w.kill_engine(Crash::process);
    hold = true;
    REQUIRE(w.open_engine(wanted).ok());
    REQUIRE(w.run_for(1'500'000).ok());
    REQUIRE(mined());
    w.chain().reorg(1 + w.chain().head().number - *w.chain().mined_in(*w.engine().payouts().get(id)->tx_hash),
                    ReorgKind::drop);
    w.chain().mine(8);
    hold = false;
    REQUIRE(w.run_until([&] { return completed(w, id); }, kHour).ok());
    CHECK(w.chain().mined_in(*w.engine().payouts().get(id)->tx_hash).has_value());
    CHECK(w.chain().token_balance(w.tokens()[0], payee()) == u256(700));
}

TEST_CASE("world: the same seed gives the same run") {
    std::string timelines[2];
    for (std::string &timeline : timelines) {
        Result<std::unique_ptr<World>> world = World::make(options(4));
        REQUIRE(world.ok());
        World &w = **world;
        w.set_trace([&](std::string_view line) { timeline += std::string(line) + "\n"; });
        REQUIRE(w.open_engine(w.engine_options()).ok());
        for (int i = 0; i < 5; ++i) ask(w, "order-" + std::to_string(i), 10);
        REQUIRE(w.run_for(60 * kMicrosPerSecond).ok());
        w.kill_engine();
        REQUIRE(w.open_engine(w.engine_options()).ok());
        REQUIRE(w.run_for(60 * kMicrosPerSecond).ok());
    }
    CHECK(timelines[0] == timelines[1]);
    CHECK(timelines[0].size() > 1'000);
}

TEST_CASE("world: on a real file the payout and its chain outlive the process") {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("remit-world-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    WorldOptions real = options(5);
    real.database_path = folder / "remit.db";
    real.journal_path = folder / "chain.journal";
    std::string id;
    {
        Result<std::unique_ptr<World>> world = World::make(real);
        REQUIRE(world.ok());
        REQUIRE((*world)->open_engine((*world)->engine_options()).ok());
        id = ask(**world, "one", 700);
        const auto sent = [&] { return (*world)->engine().payouts().get(id)->status == PayoutStatus::sent; };
        REQUIRE((*world)->run_until(sent, kHour).ok());
        (*world)->kill_engine(Crash::process);
    }
    Result<std::unique_ptr<World>> world = World::make(real);
    REQUIRE(world.ok());
    REQUIRE((*world)->open_engine((*world)->engine_options()).ok());
    CHECK(ask(**world, "one", 700) == id);
    REQUIRE((*world)->run_until([&] { return completed(**world, id); }, kHour).ok());
    CHECK((*world)->chain().token_balance((*world)->tokens()[0], payee()) == u256(700));
    world = Result<std::unique_ptr<World>>(std::unique_ptr<World>());
    std::filesystem::remove_all(folder);
}

TEST_CASE("world: faults at transactions are counted by the statement that writes first") {
    DbFault fault = DbFault::none;  // outlives the world, whose hook asks it
    Result<std::unique_ptr<World>> world = World::make(options(6));
    REQUIRE(world.ok());
    World &w = **world;
    REQUIRE(w.open_engine(w.engine_options()).ok());
    w.set_database_hook([&](std::string_view site, std::uint64_t) {
        return site.starts_with("INSERT INTO remit_payouts") ? fault : DbFault::none;
    });
    const PayoutRequest wanted = request(w, "one", 5);
    struct Case {
        DbFault fault;
        Status status;
        bool there;
    };
    for (const Case &c :
         {Case{DbFault::refused, Status::store, false}, Case{DbFault::lost_undone, Status::store_lost, false},
          Case{DbFault::answer_lost, Status::store_lost, true}}) {
        fault = c.fault;
        CHECK(w.engine().payouts().enqueue({&wanted, 1}).status() == c.status);
        CHECK(w.engine().payouts().find("", "one").ok() == c.there);
    }
    for (const auto &[site, count] : w.database_sites())
        if (site.starts_with("INSERT INTO remit_payouts")) CHECK(count.faults.at(DbFault::answer_lost) == 1);
    fault = DbFault::none;
    Result<std::vector<PayoutAccepted>> again = w.engine().payouts().enqueue({&wanted, 1});
    REQUIRE(again.ok());
    CHECK_FALSE((*again)[0].created);
}
