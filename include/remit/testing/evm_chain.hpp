// A deterministic EVM-like chain without an EVM: accounts, tokens that understand the ERC-20 calls, a mempool
// with geth's rules and words, blocks with EIP-1559 base fees, receipts with logs, reorganisations.
//
// It shares no code with the chain adapter that it tests: it decodes transactions and recovers senders itself.
#pragma once

#include <remit/bytes.hpp>
#include <remit/testing/clock.hpp>
#include <remit/u256.hpp>

#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace remit::testing {

enum class TokenKind : std::int32_t {
    normal = 0,       // transfer returns true, or reverts
    usdt_like,        // transfer returns nothing, or reverts
    false_return,     // transfer returns false where others revert: status 1, no log
    fee_on_transfer,  // one percent goes to the token itself; the log tells the net amount
};

struct TokenSpec {
    std::string symbol;
    int decimals = 6;
    TokenKind kind = TokenKind::usdt_like;
    Address address;  // zero: derived from the symbol
};

struct EvmChainOptions {
    std::uint64_t chain_id = 31337;
    std::int64_t block_interval_us = 12'000'000;  // 0: blocks are mined by hand only
    std::uint64_t genesis_timestamp_s = 1'700'000'000;
    std::uint64_t gas_limit = 30'000'000;
    u256 base_fee = u256(1'000'000'000);
    u256 min_base_fee = u256(7);
    u256 min_tip = u256(1);
    bool legacy_only = false;            // no base fee: only gas prices, as before London
    bool refuse_below_base_fee = false;  // at the pool's door, as some nodes do
    std::size_t pool_max = 5'120;
    std::size_t nonce_gap_max = 1'000;  // how far ahead a nonce may be
};

// One transaction as the chain understood it.
struct SimTransaction {
    Hash32 hash;
    Bytes raw;  // empty: made by the chain itself (external_transfer)
    std::uint8_t type = 0;
    Address from;
    std::optional<Address> to;
    std::uint64_t nonce = 0;
    std::uint64_t gas = 0;
    u256 max_fee;  // the gas price of a legacy transaction
    u256 tip;
    u256 value;
    Bytes data;
};
// Refused with a node's words, when the bytes are no signed transaction of this chain.
Result<SimTransaction> decode_transaction(ByteView raw, std::uint64_t chain_id);

struct SimLog {
    Address address;
    std::vector<Hash32> topics;
    Bytes data;
};
struct SimReceipt {
    Hash32 tx_hash;
    std::uint64_t index = 0;
    bool success = false;
    std::uint64_t gas_used = 0;
    u256 gas_price;
    std::vector<SimLog> logs;
};
struct SimBlock {
    std::uint64_t number = 0;
    Hash32 hash;
    Hash32 parent_hash;
    std::uint64_t timestamp_s = 0;
    u256 base_fee;
    std::uint64_t gas_used = 0;
    std::vector<Hash32> transactions;
    std::vector<SimReceipt> receipts;
};

// One movement of value that really happened on the canonical chain.
struct SimTransfer {
    Address token;  // zero: the chain's coin
    Address from, to;
    u256 amount;
    Hash32 tx_hash;
    std::uint64_t block_number = 0;
};

struct SimCallResult {
    bool reverted = false;
    Bytes returned;
    std::uint64_t gas = 0;
};

// What happens to the transactions of blocks that a reorganisation removes.
enum class ReorgKind : std::int32_t {
    remine = 0,  // back into the pool, and into the new blocks as far as they fit
    delay,       // back into the pool; the new blocks are empty
    drop,        // gone from the node altogether
};

// Threads: one thread at a time.
class EvmChain {
public:
    explicit EvmChain(SimClock &clock, EvmChainOptions options = {});
    ~EvmChain();
    EvmChain(const EvmChain &) = delete;
    EvmChain &operator=(const EvmChain &) = delete;
    const EvmChainOptions &options() const noexcept { return options_; }

    // Setting the scene. Credits before the first block are part of genesis, later ones of the next block.
    Address add_token(const TokenSpec &spec);
    void credit(const Address &who, const u256 &amount);
    void credit_token(const Address &token, const Address &who, const u256 &amount);
    // Transfers of the token to `who` fail in the token's manner (zero token: the coin; the call reverts).
    void block_recipient(const Address &token, const Address &who, bool blocked = true);

    // The pool. Refused, with geth's words as the text, when the transaction is not taken.
    Result<Hash32> submit(ByteView raw);
    // Spends from an account as if its key were used elsewhere: takes the account's next pending nonce.
    Hash32 external_transfer(const Address &from, const Address &to, const u256 &value);
    // Forgets a pooled transaction; false when it is not there.
    bool drop(const Hash32 &hash);
    std::size_t drop_all();
    std::vector<Hash32> pooled() const;

    // Blocks.
    void advance();  // mines what the clock says is due
    void mine(std::uint64_t count = 1);
    void pause_mining(bool paused);
    std::int64_t next_block_us() const noexcept;  // elapsed time; INT64_MAX: by hand only
    // Replaces the last `depth` blocks by depth + 1 others. `keep` is asked about each removed transaction;
    // those it refuses are dropped.
    void reorg(std::uint64_t depth, ReorgKind kind, const std::function<bool(const Hash32 &)> &keep = {});

    // Reading. Pointers are good until the chain changes.
    const SimBlock &head() const noexcept { return blocks_.back().block; }
    const SimBlock *block(std::uint64_t number) const noexcept;
    const SimBlock *block_by_hash(const Hash32 &hash) const noexcept;
    const SimTransaction *transaction(const Hash32 &hash) const noexcept;  // pooled or mined
    bool is_pooled(const Hash32 &hash) const noexcept;
    // The block that has it, or nothing.
    std::optional<std::uint64_t> mined_in(const Hash32 &hash) const noexcept;
    const SimReceipt *receipt(const Hash32 &hash) const noexcept;
    u256 balance(const Address &who) const;
    u256 balance_at(const Address &who, std::uint64_t number) const;
    std::uint64_t nonce(const Address &who) const;
    std::uint64_t nonce_at(const Address &who, std::uint64_t number) const;
    std::uint64_t pending_nonce(const Address &who) const;
    u256 token_balance(const Address &token, const Address &who) const;
    bool is_contract(const Address &who) const;
    u256 next_base_fee() const;
    SimCallResult call(const Address &from, const Address &to, const u256 &value, ByteView data) const;
    // Every transfer on the canonical chain, coin and tokens, oldest first.
    std::vector<SimTransfer> transfers() const;

    // Keeps what happens in a file, flushed line by line, and replays what the file has: the chain outlives
    // the process. Make the same tokens and credits first, each time.
    Result<void> open_journal(const std::string &path);

private:
    struct Account {
        u256 balance;
        std::uint64_t nonce = 0;
    };
    struct Token {
        TokenSpec spec;
        std::map<Address, u256> balances;
        std::map<Address, bool> blocked;
    };
    struct Undo {
        Address token;  // zero: the account itself
        Address who;
        Account before;  // a token's balance in .balance
    };
    struct Credit {
        Address token, who;
        u256 amount;
    };
    struct Mined {
        SimBlock block;
        std::vector<Undo> undo;
        std::vector<Credit> credits;
    };
    struct Pooled {
        SimTransaction tx;
        std::uint64_t order = 0;
    };
    using Lane = std::map<std::uint64_t, Pooled>;  // by nonce

    // state
    const Account &account(const Address &who) const;
    void set_account(const Address &who, const Account &now);
    void set_token(Token &token, const Address &who, const u256 &amount);
    void apply_credit(const Credit &credit);
    void give(const Credit &credit);
    Account account_at(const Address &who, std::uint64_t number) const;
    struct Effect;  // what a call would do
    Effect plan(const Address &from, const Address &to, const u256 &value, ByteView data) const;
    void plan_transfer(const Token &token, const Address &from, ByteView data, Effect &effect) const;
    void commit(const Effect &effect);
    // pool
    Result<void> check_pool(const SimTransaction &tx) const;
    Result<void> check_funds(const SimTransaction &tx) const;
    void put(SimTransaction tx);
    void prune(const Address &who);
    // blocks
    void mine_one(std::uint64_t timestamp_s, bool empty);
    std::optional<SimTransaction> pick(const u256 &base_fee, std::uint64_t gas_left);
    void execute(const SimTransaction &tx, SimBlock &block);
    void unmine_top(const std::set<Hash32> &dropped);
    void seal(SimBlock &block);
    std::uint64_t timestamp_now() const;
    // journal
    void record(const std::string &line);
    Result<void> replay(const std::string &line);
    void reorg_now(std::uint64_t depth, bool empty, const std::set<Hash32> &dropped);

    SimClock &clock_;
    EvmChainOptions options_;
    std::map<Address, Account> accounts_;
    std::map<Address, Token> tokens_;
    std::map<Address, bool> coin_blocked_;
    std::map<Address, Lane> pool_;
    std::map<Hash32, SimTransaction> known_;  // mined ones
    std::map<Hash32, std::uint64_t> mined_in_;
    std::map<Hash32, std::pair<Address, std::uint64_t>> pooled_at_;
    std::vector<Mined> blocks_;
    std::vector<Credit> credits_;        // of the next block
    std::vector<Undo> *undo_ = nullptr;  // of the block being made
    std::int64_t next_block_us_ = 0;
    bool paused_ = false;
    bool replaying_ = false;
    std::uint64_t order_ = 0;
    std::uint64_t salt_ = 0;  // makes blocks of another branch differ
    std::ofstream journal_;
};

}  // namespace remit::testing
