// JSON-RPC 2.0: bodies of posts, and answers read into values.
#pragma once

#include <remit/port/chain.hpp>

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace remit::evm {

// What a call's result is read as. A result of null is Null whatever was wanted.
enum class Want : std::uint8_t {
    quantity,     // u256
    word,         // u256, from the first 32 bytes that a contract returned
    size,         // u256: how many bytes the data has
    text,         // std::string
    hash,         // Hash32
    header,       // Header
    fee_history,  // FeeHistory
    receipt,      // ChainReceipt
    receipts,     // std::vector<ChainReceipt>
    presence,     // Present
};

struct RpcCall {
    const char *method = "";
    std::string params;  // JSON, with its brackets
    Want want = Want::quantity;
};

struct Unusable {
    std::string why;  // no answer, or none that can be read
};
struct RpcError {
    std::int64_t code = 0;
    std::string message;
    std::string data;  // when it is a text, or has a message of its own
};
struct Null {};
struct Present {};
struct Header {
    std::uint64_t number = 0;
    Hash32 hash;
    Hash32 parent_hash;
    std::uint64_t timestamp_s = 0;
    bool has_base_fee = false;
    std::vector<Hash32> tx_hashes;
};
struct FeeHistory {
    std::vector<u256> base_fees;  // the last is of the next block; empty when the chain has none
    std::vector<u256> rewards;    // one per block
};
using Reply = std::variant<Unusable, RpcError, Null, Present, u256, std::string, Hash32, Header, FeeHistory,
                           ChainReceipt, std::vector<ChainReceipt>>;

// One call as an object, more as a batch. The ids count up from first_id.
std::string rpc_body(std::uint64_t first_id, std::span<const RpcCall> calls);

struct Replies {
    std::vector<Reply> each;     // in the order of the calls, whatever the order of the answers
    bool refused_whole = false;  // one error without an id; it is each call's reply
};

// Network when the body as a whole is no answer to the calls.
Result<Replies> read_replies(std::string_view body, std::uint64_t first_id, std::span<const Want> wants);

}  // namespace remit::evm
