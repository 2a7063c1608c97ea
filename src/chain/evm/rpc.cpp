#include "chain/evm/rpc.hpp"

#include <optional>
#include <simdjson.h>

namespace remit::evm {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// Each reader is false when the value is not there or not of its shape.
bool read(const element &value, std::string_view &out) {
    return !value.get(out);
}

bool read(const element &value, u256 &out) {
    std::string_view text;
    if (!read(value, text)) return false;
    auto number = u256_from_quantity(text, {});
    if (number) out = *number;
    return number.ok();
}

bool read(const element &value, std::uint64_t &out) {
    u256 wide;
    if (!read(value, wide) || !wide.fits_u64()) return false;
    out = wide.low();
    return true;
}

template <class Fixed>
bool read_fixed(const element &value, Fixed &out) {
    std::string_view text;
    return read(value, text) && text.substr(0, 2) == "0x" && from_hex_into(text, out.bytes, {}).ok();
}
bool read(const element &value, Hash32 &out) {
    return read_fixed(value, out);
}
bool read(const element &value, Address &out) {
    return read_fixed(value, out);
}

bool read(const element &value, Bytes &out) {
    std::string_view text;
    if (!read(value, text) || text.substr(0, 2) != "0x") return false;
    out.resize((text.size() - 2) / 2);
    return from_hex_into(text, out, {}).ok();
}

bool read(const element &value, ChainLog &out);
bool read(const element &value, ChainReceipt &out);

template <class T>
bool read(const object &from, std::string_view name, T &out) {
    element value;
    return !from.at_key(name).get(value) && read(value, out);
}

bool absent(const object &from, std::string_view name) {
    element value;
    return from.at_key(name).get(value) || value.is_null();
}

template <class T>
bool read_list(const element &value, std::vector<T> &out) {
    array items;
    if (value.get(items)) return false;
    out.reserve(items.size());
    for (const element item : items)
        if (!read(item, out.emplace_back())) return false;
    return true;
}

template <class T>
bool read_list(const object &from, std::string_view name, std::vector<T> &out) {
    element value;
    return !from.at_key(name).get(value) && read_list(value, out);
}

bool read(const element &value, ChainLog &out) {
    object log;
    return !value.get(log) && read(log, "address", out.address) && read(log, "data", out.data) &&
           read_list(log, "topics", out.topics) && out.topics.size() <= 4;
}

// A receipt of before Byzantium has no status and so does not say whether it worked: it is none to us.
bool read(const element &value, ChainReceipt &out) {
    object receipt;
    std::uint64_t status = 0;
    if (value.get(receipt) || !read(receipt, "status", status) || status > 1) return false;
    out.success = status == 1;
    return read(receipt, "transactionHash", out.tx_hash) && read(receipt, "blockHash", out.block_hash) &&
           read(receipt, "blockNumber", out.block_number) && read(receipt, "gasUsed", out.gas_used) &&
           (absent(receipt, "effectiveGasPrice") || read(receipt, "effectiveGasPrice", out.effective_gas_price)) &&
           read_list(receipt, "logs", out.logs);
}

bool read_tx_hash(const element &value, Hash32 &out) {
    object whole;
    return value.get(whole) ? read(value, out) : read(whole, "hash", out);
}

bool read(const element &value, Header &out) {
    object block;
    array txs;
    if (value.get(block) || block.at_key("transactions").get(txs)) return false;
    out.has_base_fee = !absent(block, "baseFeePerGas");
    for (const element tx : txs)
        if (!read_tx_hash(tx, out.tx_hashes.emplace_back())) return false;
    return read(block, "number", out.number) && read(block, "hash", out.hash) &&
           read(block, "parentHash", out.parent_hash) && read(block, "timestamp", out.timestamp_s);
}

bool read(const element &value, FeeHistory &out) {
    object history;
    array blocks;
    if (value.get(history)) return false;
    if (!absent(history, "baseFeePerGas") && !read_list(history, "baseFeePerGas", out.base_fees)) return false;
    if (absent(history, "reward")) return true;
    if (history.at_key("reward").get(blocks)) return false;
    for (const element block : blocks) {
        std::vector<u256> percentiles;
        if (block.is_null()) continue;
        if (!read_list(block, percentiles)) return false;
        if (!percentiles.empty()) out.rewards.push_back(percentiles.front());
    }
    return true;
}

template <class T>
Reply read_as(const element &value) {
    T out{};
    if (read(value, out)) return out;
    return Unusable{"the result is not of the shape that was asked for"};
}

Reply read_word(const element &value) {
    Bytes data;
    if (!read(value, data)) return Unusable{"the result is not data"};
    if (data.size() < 32) return Unusable{"the contract returned no number"};
    return *u256_from_be_bytes(ByteView(data).first(32), {});
}

Reply read_size(const element &value) {
    std::string_view text;
    if (!read(value, text) || text.substr(0, 2) != "0x" || text.size() % 2 != 0)
        return Unusable{"the result is not data"};
    return u256((text.size() - 2) / 2);
}

Reply read_text(const element &value) {
    std::string_view text;
    if (!read(value, text)) return Unusable{"the result is not a text"};
    return std::string(text);
}

Reply read_result(const element &value, Want want) {
    if (value.is_null()) return Null{};
    switch (want) {
    case Want::quantity: return read_as<u256>(value);
    case Want::word: return read_word(value);
    case Want::size: return read_size(value);
    case Want::text: return read_text(value);
    case Want::hash: return read_as<Hash32>(value);
    case Want::header: return read_as<Header>(value);
    case Want::fee_history: return read_as<FeeHistory>(value);
    case Want::receipt: return read_as<ChainReceipt>(value);
    case Want::receipts: {
        std::vector<ChainReceipt> receipts;
        if (read_list(value, receipts)) return receipts;
        return Unusable{"a receipt of the block is not of the shape that was asked for"};
    }
    case Want::presence:
        if (value.is_object()) return Present{};
        return Unusable{"the result is not an object"};
    }
    return Unusable{};
}

Reply read_error(const element &value) {
    object source;
    RpcError error;
    std::string_view text;
    if (value.get(source)) return Unusable{"the error is not an object"};
    if (source.at_key("code").get(error.code)) error.code = 0;
    if (read(source, "message", text)) error.message = text;
    object data;
    if (read(source, "data", text) || (!source.at_key("data").get(data) && read(data, "message", text)))
        error.data = text;
    return error;
}

Reply read_reply(const object &answer, Want want) {
    element value;
    if (!answer.at_key("error").get(value) && !value.is_null()) return read_error(value);
    if (answer.at_key("result").get(value)) return Unusable{"the answer has neither a result nor an error"};
    return read_result(value, want);
}

// Puts one answer where its id says. An answer that nobody asked for is passed over.
void place(const object &answer, std::uint64_t first_id, std::span<const Want> wants, std::vector<bool> &seen,
           std::vector<Reply> &replies) {
    std::uint64_t id = 0;
    if (answer.at_key("id").get(id) || id < first_id || id - first_id >= wants.size()) return;
    const std::size_t at = id - first_id;
    replies[at] = seen[at] ? Reply(Unusable{"it was answered twice"}) : read_reply(answer, wants[at]);
    seen[at] = true;
}

// An error without an id is about the whole post.
std::optional<Reply> error_of_all(const object &answer) {
    element value;
    if (!absent(answer, "id") || answer.at_key("error").get(value) || value.is_null()) return std::nullopt;
    return read_error(value);
}

}  // namespace

std::string rpc_body(std::uint64_t first_id, std::span<const RpcCall> calls) {
    std::size_t size = 2;
    for (const RpcCall &call : calls) size += call.params.size() + 96;
    std::string out;
    out.reserve(size);
    if (calls.size() != 1) out += '[';
    for (const RpcCall &call : calls) {
        if (out.size() > 1) out += ',';
        out.append(R"({"jsonrpc":"2.0","id":)").append(std::to_string(first_id++));
        out.append(R"(,"method":")").append(call.method);
        out.append(R"(","params":)").append(call.params).append("}");
    }
    if (calls.size() != 1) out += ']';
    return out;
}

Result<Replies> read_replies(std::string_view body, std::uint64_t first_id, std::span<const Want> wants) {
    simdjson::dom::parser parser;
    element document;
    if (const auto code = parser.parse(body.data(), body.size()).get(document))
        return error(Status::network, std::string("the node's answer is not JSON: ") + simdjson::error_message(code));
    std::vector<Reply> replies(wants.size(), Unusable{"the node did not answer this call"});
    std::vector<bool> seen(wants.size());
    array answers;
    object answer;
    if (!document.get(answers)) {
        for (const element item : answers)
            if (!item.get(answer)) place(answer, first_id, wants, seen, replies);
    } else if (!document.get(answer)) {
        if (auto all = error_of_all(answer)) return Replies{std::vector<Reply>(wants.size(), *all), true};
        place(answer, first_id, wants, seen, replies);
    } else {
        return error(Status::network, "the node's answer is not JSON-RPC");
    }
    return Replies{std::move(replies), false};
}

}  // namespace remit::evm
