// payout.cpp -- pay somebody exactly once, although the program is killed between pay and complete.
//
// Run it three times with the same folder. The first run kills itself once the payment was sent, the second one
// asks the chain what became of it, the third one finds it done. The chain is simulated, the engine is the real one.
#include <remit/engine.hpp>
#include <remit/testing/world.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>

using namespace remit;

static const char *const kPayee = "0x52908400098527886E0F7030069857D2E4169EE7";

static void say(const char *what, const std::string &text) {
    std::printf("%-8s %s\n", what, text.c_str());
    std::fflush(stdout);
}

static Result<void> run(const std::string &folder) {
    testing::WorldOptions scene;
    scene.tokens.push_back({"USDT", 6, testing::TokenKind::usdt_like, {}});
    REMIT_TRY(scene.coin_each, u256_from_decimal("1000000000000000000000", "coin"));
    scene.tokens_each = u256(1'000'000'000'000);
    scene.database_path = folder + "/remit.db";
    scene.journal_path = folder + "/chain.journal";
    REMIT_TRY(const auto world, testing::World::make(scene));
    REMIT_CHECK(world->open_engine(world->engine_options()));
    Engine &engine = world->engine();

    PayoutRequest pay;
    pay.chain_id = 31337;
    pay.external_id = "order-1001";
    pay.token = "USDT";
    pay.to = kPayee;
    pay.amount = u256(25'000'000);
    REMIT_TRY(const auto accepted, engine.payouts().enqueue(std::span(&pay, 1)));
    const std::string id = accepted.front().id;

    if (accepted.front().created) {
        say("PAY", "order-1001: 25 USDT");
        REMIT_CHECK(engine.wait(id, PayoutStatus::sent, 60'000));
        say("SENT", "a node has it; now the power fails");
        std::raise(SIGKILL);
    }

    REMIT_TRY(Payout payout, engine.payouts().get(id));
    if (payout.status == PayoutStatus::completed) {
        say("REPLAY", "order-1001 was paid before; nothing is done again");
    } else {
        say("UNKNOWN", "order-1001 was sent, its outcome is not known: asking the chain");
        REMIT_TRY(payout, engine.wait(id, PayoutStatus::completed, 600'000));
        say("DONE", payout.status == PayoutStatus::completed ? "order-1001 is paid" : "order-1001 is not paid");
    }

    REMIT_TRY(const Address payee, fixed_from_hex<Address>(kPayee, "payee"));
    const auto transfers = world->chain().transfers();
    const auto payments =
        std::count_if(transfers.begin(), transfers.end(), [&](const auto &t) { return t.to == payee; });
    say("CHAIN", "payments: " + std::to_string(payments) + ", the payee has " +
                     to_decimal(world->chain().token_balance(world->tokens().front(), payee)) + " base units");
    return {};
}

int main(int argc, char **argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: payout FOLDER\n");
        return 2;
    }
    const Result<void> done = run(argv[1]);
    if (!done) std::fprintf(stderr, "%s: %s\n", done.error().field.c_str(), done.error().text.c_str());
    return done ? 0 : 1;
}
