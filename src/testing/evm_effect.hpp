// What a call would do to the simulated chain, before it is done.
#pragma once

#include <remit/testing/evm_chain.hpp>

namespace remit::testing {

struct EvmChain::Effect {
    struct Move {
        Address token;  // zero: the coin
        Address from, to;
        u256 amount;
    };
    bool reverted = false;
    std::uint64_t gas = 0;
    Bytes returned;
    std::vector<Move> moves;
    std::vector<SimLog> logs;
};

}  // namespace remit::testing
