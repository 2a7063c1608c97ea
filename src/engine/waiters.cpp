#include "engine/waiters.hpp"

#include <algorithm>
#include <optional>

namespace remit::engine {

namespace {

constexpr std::int64_t kCheckEveryUs = 20'000;  // another process may be the one that works

}  // namespace

bool reached(PayoutStatus have, PayoutStatus want) noexcept {
    return static_cast<int>(have) >= static_cast<int>(want);
}

void Waiters::add(std::string payout_id, PayoutStatus status, std::int64_t until_us, Done done) {
    const std::lock_guard lock(mutex_);
    waiters_.push_back({std::move(payout_id), status, until_us, std::move(done)});
}

void Waiters::check() {
    std::vector<Waiter> mine;
    {
        const std::lock_guard lock(mutex_);
        mine.swap(waiters_);
    }
    std::vector<Waiter> left;
    for (Waiter &waiter : mine) {
        auto payout = payouts_.get(waiter.payout_id);
        const bool retry = !payout && status_class(payout.status()) == StatusClass::RETRY;
        if (payout ? reached(payout->status, waiter.status) : !retry)
            waiter.done(std::move(payout));
        else if (clock_.boot_us() >= waiter.until_us)
            waiter.done(error(Status::timeout, "the payout is not there yet; the work goes on"));
        else
            left.push_back(std::move(waiter));
    }
    const std::lock_guard lock(mutex_);
    waiters_.insert(waiters_.end(), std::make_move_iterator(left.begin()), std::make_move_iterator(left.end()));
}

void Waiters::end(const Error &why) {
    std::vector<Waiter> all;
    {
        const std::lock_guard lock(mutex_);
        all.swap(waiters_);
    }
    for (Waiter &waiter : all) waiter.done(why);
}

std::int64_t Waiters::next_due_us() const {
    const std::lock_guard lock(mutex_);
    return waiters_.empty() ? INT64_MAX : clock_.boot_us() + kCheckEveryUs;
}

}  // namespace remit::engine
