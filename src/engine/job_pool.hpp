// Jobs that may block, off the caller's thread: the body of Engine::post.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace remit::engine {

// Threads: any thread may call any method, but start, stop and the destructor one at a time; a job may call stop.
class JobPool {
public:
    using Job = std::function<void()>;

    JobPool() = default;
    ~JobPool() { stop(); }
    JobPool(const JobPool &) = delete;
    JobPool &operator=(const JobPool &) = delete;

    void post(Job job);
    // Runs what is waiting, on this thread; nothing when the threads do it.
    void run_due();
    void start(int threads);
    // Lets jobs under way end; waiting ones stay for run_due, the next start, or the destructor.
    void stop();
    bool idle();

private:
    void work();
    bool take(Job &out);

    std::mutex mutex_;
    std::condition_variable more_;
    std::deque<Job> jobs_;
    std::vector<std::thread> threads_;
    bool running_ = false;
    int busy_ = 0;
};

}  // namespace remit::engine
