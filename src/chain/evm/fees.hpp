// What a transaction should pay; the formula is in evm.hpp.
#pragma once

#include "chain/evm/node.hpp"

namespace remit::evm {

class Fees {
public:
    using Then = std::function<void(Result<ChainAnswer>)>;

    Fees(const EvmOptions &options, Node &node) : floor_(options.priority_fee_min), node_(node) {}
    void ask(const Then &then);

private:
    void ask_without_history(const u256 &tip, const Then &then);

    const u256 floor_;
    Node &node_;
    bool no_history_ = false;  // the node has no eth_feeHistory
};

}  // namespace remit::evm
