// The Chain port over an EVM node's JSON-RPC 2.0.
#pragma once

#include "core/metrics.hpp"

#include <remit/port/chain.hpp>
#include <remit/port/log.hpp>

#include <memory>
#include <string>
#include <vector>

namespace remit::evm {

// One wording of a node's refusal; see errors.txt.
struct ErrorPattern {
    SendAnswer answer = SendAnswer::unknown;
    std::string fragment;
    std::vector<std::string> unless;
};

struct EvmOptions {
    std::string url;                           // http or https; may hold a key, so it is never shown
    std::uint64_t chain_id = 0;                // names the chain in logs and metrics; identity() asks the node's own
    std::int64_t timeout_ms = 20'000;          // of one post
    std::size_t batch_max = 100;               // calls in one post; at least 1
    u256 priority_fee_min = 1'000'000;         // wei; what a transaction tips at least
    std::vector<ErrorPattern> extra_patterns;  // looked at before the built-in ones
};

// Fees: the base fee is the node's for the next block. The tip is the median, over the last 10 blocks with
// transactions, of what the middle transaction by gas tipped, but at least priority_fee_min. Whoever signs takes
// max fee = 2 * base fee + tip, which holds for six full blocks in a row. A node without eth_feeHistory, or a chain
// without base fee, gives its eth_gasPrice.
//
// Receipts of a block come by eth_getBlockReceipts, and one by one from a node that has none of it.
// The Http is this adapter's alone (HttpRouter shares one) and, as log and metrics, must outlive it.
std::unique_ptr<Chain> make_evm(EvmOptions options, Http &http, Log &log, core::Metrics &metrics);

}  // namespace remit::evm
