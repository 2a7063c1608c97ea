// One lane at work: takes its row, signs batches with consecutive nonces, posts bytes, and settles what the
// chain says. Sending waits for no receipt; confirming waits for no sending.
//
//   idle --take--> loading --rows and the chain's count read--> running
//   any --Fenced--> idle          any --a write whose fate is unclear--> loading (the rows tell)
#pragma once

#include "blocks/follower.hpp"
#include "core/backoff.hpp"
#include "crypto/transaction.hpp"
#include "events/events.hpp"
#include "payouts/payouts.hpp"
#include "payouts/rows.hpp"
#include "wallets/lanes.hpp"

#include <map>
#include <set>
#include <unordered_map>

namespace remit::payouts {

// What the lanes of a chain share; kept by the chain's worker.
struct ChainFacts {
    const ChainConfig &config;
    Chain &chain;
    Signer &signer;
    blocks::Follower &follower;
    Token &tokens;
    std::optional<ChainFees> fees;
    std::int64_t fees_us = 0;  // boot clock, when they arrived
    bool fees_wanted = false;
    bool identified = false;  // the node is of the chain it should be
    bool draining = false;
    std::set<std::int64_t> claimed;  // rows that a lane is signing now
    core::Counter &posts;
    core::Counter &signatures;
};

// A payout that is signed and not final.
struct Open {
    Row row;
    std::vector<Attempt> attempts;  // without raw bytes, but for a batch that was never posted
    u256 hold_native;               // what it may still take from the sender
    std::int64_t next_post_us = 0;
    std::optional<SendAnswer> answer;
    std::string answer_text;
    int silent_posts = 0;     // posts in a row without a good answer
    bool audit = false;       // its receipt is to be asked
    bool verified = false;    // a receipt that was asked for says what the row says
    bool nonce_gone = false;  // at final depth the chain counts past its nonce
};

class Lane {
public:
    Lane(const Ports &ports, ChainFacts &facts, const Address &sender);

    Result<bool> tick();
    bool take(ChainOutcome &outcome);
    bool take(SignOutcome &outcome);
    std::int64_t next_due_us() const;
    void poke() { pick_due_us_ = 0; }
    void release();

    Result<void> block(const ChainBlock &block);
    Result<void> orphaned(std::uint64_t number, const Hash32 &hash);
    void audit_all();

    const Address &sender() const { return sender_; }
    bool owned() const { return phase_ != Phase::idle; }
    bool drained() const { return !post_ && !signing_; }
    LaneView view() const;

private:
    enum class Phase { idle, loading, running };
    enum class Block { none, locked, funds_token, funds_gas, fee_cap, gas_estimate, refused, silent };
    struct Signing {
        Token token = 0;
        std::int64_t asked_us = 0;
        std::vector<Row> rows;
        std::vector<crypto::TxFields> transactions;
    };
    struct Post {
        Token token;
        std::vector<std::uint64_t> nonces;
    };

    // taking and keeping the row
    Result<bool> take_row();
    Result<void> load();
    void forget();
    Result<void> keep();
    Result<void> settle(Result<void> done);  // what a write's error means for the lane
    // sending
    Result<bool> advance();
    Result<bool> pick();
    Result<std::vector<Row>> choose(std::int64_t most);
    Result<bool> sign_affordable(std::vector<Row> rows);
    std::optional<std::uint64_t> gas_of(const Row &row);
    Block affordable(const std::vector<Row> &rows, const u256 &max_fee, std::size_t &count);
    void ask_signatures(std::vector<Row> rows, const u256 &max_fee, const u256 &tip);
    Result<void> take_signatures(bool &progressed);
    Result<void> store_signed(const std::vector<Signature> &signatures);
    Result<bool> post_due();
    Result<void> record_posts(const ChainSends &sends);
    void judge(Open &open, const ChainSent &sent);
    Result<void> reject(const Row &row, std::string_view reason);
    // settling
    bool ask_receipts();
    void ask_again();
    Result<void> refuse_overdue();
    std::int64_t undecided_count() const;
    Result<void> settle_receipts(const std::vector<std::uint64_t> &nonces, const ChainReceipts &receipts);
    Result<void> record_mined(const std::vector<std::pair<Open *, Mined>> &mined);
    Result<void> record_unmined(const std::vector<Open *> &gone);
    Result<bool> finalize();
    Result<void> record_final(const std::vector<Open *> &final_ones);
    Result<void> doubt(Open &open);
    void suspect(Open &open);
    Mined mined_of(const Open &open, const ChainReceipt &receipt) const;
    void on_account(const ChainAccount &account);
    Result<void> check_count();
    Result<void> quarantine(const std::string &why, Open *open = nullptr, const Payout *told = nullptr);
    Result<void> set_block(Block kind, std::string why);
    Block blocked_by_answers(std::string &why) const;
    void add_open(Row row, std::vector<Attempt> attempts);
    void drop_open(std::uint64_t nonce);
    Token next_token() { return ++facts_.tokens; }
    std::int64_t now() const { return ports_.clock.boot_us(); }
    events::EventDraft lane_event(const char *type, std::string_view reason) const;

    Ports ports_;
    ChainFacts &facts_;
    Address sender_;
    Phase phase_ = Phase::idle;
    std::string elsewhere_;  // why the lane is not ours
    std::int64_t take_due_us_ = 0;
    std::int64_t kept_until_us_ = 0;  // boot clock: no effect of ours after it
    std::int64_t keep_due_us_ = 0;
    std::int64_t pick_due_us_ = 0;

    port::Held held_;
    std::optional<std::uint64_t> next_nonce_;  // as in the row
    std::uint64_t nonce_ = 0;                  // the next to give out, once running
    std::string quarantine_;
    std::int64_t nudge_ = 0;

    std::map<std::uint64_t, Open> open_;  // by nonce
    struct HashOf {
        std::size_t operator()(const Hash32 &h) const noexcept {
            std::size_t v = 0;
            for (std::size_t i = 0; i < sizeof v; ++i) v = v << 8U | h.bytes[i];
            return v;
        }
    };
    std::unordered_map<Hash32, std::uint64_t, HashOf> by_hash_;

    std::optional<Signing> signing_;
    std::optional<Result<std::vector<Signature>>> signatures_;
    std::optional<Post> post_;
    std::optional<ChainSends> sends_;
    std::optional<std::pair<Token, std::vector<std::uint64_t>>> audit_;
    std::optional<ChainReceipts> receipts_;
    std::int64_t audit_due_us_ = 0;
    std::int64_t overdue_due_us_ = 0;
    std::optional<Token> account_call_;
    std::optional<ChainAccount> account_;
    std::string account_problem_;  // why the last question brought nothing
    bool account_fresh_ = false;   // read after the last block that paid for something
    bool counted_ = false;         // the chain's count was compared with ours
    std::int64_t account_due_us_ = 0;
    std::optional<std::pair<Token, std::uint64_t>> depth_call_;  // the count at final depth, for a nonce
    struct GasProbe {
        std::uint64_t gas = 0;
        std::int64_t at_us = 0;
        std::optional<Token> call;
        std::string refused;
    };
    std::map<Address, GasProbe> gas_;

    Block block_ = Block::none;
    std::string block_reason_;
    core::Backoff post_backoff_{250'000, 60'000'000};
};

}  // namespace remit::payouts
