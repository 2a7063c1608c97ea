// The adapter, over libcurl, against a real node.
#include "../../integration/anvil.hpp"
#include "../net/server.hpp"
#include "chain/evm/evm.hpp"
#include "crypto/ecdsa.hpp"
#include "crypto/transaction.hpp"

#include <catch2/catch.hpp>

using namespace remit;
using testing::Anvil;

namespace {

// The first account of the mnemonic that every development node funds.
constexpr const char *kKey = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const u256 kEther = 1'000'000'000'000'000'000;

struct Rig {
    Anvil anvil;
    testing::WallClock clock;
    testing::OsRandom random;
    testing::KeptLog log;
    core::Metrics metrics;
    std::unique_ptr<Http> http;
    std::unique_ptr<Chain> chain;
    crypto::Secp256k1 curve{random};
    Secret key;
    Address sender;
    Token next = 1;

    explicit Rig(std::vector<std::string> args = {"--no-mining"}) : anvil(std::move(args)) {
        if (!anvil.running()) FAIL("no " << testing::anvil_program() << ": run ./dev setup");
        auto opened = net::open_curl(
            {.proxy = {}, .ca_file = {}, .clock = &clock, .random = &random, .log = &log, .metrics = &metrics});
        REQUIRE(opened.ok());
        http = std::move(opened).value();
        evm::EvmOptions options;
        options.url = anvil.url();
        options.chain_id = 31337;
        options.timeout_ms = 10'000;
        options.batch_max = 40;
        chain = evm::make_evm(options, *http, log, metrics);
        key = Secret::from_bytes(*from_hex(kKey, "key"));
        sender = *curve.address_of(key);
    }
    Result<ChainAnswer> outcome() {
        std::vector<ChainOutcome> out;
        for (const auto end = clock.boot_us() + 20'000'000; out.empty() && clock.boot_us() < end;) {
            chain->poll(out);
            if (out.empty()) http->wait(1000);
        }
        REQUIRE(out.size() == 1);
        CHECK(out[0].token == next++);
        return std::move(out[0].result);
    }
    template <class T>
    T value() {
        auto result = outcome();
        if (!result) FAIL(result.error().text);
        REQUIRE(std::holds_alternative<T>(*result));
        return std::get<T>(*result);
    }
    crypto::SignedTx pay(std::uint64_t nonce, const u256 &value, u256 max_fee = 3'000'000'000,
                         std::uint64_t gas = 21'000, std::uint64_t chain_id = 31337) const {
        crypto::TxFields fields;
        fields.chain_id = chain_id;
        fields.nonce = nonce;
        fields.gas = gas;
        fields.max_fee = max_fee;
        fields.priority_fee = std::min(max_fee, u256(1'000'000'000));
        fields.to = Address{};
        fields.to->bytes.fill(0x77);
        fields.value = value;
        auto signature = curve.sign(key, crypto::signing_digest(fields));
        REQUIRE(signature.ok());
        return crypto::assemble(fields, *signature);
    }
    ChainSends send(const std::vector<crypto::SignedTx> &txs) {
        std::vector<Bytes> raw;
        std::vector<Hash32> hashes;
        for (const auto &tx : txs) {
            raw.push_back(tx.raw);
            hashes.push_back(tx.hash);
        }
        chain->send(next, raw, hashes);
        return value<ChainSends>();
    }
    std::string answer(const crypto::SignedTx &tx) { return send_answer_name(send({tx})[0].answer); }
    void mine() { CHECK(anvil.rpc("anvil_mine", R"(["0x1"])") == "null"); }
};

}  // namespace

TEST_CASE("chain_evm: a real node tells who it is, its head, its fees and an account") {
    Rig rig;
    rig.chain->identity(rig.next);
    const auto identity = rig.value<ChainIdentity>();
    CHECK(identity.chain_id == 31337);
    CHECK(identity.client.rfind("anvil/", 0) == 0);
    rig.chain->head(rig.next);
    CHECK(rig.value<ChainHead>().number == 0);
    rig.mine();
    rig.chain->head(rig.next);
    CHECK(rig.value<ChainHead>().number == 1);
    rig.chain->fees(rig.next);
    const auto fees = rig.value<ChainFees>();
    CHECK(fees.eip1559);
    CHECK(!fees.base_fee.is_zero());
    CHECK(fees.base_fee < u256(1'000'000'000));
    rig.chain->account(rig.next, rig.sender, {});
    const auto account = rig.value<ChainAccount>();
    CHECK(account.nonce_latest == 0);
    CHECK(account.native == *mul(kEther, 10'000));
    rig.chain->code(rig.next, rig.sender);
    CHECK(rig.value<ChainCode>().size == 0);
    rig.chain->block(rig.next, 1000);
    rig.value<ChainNoBlock>();
}

TEST_CASE("chain_evm: a batch on a real node is taken, mined and read back, receipt by receipt") {
    Rig rig;
    std::vector<crypto::SignedTx> txs;
    std::vector<Hash32> hashes;
    for (std::uint64_t nonce = 0; nonce < 100; ++nonce) {
        txs.push_back(rig.pay(nonce, kEther));
        hashes.push_back(txs.back().hash);
    }
    for (const ChainSent &sent : rig.send(txs)) CHECK(sent.answer == SendAnswer::accepted);
    for (const ChainSent &sent : rig.send(txs)) CHECK(sent.answer == SendAnswer::known);
    hashes.push_back(Hash32{});
    rig.chain->known(rig.next, hashes);
    const auto known = rig.value<ChainKnown>().known;
    CHECK(std::count(known.begin(), known.end(), true) == 100);
    CHECK(!known.back());
    rig.mine();
    rig.chain->block(rig.next, 1);
    const auto block = rig.value<ChainBlock>();
    REQUIRE(block.receipts.size() == 100);
    for (std::size_t i = 0; i < 100; ++i) {
        CHECK(block.receipts[i].tx_hash == hashes[i]);
        CHECK(block.receipts[i].success);
        CHECK(block.receipts[i].gas_used == 21'000);
    }
    rig.chain->receipts(rig.next, hashes);
    const auto receipts = rig.value<ChainReceipts>();
    REQUIRE(receipts.size() == 101);
    CHECK(receipts[99]->block_hash == block.hash);
    CHECK(!receipts[100]);
    rig.chain->account_at(rig.next, rig.sender, 0);
    CHECK(rig.value<ChainAccount>().nonce_latest == 0);
    rig.chain->account_at(rig.next, rig.sender, 1);
    CHECK(rig.value<ChainAccount>().nonce_latest == 100);
}

TEST_CASE("chain_evm: a real node's refusals are sorted") {
    Rig rig;
    const auto first = rig.pay(0, 1);
    CHECK(rig.answer(first) == "accepted");
    CHECK(rig.answer(first) == "known");
    CHECK(rig.answer(rig.pay(0, 1, 2'000'000'000)) == "replacement_underpriced");
    rig.mine();
    CHECK(rig.answer(first) == "nonce_low");
    CHECK(rig.answer(rig.pay(1, *mul(kEther, 20'000))) == "insufficient_funds");
    CHECK(rig.answer(rig.pay(1, 1, 3'000'000'000, 20'000)) == "intrinsic_gas");
    CHECK(rig.answer(rig.pay(1, 1, 3'000'000'000, 40'000'000)) == "block_gas");
    CHECK(rig.answer(rig.pay(1, 1, 10)) == "base_fee");
    CHECK(rig.answer(rig.pay(1, 1, 3'000'000'000, 21'000, 5)) == "sender");
    auto broken = rig.pay(1, 1);
    broken.raw.resize(20);
    CHECK(rig.answer(broken) == "sender");
    CHECK(rig.answer(rig.pay(1, 1)) == "accepted");
    CHECK(rig.metrics.text().find("remit_chain_unsorted_errors_total") == std::string::npos);
}

TEST_CASE("chain_evm: a real node estimates gas, and refuses a call that would revert with its reason") {
    Rig rig;
    ChainCall call;
    call.from = rig.sender;
    call.to.bytes.fill(0x77);
    call.value = 1;
    rig.chain->estimate_gas(rig.next, call);
    CHECK(rig.value<ChainGas>().gas == 21'000);
    // Code that reverts with Error("no"): it copies its own tail of 100 bytes and reverts with them.
    rig.anvil.rpc("anvil_setCode",
                  R"(["0x7777777777777777777777777777777777777777","0x6064600c60003960646000fd08c379a0)" +
                      std::string(62, '0') + "20" + std::string(63, '0') + "2" + "6e6f" + std::string(60, '0') + "\"]");
    rig.chain->estimate_gas(rig.next, call);
    auto refused = rig.outcome();
    REQUIRE(!refused.ok());
    CHECK(refused.error().status == Status::refused);
    CHECK(refused.error().text.find("no") != std::string::npos);
    rig.chain->code(rig.next, call.to);
    CHECK(rig.value<ChainCode>().size == 112);
}

TEST_CASE("chain_evm: while a real node is down, reads are Network and sends unknown; then it is found again") {
    Rig rig;
    rig.anvil.stop();
    CHECK(rig.answer(rig.pay(0, 1)) == "unknown");
    rig.chain->head(rig.next);
    CHECK(rig.outcome().status() == Status::network);
    rig.anvil.restart();
    REQUIRE(rig.anvil.running());
    CHECK(rig.answer(rig.pay(0, 1)) == "accepted");
}

TEST_CASE("chain_evm: after a real reorganisation a block comes with the receipts of its own fork") {
    Rig rig;
    const auto tx = rig.pay(0, 1);
    CHECK(rig.answer(tx) == "accepted");
    rig.mine();
    rig.mine();
    rig.chain->block(rig.next, 1);
    const auto before = rig.value<ChainBlock>();
    CHECK(before.receipts.size() == 1);
    rig.anvil.rpc("anvil_reorg", "[2, []]");
    rig.chain->block(rig.next, 1);
    const auto after = rig.value<ChainBlock>();
    CHECK(after.hash != before.hash);
    CHECK(after.receipts.empty());
    rig.chain->receipts(rig.next, {tx.hash});
    CHECK(!rig.value<ChainReceipts>()[0]);
}
