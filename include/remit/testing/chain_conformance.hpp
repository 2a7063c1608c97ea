// What any Chain adapter must keep, tried on a node of the caller's: a simulated one, anvil, a test network.
#pragma once

#include <remit/port/chain.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace remit::testing {

// What the kit needs. The sender holds coin and some of the token, has nothing pooled, and is used by nobody else.
struct ChainBench {
    Chain &chain;
    std::uint64_t chain_id = 0;
    Address sender;
    Address token;     // an ERC-20 contract
    Address stranger;  // an account that never was used
    struct Signed {
        Bytes raw;
        Hash32 hash;
    };
    // The sender's plain transfer of `value` wei to the stranger, at these fees.
    std::function<Result<Signed>(std::uint64_t nonce, const u256 &value, const ChainFees &fees)> sign;
    std::function<void()> mine;  // one block with what is pooled; returns when the node has it
    std::function<void()> step;  // lets a little time pass between two polls
    int steps_max = 20'000;      // of one call
};

// The promises that are broken, in words; empty is good. Spends a few thousand wei and a few nonces.
std::vector<std::string> chain_conformance(ChainBench &bench);

}  // namespace remit::testing
