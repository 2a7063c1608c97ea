// The chain as an outsider sees it, by plain JSON-RPC: deploys the token, gives money, and audits what was paid. Shares
// nothing with Remit's own adapter but the reading of JSON.
#pragma once

#include "anvil.hpp"

#include "core/json.hpp"

#include <remit/bytes.hpp>
#include <remit/u256.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>

namespace remit::testing {

class Ledger {
public:
    explicit Ledger(const Anvil &node) : node_(node), rich_(json("eth_accounts").items().at(0).text()) {}

    core::Json json(const std::string &method, const std::string &params = "[]") const {
        const std::string answer = node_.rpc(method, params);
        auto parsed = core::Json::parse(answer);
        INFO(method << params.substr(0, 200) << " gave " << answer.substr(0, 400));
        REQUIRE(parsed.ok());
        REQUIRE(parsed->find("error") == nullptr);
        return std::move(*parsed);
    }
    u256 quantity(const std::string &method, const std::string &params = "[]") const {
        auto value = u256_from_quantity(json(method, params).text(), method);
        REQUIRE(value.ok());
        return *value;
    }
    void mine(int blocks = 1) const { json("anvil_mine", "[\"0x" + hex_of(blocks) + "\"]"); }

    // The USDT-like token of the demo, all of it given to the first account of the node.
    const std::string &deploy_token() {
        std::ifstream file(REMIT_TOKEN_CODE);
        std::string code((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        while (!code.empty() && code.back() == '\n') code.pop_back();
        REQUIRE(code.size() > 1000);
        const auto receipt = mined(send("", code + word(u256(1'000'000'000'000'000ULL))));
        token_ = receipt.find("contractAddress")->text();
        return token_;
    }
    const std::string &token() const { return token_; }
    void give_native(const Address &to, std::uint64_t wei) const {
        json("anvil_setBalance", "[\"" + to_hex(to) + "\",\"" + to_quantity(u256(wei)) + "\"]");
    }
    void give_tokens(const Address &to, std::uint64_t units) const {
        mined(send(token_, "0xa9059cbb" + word(to) + word(u256(units))));
    }

    u256 native_of(const std::string &account) const {
        return quantity("eth_getBalance", "[\"" + account + "\",\"latest\"]");
    }
    u256 tokens_of(const Address &account) const {
        return quantity("eth_call",
                        "[{\"to\":\"" + token_ + "\",\"data\":\"0x70a08231" + word(account) + "\"},\"latest\"]");
    }
    u256 nonce_of(const Address &account) const {
        return quantity("eth_getTransactionCount", "[\"" + to_hex(account) + "\",\"latest\"]");
    }
    u256 head() const { return quantity("eth_blockNumber"); }
    std::uint64_t pooled() const {
        auto pending = u256_from_quantity(json("txpool_status").find("pending")->text(), "pending");
        REQUIRE(pending.ok());
        return pending->low();
    }
    // How often and how much `from` paid to each, by the token's Transfer logs: recipient -> (count, sum).
    std::map<std::string, std::pair<int, u256>> transfers_of(const Address &from) const {
        std::map<std::string, std::pair<int, u256>> out;
        const auto logs = json("eth_getLogs", "[{\"fromBlock\":\"0x0\",\"address\":\"" + token_ + "\",\"topics\":[\"" +
                                                  kTransfer + "\",\"0x" + word(from) + "\"]}]");
        for (const auto &log : logs.items()) {
            auto amount = u256_from_quantity(log.find("data")->text(), "data");
            REQUIRE(amount.ok());
            auto &[count, sum] = out["0x" + log.find("topics")->items().at(2).text().substr(26)];
            ++count;
            auto total = add(sum, *amount);
            REQUIRE(total.ok());
            sum = *total;
        }
        return out;
    }

private:
    static constexpr const char *kTransfer = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

    static std::string hex_of(int value) { return to_quantity(u256(static_cast<std::uint64_t>(value))).substr(2); }
    static std::string word(const u256 &value) { return to_hex(to_be_bytes(value)).substr(2); }
    static std::string word(const Address &who) { return std::string(24, '0') + to_hex(who).substr(2); }

    std::string send(const std::string &to, const std::string &data) const {
        const std::string target = to.empty() ? "" : "\"to\":\"" + to + "\",";
        return json("eth_sendTransaction", "[{\"from\":\"" + rich_ + "\"," + target + "\"data\":\"" + data + "\"}]")
            .text();
    }
    // Mines a block itself when the node does not, and insists on success.
    core::Json mined(const std::string &hash) const {
        for (int tries = 0; tries < 200; ++tries) {
            auto receipt = json("eth_getTransactionReceipt", "[\"" + hash + "\"]");
            if (!receipt.is_null()) {
                REQUIRE(receipt.find("status")->text() == "0x1");
                return receipt;
            }
            mine();
        }
        FAIL("transaction " << hash << " was not mined");
        return {};
    }

    const Anvil &node_;
    std::string rich_;
    std::string token_;
};

}  // namespace remit::testing
