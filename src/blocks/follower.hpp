// Follows one chain block by block, keeps the hashes of the last blocks, and tells of reorganisations.
//
// Promise: every block is told once while it is canonical, parents before children; a block that was told and
// has left the chain is told of as orphaned, children before parents. Where blocks were skipped (the start, a
// long silence, a reorganisation deeper than the ring) `gap` says so, and whoever waits for a transaction asks
// for its receipt by hash.
#pragma once

#include <remit/port/chain.hpp>
#include <remit/port/clock.hpp>

#include <deque>
#include <map>
#include <optional>
#include <string>

namespace remit::blocks {

class Listener {
public:
    // An error (storage) stops the following here; the same call comes again in a later tick.
    virtual Result<void> block(const ChainBlock &block) = 0;
    virtual Result<void> orphaned(std::uint64_t number, const Hash32 &hash) = 0;
    virtual void gap() = 0;

protected:
    ~Listener() = default;
};

class Follower {
public:
    // `tokens` counts the calls of everybody who shares the chain. `depth`: how many hashes are kept.
    Follower(Chain &chain, Clock &clock, Token &tokens, std::int64_t poll_us, std::size_t depth) :
        chain_(chain), clock_(clock), tokens_(tokens), poll_us_(poll_us), depth_(depth) {}

    // Starts calls that are due and tells the listener what has arrived; true when it told something.
    Result<bool> tick(Listener &listener);
    // Whether the outcome was for us.
    bool take(ChainOutcome &outcome);
    std::int64_t next_due_us() const;

    const std::optional<ChainHead> &head() const { return head_; }
    // The last block whose parents are linked to the ring. Depth counts from here: a new head's number alone
    // does not say that what we hold is below it.
    std::optional<std::uint64_t> linked() const {
        return ring_.empty() ? std::nullopt : std::optional(ring_.back().number);
    }
    // The canonical hash at `number`, while it is in the ring.
    std::optional<Hash32> hash_at(std::uint64_t number) const;
    bool reachable() const { return reachable_; }
    const std::string &problem() const { return problem_; }
    std::int64_t head_moved_us() const { return head_moved_us_; }

private:
    struct Link {
        std::uint64_t number;
        Hash32 hash;
    };
    void on_head(const ChainHead &head);
    Result<bool> shorten(Listener &listener);
    Result<bool> extend(Listener &listener);
    void restart_at_head();
    void ask_blocks();
    void failed(const Error &why);

    Chain &chain_;
    Clock &clock_;
    Token &tokens_;
    std::int64_t poll_us_;
    std::size_t depth_;

    std::optional<ChainHead> head_;
    std::deque<Link> ring_;   // ends at the last block told
    std::uint64_t next_ = 0;  // the next block to tell
    bool gap_to_tell_ = false;
    std::map<Token, std::uint64_t> asked_;         // block calls under way
    std::map<std::uint64_t, ChainBlock> arrived_;  // not told yet
    std::optional<Token> head_call_;
    std::int64_t head_due_us_ = 0;
    std::int64_t ask_due_us_ = 0;
    std::int64_t head_moved_us_ = 0;
    int failures_ = 0;
    bool reachable_ = false;
    std::string problem_ = "not asked yet";
};

}  // namespace remit::blocks
