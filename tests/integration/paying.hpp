// What the tests of paying share: a node, a token, a folder with a database, one sender with money, and recipients.
#pragma once

#include "ledger.hpp"
#include "test_database.hpp"

#include <remit/engine.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace remit::testing {

class Folder {
public:
    Folder() {
        std::string path = (std::filesystem::temp_directory_path() / "remit-XXXXXX").string();
        REQUIRE(::mkdtemp(path.data()) != nullptr);
        path_ = path;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
    std::string file(const std::string &name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

// Asks until it is so; false when the time is over. The node is a process of its own: there is no event to wait on.
inline bool until(const std::function<bool()> &so, int timeout_ms = 30'000) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (!so()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

#define REQUIRE_OK(...)                                                                                                \
    do {                                                                                                               \
        auto &&remit_result = (__VA_ARGS__);                                                                           \
        if (!remit_result.ok())                                                                                        \
            FAIL(#__VA_ARGS__ << ": " << remit::status_name(remit_result.error().status) << " "                        \
                              << remit_result.error().field << " " << remit_result.error().text);                      \
    } while (false)

template <class T>
T value_of(Result<T> result) {
    REQUIRE_OK(result);
    return std::move(*result);
}

inline Secret fixed_kek() {
    return Secret::from_text("0123456789abcdef0123456789abcdef");
}

// Opens with the store's keys usable.
inline std::unique_ptr<Engine> open_unlocked(const EngineOptions &options) {
    auto engine = value_of(Engine::open(options));
    REQUIRE_OK(engine->keys().unlock_with_kek(fixed_kek(), 0));
    return engine;
}

inline Address recipient(int i) {
    Address to;
    to.bytes = {0xab, 0xcd};
    to.bytes[18] = static_cast<std::uint8_t>(i / 256);
    to.bytes[19] = static_cast<std::uint8_t>(i % 256);
    return to;
}
inline std::uint64_t amount_of(int i) {
    return 1'000'000 + static_cast<std::uint64_t>(i);
}
// Every seventh is of the chain's own coin.
inline bool is_native(int i) {
    return i % 7 == 3;
}

class Paying {
public:
    explicit Paying(std::vector<std::string> node_args) : node(std::move(node_args)), ledger(node) {
        ledger.deploy_token();
        ChainOptions chain;
        chain.id = 31337;
        chain.rpc = node.url();
        chain.confirmations = 2;
        chain.poll_ms = 50;
        chain.in_flight = 100;
        chain.tokens.push_back({"USDX", ledger.token(), 6, 80'000});
        place.choose(options);
        options.log_level = "warn";
        options.chains.push_back(chain);
        auto engine = open_unlocked(options);
        sender = value_of(engine->keys().create("payer")).address;
        ledger.give_native(sender, 5'000'000'000'000'000'000ULL);
        ledger.give_tokens(sender, 1'000'000'000'000ULL);
    }

    static PayoutRequest request(int i) {
        PayoutRequest request;
        request.external_id = "person-" + std::to_string(i);
        request.chain_id = 31337;
        request.token = is_native(i) ? "native" : "USDX";
        request.to = to_hex(recipient(i));
        request.amount = amount_of(i);
        return request;
    }
    static std::vector<PayoutRequest> requests(int from, int to) {
        std::vector<PayoutRequest> out;
        for (int i = from; i < to; ++i) out.push_back(request(i));
        return out;
    }
    static std::int64_t count(Engine &engine, const char *state) {
        return value_of(engine.payouts().report()).by_state[state];
    }
    static std::int64_t completed(Engine &engine) { return count(engine, "completed"); }

    // By the chain alone: each of the first n was paid once, exactly, and no nonce was lost or left over.
    void audit(int n) const {
        const auto paid = ledger.transfers_of(sender);
        int tokens = 0;
        for (int i = 0; i < n; ++i) {
            const std::string to = to_hex(recipient(i));
            INFO("recipient " << i << " " << to);
            if (is_native(i)) {
                CHECK(ledger.native_of(to) == u256(amount_of(i)));
                CHECK(paid.count(to) == 0);
            } else {
                ++tokens;
                REQUIRE(paid.count(to) == 1);
                CHECK(paid.at(to).first == 1);
                CHECK(paid.at(to).second == u256(amount_of(i)));
                CHECK(ledger.tokens_of(recipient(i)) == u256(amount_of(i)));
            }
        }
        CHECK(paid.size() == static_cast<std::size_t>(tokens));
        CHECK(ledger.nonce_of(sender) == u256(static_cast<std::uint64_t>(n)));
    }

    Folder folder;
    TestDatabase place;
    Anvil node;
    Ledger ledger;
    EngineOptions options;
    Address sender;
};

}  // namespace remit::testing
