// Transactions that nobody waits for: run by threads of the database when it has some, else by whoever drains.
#pragma once

#include <remit/port/database.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace remit::sql::pg {

class Submitted {
public:
    explicit Submitted(std::function<Result<void>(const SqlTxFn &)> transact) : transact_(std::move(transact)) {}
    ~Submitted();
    Submitted(const Submitted &) = delete;
    Submitted &operator=(const Submitted &) = delete;

    void submit(SqlTxFn fn, SqlDone done);
    // Returns when all that was submitted before is answered.
    void drain();
    void start(int threads);
    // Answers what was submitted, then ends the threads.
    void stop();

private:
    struct Item {
        SqlTxFn fn;
        SqlDone done;
    };
    bool run_one(std::unique_lock<std::mutex> &lock);
    void work();

    const std::function<Result<void>(const SqlTxFn &)> transact_;
    std::mutex mutex_;
    std::condition_variable work_, answer_;
    std::deque<Item> queue_;
    std::uint64_t accepted_ = 0;
    std::uint64_t answered_ = 0;  // counted, not ordered: enough to know that none is left
    bool stop_ = false;
    std::mutex thread_mutex_;
    std::vector<std::thread> threads_;  // under thread_mutex_
};

}  // namespace remit::sql::pg
