#include <remit/port/chain.hpp>

namespace remit {

const char *send_answer_name(SendAnswer answer) noexcept {
    switch (answer) {
    case SendAnswer::accepted: return "accepted";
    case SendAnswer::known: return "known";
    case SendAnswer::nonce_low: return "nonce_low";
    case SendAnswer::nonce_high: return "nonce_high";
    case SendAnswer::replacement_underpriced: return "replacement_underpriced";
    case SendAnswer::underpriced: return "underpriced";
    case SendAnswer::insufficient_funds: return "insufficient_funds";
    case SendAnswer::block_gas: return "block_gas";
    case SendAnswer::intrinsic_gas: return "intrinsic_gas";
    case SendAnswer::base_fee: return "base_fee";
    case SendAnswer::pool_full: return "pool_full";
    case SendAnswer::reserved: return "reserved";
    case SendAnswer::fee_cap: return "fee_cap";
    case SendAnswer::sender: return "sender";
    case SendAnswer::syncing: return "syncing";
    case SendAnswer::rate_limited: return "rate_limited";
    case SendAnswer::other_hash: return "other_hash";
    case SendAnswer::unknown: return "unknown";
    }
    return "unknown";
}

}  // namespace remit
