// A node of the tests' own behind the Http port: it answers what the test says, method by method.
#pragma once

#include "chain/evm/evm.hpp"
#include "core/json.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <map>

namespace remit::testing {

class KeptLog final : public Log {
public:
    void write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) noexcept override {
        text.append(event);
        for (const LogField &field : fields) text.append(" ").append(field.name).append("=").append(field.value);
        text += '\n';
    }
    std::string text;
};

class FakeNode final : public Http {
public:
    // The answer's members beside jsonrpc and id, as R"("result":"0x1")"; "" leaves the call out of the batch.
    using Method = std::function<std::string(const core::Json &params)>;
    // In place of all of the above.
    using Post = std::function<Result<HttpResponse>(const HttpRequest &request)>;

    std::map<std::string, Method> methods;
    Post post;
    std::size_t batch_max = 1000;
    bool backwards = false;  // a batch's answers in the opposite order
    std::vector<HttpRequest> requests;
    std::map<std::string, int> calls;

    void result(const std::string &method, const std::string &json) {
        methods[method] = [json](const core::Json &) { return "\"result\":" + json; };
    }
    void error(const std::string &method, int code, const std::string &message) {
        methods[method] = [code, message](const core::Json &) {
            return "\"error\":{\"code\":" + std::to_string(code) + ",\"message\":\"" + message + "\"}";
        };
    }

    void start(Token token, HttpRequest request) override {
        requests.push_back(request);
        under_way_.emplace_back(token, std::move(request));
    }
    void poll(std::vector<HttpOutcome> &out) override {
        auto now = std::move(under_way_);
        under_way_.clear();
        for (auto &[token, request] : now) out.push_back({token, post ? post(request) : answer(request)});
    }
    void wait(std::int64_t) override {}
    void wake() noexcept override {}
    void cancel(Token token) override {
        std::erase_if(under_way_, [token](const auto &call) { return call.first == token; });
    }
    std::size_t under_way() const { return under_way_.size(); }

private:
    Result<HttpResponse> answer(const HttpRequest &request) {
        auto body = core::Json::parse(request.body);
        REQUIRE(body.ok());
        HttpResponse response;
        response.status = 200;
        if (body->kind() == core::Json::Kind::object) {
            response.body = answer_call(*body);
            return response;
        }
        if (body->items().size() > batch_max) {
            response.body = R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"batch too large"}})";
            return response;
        }
        std::deque<std::string> answers;
        for (const core::Json &call : body->items())
            if (std::string one = answer_call(call); !one.empty())
                backwards ? answers.push_front(one) : answers.push_back(one);
        for (const std::string &one : answers) response.body += (response.body.empty() ? "[" : ",") + one;
        response.body += response.body.empty() ? "[]" : "]";
        return response;
    }
    std::string answer_call(const core::Json &call) {
        CHECK(call.find("jsonrpc")->text() == "2.0");
        const std::string method = call.find("method")->text();
        ++calls[method];
        const auto at = methods.find(method);
        const std::string members = at == methods.end() ? R"("error":{"code":-32601,"message":"the method )" + method +
                                                              R"( does not exist/is not available"})"
                                                        : at->second(*call.find("params"));
        if (members.empty()) return {};
        return R"({"jsonrpc":"2.0","id":)" + call.find("id")->text() + "," + members + "}";
    }

    std::vector<std::pair<Token, HttpRequest>> under_way_;
};

// An adapter over a FakeNode.
struct Adapter {
    FakeNode node;
    KeptLog log;
    core::Metrics metrics;
    std::unique_ptr<Chain> chain;

    explicit Adapter(evm::EvmOptions options = {}) {
        if (options.url.empty()) options.url = "http://node.example/";
        options.chain_id = 31337;
        chain = evm::make_evm(std::move(options), node, log, metrics);
    }
    // Polls until the one call under way has its outcome.
    ChainOutcome outcome() {
        std::vector<ChainOutcome> out;
        for (int i = 0; i < 100 && out.empty(); ++i) chain->poll(out);
        REQUIRE(out.size() == 1);
        return std::move(out[0]);
    }
    template <class T>
    T value() {
        auto outcome = this->outcome();
        if (!outcome.result) FAIL(outcome.result.error().text);
        REQUIRE(std::holds_alternative<T>(*outcome.result));
        return std::get<T>(*outcome.result);
    }
    Error error() {
        auto outcome = this->outcome();
        REQUIRE(!outcome.result.ok());
        return outcome.result.error();
    }
};

inline Hash32 hash_of(std::uint8_t n) {
    Hash32 hash;
    hash.bytes.fill(n);
    return hash;
}
inline std::string quoted(const std::string &text) {
    return "\"" + text + "\"";
}

inline std::string header_json(std::uint64_t number, const Hash32 &hash, const std::vector<Hash32> &txs,
                               bool base_fee = true) {
    std::string list;
    for (const Hash32 &tx : txs) list += (list.empty() ? "" : ",") + quoted(to_hex(tx));
    return R"({"number":)" + quoted(to_quantity(number)) + R"(,"hash":)" + quoted(to_hex(hash)) + R"(,"parentHash":)" +
           quoted(to_hex(hash_of(0xee))) + R"(,"timestamp":"0x65","transactions":[)" + list + "]" +
           (base_fee ? R"(,"baseFeePerGas":"0x7"})" : "}");
}
inline std::string receipt_json(std::uint64_t number, const Hash32 &block, const Hash32 &tx, bool success = true) {
    return R"({"blockHash":)" + quoted(to_hex(block)) + R"(,"blockNumber":)" + quoted(to_quantity(number)) +
           R"(,"transactionHash":)" + quoted(to_hex(tx)) + R"(,"status":)" + (success ? R"("0x1")" : R"("0x0")") +
           R"(,"gasUsed":"0x5208","effectiveGasPrice":"0x9","logs":[{"address":"0x00000000000000000000000000000000000000aa",)"
           R"("topics":[)" +
           quoted(to_hex(tx)) + R"(],"data":"0x0102"}]})";
}

}  // namespace remit::testing
