// The JSON that a node writes about a simulated chain.
#pragma once

#include <remit/testing/evm_chain.hpp>

#include <string>

namespace remit::testing {

std::string quantity(const u256 &value);    // quoted
std::string quoted(ByteView bytes);         // 0x hex, quoted
std::string quoted(std::string_view text);  // printable ASCII
std::string block_json(const EvmChain &chain, const SimBlock &block, bool full);
std::string receipt_json(const EvmChain &chain, const SimBlock &block, const SimReceipt &receipt);
// `block` is null while the transaction is pooled.
std::string transaction_json(const EvmChain &chain, const SimTransaction &tx, const SimBlock *block);

}  // namespace remit::testing
