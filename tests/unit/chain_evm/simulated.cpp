// The adapter against the simulated node, which shares no code with it.
#include "chain/evm/evm.hpp"
#include "crypto/transaction.hpp"

#include <catch2/catch.hpp>
#include <remit/testing/evm_node.hpp>
#include <remit/testing/keys.hpp>

using namespace remit;

namespace {

struct Simulated {
    testing::SimClock clock;
    testing::Power power;
    testing::EvmChain world;
    testing::EvmNode node;
    testing::SimNetwork network;
    testing::SimSigner signer{1, 1};
    Address sender = signer.addresses()[0];
    NoLog log;
    core::Metrics metrics;
    std::unique_ptr<Chain> chain;

    explicit Simulated(testing::EvmNodeOptions node_options = {}, bool legacy = false) :
        world(clock, chain_options(legacy)), node(world, 1, std::move(node_options)), network(clock, power, 1) {
        network.attach("http://node:8545", node);
        world.credit(sender, u256(1'000'000'000'000'000'000));
        evm::EvmOptions options;
        options.url = "http://node:8545";
        options.chain_id = 31337;
        chain = evm::make_evm(options, network, log, metrics);
    }
    static testing::EvmChainOptions chain_options(bool legacy) {
        testing::EvmChainOptions options;
        options.block_interval_us = 0;
        options.legacy_only = legacy;
        return options;
    }
    template <class T>
    T value() {
        std::vector<ChainOutcome> out;
        for (int i = 0; i < 10'000 && out.empty(); ++i) {
            chain->poll(out);
            clock.advance_us(10'000);
        }
        REQUIRE(out.size() == 1);
        if (!out[0].result) FAIL(out[0].result.error().text);
        REQUIRE(std::holds_alternative<T>(*out[0].result));
        return std::get<T>(*out[0].result);
    }
    crypto::SignedTx pay(std::uint64_t nonce) {
        crypto::TxFields fields;
        fields.chain_id = 31337;
        fields.nonce = nonce;
        fields.gas = 21'000;
        fields.max_fee = 3'000'000'000;
        fields.priority_fee = 1'000'000'000;
        fields.to = Address{};
        fields.to->bytes.fill(0x77);
        fields.value = 1;
        auto signature = signer.sign_now(sender, crypto::signing_digest(fields));
        REQUIRE(signature.ok());
        return crypto::assemble(fields, *signature);
    }
    void pay_and_read_back() {
        std::vector<Bytes> raw;
        std::vector<Hash32> hashes;
        for (std::uint64_t nonce = 0; nonce < 7; ++nonce) {
            auto tx = pay(nonce);
            raw.push_back(tx.raw);
            hashes.push_back(tx.hash);
        }
        chain->send(1, raw, hashes);
        for (const ChainSent &sent : value<ChainSends>()) CHECK(sent.answer == SendAnswer::accepted);
        chain->send(2, raw, hashes);
        for (const ChainSent &sent : value<ChainSends>()) CHECK(sent.answer == SendAnswer::known);
        world.mine();
        chain->head(3);
        const auto head = value<ChainHead>();
        chain->block(4, head.number);
        const auto block = value<ChainBlock>();
        CHECK(block.hash == head.hash);
        REQUIRE(block.receipts.size() == 7);
        for (const ChainReceipt &receipt : block.receipts) CHECK(receipt.success);
        chain->account(5, sender, {});
        CHECK(value<ChainAccount>().nonce_latest == 7);
        chain->receipts(6, hashes);
        CHECK(value<ChainReceipts>()[6]->block_hash == head.hash);
    }
};

}  // namespace

TEST_CASE("chain_evm: payments pass through the simulated node") {
    Simulated().pay_and_read_back();
}

TEST_CASE("chain_evm: a simulated node without batches or eth_getBlockReceipts does as well") {
    testing::EvmNodeOptions options;
    options.batches = false;
    options.block_receipts = false;
    Simulated simulated(options);
    simulated.pay_and_read_back();
}

TEST_CASE("chain_evm: a simulated chain before London has a gas price only") {
    for (const bool history : {true, false}) {
        testing::EvmNodeOptions options;
        options.fee_history = history;
        Simulated simulated(options, true);
        simulated.world.mine();
        simulated.chain->fees(1);
        const auto fees = simulated.value<ChainFees>();
        CHECK(!fees.eip1559);
        CHECK(!fees.priority_fee.is_zero());
    }
    Simulated london;
    london.world.mine();
    london.chain->fees(1);
    CHECK(london.value<ChainFees>().eip1559);
}
