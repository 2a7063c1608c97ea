#include "scene.hpp"

#include <poll.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace capi_test;

namespace {

struct Queue {
    remit_queue *queue = nullptr;

    Queue() { REQUIRE(said(remit_queue_open, &queue).status == REMIT_OK); }
    ~Queue() { remit_queue_free(queue); }
    Queue(const Queue &) = delete;
    Queue &operator=(const Queue &) = delete;

    bool readable() const {
        std::int32_t fd = -1;
        REQUIRE(said(remit_queue_fd, queue, &fd).status == REMIT_OK);
        pollfd ready{fd, POLLIN, 0};
        return ::poll(&ready, 1, 0) == 1;
    }
    std::vector<std::uint64_t> tags(std::size_t count, std::int64_t timeout_ms = 0) const {
        remit_batch *batch = nullptr;
        REQUIRE(said(remit_queue_fetch, queue, count, timeout_ms, &batch).status == REMIT_OK);
        std::vector<std::uint64_t> out;
        for (std::size_t i = 0; i < remit_batch_count(batch); ++i) out.push_back(remit_batch_at(batch, i)->tag);
        CHECK(remit_batch_at(batch, out.size()) == nullptr);
        remit_batch_free(batch);
        return out;
    }
};

}  // namespace

TEST_CASE("queue: items come in order, in batches, and the descriptor is readable while there are some") {
    Queue queue;
    CHECK_FALSE(queue.readable());
    CHECK(queue.tags(10).empty());
    for (std::uint64_t tag = 1; tag <= 5; ++tag) REQUIRE(said(remit_queue_wake, queue.queue, tag).status == REMIT_OK);
    CHECK(queue.readable());
    CHECK(queue.tags(2) == std::vector<std::uint64_t>{1, 2});
    CHECK(queue.readable());
    CHECK(queue.tags(0) == std::vector<std::uint64_t>{3, 4, 5});
    CHECK_FALSE(queue.readable());
    REQUIRE(said(remit_queue_wake, queue.queue, std::uint64_t{6}).status == REMIT_OK);
    CHECK(queue.readable());
}

TEST_CASE("queue: a waiting fetch is woken by an item, and ends at its timeout") {
    Queue queue;
    CHECK(queue.tags(1, 1).empty());
    remit_status woke = REMIT_E_BROKEN;  // checked below: the test's own bookkeeping is of one thread
    std::thread waker([&] { woke = remit_queue_wake(queue.queue, 7, nullptr); });
    CHECK(queue.tags(1, -1) == std::vector<std::uint64_t>{7});
    waker.join();
    CHECK(woke == REMIT_OK);
}

TEST_CASE("queue: each item goes to one of many fetchers") {
    constexpr std::uint64_t kItems = 2'000;
    Queue queue;
    std::vector<std::atomic<int>> seen(kItems);
    std::atomic<std::uint64_t> total{0};
    const auto fetch = [&] {
        while (total.load() < kItems) {
            remit_batch *batch = nullptr;
            if (remit_queue_fetch(queue.queue, 7, 20, &batch, nullptr) != REMIT_OK) return;
            for (std::size_t i = 0; i < remit_batch_count(batch); ++i) {
                ++seen[remit_batch_at(batch, i)->tag];
                ++total;
            }
            remit_batch_free(batch);
        }
    };
    const auto push = [&](std::uint64_t from) {
        for (std::uint64_t tag = from; tag < kItems; tag += 2)
            if (remit_queue_wake(queue.queue, tag, nullptr) != REMIT_OK) return;
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back(fetch);
    for (std::uint64_t i = 0; i < 2; ++i) threads.emplace_back(push, i);
    for (std::thread &thread : threads) thread.join();
    for (const auto &count : seen) CHECK(count.load() == 1);
}

TEST_CASE("queue: an item of wake says so") {
    Queue queue;
    REQUIRE(said(remit_queue_wake, queue.queue, std::uint64_t{3}).status == REMIT_OK);
    remit_batch *batch = nullptr;
    REQUIRE(said(remit_queue_fetch, queue.queue, std::size_t{1}, std::int64_t{0}, &batch).status == REMIT_OK);
    const remit_item *const item = remit_batch_at(batch, 0);
    CHECK(item->kind == REMIT_ITEM_WAKE);
    CHECK(item->status == REMIT_OK);
    CHECK(item->payload_len == 0);
    CHECK(std::string(item->payload).empty());
    CHECK(std::string(item->error_text).empty());
    remit_batch_free(batch);
}

TEST_CASE("queue: answers to work that nobody waits for are fenced, and outcomes that are none are misuse") {
    Queue queue;
    const Said late = said(remit_work_answer, queue.queue, std::uint64_t{9}, REMIT_WORK_DONE, "x", std::size_t{1});
    CHECK(late.status == REMIT_E_FENCED);
    CHECK(said(remit_work_answer, queue.queue, std::uint64_t{9}, 99, "x", std::size_t{1}).field == "outcome");
    CHECK(said(remit_work_answer, queue.queue, std::uint64_t{9}, REMIT_WORK_DONE, nullptr, std::size_t{1}).field ==
          "answer");
    CHECK(said(remit_queue_fd, queue.queue, nullptr).field == "out_fd");
    CHECK(said(remit_queue_fetch, queue.queue, std::size_t{1}, std::int64_t{0}, nullptr).field == "out_batch");
}
