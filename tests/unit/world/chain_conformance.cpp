// The kit that any Chain adapter can run, here on ours over the simulated network and node.
#include "chain/evm/evm.hpp"
#include "core/metrics.hpp"
#include "crypto/transaction.hpp"

#include <remit/testing/chain_conformance.hpp>
#include <remit/testing/evm_node.hpp>
#include <remit/testing/keys.hpp>

#include <catch2/catch.hpp>

using namespace remit;
using namespace remit::testing;

namespace {

struct Scene {
    SimClock clock;
    Power power;
    SimSigner signer{3, 1};
    EvmChain chain;
    EvmNode node;
    SimNetwork network{clock, power, 5};
    NoLog log;
    core::Metrics metrics;
    std::unique_ptr<Chain> adapter;
    Address me = signer.addresses()[0];

    Scene(const EvmChainOptions &options, const EvmNodeOptions &node_options) :
        chain(clock, options), node(chain, 4, node_options) {
        network.attach("http://node", node);
        evm::EvmOptions evm;
        evm.url = "http://node";
        evm.chain_id = options.chain_id;
        adapter = evm::make_evm(evm, network, log, metrics);
    }
    ChainBench bench(const Address &token) {
        Address stranger;
        stranger.bytes[3] = 9;
        const auto sign = [this, stranger](std::uint64_t nonce, const u256 &value,
                                           const ChainFees &fees) -> Result<ChainBench::Signed> {
            crypto::TxFields fields;
            fields.eip1559 = fees.eip1559;
            fields.chain_id = chain.options().chain_id;
            fields.nonce = nonce;
            fields.gas = 21'000;
            fields.max_fee = saturating_add(saturating_add(fees.base_fee, fees.base_fee), fees.priority_fee);
            fields.priority_fee = fees.priority_fee;
            fields.to = stranger;
            fields.value = value;
            REMIT_TRY(const Signature signature, signer.sign_now(me, crypto::signing_digest(fields)));
            crypto::SignedTx tx = crypto::assemble(fields, signature);
            return ChainBench::Signed{std::move(tx.raw), tx.hash};
        };
        return {*adapter,
                chain.options().chain_id,
                me,
                token,
                stranger,
                sign,
                [this] { chain.mine(); },
                [this] { clock.advance_us(1'000); }};
    }
};

std::string joined(const std::vector<std::string> &broken) {
    std::string out;
    for (const std::string &text : broken) out += text + "\n";
    return out;
}

}  // namespace

TEST_CASE("world: the EVM adapter keeps the port's promises on nodes of several kinds") {
    struct Kind {
        bool legacy, block_receipts, fee_history, batches;
    };
    const Kind kind =
        GENERATE(Kind{false, true, true, true}, Kind{false, false, true, true}, Kind{false, true, false, false},
                 Kind{true, false, false, true}, Kind{true, false, false, false});
    EvmChainOptions options;
    options.block_interval_us = 0;
    options.legacy_only = kind.legacy;
    EvmNodeOptions node;
    node.block_receipts = kind.block_receipts;
    node.fee_history = kind.fee_history;
    node.batches = kind.batches;
    Scene scene(options, node);
    const Address token = scene.chain.add_token({"USD", 6, TokenKind::usdt_like, {}});
    scene.chain.credit(scene.me, u256(1'000'000'000'000'000'000));
    scene.chain.credit_token(token, scene.me, u256(1'000));
    scene.chain.mine(3);
    ChainBench bench = scene.bench(token);
    CHECK(joined(chain_conformance(bench)).empty());
}

TEST_CASE("world: the conformance kit notices a node that forgets and one that is of another chain") {
    const bool forgets = GENERATE(true, false);
    EvmChainOptions options;
    options.block_interval_us = 0;
    EvmNodeOptions node;
    node.drops_taken = forgets ? 10'000 : 0;
    node.chain_id = forgets ? 0 : 5;
    Scene scene(options, node);
    const Address token = scene.chain.add_token({"USD", 6, TokenKind::usdt_like, {}});
    scene.chain.credit(scene.me, u256(1'000'000'000'000'000'000));
    scene.chain.credit_token(token, scene.me, u256(1'000));
    ChainBench bench = scene.bench(token);
    CHECK_FALSE(chain_conformance(bench).empty());
}
