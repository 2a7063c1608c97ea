// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#include "structs.hpp"
#include "tables.hpp"

namespace remit::node {
namespace {

struct RemitQueueOpen {
    remit_queue *out_queue = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &) noexcept {
    }
    void run() noexcept { result = remit_queue_open(&out_queue, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kQueue, out_queue);
    }
};

struct RemitQueueFd {
    remit_queue *queue = nullptr;
    int32_t out_fd{};
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "queue", kQueue, queue);
    }
    void run() noexcept { result = remit_queue_fd(queue, &out_fd, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return number(env, out_fd);
    }
};

struct RemitQueueFetch {
    remit_queue *queue = nullptr;
    size_t item_count = 0;
    int64_t timeout_ms = 0;
    remit_batch *out_batch = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "queue", kQueue, queue);
        in.size(in.argument(1), "item_count", item_count);
        in.number(in.argument(2), "timeout_ms", timeout_ms);
    }
    void run() noexcept { result = remit_queue_fetch(queue, item_count, timeout_ms, &out_batch, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kBatch, out_batch);
    }
};

struct RemitQueueWake {
    remit_queue *queue = nullptr;
    uint64_t tag = 0;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "queue", kQueue, queue);
        in.number(in.argument(1), "tag", tag);
    }
    void run() noexcept { result = remit_queue_wake(queue, tag, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitBatchCount {
    remit_batch *batch = nullptr;
    size_t result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "batch", kBatch, batch);
    }
    void run() noexcept { result = remit_batch_count(batch); }
    napi_value give(napi_env env) noexcept {
        return size(env, result);
    }
};

struct RemitBatchAt {
    remit_batch *batch = nullptr;
    size_t index = 0;
    const remit_item *result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "batch", kBatch, batch);
        in.size(in.argument(1), "index", index);
    }
    void run() noexcept { result = remit_batch_at(batch, index); }
    napi_value give(napi_env env) noexcept {
        return result == nullptr ? null(env) : write(env, *result);
    }
};

struct RemitWorkAnswer {
    remit_queue *queue = nullptr;
    uint64_t token = 0;
    remit_work_outcome outcome = 0;
    Bytes answer;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "queue", kQueue, queue);
        in.number(in.argument(1), "token", token);
        in.number(in.argument(2), "outcome", outcome);
        in.bytes(in.argument(3), "answer", answer);
    }
    void run() noexcept { result = remit_work_answer(queue, token, outcome, answer.data, answer.length, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

constexpr Entry kEntries[] = {
    {"remit_queue_open", now<RemitQueueOpen>},
    {"remit_queue_fd", now<RemitQueueFd>},
    {"remit_queue_fetch", now<RemitQueueFetch>},
    {"remit_queue_wake", now<RemitQueueWake>},
    {"remit_queue_free", free_now<kQueue>},
    {"remit_batch_count", now<RemitBatchCount>},
    {"remit_batch_at", now<RemitBatchAt>},
    {"remit_batch_free", free_now<kBatch>},
    {"remit_work_answer", now<RemitWorkAnswer>},
};

}  // namespace

Table queue_calls() noexcept {
    return {kEntries, sizeof kEntries / sizeof *kEntries};
}

}  // namespace remit::node
