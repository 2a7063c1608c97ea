// One chain at work: asks the node, follows the blocks, and drives the lanes of its senders.
#include "payouts/lane.hpp"

#include <algorithm>

namespace remit::payouts {

namespace {

constexpr std::int64_t kStoreRetryUs = 1'000'000;
constexpr std::int64_t kIdentityRetryUs = 2'000'000;
constexpr std::int64_t kSendersEveryUs = 1'000'000;
constexpr std::size_t kRingSpare = 64;

class Worker final : public ChainWorker, private blocks::Listener {
public:
    Worker(const Ports &ports, const ChainConfig &config, Chain &chain, Signer &signer) :
        ports_(ports),
        config_(config),
        chain_(chain),
        signer_(signer),
        follower_(chain, ports.clock, tokens_, config.poll_us, config.confirmations + kRingSpare),
        facts_{config_,
               chain_,
               signer_,
               follower_,
               tokens_,
               {},
               0,
               false,
               false,
               false,
               {},
               ports.metrics.counter("remit_payouts_posts_total", "Posts of signed transactions to a node"),
               ports.metrics.counter("remit_payouts_signatures_total", "Transactions signed")} {}

    Result<bool> tick() override;
    std::int64_t next_due_us() const override;
    void poke() override { poked_.store(true, std::memory_order_relaxed); }
    void drain(bool on) override { facts_.draining = on; }
    bool drained() const override {
        return std::ranges::all_of(lanes_, [](const Lane &lane) { return lane.drained(); });
    }
    void release() override {
        for (Lane &lane : lanes_) lane.release();
    }
    ChainView view() const override;

private:
    Result<void> block(const ChainBlock &block) override {
        for (Lane &lane : lanes_) REMIT_CHECK(lane.block(block));
        return {};
    }
    Result<void> orphaned(std::uint64_t number, const Hash32 &hash) override {
        ports_.log.write(LogLevel::warn, "blocks.orphaned", {{"chain", config_.id}, {"number", number}});
        for (Lane &lane : lanes_) REMIT_CHECK(lane.orphaned(number, hash));
        return {};
    }
    void gap() override {
        for (Lane &lane : lanes_) lane.audit_all();
    }

    void take_outcomes();
    void ask_identity();
    void on_identity(const Result<ChainAnswer> &result);
    void ask_fees();
    void find_senders();
    Result<bool> work();

    Ports ports_;
    const ChainConfig config_;
    Chain &chain_;
    Signer &signer_;
    Token tokens_ = 0;
    blocks::Follower follower_;
    ChainFacts facts_;
    std::deque<Lane> lanes_;

    std::vector<ChainOutcome> chain_outcomes_;
    std::vector<SignOutcome> sign_outcomes_;
    std::optional<Token> identity_call_;
    std::int64_t identity_due_us_ = 0;
    std::string identity_problem_;
    std::string wrong_chain_;
    bool was_reachable_ = true;
    std::optional<Token> fees_call_;
    std::int64_t senders_due_us_ = 0;
    std::int64_t store_ok_us_ = 0;
    std::atomic<bool> poked_{false};
};

void Worker::find_senders() {
    if (ports_.clock.boot_us() < senders_due_us_) return;
    senders_due_us_ = ports_.clock.boot_us() + kSendersEveryUs;
    const auto known = signer_.addresses();
    const auto &wanted = config_.senders.empty() ? known : config_.senders;
    for (const Address &sender : wanted) {
        const bool have_key = std::ranges::find(known, sender) != known.end();
        const bool there = std::ranges::any_of(lanes_, [&](const Lane &lane) { return lane.sender() == sender; });
        if (have_key && !there) lanes_.emplace_back(ports_, facts_, sender);
    }
}

void Worker::ask_identity() {
    // A node that came back may be another one.
    if (!follower_.reachable() && was_reachable_ && follower_.head()) facts_.identified = false;
    was_reachable_ = follower_.reachable();
    if (facts_.identified || identity_call_ || ports_.clock.boot_us() < identity_due_us_) return;
    identity_call_ = ++tokens_;
    chain_.identity(*identity_call_);
}

void Worker::on_identity(const Result<ChainAnswer> &result) {
    identity_call_.reset();
    identity_due_us_ = ports_.clock.boot_us() + kIdentityRetryUs;
    identity_problem_ = result ? std::string() : result.error().text;
    if (!result) return;
    const auto *identity = std::get_if<ChainIdentity>(&*result);
    if (identity == nullptr) return;
    facts_.identified = identity->chain_id == config_.id;
    const std::string before = std::move(wrong_chain_);
    wrong_chain_.clear();
    if (!facts_.identified) {
        wrong_chain_ =
            "the node is of chain " + std::to_string(identity->chain_id) + ", not " + std::to_string(config_.id);
        if (before != wrong_chain_)
            ports_.log.write(LogLevel::error, "payouts.wrong_chain",
                             {{"configured", config_.id}, {"node", identity->chain_id}});
    }
}

void Worker::ask_fees() {
    if (!facts_.fees_wanted || fees_call_ || !facts_.identified) return;
    facts_.fees_wanted = false;
    fees_call_ = ++tokens_;
    chain_.fees(*fees_call_);
}

void Worker::take_outcomes() {
    chain_outcomes_.clear();
    chain_.poll(chain_outcomes_);
    for (ChainOutcome &outcome : chain_outcomes_) {
        if (identity_call_ == outcome.token)
            on_identity(outcome.result);
        else if (fees_call_ == outcome.token) {
            fees_call_.reset();
            if (outcome.result) {
                facts_.fees = std::get<ChainFees>(*outcome.result);
                facts_.fees_us = ports_.clock.boot_us();
                facts_.fees_wanted = false;
                for (Lane &lane : lanes_) lane.poke();
            }
        } else if (!follower_.take(outcome)) {
            for (Lane &lane : lanes_)
                if (lane.take(outcome)) break;
        }
    }
    sign_outcomes_.clear();
    signer_.poll(sign_outcomes_);
    for (SignOutcome &outcome : sign_outcomes_)
        for (Lane &lane : lanes_)
            if (lane.take(outcome)) break;
}

Result<bool> Worker::work() {
    bool progressed = false;
    // Blocks of the wrong chain mean nothing here.
    if (facts_.identified || facts_.draining) {
        REMIT_TRY(const bool followed, follower_.tick(*this));
        progressed |= followed;
    }
    std::optional<Error> trouble;  // of one lane; the others go on
    for (Lane &lane : lanes_) {
        const auto advanced = lane.tick();
        if (advanced)
            progressed |= *advanced;
        else if (!trouble)
            trouble = advanced.error();
    }
    if (trouble) return *std::move(trouble);
    return progressed;
}

Result<bool> Worker::tick() {
    if (poked_.exchange(false, std::memory_order_relaxed))
        for (Lane &lane : lanes_) lane.poke();
    take_outcomes();
    if (ports_.clock.boot_us() < store_ok_us_) return false;
    find_senders();
    ask_identity();
    auto worked = work();
    if (!worked) {
        store_ok_us_ = ports_.clock.boot_us() + kStoreRetryUs;
        return worked;
    }
    ask_fees();
    return worked;
}

std::int64_t Worker::next_due_us() const {
    const std::int64_t now = ports_.clock.boot_us();
    if (now < store_ok_us_) return store_ok_us_;
    if (poked_.load(std::memory_order_relaxed)) return now;
    std::int64_t due = senders_due_us_;
    if (facts_.identified || facts_.draining) due = std::min(due, follower_.next_due_us());
    if (!facts_.identified && !identity_call_) due = std::min(due, identity_due_us_);
    for (const Lane &lane : lanes_) due = std::min(due, lane.next_due_us());
    return std::max(due, now);
}

ChainView Worker::view() const {
    ChainView view;
    view.chain_id = config_.id;
    view.reachable = follower_.reachable() && facts_.identified;
    view.problem = !wrong_chain_.empty()        ? wrong_chain_
                   : !identity_problem_.empty() ? identity_problem_
                                                : follower_.problem();
    if (follower_.head()) view.head = follower_.head()->number;
    view.head_seen_us = follower_.head_moved_us();
    for (const Lane &lane : lanes_) view.lanes.push_back(lane.view());
    return view;
}

}  // namespace

std::unique_ptr<ChainWorker> make_chain_worker(const Ports &ports, const ChainConfig &config, Chain &chain,
                                               Signer &signer) {
    return std::make_unique<Worker>(ports, config, chain, signer);
}

}  // namespace remit::payouts
