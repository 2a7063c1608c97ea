#include "capi/queue.hpp"

#include "capi/claim.hpp"
#include "capi/guard.hpp"

#include <remit/process.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace remit::capi {

long this_process() noexcept {
    return process_id();
}

Result<std::shared_ptr<Queue>> Queue::open() {
    const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0) return error(Status::state, "no file descriptor is left for the queue");
    return std::make_shared<Queue>(fd);
}

Queue::~Queue() {
    ::close(fd_);
}

void Queue::push(Items &&node) noexcept {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    const bool was_empty = items_.empty();
    if (node.front().kind == REMIT_ITEM_LOG) ++log_count_;
    items_.splice(items_.end(), std::move(node));
    if (was_empty) ::eventfd_write(fd_, 1);
}

Items Queue::take(std::size_t count) {
    std::lock_guard lock(mutex_);
    auto end = items_.begin();
    std::advance(end, static_cast<std::ptrdiff_t>(std::min(count, items_.size())));
    Items taken;
    taken.splice(taken.end(), items_, items_.begin(), end);
    for (const Item &item : taken)
        if (item.kind == REMIT_ITEM_LOG) --log_count_;
    eventfd_t seen = 0;
    if (items_.empty()) ::eventfd_read(fd_, &seen);
    return taken;
}

Items Queue::fetch(std::size_t count, std::int64_t timeout_ms) {
    Items taken = take(count);
    if (!taken.empty() || timeout_ms == 0) return taken;
    // Another caller may take what woke us, and a signal ends the wait: both give an empty batch in time.
    pollfd readable{fd_, POLLIN, 0};
    const auto wait = std::min<std::int64_t>(timeout_ms, std::numeric_limits<int>::max());
    ::poll(&readable, 1, timeout_ms < 0 ? -1 : static_cast<int>(wait));
    return take(count);
}

void Queue::offer(Item item, WorkAnswer answer) {
    Items node;
    {
        std::unique_lock lock(mutex_);
        if (closed_) {
            lock.unlock();
            static_cast<void>(answer(REMIT_WORK_UNKNOWN, view("the host's queue is closed")));
            return;
        }
        item.token = next_token_++;
        node.push_back(std::move(item));
        work_.emplace(node.front().token, std::move(answer));
    }
    push(std::move(node));
}

Result<void> Queue::answer(std::uint64_t token, remit_work_outcome outcome, ByteView bytes) {
    WorkAnswer answer;
    {
        std::lock_guard lock(mutex_);
        const auto found = work_.find(token);
        if (found == work_.end()) return error(Status::fenced, "nobody waits for this token");
        answer = std::move(found->second);
        work_.erase(found);
    }
    Result<void> taken = answer(outcome, bytes);
    if (taken.status() == Status::invalid) {
        std::lock_guard lock(mutex_);
        work_.emplace(token, std::move(answer));
    }
    return taken;
}

void Queue::close() noexcept {
    std::map<std::uint64_t, WorkAnswer> open;
    Items unseen;
    {
        std::lock_guard lock(mutex_);
        closed_ = true;
        open.swap(work_);
        unseen.swap(items_);
    }
    for (auto &work : open)
        guard_quiet([&] { static_cast<void>(work.second(REMIT_WORK_UNKNOWN, view("the host's queue is closed"))); });
}

}  // namespace remit::capi

// Items as C sees them; the texts are the list's.
struct remit_batch {
    remit::capi::Items items;
    std::vector<remit_item> views;
};

using namespace remit;
using namespace remit::capi;

namespace {

Result<Queue *> live(const remit_queue *queue) {
    if (!queue) return misuse("queue", "is NULL");
    if (queue->queue->forked()) return Error{Status::forked, {}, {}};
    return queue->queue.get();
}

}  // namespace

extern "C" {

remit_status remit_queue_open(remit_queue **out_queue, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        if (!out_queue) return misuse("out_queue", "is NULL");
        *out_queue = nullptr;
        REMIT_TRY(auto queue, Queue::open());
        *out_queue = new remit_queue{std::move(queue)};
        return {};
    });
}

remit_status remit_queue_fd(const remit_queue *queue, int32_t *out_fd, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        if (!out_fd) return misuse("out_fd", "is NULL");
        *out_fd = -1;
        REMIT_TRY(Queue *const live_queue, live(queue));
        *out_fd = live_queue->fd();
        return {};
    });
}

remit_status remit_queue_fetch(remit_queue *queue, size_t item_count, int64_t timeout_ms, remit_batch **out_batch,
                               remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        if (!out_batch) return misuse("out_batch", "is NULL");
        *out_batch = nullptr;
        REMIT_TRY(Queue *const live_queue, live(queue));
        const std::size_t most = std::min<std::size_t>(item_count == 0 ? 256 : item_count, 4'096);
        auto batch = std::make_unique<remit_batch>();
        batch->views.reserve(most);  // before anything is taken out, so that nothing taken is lost
        batch->items = live_queue->fetch(most, timeout_ms);
        for (const Item &item : batch->items)
            batch->views.push_back({item.tag, item.kind, item.status, item.value, item.token, item.payload.c_str(),
                                    item.payload.size(), item.error_field.c_str(), item.error_text.c_str()});
        *out_batch = batch.release();
        return {};
    });
}

remit_status remit_queue_wake(remit_queue *queue, uint64_t tag, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        REMIT_TRY(Queue *const live_queue, live(queue));
        Items node(1);
        node.front().kind = REMIT_ITEM_WAKE;
        node.front().tag = tag;
        live_queue->push(std::move(node));
        return {};
    });
}

void remit_queue_free(remit_queue *queue) {
    if (!queue || queue->queue->forked()) return;
    queue->queue->close();
    delete queue;
}

size_t remit_batch_count(const remit_batch *batch) {
    return batch ? batch->views.size() : 0;
}

const remit_item *remit_batch_at(const remit_batch *batch, size_t index) {
    return batch && index < batch->views.size() ? &batch->views[index] : nullptr;
}

remit_claim *remit_batch_claim(remit_batch *batch, size_t index) {
    if (!batch || index >= batch->items.size()) return nullptr;
    const auto item = std::next(batch->items.begin(), static_cast<std::ptrdiff_t>(index));
    remit_claim *taken = nullptr;
    if (item->claim) guard_quiet([&] { taken = new remit_claim(std::move(*item->claim)); });
    if (taken) item->claim.reset();
    return taken;
}

void remit_batch_free(remit_batch *batch) {
    delete batch;
}

remit_status remit_work_answer(remit_queue *queue, uint64_t token, remit_work_outcome outcome, const void *answer,
                               size_t answer_len, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        REMIT_TRY(Queue *const live_queue, live(queue));
        if (outcome < REMIT_WORK_UNKNOWN || outcome > REMIT_WORK_PASS)
            return misuse("outcome", "is no REMIT_WORK_ value");
        REMIT_TRY(const ByteView given, bytes(answer, answer_len, "answer"));
        return live_queue->answer(token, outcome, given);
    });
}

}  // extern "C"
