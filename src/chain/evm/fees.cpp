#include "chain/evm/fees.hpp"

#include "chain/evm/reply.hpp"

#include <algorithm>

namespace remit::evm {
namespace {

// The lower middle of what is not zero; a block without transactions says 0.
u256 median(std::vector<u256> rewards) {
    std::erase(rewards, u256());
    if (rewards.empty()) return {};
    const auto middle = rewards.begin() + static_cast<std::ptrdiff_t>((rewards.size() - 1) / 2);
    std::nth_element(rewards.begin(), middle, rewards.end());
    return *middle;
}

}  // namespace

void Fees::ask(const Then &then) {
    if (no_history_) return ask_without_history(floor_, then);
    node_.ask({{"eth_feeHistory", R"(["0xa","latest",[50]])", Want::fee_history}},
              [this, then](Result<std::vector<Reply>> result) {
                  if (!result) return then(post_error(std::move(result).error()));
                  Reply &reply = result->front();
                  const auto *refusal = std::get_if<RpcError>(&reply);
                  no_history_ = refusal != nullptr && is_unsupported(*refusal);
                  if (no_history_) return ask_without_history(floor_, then);
                  auto history = take<FeeHistory>(reply, "eth_feeHistory");
                  if (!history) return then(std::move(history).error());
                  const u256 tip = std::max(floor_, median(std::move(history->rewards)));
                  const u256 base = history->base_fees.empty() ? u256() : history->base_fees.back();
                  // Zero is said of blocks without a base fee too, and some chains have one that is always zero.
                  if (base.is_zero()) return ask_without_history(tip, then);
                  then(ChainAnswer(ChainFees{true, base, tip}));
              });
}

void Fees::ask_without_history(const u256 &tip, const Then &then) {
    std::vector<RpcCall> calls = {{"eth_getBlockByNumber", R"(["latest",false])", Want::header},
                                  {"eth_gasPrice", "[]", Want::quantity}};
    node_.ask(std::move(calls), [this, tip, then](Result<std::vector<Reply>> result) {
        if (!result) return then(post_error(std::move(result).error()));
        auto header = take<Header>(result->at(0), "eth_getBlockByNumber");
        if (!header) return then(std::move(header).error());
        if (header->has_base_fee && !no_history_) return then(ChainAnswer(ChainFees{true, u256(), tip}));
        auto price = take<u256>(result->at(1), "eth_gasPrice");
        if (!price) return then(std::move(price).error());
        then(ChainAnswer(ChainFees{false, u256(), std::max(tip, *price)}));
    });
}

}  // namespace remit::evm
