// Exchanges with a real client, published with the JSON-RPC specification, read through the adapter.
#include "node_fake.hpp"

#include <filesystem>
#include <fstream>

using namespace remit;
using testing::Adapter;

namespace {

struct Exchange {
    std::string name;
    core::Json request;
    core::Json answer;
    std::string members;  // of the answer, as FakeNode wants them
};

std::vector<Exchange> exchanges(const std::string &method) {
    std::vector<Exchange> out;
    for (const auto &entry : std::filesystem::directory_iterator(REMIT_VECTORS "/jsonrpc_io")) {
        const std::string name = entry.path().filename().string();
        if (name.rfind(method + "__", 0) != 0) continue;
        Exchange exchange;
        exchange.name = name;
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);) {
            if (line.rfind(">> ", 0) == 0) exchange.request = *core::Json::parse(line.substr(3));
            if (line.rfind("<< ", 0) != 0) continue;
            exchange.answer = *core::Json::parse(line.substr(3));
            const auto at =
                line.find(line.find("\"error\":{\"code\"") != std::string::npos ? "\"error\"" : "\"result\"");
            exchange.members = line.substr(at, line.rfind('}') - at);
        }
        out.push_back(std::move(exchange));
    }
    REQUIRE(!out.empty());
    return out;
}

// Answers `method` as the exchange did, and checks that it was asked with the same parameter at `at`.
void play(Adapter &adapter, const Exchange &exchange, int at) {
    const std::string method = exchange.request.find("method")->text();
    adapter.node.methods[method] = [&exchange, at](const core::Json &params) {
        if (at >= 0) {
            const auto index = static_cast<std::size_t>(at);
            CHECK(params.items()[index].text() == exchange.request.find("params")->items()[index].text());
        }
        return exchange.members;
    };
}

std::uint64_t number(const core::Json &from, const char *name) {
    return u256_from_quantity(from.find(name)->text(), name)->low();
}
Hash32 hash(const core::Json &from, const char *name) {
    return *fixed_from_hex<Hash32>(from.find(name)->text(), name);
}

}  // namespace

TEST_CASE("chain_evm: real headers are read, whatever fork they are of") {
    for (const Exchange &exchange : exchanges("eth_getBlockByNumber")) {
        INFO(exchange.name);
        Adapter adapter;
        play(adapter, exchange, -1);
        const core::Json &block = *exchange.answer.find("result");
        adapter.chain->head(1);
        if (block.is_null()) {
            CHECK(adapter.error().status == Status::network);
            adapter.chain->block(2, 1000);
            adapter.value<ChainNoBlock>();
            continue;
        }
        const auto head = adapter.value<ChainHead>();
        CHECK(head.number == number(block, "number"));
        CHECK(head.hash == hash(block, "hash"));
        CHECK(head.timestamp_s == number(block, "timestamp"));
    }
}

TEST_CASE("chain_evm: real receipts are read, and those of before Byzantium are no receipts") {
    int before = 0;
    for (const Exchange &exchange : exchanges("eth_getTransactionReceipt")) {
        INFO(exchange.name);
        Adapter adapter;
        play(adapter, exchange, 0);
        const core::Json &receipt = *exchange.answer.find("result");
        auto asked = fixed_from_hex<Hash32>(exchange.request.find("params")->items()[0].text(), "hash");
        adapter.chain->receipts(1, {*asked});
        if (!receipt.is_null() && receipt.find("status") == nullptr) {
            ++before;
            CHECK(adapter.error().status == Status::network);
            continue;
        }
        const auto receipts = adapter.value<ChainReceipts>();
        REQUIRE(receipts.size() == 1);
        REQUIRE(receipts[0].has_value() == !receipt.is_null());
        if (!receipts[0]) continue;
        CHECK(receipts[0]->tx_hash == *asked);
        CHECK(receipts[0]->block_hash == hash(receipt, "blockHash"));
        CHECK(receipts[0]->block_number == number(receipt, "blockNumber"));
        CHECK(receipts[0]->gas_used == number(receipt, "gasUsed"));
        CHECK(receipts[0]->effective_gas_price == u256(number(receipt, "effectiveGasPrice")));
        CHECK(receipts[0]->success == (receipt.find("status")->text() == "0x1"));
        const auto &logs = receipt.find("logs")->items();
        REQUIRE(receipts[0]->logs.size() == logs.size());
        for (std::size_t i = 0; i < logs.size(); ++i) {
            const ChainLog &log = receipts[0]->logs[i];
            CHECK(to_hex(log.address) == logs[i].find("address")->text());
            CHECK(to_hex(log.data) == logs[i].find("data")->text());
            REQUIRE(log.topics.size() == logs[i].find("topics")->items().size());
            for (std::size_t t = 0; t < log.topics.size(); ++t)
                CHECK(to_hex(log.topics[t]) == logs[i].find("topics")->items()[t].text());
        }
    }
    CHECK(before == 3);
}

TEST_CASE("chain_evm: real answers to sends are the hash of what was sent") {
    for (const Exchange &exchange : exchanges("eth_sendRawTransaction")) {
        INFO(exchange.name);
        Adapter adapter;
        play(adapter, exchange, 0);
        auto raw = from_hex(exchange.request.find("params")->items()[0].text(), "raw");
        const Hash32 ours = hash(exchange.answer, "result");
        adapter.chain->send(1, {*raw}, {ours});
        CHECK(adapter.value<ChainSends>()[0].answer == SendAnswer::accepted);
        adapter.chain->send(1, {*raw}, {Hash32{}});
        CHECK(adapter.value<ChainSends>()[0].answer == SendAnswer::other_hash);
    }
}

TEST_CASE("chain_evm: real fee histories, gas estimates, nonces and chain ids are read") {
    for (const Exchange &exchange : exchanges("eth_feeHistory")) {
        Adapter adapter;
        play(adapter, exchange, -1);
        adapter.chain->fees(1);
        const auto fees = adapter.value<ChainFees>();
        CHECK(fees.base_fee == u256(0x342a385a));
        CHECK(fees.priority_fee == u256(1'000'000));
    }
    for (const Exchange &exchange : exchanges("eth_estimateGas")) {
        INFO(exchange.name);
        Adapter adapter;
        play(adapter, exchange, -1);
        adapter.chain->estimate_gas(1, ChainCall{});
        if (const core::Json *failed = exchange.answer.find("error")) {
            const Error error = adapter.error();
            CHECK(error.status == Status::refused);
            CHECK(error.text == failed->find("message")->text());
        } else {
            CHECK(adapter.value<ChainGas>().gas == number(exchange.answer, "result"));
        }
    }
    for (const Exchange &exchange : exchanges("eth_getTransactionCount")) {
        Adapter adapter;
        play(adapter, exchange, 0);
        auto who = fixed_from_hex<Address>(exchange.request.find("params")->items()[0].text(), "who");
        adapter.chain->account_at(1, *who, 5);
        CHECK(adapter.value<ChainAccount>().nonce_latest == number(exchange.answer, "result"));
    }
    for (const Exchange &exchange : exchanges("eth_chainId")) {
        Adapter adapter;
        play(adapter, exchange, -1);
        adapter.chain->identity(1);
        CHECK(adapter.value<ChainIdentity>().chain_id == number(exchange.answer, "result"));
    }
}
