#include "node_fake.hpp"

using namespace remit;
using testing::Adapter;
using testing::hash_of;
using testing::quoted;

namespace {

struct Batch {
    std::vector<Bytes> raw;
    std::vector<Hash32> hashes;
    explicit Batch(std::uint8_t count) {
        for (std::uint8_t n = 1; n <= count; ++n) {
            raw.push_back({0x02, n});
            hashes.push_back(hash_of(n));
        }
    }
};

// A node that takes everything: the hash of 0x02NN is NN thirty-two times.
void take_all(Adapter &adapter) {
    adapter.node.methods["eth_sendRawTransaction"] = [](const core::Json &params) {
        auto raw = from_hex(params.items()[0].text(), "raw");
        return "\"result\":" + quoted(to_hex(hash_of(raw->at(1))));
    };
}

ChainSends send(Adapter &adapter, std::uint8_t count) {
    Batch batch(count);
    adapter.chain->send(1, batch.raw, batch.hashes);
    auto sends = adapter.value<ChainSends>();
    REQUIRE(sends.size() == count);
    for (std::size_t i = 0; i < sends.size(); ++i) CHECK(sends[i].hash == batch.hashes[i]);
    return sends;
}

Result<HttpResponse> http(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

}  // namespace

TEST_CASE("chain_evm: a batch goes out in order and each answer finds its transaction, in whatever order they come") {
    Adapter adapter;
    take_all(adapter);
    adapter.node.backwards = true;
    for (const ChainSent &sent : send(adapter, 5)) CHECK(sent.answer == SendAnswer::accepted);
    REQUIRE(adapter.node.requests.size() == 1);
    const HttpRequest &request = adapter.node.requests[0];
    CHECK(request.effect == EffectClass::queryable);
    auto body = core::Json::parse(request.body);
    REQUIRE(body->items().size() == 5);
    for (std::size_t i = 0; i < 5; ++i)
        CHECK(body->items()[i].find("params")->items()[0].text() == "0x020" + std::to_string(i + 1));
}

TEST_CASE("chain_evm: more transactions than a post may have go out in several posts, one after another") {
    evm::EvmOptions options;
    options.batch_max = 4;
    Adapter adapter(options);
    take_all(adapter);
    Batch batch(10);
    adapter.chain->send(1, batch.raw, batch.hashes);
    CHECK(adapter.node.under_way() == 1);
    for (const ChainSent &sent : adapter.value<ChainSends>()) CHECK(sent.answer == SendAnswer::accepted);
    CHECK(adapter.node.requests.size() == 3);
    CHECK(adapter.node.calls["eth_sendRawTransaction"] == 10);
}

TEST_CASE("chain_evm: each refusal of a batch is sorted on its own, and told in the node's words") {
    Adapter adapter;
    adapter.node.methods["eth_sendRawTransaction"] = [](const core::Json &params) -> std::string {
        switch (from_hex(params.items()[0].text(), "raw")->at(1)) {
        case 1: return "\"result\":" + quoted(to_hex(hash_of(1)));
        case 2: return R"("error":{"code":-32000,"message":"nonce too low: next nonce 8, tx nonce 5"})";
        case 3: return R"("error":{"code":-32603,"message":"oops","data":"already known"})";
        case 4: return R"("error":{"code":-32603,"message":"oops","data":{"message":"txpool is full"}})";
        case 5: return "\"result\":" + quoted(to_hex(hash_of(9)));
        case 6: return R"("result":null)";
        case 7: return R"("error":null,"result":)" + quoted(to_hex(hash_of(7)));
        case 8: return R"("error":{"code":-32000,"message":"the sequencer is having lunch"})";
        default: return {};
        }
    };
    const ChainSends sends = send(adapter, 9);
    using A = SendAnswer;
    const std::vector<A> right = {A::accepted, A::nonce_low, A::known,   A::pool_full, A::other_hash,
                                  A::unknown,  A::accepted,  A::unknown, A::unknown};
    for (std::size_t i = 0; i < right.size(); ++i) CHECK(sends[i].answer == right[i]);
    CHECK(sends[1].text == "nonce too low: next nonce 8, tx nonce 5");
    CHECK(sends[4].text.find(to_hex(hash_of(9))) != std::string::npos);
    CHECK(sends[7].text == "the sequencer is having lunch");
    CHECK(!sends[8].text.empty());
    CHECK(adapter.metrics.text().find(R"(text="the sequencer is having lunch")") != std::string::npos);
    CHECK(adapter.log.text.find("chain.unsorted_error chain=31337 code=-32000 text=the sequencer is having lunch") !=
          std::string::npos);
    CHECK(adapter.log.text.find("chain.other_hash") != std::string::npos);
}

TEST_CASE("chain_evm: whatever is no clear answer leaves every transaction of a send unknown") {
    const std::string ours = quoted(to_hex(hash_of(1)));
    const std::vector<Result<HttpResponse>> answers = {
        error(Status::network, "http://node.example:80: refused"),
        error(Status::unknown, "http://node.example:80: timed out"),
        http(500, R"({"jsonrpc":"2.0","id":1,"result":)" + ours + "}"),
        http(502, "<html>bad gateway</html>"),
        http(204, ""),
        http(200, ""),
        http(200, "<html>login</html>"),
        http(200, "OK"),
        http(200, "12"),
        http(200, "[]"),
        http(200, "{}"),
        http(200, "null"),
        http(200, R"([{"jsonrpc":"2.0","id":1,"result":)" + ours),
        http(200, R"({"jsonrpc":"2.0","id":1,"result":)" + ours + "} trailing"),
        http(200, R"({"jsonrpc":"2.0","id":77,"result":)" + ours + "}"),
        http(200, R"({"jsonrpc":"2.0","id":"1","result":)" + ours + "}"),
        http(200, R"({"jsonrpc":"2.0","result":)" + ours + "}"),
        http(200, R"({"jsonrpc":"2.0","id":1})"),
        http(200, R"({"jsonrpc":"2.0","id":1,"result":null})"),
        http(200, R"({"jsonrpc":"2.0","id":1,"result":5})"),
        http(200, R"({"jsonrpc":"2.0","id":1,"result":"0x12"})"),
        http(200, R"({"jsonrpc":"2.0","id":1,"error":"nonce too low"})"),
        http(200, R"([{"id":1,"result":)" + ours + R"(},{"id":1,"result":)" + ours + "}]"),
        http(200, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what was that"}})"),
    };
    for (std::size_t i = 0; i < answers.size(); ++i) {
        INFO("answer " << i);
        Adapter adapter;
        adapter.node.post = [&](const HttpRequest &) { return answers[i]; };
        const ChainSends sends = send(adapter, 1);
        CHECK(sends[0].answer == SendAnswer::unknown);
        CHECK(!sends[0].text.empty());
        CHECK(adapter.node.requests.size() == 1);
    }
}

TEST_CASE("chain_evm: after a post without answer the later ones are not sent, and are unknown") {
    evm::EvmOptions options;
    options.batch_max = 2;
    Adapter adapter(options);
    int posts = 0;
    adapter.node.post = [&](const HttpRequest &) -> Result<HttpResponse> {
        if (++posts == 2) return error(Status::unknown, "http://node.example:80: reset");
        return http(200, R"([{"id":1,"result":)" + quoted(to_hex(hash_of(1))) + R"(},{"id":2,"result":)" +
                             quoted(to_hex(hash_of(2))) + "}]");
    };
    const ChainSends sends = send(adapter, 6);
    CHECK(posts == 2);
    CHECK(sends[1].answer == SendAnswer::accepted);
    for (std::size_t i = 2; i < 6; ++i) CHECK(sends[i].answer == SendAnswer::unknown);
    CHECK(sends[5].text.find("not sent") == 0);
}

TEST_CASE("chain_evm: a node that wants fewer calls is told apart") {
    Adapter adapter;
    adapter.node.post = [](const HttpRequest &) { return http(429, "slow down"); };
    for (const ChainSent &sent : send(adapter, 3)) CHECK(sent.answer == SendAnswer::rate_limited);
    adapter.node.post = [](const HttpRequest &) {
        return http(200, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"rate limit exceeded"}})");
    };
    for (const ChainSent &sent : send(adapter, 3)) CHECK(sent.answer == SendAnswer::rate_limited);
}

TEST_CASE("chain_evm: a batch that the node refuses as a whole goes out in smaller ones, still in order") {
    Adapter adapter;
    take_all(adapter);
    adapter.node.batch_max = 3;
    for (const ChainSent &sent : send(adapter, 20)) CHECK(sent.answer == SendAnswer::accepted);
    CHECK(adapter.node.calls["eth_sendRawTransaction"] == 20);
    CHECK(adapter.node.requests.size() == 3 + 10);
}

TEST_CASE("chain_evm: sending nothing answers with nothing") {
    Adapter adapter;
    CHECK(send(adapter, 0).empty());
    CHECK(adapter.node.requests.empty());
}

TEST_CASE("chain_evm: extra patterns sort what the built-in ones do not know") {
    evm::EvmOptions options;
    options.extra_patterns = {{SendAnswer::syncing, "having lunch", {}}};
    Adapter adapter(options);
    adapter.node.error("eth_sendRawTransaction", -1, "The sequencer is having LUNCH");
    CHECK(send(adapter, 1)[0].answer == SendAnswer::syncing);
}

TEST_CASE("chain_evm: a node's words are cut, cleaned and rid of the URL's key before anyone sees them") {
    evm::EvmOptions options;
    options.url = "https://user:passw0rd@node.example/v3/0123456789abcdef?token=hunter2hunter2";
    Adapter adapter(options);
    const std::string words = "no such project 0123456789abcdef\\nfor hunter2hunter2, passw0rd ";
    adapter.node.error("eth_sendRawTransaction", -1, words + std::string(400, 'x'));
    adapter.node.error("eth_getCode", -1, words);
    const ChainSends sends = send(adapter, 1);
    CHECK(sends[0].text.size() == 300);
    CHECK(sends[0].text.rfind("no such project *** for ***, *** xxx", 0) == 0);
    adapter.chain->code(1, Address{});
    const std::string shown = adapter.error().text + adapter.log.text + adapter.metrics.text();
    for (const char *secret : {"0123456789abcdef", "hunter2", "passw0rd"})
        CHECK(shown.find(secret) == std::string::npos);
}

TEST_CASE("chain_evm: wordings that differ in numbers share a metric, and there are only so many of them") {
    Adapter adapter;
    for (int i = 0; i < 40; ++i) {
        const std::string odd(static_cast<std::size_t>(i), 'z');
        adapter.node.error("eth_sendRawTransaction", -1,
                           "odd 0xab" + std::to_string(i) + " thing " + std::to_string(i));
        send(adapter, 1);
        adapter.node.error("eth_sendRawTransaction", -1, "own " + odd);
        send(adapter, 1);
    }
    const std::string text = adapter.metrics.text();
    CHECK(text.find("text=\"odd # thing #\"} 40") != std::string::npos);
    CHECK(text.find("text=\"(others)\"} 9") != std::string::npos);
}
