// Port: one chain through one node. Asynchronous: each call has a token, its outcome arrives in a later poll.
// Every call but `send` is pure.
#pragma once

#include <remit/port/http.hpp>
#include <remit/u256.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace remit {

struct ChainHead {
    std::uint64_t number = 0;
    Hash32 hash;
    std::uint64_t timestamp_s = 0;
};

struct ChainFees {
    bool eip1559 = true;
    u256 base_fee;      // of the next block; zero on a legacy chain
    u256 priority_fee;  // what a transaction should tip; the whole gas price on a legacy chain
};

struct ChainAccount {
    std::uint64_t nonce_latest = 0;
    std::uint64_t nonce_pending = 0;  // counts what the node holds unmined as well; not of account_at
    u256 native;
    std::vector<u256> tokens;  // in the order asked
};

struct ChainLog {
    Address address;
    std::vector<Hash32> topics;
    Bytes data;
};

struct ChainReceipt {
    Hash32 tx_hash;
    Hash32 block_hash;
    std::uint64_t block_number = 0;
    bool success = false;
    std::uint64_t gas_used = 0;
    u256 effective_gas_price;
    std::vector<ChainLog> logs;
};

struct ChainBlock {
    std::uint64_t number = 0;
    Hash32 hash;
    Hash32 parent_hash;
    std::uint64_t timestamp_s = 0;
    std::vector<ChainReceipt> receipts;
};

// What a node said of one raw transaction, sorted by the classifier's data file.
enum class SendAnswer : std::int32_t {
    accepted = 0,  // answered with our hash
    known,         // already has it
    nonce_low,
    nonce_high,
    replacement_underpriced,
    underpriced,
    insufficient_funds,
    block_gas,
    intrinsic_gas,
    base_fee,
    pool_full,
    reserved,
    fee_cap,
    sender,
    syncing,
    rate_limited,
    other_hash,  // answered with a hash that is not ours
    unknown,     // no answer, or one that nobody has sorted yet: it may have been taken
};
const char *send_answer_name(SendAnswer answer) noexcept;

struct ChainSent {
    Hash32 hash;
    SendAnswer answer = SendAnswer::unknown;
    std::string text;  // the node's words, for people; at most 300 bytes
};

struct ChainCall {
    Address from;
    Address to;
    u256 value;
    Bytes data;
};

// What each call brings. Receipts and known transactions are in the order asked.
struct ChainIdentity {
    std::uint64_t chain_id = 0;
    std::string client;
};
using ChainReceipts = std::vector<std::optional<ChainReceipt>>;
struct ChainKnown {
    std::vector<bool> known;
};  // by eth_getTransactionByHash
struct ChainGas {
    std::uint64_t gas = 0;
};
using ChainSends = std::vector<ChainSent>;
struct ChainNoBlock {};  // there is no block of that number
struct ChainCode {
    std::uint64_t size = 0;
};
using ChainAnswer = std::variant<ChainIdentity, ChainHead, ChainBlock, ChainNoBlock, ChainFees, ChainAccount,
                                 ChainSends, ChainReceipts, ChainKnown, ChainGas, ChainCode>;

struct ChainOutcome {
    Token token = 0;
    // Network or Unknown: the node did not give a usable answer. Refused: it gave a JSON-RPC error
    // (of estimate_gas: the call would revert). `send` never errs: its answers carry `unknown`.
    Result<ChainAnswer> result;
};

// Threads: one thread at a time.
class Chain {
public:
    virtual ~Chain() = default;
    virtual void identity(Token token) = 0;                     // ChainIdentity
    virtual void head(Token token) = 0;                         // ChainHead
    virtual void block(Token token, std::uint64_t number) = 0;  // ChainBlock or ChainNoBlock
    virtual void fees(Token token) = 0;                         // ChainFees
    virtual void account(Token token, const Address &who, std::vector<Address> tokens) = 0;  // ChainAccount
    // The nonce of `who` as of a block number: how many of its transactions are final there.
    virtual void account_at(Token token, const Address &who, std::uint64_t block) = 0;  // ChainAccount without tokens
    virtual void estimate_gas(Token token, const ChainCall &call) = 0;                  // ChainGas
    virtual void code(Token token, const Address &who) = 0;                             // ChainCode
    virtual void receipts(Token token, std::vector<Hash32> hashes) = 0;                 // ChainReceipts
    virtual void known(Token token, std::vector<Hash32> hashes) = 0;                    // ChainKnown
    // In the order given. The hashes are those of the raw bytes.
    virtual void send(Token token, std::vector<Bytes> raw, std::vector<Hash32> hashes) = 0;  // ChainSends
    virtual void poll(std::vector<ChainOutcome> &out) = 0;
};

}  // namespace remit
