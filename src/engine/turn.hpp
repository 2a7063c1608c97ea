// One thread at a time, with the loop giving way: a plain mutex would be taken again by the loop that has just
// released it, and whoever waits would starve.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace remit::engine {

class Turn {
public:
    // For a visitor: `nudge` makes the loop come to its end soon.
    std::unique_lock<std::mutex> enter(const std::function<void()> &nudge) {
        waiting_.fetch_add(1);
        nudge();
        std::unique_lock lock(mutex_);
        waiting_.fetch_sub(1);
        gone_.notify_all();
        return lock;
    }
    std::unique_lock<std::mutex> try_enter() { return std::unique_lock(mutex_, std::try_to_lock); }
    // For the loop: holds the turn on return.
    std::unique_lock<std::mutex> enter_loop() {
        std::unique_lock lock(mutex_);
        gone_.wait(lock, [this] { return waiting_.load() == 0; });
        return lock;
    }
    bool wanted() const { return waiting_.load() > 0; }

private:
    std::mutex mutex_;
    std::condition_variable gone_;
    std::atomic<int> waiting_{0};
};

}  // namespace remit::engine
