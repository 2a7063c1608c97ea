// The chain's own word on what we hold final.
#pragma once

#include <remit/engine.hpp>
#include <remit/port/chain.hpp>

namespace remit::engine {

// One line for each completed payout (the latest 10,000) whose receipt is not what we hold; a line when the
// node cannot be asked. Uses `chain` alone, with tokens after `token`, and waits by `http`.
Result<std::vector<std::string>> reconcile(Payouts &payouts, Chain &chain, Token &token, Http &http, Clock &clock,
                                           std::uint64_t chain_id);

}  // namespace remit::engine
