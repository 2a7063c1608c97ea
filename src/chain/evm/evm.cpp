#include "chain/evm/evm.hpp"

#include "chain/evm/blocks.hpp"
#include "chain/evm/fees.hpp"
#include "chain/evm/reply.hpp"
#include "chain/evm/sends.hpp"

#include <iterator>

namespace remit::evm {
namespace {

// balanceOf(address)
constexpr std::string_view kBalanceOf = "0x70a08231000000000000000000000000";

// What nodes say when a call would fail on the chain itself. Any other error of an estimate says nothing of the call.
bool would_fail(const RpcError &error) {
    if (error.code == 3) return true;
    for (const char *part :
         {"revert", "out of gas", "gas required exceeds", "insufficient funds", "enough funds", "insufficient balance",
          "invalid opcode", "opcode not defined", "always failing", "VM Exception", "stack underflow", "invalid jump"})
        if (error.message.find(part) != std::string::npos) return true;
    return false;
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

class Evm final : public Chain {
public:
    Evm(const EvmOptions &options, Http &http, Log &log, core::Metrics &metrics) :
        node_(options, http, metrics), sends_(options, node_, log, metrics), fees_(options, node_), blocks_(node_) {}

    void identity(Token token) override;
    void head(Token token) override;
    void block(Token token, std::uint64_t number) override { blocks_.ask(number, finisher(token)); }
    void fees(Token token) override { fees_.ask(finisher(token)); }
    void account(Token token, const Address &who, std::vector<Address> tokens) override;
    void account_at(Token token, const Address &who, std::uint64_t block) override;
    void estimate_gas(Token token, const ChainCall &call) override;
    void code(Token token, const Address &who) override;
    void receipts(Token token, std::vector<Hash32> hashes) override;
    void known(Token token, std::vector<Hash32> hashes) override;
    void send(Token token, std::vector<Bytes> raw, std::vector<Hash32> hashes) override {
        sends_.send(std::move(raw), std::move(hashes),
                    [this, token](ChainSends sent) { finish(token, ChainAnswer(std::move(sent))); });
    }
    void poll(std::vector<ChainOutcome> &out) override {
        node_.poll();
        out.insert(out.end(), std::make_move_iterator(done_.begin()), std::make_move_iterator(done_.end()));
        done_.clear();
    }

private:
    using Read = std::function<Result<ChainAnswer>(std::vector<Reply> &)>;

    void finish(Token token, Result<ChainAnswer> result) {
        if (!result) {
            Error cause = std::move(result).error();
            cause.text = node_.shown(cause.text);
            result = std::move(cause);
        }
        done_.push_back({token, std::move(result)});
    }
    std::function<void(Result<ChainAnswer>)> finisher(Token token) {
        return [this, token](Result<ChainAnswer> result) { finish(token, std::move(result)); };
    }
    void ask(Token token, std::vector<RpcCall> calls, Read read) {
        node_.ask(std::move(calls), [this, token, read = std::move(read)](Result<std::vector<Reply>> result) {
            if (!result) return finish(token, post_error(std::move(result).error()));
            finish(token, read(*result));
        });
    }

    Node node_;
    Sends sends_;
    Fees fees_;
    Blocks blocks_;
    std::vector<ChainOutcome> done_;
};

void Evm::identity(Token token) {
    ask(token, {{"eth_chainId", "[]", Want::quantity}, {"web3_clientVersion", "[]", Want::text}},
        [](std::vector<Reply> &replies) -> Result<ChainAnswer> {
            REMIT_TRY(const std::uint64_t chain_id, take_u64(replies[0], "eth_chainId"));
            const auto *client = std::get_if<std::string>(&replies[1]);  // not every provider tells
            return ChainAnswer(ChainIdentity{chain_id, client != nullptr ? *client : std::string()});
        });
}

void Evm::head(Token token) {
    ask(token, {{"eth_getBlockByNumber", R"(["latest",false])", Want::header}},
        [](std::vector<Reply> &replies) -> Result<ChainAnswer> {
            REMIT_TRY(const Header header, take<Header>(replies[0], "eth_getBlockByNumber"));
            return ChainAnswer(ChainHead{header.number, header.hash, header.timestamp_s});
        });
}

void Evm::account(Token token, const Address &who, std::vector<Address> tokens) {
    const std::string address = to_hex(who);
    const std::string latest = "[" + quoted(address) + R"(,"latest"])";
    std::vector<RpcCall> calls = {{"eth_getTransactionCount", latest, Want::quantity},
                                  {"eth_getTransactionCount", "[" + quoted(address) + R"(,"pending"])", Want::quantity},
                                  {"eth_getBalance", latest, Want::quantity}};
    const std::string data = std::string(kBalanceOf) + address.substr(2);
    for (const Address &contract : tokens)
        calls.push_back({"eth_call",
                         R"([{"to":)" + quoted(to_hex(contract)) + R"(,"data":)" + quoted(data) + R"(},"latest"])",
                         Want::word});
    ask(token, std::move(calls), [tokens = std::move(tokens)](std::vector<Reply> &replies) -> Result<ChainAnswer> {
        ChainAccount account;
        REMIT_TRY(account.nonce_latest, take_u64(replies[0], "eth_getTransactionCount"));
        REMIT_TRY(account.nonce_pending, take_u64(replies[1], "eth_getTransactionCount"));
        REMIT_TRY(account.native, take<u256>(replies[2], "eth_getBalance"));
        for (std::size_t at = 3; at < replies.size(); ++at) {
            REMIT_TRY(const u256 balance, take<u256>(replies[at], "balanceOf at " + to_hex(tokens[at - 3])));
            account.tokens.push_back(balance);
        }
        return ChainAnswer(std::move(account));
    });
}

void Evm::account_at(Token token, const Address &who, std::uint64_t block) {
    ask(token,
        {{"eth_getTransactionCount", "[" + quoted(to_hex(who)) + "," + quoted(to_quantity(block)) + "]",
          Want::quantity}},
        [](std::vector<Reply> &replies) -> Result<ChainAnswer> {
            ChainAccount account;
            REMIT_TRY(account.nonce_latest, take_u64(replies[0], "eth_getTransactionCount"));
            return ChainAnswer(std::move(account));
        });
}

void Evm::estimate_gas(Token token, const ChainCall &call) {
    std::string params = R"([{"from":)" + quoted(to_hex(call.from)) + R"(,"to":)" + quoted(to_hex(call.to)) +
                         R"(,"value":)" + quoted(to_quantity(call.value));
    if (!call.data.empty()) params += R"(,"data":)" + quoted(to_hex(call.data));
    ask(token, {{"eth_estimateGas", params + "}]", Want::quantity}},
        [](std::vector<Reply> &replies) -> Result<ChainAnswer> {
            if (const auto *refusal = std::get_if<RpcError>(&replies[0]))
                return error(would_fail(*refusal) ? Status::refused : Status::network, refusal->message);
            REMIT_TRY(const std::uint64_t gas, take_u64(replies[0], "eth_estimateGas"));
            return ChainAnswer(ChainGas{gas});
        });
}

void Evm::code(Token token, const Address &who) {
    ask(token, {{"eth_getCode", "[" + quoted(to_hex(who)) + R"(,"latest"])", Want::size}},
        [](std::vector<Reply> &replies) -> Result<ChainAnswer> {
            REMIT_TRY(const std::uint64_t size, take_u64(replies[0], "eth_getCode"));
            return ChainAnswer(ChainCode{size});
        });
}

void Evm::receipts(Token token, std::vector<Hash32> hashes) {
    std::vector<RpcCall> calls;
    for (const Hash32 &hash : hashes) calls.push_back({"eth_getTransactionReceipt", hash_params(hash), Want::receipt});
    ask(token, std::move(calls), [](std::vector<Reply> &replies) -> Result<ChainAnswer> {
        ChainReceipts receipts;
        for (Reply &reply : replies) {
            if (std::holds_alternative<Null>(reply)) {
                receipts.emplace_back();
                continue;
            }
            REMIT_TRY(ChainReceipt receipt, take<ChainReceipt>(reply, "eth_getTransactionReceipt"));
            receipts.emplace_back(std::move(receipt));
        }
        return ChainAnswer(std::move(receipts));
    });
}

void Evm::known(Token token, std::vector<Hash32> hashes) {
    std::vector<RpcCall> calls;
    for (const Hash32 &hash : hashes) calls.push_back({"eth_getTransactionByHash", hash_params(hash), Want::presence});
    ask(token, std::move(calls), [](std::vector<Reply> &replies) -> Result<ChainAnswer> {
        ChainKnown known;
        for (Reply &reply : replies) {
            const bool absent = std::holds_alternative<Null>(reply);
            if (!absent && !std::holds_alternative<Present>(reply))
                return reply_error(reply, "eth_getTransactionByHash");
            known.known.push_back(!absent);
        }
        return ChainAnswer(std::move(known));
    });
}

}  // namespace

std::unique_ptr<Chain> make_evm(EvmOptions options, Http &http, Log &log, core::Metrics &metrics) {
    return std::make_unique<Evm>(options, http, log, metrics);
}

}  // namespace remit::evm
