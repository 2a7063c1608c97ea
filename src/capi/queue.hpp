// The queue behind remit_queue: items with a file descriptor that is readable while there are some.
#pragma once

#include <remit/bytes.hpp>
#include <remit/idempotency.h>
#include <remit/queue.h>

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>

namespace remit::capi {

long this_process() noexcept;

struct Item {
    remit_item_kind kind = REMIT_ITEM_RESULT;
    remit_status status = REMIT_OK;
    std::uint64_t tag = 0;
    std::int64_t value = 0;
    std::uint64_t token = 0;
    std::string payload;
    std::string error_field;
    std::string error_text;
    std::shared_ptr<remit_claim> claim;  // until somebody takes it
};
using Items = std::list<Item>;

// Takes the host's answer. Invalid: the form is wrong and the work stays open.
using WorkAnswer = std::function<Result<void>(remit_work_outcome, ByteView)>;

// Threads: any thread may call any method.
class Queue {
public:
    static Result<std::shared_ptr<Queue>> open();
    explicit Queue(int fd) : fd_(fd) {}
    ~Queue();
    Queue(const Queue &) = delete;
    Queue &operator=(const Queue &) = delete;

    int fd() const noexcept { return fd_; }
    bool forked() const noexcept { return process_ != this_process(); }

    // The one item of `node`; allocates nothing, so that an outcome is never lost.
    void push(Items &&node) noexcept;
    Items fetch(std::size_t count, std::int64_t timeout_ms);
    bool full_of_log() const noexcept { return log_count_.load(std::memory_order_relaxed) >= kLogMax; }

    // Offers work to the host; `answer` is called once with what the host says, or with UNKNOWN when the queue closes.
    void offer(Item item, WorkAnswer answer);
    Result<void> answer(std::uint64_t token, remit_work_outcome outcome, ByteView bytes);
    // The host has let go: nobody will fetch again.
    void close() noexcept;

private:
    static constexpr std::int64_t kLogMax = 10'000;

    Items take(std::size_t count);

    const int fd_;
    const long process_ = this_process();
    std::mutex mutex_;
    Items items_;
    std::map<std::uint64_t, WorkAnswer> work_;
    std::uint64_t next_token_ = 1;
    bool closed_ = false;
    std::atomic<std::int64_t> log_count_{0};
};

}  // namespace remit::capi
