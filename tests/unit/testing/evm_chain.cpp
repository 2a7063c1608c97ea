#include "signed.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <string>

using namespace remit;
using namespace remit::testing;
using signed_tx::address;
using signed_tx::Scene;

namespace {

std::string refusal(EvmChain &chain, const crypto::SignedTx &tx) {
    const Result<Hash32> taken = chain.submit(tx.raw);
    return taken.ok() ? "" : taken.error().text;
}

}  // namespace

TEST_CASE("testing: the chain recovers the sender of both kinds of transactions") {
    Scene scene;
    for (const bool dynamic : {true, false}) {
        crypto::TxFields fields = scene.make.fields(3, address(1), u256(77));
        fields.eip1559 = dynamic;
        const crypto::SignedTx tx = scene.make.sign(fields, 1);
        const Result<SimTransaction> seen = decode_transaction(tx.raw, 31337);
        REQUIRE(seen.ok());
        CHECK(seen->from == scene.signer.addresses()[1]);
        CHECK(seen->hash == tx.hash);
        CHECK(seen->nonce == 3);
        CHECK(seen->to == address(1));
        CHECK(seen->value == u256(77));
        CHECK(seen->type == (dynamic ? 2 : 0));
        CHECK_FALSE(decode_transaction(tx.raw, 1).ok());
        for (std::size_t cut = 0; cut < tx.raw.size(); ++cut)
            CHECK_FALSE(decode_transaction(ByteView(tx.raw).first(cut), 31337).ok());
        Bytes longer = tx.raw;
        longer.push_back(0);
        CHECK_FALSE(decode_transaction(longer, 31337).ok());
    }
}

TEST_CASE("testing: a mined token transfer moves the ledger and logs it") {
    Scene scene;
    const crypto::SignedTx tx = scene.make.token(0, scene.usd, address(9), 500);
    REQUIRE(*scene.chain.submit(tx.raw) == tx.hash);
    CHECK(scene.chain.is_pooled(tx.hash));
    CHECK(scene.chain.pending_nonce(scene.me) == 1);
    CHECK(scene.chain.nonce(scene.me) == 0);
    scene.chain.mine();
    const SimReceipt *receipt = scene.chain.receipt(tx.hash);
    REQUIRE(receipt != nullptr);
    CHECK(receipt->success);
    REQUIRE(receipt->logs.size() == 1);
    CHECK(receipt->logs[0].topics[0] == crypto::transfer_topic());
    const auto log = crypto::parse_transfer(receipt->logs[0].topics, receipt->logs[0].data);
    REQUIRE(log.has_value());
    CHECK(log->from == scene.me);
    CHECK(log->to == address(9));
    CHECK(log->amount == u256(500));
    CHECK(scene.chain.token_balance(scene.usd, address(9)) == u256(500));
    CHECK(scene.chain.token_balance(scene.usd, scene.me) == u256(999'500));
    const auto moved = scene.chain.transfers();
    REQUIRE(moved.size() == 1);
    CHECK(moved[0].tx_hash == tx.hash);
    const Result<u256> fee = mul(u256(receipt->gas_used), receipt->gas_price);
    CHECK(saturating_add(scene.chain.balance(scene.me), *fee) == u256(1'000'000'000'000'000'000));
}

TEST_CASE("testing: each kind of token refuses in its own manner") {
    const bool by_log = GENERATE(false, true);
    Scene scene(Scene::by_hand(), by_log ? TokenKind::false_return : TokenKind::usdt_like);
    scene.chain.block_recipient(scene.usd, address(6));
    const crypto::SignedTx tx = scene.make.token(0, scene.usd, address(6), 5);
    REQUIRE(scene.chain.submit(tx.raw).ok());
    scene.chain.mine();
    const SimReceipt *receipt = scene.chain.receipt(tx.hash);
    REQUIRE(receipt != nullptr);
    CHECK(receipt->success == by_log);
    CHECK(receipt->logs.empty());
    CHECK(scene.chain.token_balance(scene.usd, address(6)).is_zero());
    const SimCallResult call = scene.chain.call(scene.me, scene.usd, {}, crypto::abi_transfer(address(6), u256(5)));
    CHECK(call.reverted == !by_log);
}

TEST_CASE("testing: a token that takes a fee tells the net amount") {
    Scene scene(Scene::by_hand(), TokenKind::fee_on_transfer);
    REQUIRE(scene.chain.submit(scene.make.token(0, scene.usd, address(6), 1'000).raw).ok());
    scene.chain.mine();
    CHECK(scene.chain.token_balance(scene.usd, address(6)) == u256(990));
    CHECK(scene.chain.token_balance(scene.usd, scene.me) == u256(999'000));
}

TEST_CASE("testing: the pool refuses in geth's words") {
    Scene scene;
    const crypto::SignedTx first = scene.make.coin(0, address(1), 1);
    REQUIRE(scene.chain.submit(first.raw).ok());
    CHECK(refusal(scene.chain, first) == "already known");
    CHECK(refusal(scene.chain, scene.make.coin(0, address(2), 1)) == "replacement transaction underpriced");
    crypto::TxFields richer = scene.make.fields(0, address(2), u256(1));
    richer.max_fee = u256(11'000'000'000);
    CHECK(refusal(scene.chain, scene.make.sign(richer)) == "replacement transaction underpriced");  // the tip stayed
    richer.priority_fee = u256(1'100'000'000);
    CHECK(refusal(scene.chain, scene.make.sign(richer)).empty());
    CHECK_FALSE(scene.chain.is_pooled(first.hash));
    scene.chain.mine();
    CHECK(refusal(scene.chain, first) == "nonce too low: next nonce 1, tx nonce 0");
    CHECK(refusal(scene.chain, scene.make.coin(5'000, address(1), 1)).starts_with("nonce too high"));

    crypto::TxFields odd = scene.make.fields(1, address(1), u256::max());
    CHECK(
        refusal(scene.chain, scene.make.sign(odd)).starts_with("insufficient funds for gas * price + value: balance "));
    odd = scene.make.fields(1, address(1), u256(1));
    odd.gas = 20'000;
    CHECK(refusal(scene.chain, scene.make.sign(odd)) == "intrinsic gas too low: gas 20000, minimum needed 21000");
    odd.gas = 31'000'000;
    CHECK(refusal(scene.chain, scene.make.sign(odd)) == "exceeds block gas limit");
    odd.gas = 21'000;
    odd.priority_fee = u256(20'000'000'000);
    CHECK(
        refusal(scene.chain, scene.make.sign(odd)).starts_with("max priority fee per gas higher than max fee per gas"));
    odd.priority_fee = u256(0);
    CHECK(refusal(scene.chain, scene.make.sign(odd)).starts_with("transaction gas price below minimum"));
    odd.chain_id = 5;
    CHECK(refusal(scene.chain, scene.make.sign(odd)).find("chain id") != std::string::npos);
}

TEST_CASE("testing: pooled transactions must be affordable together") {
    Scene scene;
    const std::uint64_t most = 600'000'000'000'000'000;
    REQUIRE(scene.chain.submit(scene.make.coin(0, address(1), most).raw).ok());
    CHECK(refusal(scene.chain, scene.make.coin(1, address(1), most)).find("queued cost") != std::string::npos);
    CHECK(refusal(scene.chain, scene.make.coin(1, address(1), 1)).empty());
}

TEST_CASE("testing: a nonce gap waits until it is filled") {
    Scene scene;
    const crypto::SignedTx second = scene.make.coin(1, address(1), 2);
    REQUIRE(scene.chain.submit(second.raw).ok());
    scene.chain.mine();
    CHECK_FALSE(scene.chain.mined_in(second.hash).has_value());
    CHECK(scene.chain.pending_nonce(scene.me) == 0);
    REQUIRE(scene.chain.submit(scene.make.coin(0, address(1), 1).raw).ok());
    CHECK(scene.chain.pending_nonce(scene.me) == 2);
    scene.chain.mine();
    CHECK(scene.chain.mined_in(second.hash) == 2);
}

TEST_CASE("testing: base fees rise with full blocks and keep out what cannot pay") {
    EvmChainOptions options = Scene::by_hand();
    options.gas_limit = 100'000;
    Scene scene(options);
    const u256 before = scene.chain.next_base_fee();
    scene.chain.mine();
    CHECK(scene.chain.next_base_fee() < before);
    REQUIRE(scene.chain.submit(scene.make.token(0, scene.usd, address(1), 1).raw).ok());
    const u256 quiet = scene.chain.next_base_fee();
    scene.chain.mine();
    CHECK(scene.chain.head().gas_used > options.gas_limit / 2);
    CHECK(scene.chain.next_base_fee() > quiet);
    crypto::TxFields cheap = scene.make.fields(1, address(1), u256(1));
    cheap.max_fee = cheap.priority_fee = u256(5);
    const crypto::SignedTx tx = scene.make.sign(cheap);
    REQUIRE(scene.chain.submit(tx.raw).ok());
    scene.chain.mine();
    CHECK(scene.chain.is_pooled(tx.hash));
}

TEST_CASE("testing: reorganisations undo, remine, delay or drop") {
    const auto kind = GENERATE(ReorgKind::remine, ReorgKind::delay, ReorgKind::drop);
    Scene scene;
    scene.chain.mine();
    const crypto::SignedTx tx = scene.make.token(0, scene.usd, address(9), 500);
    REQUIRE(scene.chain.submit(tx.raw).ok());
    scene.chain.mine(2);
    scene.chain.credit_token(scene.usd, scene.me, u256(7));
    scene.chain.mine();
    const Hash32 old_head = scene.chain.head().hash;
    REQUIRE(scene.chain.nonce_at(scene.me, 1) == 0);
    REQUIRE(scene.chain.nonce_at(scene.me, 2) == 1);
    scene.chain.reorg(3, kind);
    CHECK(scene.chain.head().number == 5);
    CHECK(scene.chain.block_by_hash(old_head) == nullptr);
    for (std::uint64_t n = 1; n <= 5; ++n) CHECK(scene.chain.block(n)->parent_hash == scene.chain.block(n - 1)->hash);
    CHECK((scene.chain.receipt(tx.hash) != nullptr) == (kind == ReorgKind::remine));
    CHECK(scene.chain.is_pooled(tx.hash) == (kind == ReorgKind::delay));
    CHECK((scene.chain.transaction(tx.hash) == nullptr) == (kind == ReorgKind::drop));
    const std::uint64_t moved = kind == ReorgKind::remine ? 500 : 0;
    CHECK(scene.chain.token_balance(scene.usd, address(9)) == u256(moved));
    CHECK(scene.chain.token_balance(scene.usd, scene.me) == u256(1'000'007 - moved));  // the credit stays
    CHECK(scene.chain.nonce(scene.me) == (kind == ReorgKind::remine ? 1U : 0U));
    if (kind != ReorgKind::drop) return;
    REQUIRE(scene.chain.submit(tx.raw).ok());
    scene.chain.mine();
    CHECK(scene.chain.transfers().size() == 1);
}

TEST_CASE("testing: a sender's key used elsewhere takes its next nonce") {
    Scene scene;
    const Hash32 other = scene.chain.external_transfer(scene.me, address(3), u256(4));
    CHECK(scene.chain.pending_nonce(scene.me) == 1);
    scene.chain.mine();
    CHECK(scene.chain.mined_in(other) == 1);
    CHECK(scene.chain.balance(address(3)) == u256(4));
    CHECK(refusal(scene.chain, scene.make.coin(0, address(1), 1)).starts_with("nonce too low"));
}

TEST_CASE("testing: blocks come with the clock, and mining can pause") {
    EvmChainOptions options;
    options.block_interval_us = 2'000'000;
    Scene scene(options);
    scene.clock.advance_us(7'000'000);
    scene.chain.advance();
    CHECK(scene.chain.head().number == 3);
    CHECK(scene.chain.next_block_us() == 8'000'000);
    scene.chain.pause_mining(true);
    scene.clock.advance_us(100'000'000);
    scene.chain.advance();
    CHECK(scene.chain.head().number == 3);
    scene.chain.pause_mining(false);
    CHECK(scene.chain.next_block_us() == scene.clock.elapsed_us() + 2'000'000);
}

TEST_CASE("testing: a journal makes the same chain again, cut lines or not") {
    const std::string path = std::tmpnam(nullptr);
    Hash32 head, pooled;
    {
        Scene scene;
        REQUIRE(scene.chain.open_journal(path).ok());
        REQUIRE(scene.chain.submit(scene.make.token(0, scene.usd, address(9), 500).raw).ok());
        scene.chain.mine();
        REQUIRE(scene.chain.submit(scene.make.coin(1, address(9), 3).raw).ok());
        scene.chain.mine(2);
        scene.chain.reorg(2, ReorgKind::drop);
        scene.chain.credit(address(5), u256(55));
        scene.chain.external_transfer(scene.me, address(3), u256(4));
        scene.chain.mine();
        pooled = *scene.chain.submit(scene.make.coin(2, address(9), 8).raw);
        head = scene.chain.head().hash;
    }
    std::FILE *file = std::fopen(path.c_str(), "a");
    std::fputs("tx 0x02f8", file);
    std::fclose(file);
    for (int round = 0; round < 2; ++round) {
        Scene scene;
        REQUIRE(scene.chain.open_journal(path).ok());
        CHECK(scene.chain.head().hash == head);
        CHECK(scene.chain.is_pooled(pooled) == (round == 0));
        CHECK(scene.chain.token_balance(scene.usd, address(9)) == u256(500));
        CHECK(scene.chain.balance(address(5)) == u256(55));
        scene.chain.drop(pooled);
    }
    std::remove(path.c_str());
}
