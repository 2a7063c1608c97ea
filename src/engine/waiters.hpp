// Those who wait for a payout to reach a status without blocking.
#pragma once

#include <remit/payouts.hpp>
#include <remit/port/clock.hpp>

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace remit::engine {

// Whether a payout of `have` answers a wait for `want`: it is there, past it, or will never come there.
bool reached(PayoutStatus have, PayoutStatus want) noexcept;

// Threads: any thread may add; one thread at a time checks.
class Waiters {
public:
    using Done = std::function<void(Result<Payout>)>;

    Waiters(Payouts &payouts, Clock &clock) : payouts_(payouts), clock_(clock) {}
    void add(std::string payout_id, PayoutStatus status, std::int64_t until_us, Done done);
    // Answers those whose payout is there or whose time is over.
    void check();
    // Answers all with `why`.
    void end(const Error &why);
    // When a check is due next, if nothing else happens.
    std::int64_t next_due_us() const;

private:
    struct Waiter {
        std::string payout_id;
        PayoutStatus status;
        std::int64_t until_us;
        Done done;
    };
    Payouts &payouts_;
    Clock &clock_;
    mutable std::mutex mutex_;
    std::vector<Waiter> waiters_;
};

}  // namespace remit::engine
