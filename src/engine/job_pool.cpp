#include "engine/job_pool.hpp"

namespace remit::engine {

void JobPool::post(Job job) {
    {
        std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    more_.notify_one();
}

bool JobPool::take(Job &out) {
    if (jobs_.empty()) return false;
    out = std::move(jobs_.front());
    jobs_.pop_front();
    ++busy_;
    return true;
}

void JobPool::run_due() {
    std::unique_lock lock(mutex_);
    Job job;
    while (!running_ && take(job)) {
        lock.unlock();
        job();
        job = nullptr;  // what it holds goes before the next one runs
        lock.lock();
        --busy_;
    }
}

void JobPool::work() {
    std::unique_lock lock(mutex_);
    Job job;
    while (running_) {
        if (!take(job)) {
            more_.wait(lock);
            continue;
        }
        lock.unlock();
        job();
        job = nullptr;
        lock.lock();
        --busy_;
    }
}

void JobPool::start(int threads) {
    stop();
    {
        std::lock_guard lock(mutex_);
        running_ = true;
    }
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

void JobPool::stop() {
    {
        std::lock_guard lock(mutex_);
        running_ = false;
    }
    more_.notify_all();
    // A job that stops the pool ends its own thread by returning; the next stop joins it.
    std::erase_if(threads_, [](std::thread &thread) {
        if (thread.get_id() == std::this_thread::get_id()) return false;
        thread.join();
        return true;
    });
}

bool JobPool::idle() {
    std::lock_guard lock(mutex_);
    return jobs_.empty() && busy_ == 0;
}

}  // namespace remit::engine
