// The connections, one transaction on each at a time; and the server's time.
//
// A commit whose answer was lost may still be under way at the server. Before anything else is read or written, that
// process of the server is ended and waited for: what is read then is what will stay.
#pragma once

#include "sql/postgres/session.hpp"

#include <atomic>
#include <condition_variable>
#include <thread>
#include <utility>
#include <vector>

namespace remit::sql::pg {

class Pool {
public:
    explicit Pool(Shared &shared) : shared_(shared) {}

    enum class For { transaction, read };
    // A connection that is ours until this goes; one that was lost meanwhile is not given back.
    class Borrowed {
    public:
        Borrowed(Pool &pool, For what) : pool_(&pool), what_(what) {}
        Borrowed(Borrowed &&other) noexcept :
            pool_(std::exchange(other.pool_, nullptr)), what_(other.what_), session_(std::move(other.session_)) {}
        Borrowed &operator=(Borrowed &&) = delete;
        ~Borrowed() {
            if (pool_ != nullptr) pool_->give_back(what_, std::move(session_));
        }
        Session &operator*() const { return *session_; }
        Session *operator->() const { return session_.get(); }

    private:
        friend class Pool;
        Pool *pool_;
        For what_;
        std::unique_ptr<Session> session_;
    };

    // Waits for a free one, and connects where there is none. Misuse when this thread has one for a transaction.
    Result<Borrowed> borrow(For what);
    // Whether this thread is inside a transaction.
    bool busy_here();

    // A connection outside the pool; tried a few times, as a server that starts or is full mostly serves soon.
    Result<std::unique_ptr<Session>> connect();
    // The server's time, by our clock since it was last asked.
    std::int64_t server_now_us() {
        return shared_.options.clock->boot_us() + offset_us_.load(std::memory_order_relaxed);
    }
    // After a fork: the connections are the parent's.
    void abandon();

private:
    Result<std::unique_ptr<Session>> ready(std::unique_ptr<Session> session);
    Result<void> ask_time(Session &session);
    Result<void> settle(Session &session);
    void give_back(For what, std::unique_ptr<Session> session);

    Shared &shared_;
    std::mutex mutex_;
    std::condition_variable free_;
    std::vector<std::unique_ptr<Session>> idle_;
    std::vector<std::thread::id> inside_;  // who runs a transaction
    int taken_ = 0;
    std::vector<Session::Backend> in_doubt_;  // whose commits may still happen
    std::atomic<std::int64_t> offset_us_{0};
    std::atomic<std::int64_t> asked_us_{0};
    std::atomic<bool> away_{false};
};

}  // namespace remit::sql::pg
