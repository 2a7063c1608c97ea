// JSON-RPC over the simulated chain: the envelope, and the methods.
#include <remit/testing/evm_node.hpp>

#include "testing/evm_json.hpp"
#include "testing/evm_math.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <array>

namespace remit::testing {

using core::Json;

namespace {

constexpr std::uint64_t kGwei = 1'000'000'000;
const char *const kNull = "null";

struct Reply {
    std::string result = kNull;  // JSON
    int code = 0;
    std::string text;
    bool with_data = false;

    void fail(int error_code, std::string error_text) {
        code = error_code;
        text = std::move(error_text);
    }
};

const Json *param(const Json &params, std::size_t index) {
    return index < params.items().size() ? &params.items()[index] : nullptr;
}

template <class Fixed>
bool take(const Json *value, Reply &reply, Fixed &out) {
    Result<Fixed> parsed = fixed_from_hex<Fixed>(value == nullptr ? "" : value->text(), "param");
    if (!parsed)
        reply.fail(-32602, "invalid argument: hex string has the wrong length");
    else
        out = *parsed;
    return parsed.ok();
}

std::string envelope(const Json *id, const Reply &reply) {
    std::string out = R"({"jsonrpc":"2.0","id":)";
    if (id == nullptr || id->is_null())
        out += kNull;
    else if (id->kind() == Json::Kind::string)
        out += quoted(id->text());
    else
        out += id->text();
    if (reply.code == 0) return out + ",\"result\":" + reply.result + "}";
    out += ",\"error\":{\"code\":" + std::to_string(reply.code) + ",\"message\":" + quoted(reply.text);
    return out + (reply.with_data ? ",\"data\":\"0x\"}}" : "}}");
}

struct CallObject {
    Address from, to;
    u256 value;
    Bytes data;
};

bool take_call(const Json &params, Reply &reply, CallObject &out) {
    const Json *object = param(params, 0);
    if (object == nullptr || object->kind() != Json::Kind::object) {
        reply.fail(-32602, "missing value for required argument 0");
        return false;
    }
    if (object->find("from") != nullptr && !take(object->find("from"), reply, out.from)) return false;
    if (!take(object->find("to"), reply, out.to)) return false;
    if (const Json *value = object->find("value"); value != nullptr)
        if (Result<u256> parsed = u256_from_quantity(value->text(), "value"); parsed) out.value = *parsed;
    const Json *data = object->find("data") != nullptr ? object->find("data") : object->find("input");
    if (data != nullptr)
        if (Result<Bytes> parsed = from_hex(data->text(), "data"); parsed) out.data = *parsed;
    return true;
}

}  // namespace

// The methods. Each reads its parameters and fills in the reply.
struct EvmNode::Methods {
    EvmNode &node;
    const Json &params;
    Reply &reply;
    EvmChain &chain = node.chain_;

    using Method = void (Methods::*)();
    struct Named {
        std::string_view name;
        Method method;
    };
    static const std::array<Named, 18> kTable;

    static Method find(std::string_view name) {
        const auto at = std::find_if(kTable.begin(), kTable.end(), [&](const Named &m) { return m.name == name; });
        return at == kTable.end() ? nullptr : at->method;
    }

    // A block tag or number as the node sees it; false when it has no such block.
    bool block_at(const Json *tag, std::uint64_t &number) const {
        const std::uint64_t head = node.head_number();
        const std::string_view text = tag == nullptr ? "latest" : std::string_view(tag->text());
        if (text == "latest" || text == "pending")
            number = head;
        else if (text == "earliest")
            number = 0;
        else if (text == "safe")
            number = head - std::min<std::uint64_t>(head, 32);
        else if (text == "finalized")
            number = head - std::min<std::uint64_t>(head, 64);
        else {
            Result<u256> parsed = u256_from_quantity(text, "block");
            if (!parsed || !parsed->fits_u64() || parsed->low() > head) return false;
            number = parsed->low();
        }
        return true;
    }
    // The block of a mined transaction, unless this node has not seen it yet.
    const SimBlock *block_of(const Hash32 &hash) const {
        const auto number = chain.mined_in(hash);
        return number && *number <= node.head_number() ? chain.block(*number) : nullptr;
    }
    void method_missing(const char *name) {
        reply.fail(-32601, std::string("the method ") + name + " does not exist/is not available");
    }

    void chain_id() {
        const std::uint64_t id = node.options_.chain_id;
        reply.result = quantity(id != 0 ? id : chain.options().chain_id);
    }
    void client_version() { reply.result = quoted(std::string_view(node.options_.client)); }
    void block_number() { reply.result = quantity(node.head_number()); }
    void syncing() { reply.result = node.options_.syncing ? "{}" : "false"; }

    void block_by_number() {
        std::uint64_t number = 0;
        const Json *full = param(params, 1);
        if (block_at(param(params, 0), number))
            reply.result = block_json(chain, *chain.block(number), full != nullptr && full->boolean());
    }
    void block_by_hash() {
        Hash32 hash;
        if (!take(param(params, 0), reply, hash)) return;
        const SimBlock *block = chain.block_by_hash(hash);
        const Json *full = param(params, 1);
        if (block != nullptr && block->number <= node.head_number())
            reply.result = block_json(chain, *block, full != nullptr && full->boolean());
    }
    void block_receipts() {
        if (!node.options_.block_receipts) return method_missing("eth_getBlockReceipts");
        const SimBlock *block = nullptr;
        std::uint64_t number = 0;
        const Json *tag = param(params, 0);
        if (tag != nullptr && tag->text().size() == 66) {
            Hash32 hash;
            if (!take(tag, reply, hash)) return;
            block = chain.block_by_hash(hash);
            if (block != nullptr && block->number > node.head_number()) block = nullptr;
        } else if (block_at(tag, number)) {
            block = chain.block(number);
        }
        if (block == nullptr) return;
        std::string all;
        for (const SimReceipt &receipt : block->receipts)
            all += (all.empty() ? "" : ",") + receipt_json(chain, *block, receipt);
        reply.result = "[" + all + "]";
    }
    void transaction_receipt() {
        Hash32 hash;
        if (!take(param(params, 0), reply, hash)) return;
        if (const SimBlock *block = block_of(hash); block != nullptr)
            reply.result = receipt_json(chain, *block, *chain.receipt(hash));
    }
    void transaction_by_hash() {
        Hash32 hash;
        if (!take(param(params, 0), reply, hash)) return;
        if (const SimTransaction *tx = chain.transaction(hash); tx != nullptr)
            reply.result = transaction_json(chain, *tx, block_of(hash));
    }
    void transaction_count() {
        Address who;
        std::uint64_t number = 0;
        if (!take(param(params, 0), reply, who)) return;
        const Json *tag = param(params, 1);
        if (tag != nullptr && tag->text() == "pending" && node.behind_ == 0)
            reply.result = quantity(chain.pending_nonce(who));
        else if (block_at(tag, number))
            reply.result = quantity(chain.nonce_at(who, number));
        else
            reply.fail(-32000, "header not found");
    }
    void balance() {
        Address who;
        std::uint64_t number = 0;
        if (!take(param(params, 0), reply, who)) return;
        if (block_at(param(params, 1), number))
            reply.result = quantity(chain.balance_at(who, number));
        else
            reply.fail(-32000, "header not found");
    }
    void revert() {
        reply.fail(3, "execution reverted");
        reply.with_data = true;
    }
    void call() {
        CallObject object;
        if (!take_call(params, reply, object)) return;
        const SimCallResult done = chain.call(object.from, object.to, object.value, object.data);
        if (done.reverted)
            revert();
        else
            reply.result = quoted(ByteView(done.returned));
    }
    void estimate_gas() {
        CallObject object;
        if (!take_call(params, reply, object)) return;
        if (chain.balance(object.from) < object.value) return reply.fail(-32000, "insufficient funds for transfer");
        const SimCallResult done = chain.call(object.from, object.to, object.value, object.data);
        if (done.reverted)
            revert();
        else
            reply.result = quantity(done.gas);
    }
    void gas_price() { reply.result = quantity(saturating_add(chain.next_base_fee(), u256(kGwei))); }
    void max_priority_fee() {
        if (!node.options_.fee_history || chain.options().legacy_only)
            method_missing("eth_maxPriorityFeePerGas");
        else
            reply.result = quantity(u256(kGwei));
    }
    // What the cheapest transaction of a block tipped; 0 for an empty block, as geth says it.
    static u256 least_tip(const SimBlock &block) {
        u256 least;
        for (const SimReceipt &receipt : block.receipts) {
            const u256 tip = saturating_sub(receipt.gas_price, block.base_fee);
            least = receipt.index == 0 ? tip : std::min(least, tip);
        }
        return least;
    }
    void fee_history() {
        if (!node.options_.fee_history || chain.options().legacy_only) return method_missing("eth_feeHistory");
        Result<u256> asked = u256_from_quantity(param(params, 0) == nullptr ? "" : param(params, 0)->text(), "count");
        std::uint64_t newest = 0;
        if (!block_at(param(params, 1), newest)) return reply.fail(-32000, "request beyond head block");
        const std::uint64_t count = std::min<std::uint64_t>(asked && asked->fits_u64() ? asked->low() : 1, newest + 1);
        const std::size_t percentiles = param(params, 2) == nullptr ? 0 : param(params, 2)->items().size();
        std::string fees, ratios, rewards;
        for (std::uint64_t number = newest + 1 - count; number <= newest; ++number) {
            const SimBlock &block = *chain.block(number);
            const char *comma = fees.empty() ? "" : ",";
            fees += comma + quantity(block.base_fee);
            const std::uint64_t tenths = block.gas_used * 10 / chain.options().gas_limit;
            ratios += comma + std::string(tenths >= 10 ? "1" : "0." + std::to_string(tenths));
            std::string row;
            for (std::size_t i = 0; i < percentiles; ++i) row += (i == 0 ? "" : ",") + quantity(least_tip(block));
            rewards += comma + ("[" + row + "]");
        }
        const SimBlock *after = chain.block(newest + 1);
        fees += "," + quantity(after != nullptr ? after->base_fee : chain.next_base_fee());
        reply.result = "{\"oldestBlock\":" + quantity(newest + 1 - count) + ",\"baseFeePerGas\":[" + fees +
                       "],\"gasUsedRatio\":[" + ratios + "]" +
                       (percentiles == 0 ? "" : ",\"reward\":[" + rewards + "]") + "}";
    }
    void send_raw() {
        Result<Bytes> raw = from_hex(param(params, 0) == nullptr ? "" : param(params, 0)->text(), "raw");
        if (!raw) return reply.fail(-32602, "invalid argument 0: invalid hex string");
        if (node.options_.syncing) return reply.fail(-32008, "Initial sync is still in progress");
        if (node.random_.chance(node.options_.drops_taken)) {
            Result<SimTransaction> tx = decode_transaction(*raw, chain.options().chain_id);
            if (tx) {
                reply.result = quoted(ByteView(tx->hash));
                return;
            }
        }
        Result<Hash32> hash = chain.submit(*raw);
        if (hash)
            reply.result = quoted(ByteView(*hash));
        else
            reply.fail(-32000, hash.error().text);
    }
    void code() {
        Address who;
        if (!take(param(params, 0), reply, who)) return;
        reply.result = chain.is_contract(who) ? "\"0x60806040\"" : "\"0x\"";
    }
};

const std::array<EvmNode::Methods::Named, 18> EvmNode::Methods::kTable = {{
    {"eth_chainId", &Methods::chain_id},
    {"web3_clientVersion", &Methods::client_version},
    {"eth_blockNumber", &Methods::block_number},
    {"eth_syncing", &Methods::syncing},
    {"eth_getBlockByNumber", &Methods::block_by_number},
    {"eth_getBlockByHash", &Methods::block_by_hash},
    {"eth_getBlockReceipts", &Methods::block_receipts},
    {"eth_getTransactionReceipt", &Methods::transaction_receipt},
    {"eth_getTransactionByHash", &Methods::transaction_by_hash},
    {"eth_getTransactionCount", &Methods::transaction_count},
    {"eth_getBalance", &Methods::balance},
    {"eth_call", &Methods::call},
    {"eth_estimateGas", &Methods::estimate_gas},
    {"eth_gasPrice", &Methods::gas_price},
    {"eth_maxPriorityFeePerGas", &Methods::max_priority_fee},
    {"eth_feeHistory", &Methods::fee_history},
    {"eth_sendRawTransaction", &Methods::send_raw},
    {"eth_getCode", &Methods::code},
}};

EvmNode::EvmNode(EvmChain &chain, std::uint64_t seed, EvmNodeOptions options) :
    chain_(chain), random_(seed), options_(std::move(options)) {}

std::uint64_t EvmNode::head_number() const {
    const std::uint64_t head = chain_.head().number;
    return head - std::min(head, behind_);
}

std::string EvmNode::answer(const Json &call) {
    Reply reply;
    const Json *name = call.find("method");
    const Json *id = call.find("id");
    const Json none;
    const Json *params = call.find("params") != nullptr ? call.find("params") : &none;
    const auto method = name == nullptr ? nullptr : Methods::find(name->text());
    if (name == nullptr)
        reply.fail(-32600, "invalid request");
    else if (method == nullptr)
        reply.fail(-32601, "the method " + name->text() + " does not exist/is not available");
    else {
        ++answered_[name->text()];
        Methods methods{*this, *params, reply};
        (methods.*method)();
    }
    return envelope(id, reply);
}

HttpResponse EvmNode::handle(const HttpRequest &request) {
    chain_.advance();
    behind_ = options_.lag_blocks + random_.range(options_.flap_blocks + 1);
    if (random_.chance(options_.loses_pooled)) chain_.drop_all();
    HttpResponse response{200, {{"content-type", "application/json"}}, {}};
    Result<Json> body = Json::parse(request.body, "request");
    Reply refused;
    if (!body) {
        refused.fail(-32700, "parse error");
    } else if (body->kind() != Json::Kind::array) {
        response.body = answer(*body);
        return response;
    } else if (body->items().empty()) {
        refused.fail(-32600, "empty batch");
    } else if (!options_.batches) {
        refused.fail(-32600, "batch requests are not supported");
    } else {
        for (const Json &call : body->items()) response.body += (response.body.empty() ? "[" : ",") + answer(call);
        response.body += "]";
        return response;
    }
    response.body = envelope(nullptr, refused);
    return response;
}

}  // namespace remit::testing
