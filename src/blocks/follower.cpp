#include "blocks/follower.hpp"

#include <algorithm>

namespace remit::blocks {

namespace {

constexpr std::uint64_t kScanMax = 64;  // further behind the head than this, receipts are asked by hash
constexpr std::size_t kAskMax = 4;      // block calls under way at once

}  // namespace

std::optional<Hash32> Follower::hash_at(std::uint64_t number) const {
    if (ring_.empty() || number < ring_.front().number || number > ring_.back().number) return std::nullopt;
    return ring_[static_cast<std::size_t>(number - ring_.front().number)].hash;
}

void Follower::failed(const Error &why) {
    reachable_ = false;
    problem_ = why.text;
    ++failures_;
    head_due_us_ = clock_.boot_us() + std::min<std::int64_t>(poll_us_ << std::min(failures_, 5), 10 * kMicrosPerSecond);
}

bool Follower::take(ChainOutcome &outcome) {
    if (head_call_ == outcome.token) {
        head_call_.reset();
        if (!outcome.result)
            failed(outcome.result.error());
        else if (const auto *head = std::get_if<ChainHead>(&*outcome.result))
            on_head(*head);
        return true;
    }
    const auto asked = asked_.find(outcome.token);
    if (asked == asked_.end()) return false;
    const std::uint64_t number = asked->second;
    asked_.erase(asked);
    if (!outcome.result)
        failed(outcome.result.error());
    else if (auto *block = std::get_if<ChainBlock>(&*outcome.result); block != nullptr && block->number == number)
        arrived_[number] = std::move(*block);
    else
        ask_due_us_ = clock_.boot_us() + poll_us_ / 4;  // it told of a head that it does not have: not again at once
    return true;
}

void Follower::on_head(const ChainHead &head) {
    const std::int64_t now = clock_.boot_us();
    reachable_ = true;
    problem_.clear();
    failures_ = 0;
    head_due_us_ = now + poll_us_;
    if (!head_ || head_->hash != head.hash) head_moved_us_ = now;
    const bool first = !head_;
    head_ = head;
    if (first || (head.number > next_ && head.number - next_ > kScanMax)) restart_at_head();
}

// Blocks before the head are not told; those who wait ask by hash.
void Follower::restart_at_head() {
    ring_.clear();
    arrived_.clear();
    asked_.clear();
    next_ = head_->number;
    gap_to_tell_ = true;
}

// Takes back what the head contradicts: a shorter chain, or another block at the same height.
Result<bool> Follower::shorten(Listener &listener) {
    bool told = false;
    while (!ring_.empty() && (ring_.back().number > head_->number ||
                              (ring_.back().number == head_->number && ring_.back().hash != head_->hash))) {
        REMIT_CHECK(listener.orphaned(ring_.back().number, ring_.back().hash));
        next_ = ring_.back().number;
        ring_.pop_back();
        arrived_.clear();
        asked_.clear();
        told = true;
        if (ring_.empty()) restart_at_head();
    }
    return told;
}

Result<bool> Follower::extend(Listener &listener) {
    bool told = false;
    for (auto it = arrived_.find(next_); it != arrived_.end(); it = arrived_.find(next_)) {
        ChainBlock &block = it->second;
        if (!ring_.empty() && block.parent_hash != ring_.back().hash) {
            REMIT_CHECK(listener.orphaned(ring_.back().number, ring_.back().hash));
            next_ = ring_.back().number;
            ring_.pop_back();
            arrived_.clear();
            asked_.clear();
            if (ring_.empty()) restart_at_head();
            return true;
        }
        REMIT_CHECK(listener.block(block));
        if (block.number == head_->number) head_->hash = block.hash;  // the newer word of the two
        ring_.push_back({block.number, block.hash});
        if (ring_.size() > depth_) ring_.pop_front();
        arrived_.erase(it);
        ++next_;
        told = true;
    }
    return told;
}

void Follower::ask_blocks() {
    for (std::uint64_t n = next_; n <= head_->number && asked_.size() < kAskMax; ++n) {
        if (n - next_ >= kAskMax) break;
        const bool under_way = std::ranges::any_of(asked_, [n](const auto &call) { return call.second == n; });
        if (under_way || arrived_.contains(n)) continue;
        const Token token = ++tokens_;
        asked_[token] = n;
        chain_.block(token, n);
    }
}

Result<bool> Follower::tick(Listener &listener) {
    const std::int64_t now = clock_.boot_us();
    if (!head_call_ && now >= head_due_us_) {
        head_call_ = ++tokens_;
        chain_.head(*head_call_);
    }
    if (!head_) return false;
    if (gap_to_tell_) {
        gap_to_tell_ = false;
        listener.gap();
    }
    REMIT_TRY(const bool shortened, shorten(listener));
    REMIT_TRY(const bool extended, extend(listener));
    if (reachable_ && now >= ask_due_us_) ask_blocks();
    return shortened || extended;
}

std::int64_t Follower::next_due_us() const {
    const std::int64_t due = head_call_ ? INT64_MAX : head_due_us_;
    const bool missing = reachable_ && head_ && next_ <= head_->number && asked_.empty();
    return missing ? std::min(due, ask_due_us_) : due;
}

}  // namespace remit::blocks
