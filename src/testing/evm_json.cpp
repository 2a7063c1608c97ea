#include "testing/evm_json.hpp"
#include "testing/evm_math.hpp"

namespace remit::testing {

namespace {

// {"a":1,"b":2} out of names and ready JSON.
class Members {
public:
    Members &add(std::string_view name, std::string_view json) {
        text_ += text_.empty() ? "{\"" : ",\"";
        text_.append(name).append("\":").append(json);
        return *this;
    }
    std::string take() { return std::move(text_) + "}"; }

private:
    std::string text_;
};

std::string address_or_null(const std::optional<Address> &who) {
    return who ? quoted(ByteView(*who)) : "null";
}

std::string log_json(const SimBlock &block, const SimReceipt &receipt, const SimLog &log, std::uint64_t index) {
    std::string topics;
    for (const Hash32 &topic : log.topics) topics += (topics.empty() ? "" : ",") + quoted(ByteView(topic));
    return Members()
        .add("address", quoted(ByteView(log.address)))
        .add("topics", "[" + topics + "]")
        .add("data", quoted(ByteView(log.data)))
        .add("blockNumber", quantity(block.number))
        .add("transactionHash", quoted(ByteView(receipt.tx_hash)))
        .add("transactionIndex", quantity(receipt.index))
        .add("blockHash", quoted(ByteView(block.hash)))
        .add("logIndex", quantity(index))
        .add("removed", "false")
        .take();
}

}  // namespace

std::string quantity(const u256 &value) {
    return "\"" + to_quantity(value) + "\"";
}
std::string quoted(ByteView bytes) {
    return "\"" + to_hex(bytes) + "\"";
}
std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::string receipt_json(const EvmChain &chain, const SimBlock &block, const SimReceipt &receipt) {
    const SimTransaction &tx = *chain.transaction(receipt.tx_hash);
    std::uint64_t first_log = 0, gas_before = 0;
    for (std::size_t i = 0; i < receipt.index; ++i) {
        first_log += block.receipts[i].logs.size();
        gas_before += block.receipts[i].gas_used;
    }
    std::string logs;
    for (std::size_t i = 0; i < receipt.logs.size(); ++i)
        logs += (logs.empty() ? "" : ",") + log_json(block, receipt, receipt.logs[i], first_log + i);
    return Members()
        .add("transactionHash", quoted(ByteView(receipt.tx_hash)))
        .add("transactionIndex", quantity(receipt.index))
        .add("blockHash", quoted(ByteView(block.hash)))
        .add("blockNumber", quantity(block.number))
        .add("from", quoted(ByteView(tx.from)))
        .add("to", address_or_null(tx.to))
        .add("contractAddress", "null")
        .add("cumulativeGasUsed", quantity(gas_before + receipt.gas_used))
        .add("gasUsed", quantity(receipt.gas_used))
        .add("effectiveGasPrice", quantity(receipt.gas_price))
        .add("logs", "[" + logs + "]")
        .add("status", receipt.success ? "\"0x1\"" : "\"0x0\"")
        .add("type", quantity(tx.type))
        .take();
}

std::string transaction_json(const EvmChain &chain, const SimTransaction &tx, const SimBlock *block) {
    const SimReceipt *receipt = block == nullptr ? nullptr : chain.receipt(tx.hash);
    Members out;
    out.add("hash", quoted(ByteView(tx.hash)))
        .add("type", quantity(tx.type))
        .add("nonce", quantity(tx.nonce))
        .add("from", quoted(ByteView(tx.from)))
        .add("to", address_or_null(tx.to))
        .add("value", quantity(tx.value))
        .add("gas", quantity(tx.gas))
        .add("gasPrice", quantity(receipt == nullptr ? tx.max_fee : receipt->gas_price))
        .add("input", quoted(ByteView(tx.data)))
        .add("chainId", quantity(chain.options().chain_id))
        .add("blockHash", block == nullptr ? "null" : quoted(ByteView(block->hash)))
        .add("blockNumber", block == nullptr ? "null" : quantity(block->number))
        .add("transactionIndex", receipt == nullptr ? "null" : quantity(receipt->index));
    if (tx.type == 2) out.add("maxFeePerGas", quantity(tx.max_fee)).add("maxPriorityFeePerGas", quantity(tx.tip));
    return out.take();
}

std::string block_json(const EvmChain &chain, const SimBlock &block, bool full) {
    std::string transactions;
    for (const Hash32 &hash : block.transactions) {
        if (!transactions.empty()) transactions += ",";
        transactions += full ? transaction_json(chain, *chain.transaction(hash), &block) : quoted(ByteView(hash));
    }
    Members out;
    out.add("number", quantity(block.number))
        .add("hash", quoted(ByteView(block.hash)))
        .add("parentHash", quoted(ByteView(block.parent_hash)))
        .add("timestamp", quantity(block.timestamp_s))
        .add("gasLimit", quantity(chain.options().gas_limit))
        .add("gasUsed", quantity(block.gas_used))
        .add("transactions", "[" + transactions + "]");
    if (!chain.options().legacy_only) out.add("baseFeePerGas", quantity(block.base_fee));
    return out.take();
}

}  // namespace remit::testing
