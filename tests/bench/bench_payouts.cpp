// ./dev bench payouts: signing and durable sending against what libsecp256k1 and SQLite can do here
// (limit/payouts_limit.cpp), turn by turn. The node is in this process and answers at once.
//
//   bench_payouts [payouts] [rounds]
#include "crypto/abi.hpp"
#include "crypto/ecdsa.hpp"
#include "crypto/hash.hpp"
#include "crypto/transaction.hpp"
#include "table.hpp"

#include <remit/engine.hpp>
#include <remit/testing/keys.hpp>
#include <remit/testing/random.hpp>

#include <chrono>
#include <cstdlib>
#include <simdjson.h>

using namespace remit;

namespace {

using Steady = std::chrono::steady_clock;
constexpr double kSignSeconds = 0.2;
constexpr double kMostSeconds = 300;  // of one turn
constexpr std::uint64_t kChain = 1'337;
constexpr std::int64_t kBatch = 50;
constexpr const char *kToken = "0xdac17f958d2ee523a2206206994597c13d831ec7";

[[noreturn]] void fail(const std::string &why) {
    std::fprintf(stderr, "bench_payouts: %s\n", why.c_str());
    std::exit(2);
}
template <class T>
T must(Result<T> r) {
    if (!r.ok()) fail(r.error().field + " " + r.error().text);
    return std::move(r).value();
}
void must(const Result<void> &r) {
    if (!r.ok()) fail(r.error().field + " " + r.error().text);
}

double seconds_since(Steady::time_point start) {
    return std::chrono::duration<double>(Steady::now() - start).count();
}

// The `count` numbers that a limit program prints.
std::array<double, 3> limit(const std::string &command, int count) {
    std::array<double, 3> out{};
    FILE *from = popen(command.c_str(), "r");
    if (from == nullptr) fail("cannot run " + command);
    const int got = std::fscanf(from, "%lf %lf %lf", &out[0], &out[1], &out[2]);
    if (pclose(from) != 0 || got != count) fail(command + " failed");
    return out;
}

// A node whose chain stands still. It takes every transaction, and tells the time that it used itself.
class InstantNode final : public Http {
public:
    std::size_t taken() const { return taken_; }
    double seconds() const { return seconds_; }

    void start(Token token, HttpRequest request) override {
        const auto begun = Steady::now();
        HttpResponse response;
        response.status = 200;
        response.body = answer(request.body);
        ready_.push_back({token, std::move(response)});
        seconds_ += seconds_since(begun);
    }
    void poll(std::vector<HttpOutcome> &out) override {
        std::move(ready_.begin(), ready_.end(), std::back_inserter(out));
        ready_.clear();
    }
    void wait(std::int64_t) override {}
    void wake() noexcept override {}
    void cancel(Token token) override {
        std::erase_if(ready_, [token](const HttpOutcome &outcome) { return outcome.token == token; });
    }

private:
    using Element = simdjson::dom::element;

    std::string answer(const std::string &body) {
        Element document;
        if (parser_.parse(body).get(document)) fail("a request is not JSON");
        simdjson::dom::array calls;
        if (document.get(calls)) return answer_one(document);
        std::string out = "[";
        for (const Element call : calls) out.append(out.size() > 1 ? "," : "").append(answer_one(call));
        return out + "]";
    }
    std::string answer_one(const Element &call) {
        std::uint64_t id = 0;
        std::string_view method;
        if (call["id"].get(id) || call["method"].get(method)) fail("a call is not JSON-RPC");
        return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":)" + result_of(method, call) + "}";
    }
    std::string result_of(std::string_view method, const Element &call) {
        static constexpr std::string_view kZeros = "00000000000000000000000000000000";
        const std::string word = "\"0x" + std::string(kZeros) + "00ffffffffffffffffffffffffffffff\"";
        if (method == "eth_sendRawTransaction") return hash_of(call);
        if (method == "eth_chainId") return "\"" + to_quantity(kChain) + "\"";
        if (method == "web3_clientVersion") return "\"instant\"";
        if (method == "eth_getTransactionCount") return "\"0x0\"";
        if (method == "eth_getBalance" || method == "eth_call") return word;
        if (method == "eth_feeHistory")
            return R"({"oldestBlock":"0x63","baseFeePerGas":["0x2540be400","0x2540be400"],"reward":[["0x59682f00"]]})";
        if (method == "eth_getBlockReceipts") return "[]";
        if (method == "eth_getBlockByNumber")
            return R"({"number":"0x64","hash":)" + word + R"(,"parentHash":)" + word +
                   R"(,"timestamp":"0x1","baseFeePerGas":"0x2540be400","transactions":[]})";
        fail("the node has no " + std::string(method));
    }
    std::string hash_of(const Element &call) {
        std::string_view raw;
        if (call["params"].at(0).get(raw)) fail("no raw transaction");
        ++taken_;
        return "\"" + to_hex(crypto::keccak256(must(from_hex(raw, "raw")))) + "\"";
    }

    simdjson::dom::parser parser_;
    std::vector<HttpOutcome> ready_;
    std::size_t taken_ = 0;
    double seconds_ = 0;
};

enum class Keyring { fixed_keys, key_store };

EngineOptions options_of(const std::string &folder) {
    EngineOptions options;
    options.database = folder + "/remit.db";
    options.log_level = "error";
    ChainOptions chain;
    chain.id = kChain;
    chain.rpc = "http://127.0.0.1:1";
    chain.in_flight = 10'000;
    chain.batch = kBatch;
    chain.resend_ms = 3'600'000;
    chain.tokens.push_back({"USDT", kToken, 6, 60'000});
    options.chains.push_back(chain);
    return options;
}

std::vector<PayoutRequest> requests(std::size_t count) {
    testing::SimRandom random(1);
    std::vector<PayoutRequest> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        Address to;
        random.fill(to.bytes);
        out[i].external_id = "order-" + std::to_string(i);
        out[i].chain_id = kChain;
        out[i].token = "USDT";
        out[i].to = to_hex(to);
        out[i].amount = 1'000'000 + i;
    }
    return out;
}

struct Turn {
    double enqueueing = 0;
    double sending = 0;
    double node = 0;  // of sending, what the node took
};

Turn remit_turn(const std::string &folder, std::size_t count, Keyring keyring) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    InstantNode node;
    testing::SimSigner signer(1, 1);
    EnginePorts ports;
    ports.http = &node;
    if (keyring == Keyring::fixed_keys) ports.signer = &signer;
    const auto engine = must(Engine::open(options_of(folder), std::move(ports)));
    if (keyring == Keyring::key_store) {
        must(engine->keys().unlock_with_kek(Secret(32), 0));
        must(engine->keys().create("bench"));
    }
    Turn turn;
    const auto all = requests(count);
    auto start = Steady::now();
    must(engine->payouts().enqueue(all));
    turn.enqueueing = seconds_since(start);
    start = Steady::now();
    const auto sent = [&] {
        return static_cast<std::size_t>(must(engine->payouts().report()).by_status["sent"]) == count;
    };
    while (node.taken() < count || !sent()) {
        must(engine->tick(0));
        if (seconds_since(start) < kMostSeconds) continue;
        fail("only " + std::to_string(node.taken()) + " were sent");
    }
    turn.sending = seconds_since(start);
    turn.node = node.seconds();
    return turn;
}

// One ERC-20 transfer: built, signed, encoded and hashed.
double sign_rate() {
    testing::SimRandom random(1);
    const crypto::Secp256k1 curve(random);
    Secret key(32);
    random.fill({key.data(), key.size()});
    const auto token = must(fixed_from_hex<Address>(kToken, "token"));
    Address to;
    random.fill(to.bytes);
    std::uint64_t nonce = 0;
    const auto start = Steady::now();
    double elapsed = 0;
    for (; elapsed < kSignSeconds; elapsed = seconds_since(start))
        for (int i = 0; i < 100; ++i) {
            crypto::TxFields tx;
            tx.chain_id = kChain;
            tx.nonce = nonce++;
            tx.gas = 60'000;
            tx.max_fee = 21'500'000'000;
            tx.priority_fee = 1'500'000'000;
            tx.to = token;
            tx.data = crypto::abi_transfer(to, nonce);
            const auto made = crypto::assemble(tx, must(curve.sign(key, crypto::signing_digest(tx))));
            if (made.hash.is_zero()) fail("no hash");
        }
    return static_cast<double>(nonce) / elapsed;
}

struct Series {
    std::vector<double> value;
    std::vector<double> ratio;
    void take(double rate, double against = 0) {
        value.push_back(rate);
        if (against > 0) ratio.push_back(rate / against);
    }
};

struct Sends {
    Series before;    // enqueued before
    Series included;  // enqueueing counted in
    void take(double count, const Turn &turn, const Turn *against) {
        const auto both = [](const Turn &t) { return t.enqueueing + t.sending; };
        before.take(count / turn.sending, against != nullptr ? count / against->sending : 0);
        included.take(count / both(turn), against != nullptr ? count / both(*against) : 0);
    }
};

struct Figures {
    Series sync, sign_limit, sign, node;
    Sends limits, fixed_keys, key_store;

    // One round; who goes first changes.
    void measure(const std::string &folder, std::size_t count, bool remit_first) {
        const std::string program = REMIT_PAYOUTS_LIMIT;
        double signing = 0;
        Turn bare, fixed, stored;
        const auto limits_turn = [&] {
            signing = limit(program + " sign " + std::to_string(kSignSeconds), 1)[0];
            const auto seconds =
                limit(program + " send " + folder + " " + std::to_string(count) + " " + std::to_string(kBatch), 2);
            bare = {seconds[0], seconds[1], 0};
        };
        std::filesystem::create_directories(folder);
        sync.take(limit(std::string(REMIT_SQLITE_LIMIT) + " sync " + folder + " 0.1", 3)[0]);
        if (!remit_first) limits_turn();
        const double ours_signing = sign_rate();
        fixed = remit_turn(folder, count, Keyring::fixed_keys);
        stored = remit_turn(folder, count, Keyring::key_store);
        if (remit_first) limits_turn();
        const auto n = static_cast<double>(count);
        sign_limit.take(signing);
        sign.take(ours_signing, signing);
        limits.take(n, bare, nullptr);
        fixed_keys.take(n, fixed, &bare);
        key_store.take(n, stored, &bare);
        node.take(stored.node / n * 1e6);
    }
};

}  // namespace

int main(int argc, char **argv) {
    const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 5'000;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 7;
    if (count < 1 || count > 10'000 || rounds < 1) fail("usage: bench_payouts [payouts, at most 10000] [rounds]");
    const std::string folder = "build/bench/payouts";
    Figures f;
    for (int round = 0; round < rounds; ++round) f.measure(folder, count, round % 2 == 1);
    bench::Table table;
    const auto row = [&](const char *what, const char *against, const Series &s) {
        table.add(what, against, bench::median(s.value), "1/s", bench::median(s.ratio), 0);
    };
    row("fdatasync of 512 bytes", "", f.sync);
    row("limit: sign_recoverable", "", f.sign_limit);
    row("limit: sign and store, batches of 50", "", f.limits.before);
    row("limit: insert, sign and store", "", f.limits.included);
    row("build, sign and hash an ERC-20 transfer", "limit: sign_recoverable", f.sign);
    row("durable sends, fixed keys (host signer)", "limit: sign and store, batches of 50", f.fixed_keys.before);
    row("durable sends with enqueueing, fixed keys", "limit: insert, sign and store", f.fixed_keys.included);
    row("durable sends, key store", "limit: sign and store, batches of 50", f.key_store.before);
    row("durable sends with enqueueing, key store", "limit: insert, sign and store", f.key_store.included);
    table.add("of a durable send, the node of this bench", "", bench::median(f.node.value), "us", 0, 0);
    std::filesystem::remove_all(folder);
    return table.finish("payouts");
}
