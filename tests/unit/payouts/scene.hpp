// A world with one USDT-like token, funded senders, and shorthand for paying in it.
#pragma once

#include <catch2/catch.hpp>
#include <remit/testing/world.hpp>

namespace scene {

using namespace remit;
using testing::World;
using testing::WorldOptions;

inline constexpr std::int64_t kSecond = 1'000'000;

inline u256 coins(std::uint64_t n) {
    return *mul(u256(n), u256(1'000'000'000'000'000'000ULL));
}

inline WorldOptions options(std::uint64_t seed = 1) {
    WorldOptions o;
    o.seed = seed;
    o.chain.block_interval_us = 2 * kSecond;
    o.tokens.push_back({"USDT", 6, testing::TokenKind::usdt_like, {}});
    o.coin_each = coins(100);
    o.tokens_each = u256(1'000'000'000'000);
    return o;
}

inline std::unique_ptr<World> world(WorldOptions o = options()) {
    auto made = World::make(std::move(o));
    REQUIRE(made.ok());
    return std::move(*made);
}

inline Address payee(std::uint64_t n) {
    Address a;
    a.bytes[0] = 0xBB;
    for (int i = 0; i < 8; ++i) a.bytes[static_cast<std::size_t>(19 - i)] = static_cast<std::uint8_t>(n >> (8 * i));
    return a;
}

inline PayoutRequest request(std::uint64_t n, std::uint64_t amount = 1'000) {
    PayoutRequest r;
    r.external_id = "inv-" + std::to_string(n);
    r.chain_id = 31337;
    r.token = "USDT";
    r.to = to_hex(payee(n));
    r.amount = u256(amount);
    return r;
}

inline std::vector<PayoutRequest> requests(std::uint64_t count) {
    std::vector<PayoutRequest> all;
    for (std::uint64_t n = 1; n <= count; ++n) all.push_back(request(n, n));
    return all;
}

inline std::int64_t count(World &w, PayoutStatus status) {
    const auto report = w.engine().payouts().report();
    REQUIRE(report.ok());
    return report->by_status.at(payout_status_name(status));
}

inline Payout find(World &w, std::uint64_t n) {
    auto p = w.engine().payouts().find("", "inv-" + std::to_string(n));
    REQUIRE(p.ok());
    return *p;
}

inline bool run_until(World &w, const std::function<bool()> &done, std::int64_t max_s = 300) {
    return w.run_until(done, max_s * kSecond).ok();
}

// How often the token moved to the payee on the canonical chain.
inline int times_paid(World &w, std::uint64_t n) {
    int times = 0;
    for (const auto &t : w.chain().transfers())
        if (t.to == payee(n)) ++times;
    return times;
}

inline std::vector<std::string> event_types(World &w, const std::string &subject_prefix) {
    std::vector<std::string> types;
    auto events = w.engine().events().next("test", 10'000);
    REQUIRE(events.ok());
    for (const Event &e : *events)
        if (e.subject.starts_with(subject_prefix)) types.push_back(e.type);
    return types;
}

}  // namespace scene
