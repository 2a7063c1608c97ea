// A node that speaks JSON-RPC 2.0 (single and batch) over a simulated chain, and may lie.
#pragma once

#include <remit/testing/evm_chain.hpp>
#include <remit/testing/network.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace remit::core {
class Json;
}

namespace remit::testing {

struct EvmNodeOptions {
    std::string client = "Geth/v1.16.2-sim/linux-amd64/go1.24";
    bool block_receipts = true;  // eth_getBlockReceipts; off: method not found
    bool fee_history = true;     // eth_feeHistory and eth_maxPriorityFeePerGas
    bool batches = true;         // off: a batch is an error
    // Lies and faults. The rates are out of 10,000.
    std::uint64_t lag_blocks = 0;    // answers as if these last blocks were not there yet
    std::uint64_t flap_blocks = 0;   // each request meets another back end, up to so many more blocks behind
    std::uint64_t chain_id = 0;      // another id than the chain's; 0: the truth
    std::uint32_t drops_taken = 0;   // answers a raw transaction with its hash and forgets it
    std::uint32_t loses_pooled = 0;  // forgets all pooled transactions, at any call
    bool syncing = false;            // refuses raw transactions
};

class EvmNode final : public SimServer {
public:
    EvmNode(EvmChain &chain, std::uint64_t seed, EvmNodeOptions options = {});

    HttpResponse handle(const HttpRequest &request) override;
    EvmNodeOptions &options() noexcept { return options_; }
    // How often each method was answered, batches counted one by one.
    const std::map<std::string, std::uint64_t, std::less<>> &answered() const noexcept { return answered_; }

private:
    struct Methods;
    friend struct Methods;
    std::string answer(const core::Json &call);
    std::uint64_t head_number() const;

    EvmChain &chain_;
    SimRandom random_;
    EvmNodeOptions options_;
    std::uint64_t behind_ = 0;  // of the request that is answered now
    std::map<std::string, std::uint64_t, std::less<>> answered_;
};

}  // namespace remit::testing
