#include "sql/postgres/submitted.hpp"

namespace remit::sql::pg {

Submitted::~Submitted() {
    stop();
    while (!queue_.empty()) {  // an answer may submit more, which is answered the same way
        const Item item = std::move(queue_.front());
        queue_.pop_front();
        item.done(error(Status::closed, "the database was closed"));
    }
}

void Submitted::submit(SqlTxFn fn, SqlDone done) {
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back({std::move(fn), std::move(done)});
        ++accepted_;
    }
    work_.notify_one();
}

// Called and left with the lock held; false when there is nothing to run.
bool Submitted::run_one(std::unique_lock<std::mutex> &lock) {
    if (queue_.empty()) return false;
    {
        const Item item = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        item.done(transact_(item.fn));
    }  // whose end may submit more: of a claim that goes with it, say
    lock.lock();
    ++answered_;
    answer_.notify_all();
    return true;
}

// Until nothing is under way: what came meanwhile is waited for too, since answers have no order.
void Submitted::drain() {
    std::unique_lock lock(mutex_);
    while (run_one(lock)) {
    }
    answer_.wait(lock, [&] { return answered_ >= accepted_; });
}

void Submitted::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        work_.wait(lock, [&] { return stop_ || !queue_.empty(); });
        if (!run_one(lock)) return;
    }
}

void Submitted::start(int threads) {
    const std::lock_guard one(thread_mutex_);
    if (!threads_.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        stop_ = false;
    }
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

void Submitted::stop() {
    const std::lock_guard one(thread_mutex_);
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    work_.notify_all();
    for (std::thread &thread : threads_) thread.join();
    threads_.clear();
}

}  // namespace remit::sql::pg
