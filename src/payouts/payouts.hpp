// Payouts as the engine wires them: the calls of the host (any thread) and one worker per chain (tick thread).
#pragma once

#include "core/metrics.hpp"

#include <remit/payouts.hpp>
#include <remit/port/chain.hpp>
#include <remit/port/clock.hpp>
#include <remit/port/database.hpp>
#include <remit/port/log.hpp>
#include <remit/port/random.hpp>
#include <remit/port/signer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace remit::payouts {

struct TokenConfig {
    std::string symbol;
    Address address;  // zero: the chain's own coin
    int decimals = 18;
    std::uint64_t gas = 0;  // of one transfer; 0: estimated
};

struct ChainConfig {
    std::uint64_t id = 0;
    std::string name;
    std::uint64_t confirmations = 20;
    std::int64_t poll_us = 1'000'000;
    std::int64_t in_flight = 64;
    std::int64_t batch = 50;
    std::int64_t resend_us = 60'000'000;
    u256 max_fee;  // no fee per gas above it is signed, in wei
    std::uint64_t gas_margin_percent = 20;
    std::vector<TokenConfig> tokens;  // the chain's own coin is among them as "native"
    std::vector<Address> senders;     // empty: every key of the signer
};

struct Ports {
    Database &database;
    Clock &clock;
    Random &random;
    Log &log;
    core::Metrics &metrics;
    std::int64_t lease_us = 30'000'000;
    // Called after a change that a worker should look at; any thread.
    std::function<void()> wake;
};

// The host's calls. Borrows `ports` and `chains`.
std::unique_ptr<Payouts> make_payouts(const Ports &ports, const std::vector<ChainConfig> &chains);

// What a lane looks like from outside.
struct LaneView {
    Address sender;
    std::string state;  // "running", "elsewhere", "blocked", "quarantined", "waiting"
    std::string reason;
    std::uint64_t next_nonce = 0;
    std::int64_t in_flight = 0;
    u256 native_balance;
};
struct ChainView {
    std::uint64_t chain_id = 0;
    bool reachable = false;
    std::string problem;
    std::uint64_t head = 0;
    std::int64_t head_seen_us = 0;  // boot clock
    std::vector<LaneView> lanes;
};

// All work on one chain: takes its lanes, signs, posts, confirms. One thread at a time.
class ChainWorker {
public:
    virtual ~ChainWorker() = default;
    // Does what is due; true when something was done. Errors of storage come back; all else is handled inside.
    virtual Result<bool> tick() = 0;
    virtual std::int64_t next_due_us() const = 0;  // boot clock
    // Something was enqueued or asked: look at once. Any thread.
    virtual void poke() = 0;
    // No new signatures while on. `drained` once nothing signed is without an outcome.
    virtual void drain(bool on) = 0;
    virtual bool drained() const = 0;
    // Gives the lanes back so that another process may take them at once.
    virtual void release() = 0;
    virtual ChainView view() const = 0;
};

std::unique_ptr<ChainWorker> make_chain_worker(const Ports &ports, const ChainConfig &config, Chain &chain,
                                               Signer &signer);

std::span<const Migration> migrations();
std::span<const Sql> statements();

}  // namespace remit::payouts
