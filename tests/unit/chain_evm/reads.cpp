#include "node_fake.hpp"

using namespace remit;
using testing::Adapter;
using testing::hash_of;
using testing::header_json;
using testing::quoted;
using testing::receipt_json;

namespace {

const Hash32 kBlock = hash_of(0xb1);
const Hash32 kFork = hash_of(0xb2);

std::string list(const std::vector<std::string> &items) {
    std::string out;
    for (const std::string &item : items) out += (out.empty() ? "[" : ",") + item;
    return out.empty() ? "[]" : out + "]";
}

}  // namespace

TEST_CASE("chain_evm: identity brings the chain id, and the client's name when it is told") {
    Adapter adapter;
    adapter.node.result("eth_chainId", R"("0x7a69")");
    adapter.node.result("web3_clientVersion", R"("anvil/v1.7.1")");
    adapter.node.backwards = true;
    adapter.chain->identity(5);
    auto outcome = adapter.outcome();
    CHECK(outcome.token == 5);
    REQUIRE(outcome.result.ok());
    CHECK(std::get<ChainIdentity>(*outcome.result).chain_id == 31337);
    CHECK(std::get<ChainIdentity>(*outcome.result).client == "anvil/v1.7.1");
    CHECK(adapter.node.requests.size() == 1);
    CHECK(adapter.node.requests[0].effect == EffectClass::pure);
    adapter.node.methods.erase("web3_clientVersion");
    adapter.chain->identity(6);
    CHECK(adapter.value<ChainIdentity>().client.empty());
}

TEST_CASE("chain_evm: an account's nonce and balances come in one post") {
    Adapter adapter;
    Address who, token;
    who.bytes.fill(0x11);
    token.bytes.fill(0x22);
    adapter.node.result("eth_getTransactionCount", R"("0x9")");
    adapter.node.result("eth_getBalance", R"("0xde0b6b3a7640000")");
    adapter.node.methods["eth_call"] = [&](const core::Json &params) {
        CHECK(params.items()[0].find("to")->text() == to_hex(token));
        CHECK(params.items()[0].find("data")->text() == "0x70a08231000000000000000000000000" + std::string(40, '1'));
        return R"("result":"0x)" + std::string(61, '0') + R"(1f4")";
    };
    adapter.chain->account(1, who, {token, token});
    const auto account = adapter.value<ChainAccount>();
    CHECK(account.nonce_latest == 9);
    CHECK(account.nonce_pending == 9);
    CHECK(to_decimal(account.native) == "1000000000000000000");
    REQUIRE(account.tokens.size() == 2);
    CHECK(account.tokens[1] == u256(500));
    CHECK(adapter.node.requests.size() == 1);

    adapter.node.result("eth_call", R"("0x")");
    adapter.chain->account(2, who, {token});
    CHECK(adapter.error().text.find(to_hex(token)) != std::string::npos);

    adapter.node.methods["eth_getTransactionCount"] = [](const core::Json &params) {
        CHECK(params.items()[1].text() == "0x1f");
        return R"("result":"0x3")";
    };
    adapter.chain->account_at(3, who, 31);
    CHECK(adapter.value<ChainAccount>().nonce_latest == 3);
}

TEST_CASE("chain_evm: a block comes with its receipts in one post") {
    Adapter adapter;
    adapter.node.result("eth_getBlockByNumber", header_json(7, kBlock, {hash_of(1), hash_of(2)}));
    adapter.node.result("eth_getBlockReceipts",
                        list({receipt_json(7, kBlock, hash_of(1)), receipt_json(7, kBlock, hash_of(2), false)}));
    adapter.chain->block(1, 7);
    const auto block = adapter.value<ChainBlock>();
    CHECK(block.number == 7);
    CHECK(block.hash == kBlock);
    CHECK(block.parent_hash == hash_of(0xee));
    CHECK(block.timestamp_s == 0x65);
    REQUIRE(block.receipts.size() == 2);
    CHECK(block.receipts[0].success);
    CHECK(!block.receipts[1].success);
    CHECK(block.receipts[1].tx_hash == hash_of(2));
    CHECK(block.receipts[1].gas_used == 21000);
    CHECK(block.receipts[1].effective_gas_price == u256(9));
    REQUIRE(block.receipts[1].logs.size() == 1);
    CHECK(block.receipts[1].logs[0].topics == std::vector<Hash32>{hash_of(2)});
    CHECK(block.receipts[1].logs[0].data == Bytes{1, 2});
    CHECK(block.receipts[1].logs[0].address.bytes[19] == 0xaa);
    CHECK(adapter.node.requests.size() == 1);
}

TEST_CASE("chain_evm: a block that is not there is no error, and an empty one has no receipts") {
    Adapter adapter;
    adapter.node.result("eth_getBlockByNumber", "null");
    adapter.node.result("eth_getBlockReceipts", "null");
    adapter.chain->block(1, 7);
    adapter.value<ChainNoBlock>();
    adapter.node.result("eth_getBlockByNumber", header_json(7, kBlock, {}));
    adapter.chain->block(2, 7);
    CHECK(adapter.value<ChainBlock>().receipts.empty());
}

TEST_CASE("chain_evm: a node without eth_getBlockReceipts is asked receipt by receipt, from then on at once") {
    evm::EvmOptions options;
    options.batch_max = 2;
    Adapter adapter(options);
    adapter.node.result("eth_getBlockByNumber", header_json(7, kBlock, {hash_of(1), hash_of(2), hash_of(3)}));
    adapter.node.methods["eth_getTransactionReceipt"] = [](const core::Json &params) {
        return "\"result\":" + receipt_json(7, kBlock, *fixed_from_hex<Hash32>(params.items()[0].text(), "hash"));
    };
    for (Token token : {Token{1}, Token{2}}) {
        adapter.chain->block(token, 7);
        const auto block = adapter.value<ChainBlock>();
        REQUIRE(block.receipts.size() == 3);
        for (std::uint8_t n = 0; n < 3; ++n)
            CHECK(block.receipts[n].tx_hash == hash_of(static_cast<std::uint8_t>(n + 1)));
    }
    CHECK(adapter.node.calls["eth_getBlockReceipts"] == 1);
    CHECK(adapter.node.calls["eth_getTransactionReceipt"] == 6);
    CHECK(adapter.node.requests.size() == 6);
    adapter.node.error("eth_getBlockReceipts", -32005, "rate limit exceeded");
    Adapter limited;
    limited.node.methods = adapter.node.methods;
    limited.chain->block(1, 7);
    CHECK(limited.error().status == Status::network);
    CHECK(limited.node.calls["eth_getTransactionReceipt"] == 0);
}

TEST_CASE("chain_evm: header and receipts of two forks are asked again, then are an error") {
    const std::string header = header_json(7, kBlock, {hash_of(1)});
    const std::vector<std::string> wrong = {
        list({receipt_json(7, kFork, hash_of(1))}),
        list({receipt_json(7, kBlock, hash_of(2))}),
        list({receipt_json(8, kBlock, hash_of(1))}),
        list({}),
        "null",
    };
    for (const std::string &receipts : wrong) {
        INFO(receipts);
        Adapter adapter;
        int asked = 0;
        adapter.node.result("eth_getBlockByNumber", header);
        adapter.node.methods["eth_getBlockReceipts"] = [&](const core::Json &) {
            return "\"result\":" + (++asked < 3 ? receipts : list({receipt_json(7, kBlock, hash_of(1))}));
        };
        adapter.chain->block(1, 7);
        CHECK(adapter.value<ChainBlock>().receipts.size() == 1);
        CHECK(asked == 3);
        adapter.node.result("eth_getBlockReceipts", receipts);
        adapter.chain->block(2, 7);
        CHECK(adapter.error().status == Status::network);
    }
    Adapter adapter;
    adapter.node.result("eth_getBlockByNumber", header);
    adapter.node.result("eth_getTransactionReceipt", receipt_json(7, kFork, hash_of(1)));
    adapter.chain->block(1, 7);
    CHECK(adapter.error().status == Status::network);
    adapter.node.result("eth_getBlockByNumber", header_json(8, kBlock, {}));
    adapter.chain->block(1, 7);
    CHECK(adapter.error().status == Status::network);
}

TEST_CASE("chain_evm: receipts in another order, and those of a chain's own, still make a block") {
    Adapter adapter;
    adapter.node.result("eth_getBlockByNumber", header_json(7, kBlock, {hash_of(1), hash_of(2)}));
    adapter.node.result("eth_getBlockReceipts",
                        list({receipt_json(7, kBlock, hash_of(2)), receipt_json(7, kBlock, hash_of(1)),
                              receipt_json(7, kBlock, hash_of(3))}));
    adapter.chain->block(1, 7);
    CHECK(adapter.value<ChainBlock>().receipts.size() == 3);
}

TEST_CASE("chain_evm: one damaged receipt makes the block unusable") {
    const std::string good = receipt_json(7, kBlock, hash_of(1));
    for (const auto &[from, to] : std::vector<std::pair<std::string, std::string>>{
             {R"("status":"0x1")", R"("root":"0x1")"},
             {R"("status":"0x1")", R"("status":"0x2")"},
             {R"("status":"0x1")", R"("status":1)"},
             {R"("gasUsed":"0x5208")", R"("gasUsed":"0x10000000000000000")"},
             {R"("data":"0x0102")", R"("data":"0x012")"},
             {R"("logs":)", R"("log":)"},
             {R"("effectiveGasPrice":"0x9")", R"("effectiveGasPrice":9)"}}) {
        std::string bad = good;
        REQUIRE(bad.find(from) != std::string::npos);
        bad.replace(bad.find(from), from.size(), to);
        INFO(bad);
        Adapter adapter;
        adapter.node.result("eth_getBlockByNumber", header_json(7, kBlock, {hash_of(1)}));
        adapter.node.result("eth_getBlockReceipts", list({bad}));
        adapter.chain->block(1, 7);
        CHECK(adapter.error().status == Status::network);
    }
}

TEST_CASE("chain_evm: receipts and known transactions come in the order asked, in batches") {
    evm::EvmOptions options;
    options.batch_max = 2;
    Adapter adapter(options);
    adapter.node.backwards = true;
    adapter.node.methods["eth_getTransactionReceipt"] = [](const core::Json &params) -> std::string {
        const auto hash = *fixed_from_hex<Hash32>(params.items()[0].text(), "hash");
        return "\"result\":" + (hash == hash_of(2) ? "null" : receipt_json(7, kBlock, hash));
    };
    adapter.node.methods["eth_getTransactionByHash"] = [](const core::Json &params) -> std::string {
        return params.items()[0].text() == to_hex(hash_of(3)) ? R"("result":null)" : R"("result":{"nonce":"0x1"})";
    };
    const std::vector<Hash32> hashes = {hash_of(1), hash_of(2), hash_of(3)};
    adapter.chain->receipts(1, hashes);
    const auto receipts = adapter.value<ChainReceipts>();
    REQUIRE(receipts.size() == 3);
    CHECK(receipts[0]->tx_hash == hash_of(1));
    CHECK(!receipts[1]);
    CHECK(receipts[2]->tx_hash == hash_of(3));
    CHECK(adapter.node.requests.size() == 2);
    adapter.chain->known(2, hashes);
    CHECK(adapter.value<ChainKnown>().known == std::vector<bool>{true, true, false});
    adapter.chain->known(3, {});
    CHECK(adapter.value<ChainKnown>().known.empty());
    adapter.node.result("eth_getTransactionByHash", "17");
    adapter.chain->known(4, hashes);
    CHECK(adapter.error().status == Status::network);
}

TEST_CASE("chain_evm: fees are the next block's base fee and the median tip, at least the floor") {
    Adapter adapter;
    const auto history = [&](const std::string &bases, const std::string &rewards) {
        adapter.node.result("eth_feeHistory", R"({"oldestBlock":"0x1","baseFeePerGas":)" + bases +
                                                  R"(,"gasUsedRatio":[0.5],"reward":)" + rewards + "}");
        adapter.chain->fees(1);
        return adapter.value<ChainFees>();
    };
    auto fees = history(R"(["0x10","0x11","0x12"])", R"([["0x77359400"],["0x0"],["0x3b9aca00"],["0xb2d05e00"]])");
    CHECK(fees.eip1559);
    CHECK(fees.base_fee == u256(0x12));
    CHECK(fees.priority_fee == u256(2'000'000'000));
    fees = history(R"(["0x10","0x11"])", R"([["0x0"]])");
    CHECK(fees.priority_fee == u256(1'000'000));
    fees = history(R"(["0x10","0x11"])", "null");
    CHECK(fees.priority_fee == u256(1'000'000));
    CHECK(adapter.node.calls["eth_gasPrice"] == 0);
}

TEST_CASE("chain_evm: without eth_feeHistory or a base fee the gas price is what a transaction pays") {
    Adapter adapter;
    adapter.node.result("eth_gasPrice", R"("0x12a05f200")");
    adapter.node.result("eth_getBlockByNumber", header_json(7, kBlock, {}, true));
    for (Token token : {Token{1}, Token{2}}) {
        adapter.chain->fees(token);
        const auto fees = adapter.value<ChainFees>();
        CHECK(!fees.eip1559);
        CHECK(fees.base_fee.is_zero());
        CHECK(fees.priority_fee == u256(5'000'000'000));
    }
    CHECK(adapter.node.calls["eth_feeHistory"] == 1);

    Adapter old;
    old.node.methods = adapter.node.methods;
    old.node.result("eth_feeHistory", R"({"baseFeePerGas":["0x0","0x0"],"reward":[["0x5f5e100"]]})");
    old.node.result("eth_getBlockByNumber", header_json(7, kBlock, {}, false));
    old.chain->fees(1);
    CHECK(!old.value<ChainFees>().eip1559);
    // A chain whose base fee is always zero.
    old.node.result("eth_getBlockByNumber", header_json(7, kBlock, {}, true));
    old.chain->fees(2);
    const auto fees = old.value<ChainFees>();
    CHECK(fees.eip1559);
    CHECK(fees.base_fee.is_zero());
    CHECK(fees.priority_fee == u256(100'000'000));
}

TEST_CASE("chain_evm: an estimate is refused only when the call would fail, not when the node is unwell") {
    Adapter adapter;
    ChainCall call;
    call.value = u256(255);
    call.data = {1, 2};
    adapter.node.methods["eth_estimateGas"] = [](const core::Json &params) {
        CHECK(params.items()[0].find("value")->text() == "0xff");
        CHECK(params.items()[0].find("data")->text() == "0x0102");
        return R"("result":"0xea60")";
    };
    adapter.chain->estimate_gas(1, call);
    CHECK(adapter.value<ChainGas>().gas == 60'000);
    for (const char *text : {"execution reverted: paused", "gas required exceeds allowance (21000)",
                             "insufficient funds for transfer", "VM Exception while processing transaction"}) {
        adapter.node.error("eth_estimateGas", -32000, text);
        adapter.chain->estimate_gas(2, call);
        const Error error = adapter.error();
        CHECK(error.status == Status::refused);
        CHECK(error.text == text);
    }
    adapter.node.error("eth_estimateGas", 3, "no");
    adapter.chain->estimate_gas(2, call);
    CHECK(adapter.error().status == Status::refused);
    for (const char *text : {"rate limit exceeded", "Internal error", "something new"}) {
        adapter.node.error("eth_estimateGas", -32000, text);
        adapter.chain->estimate_gas(2, call);
        CHECK(adapter.error().status == Status::network);
    }
}

TEST_CASE("chain_evm: code tells how much of it there is") {
    Adapter adapter;
    adapter.node.result("eth_getCode", R"("0x600160")");
    adapter.chain->code(1, Address{});
    CHECK(adapter.value<ChainCode>().size == 3);
    adapter.node.result("eth_getCode", R"("0x")");
    adapter.chain->code(1, Address{});
    CHECK(adapter.value<ChainCode>().size == 0);
}

TEST_CASE("chain_evm: a read that brings nothing usable is Network, and a refusal is Refused") {
    HttpResponse unwell, empty;
    unwell.status = 503;
    empty.status = 200;
    const std::vector<Result<HttpResponse>> answers = {error(Status::network, "refused"),
                                                       error(Status::unknown, "reset"), unwell, empty};
    for (const auto &answer : answers) {
        Adapter adapter;
        adapter.node.post = [&](const HttpRequest &) { return answer; };
        adapter.chain->head(1);
        CHECK(adapter.error().status == Status::network);
        adapter.chain->block(1, 7);
        CHECK(adapter.error().status == Status::network);
        adapter.chain->fees(1);
        CHECK(adapter.error().status == Status::network);
        adapter.chain->receipts(1, {hash_of(1)});
        CHECK(adapter.error().status == Status::network);
    }
    Adapter adapter;
    adapter.node.error("eth_getBlockByNumber", -32000, "forbidden");
    adapter.chain->head(1);
    CHECK(adapter.error().status == Status::refused);
    adapter.node.error("eth_getBlockByNumber", -32000, "Too Many Requests");
    adapter.chain->head(1);
    CHECK(adapter.error().status == Status::network);
}

TEST_CASE("chain_evm: a node that refuses a batch gets smaller ones, down to single calls") {
    for (const std::size_t limit : {std::size_t{3}, std::size_t{1}}) {
        Adapter adapter;
        adapter.node.batch_max = limit;
        adapter.node.result("eth_chainId", R"("0x1")");
        adapter.node.methods["eth_getTransactionByHash"] = [](const core::Json &params) {
            return params.items()[0].text() == to_hex(hash_of(3)) ? R"("result":null)" : R"("result":{})";
        };
        std::vector<Hash32> hashes;
        for (std::uint8_t n = 0; n < 20; ++n) hashes.push_back(hash_of(n));
        adapter.chain->known(1, hashes);
        const auto known = adapter.value<ChainKnown>().known;
        REQUIRE(known.size() == 20);
        for (std::size_t n = 0; n < 20; ++n) CHECK(known[n] == (n != 3));
        adapter.node.requests.clear();
        adapter.chain->known(2, hashes);
        CHECK(adapter.value<ChainKnown>().known.size() == 20);
        CHECK(adapter.node.requests.size() == (limit == 3 ? 10 : 20));
        adapter.chain->identity(3);
        CHECK(adapter.value<ChainIdentity>().chain_id == 1);
    }
}

TEST_CASE("chain_evm: several calls are under way at once, and an adapter that goes cancels them") {
    Adapter adapter;
    adapter.node.result("eth_getBlockByNumber", header_json(7, kBlock, {}));
    adapter.node.result("eth_getCode", R"("0x00")");
    adapter.chain->head(1);
    adapter.chain->code(2, Address{});
    adapter.chain->head(3);
    std::vector<ChainOutcome> out;
    adapter.chain->poll(out);
    REQUIRE(out.size() == 3);
    CHECK(out[1].token == 2);
    CHECK(std::get<ChainHead>(*out[2].result).number == 7);
    adapter.chain->head(4);
    CHECK(adapter.node.under_way() == 1);
    adapter.chain.reset();
    CHECK(adapter.node.under_way() == 0);
}
