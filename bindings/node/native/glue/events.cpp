// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#include "structs.hpp"
#include "tables.hpp"

namespace remit::node {
namespace {

struct RemitEventsNext {
    remit_engine *engine = nullptr;
    Bytes consumer;
    int32_t event_count = 0;
    const remit_async *async = nullptr;
    int64_t out_last{};
    remit_blob *out_events = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "consumer", consumer);
        in.number(in.argument(2), "event_count", event_count);
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_events_next(engine, consumer.data, consumer.length, event_count, async, &out_last, &out_events, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return array(env, {number(env, out_last), handle(env, kBlob, out_events)});
    }
};

struct RemitEventsAck {
    remit_engine *engine = nullptr;
    Bytes consumer;
    int64_t position = 0;
    const remit_async *async = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "consumer", consumer);
        in.number(in.argument(2), "position", position);
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_events_ack(engine, consumer.data, consumer.length, position, async, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

constexpr Entry kEntries[] = {
    {"remit_events_next", now<RemitEventsNext>},
    {"remit_events_ack", now<RemitEventsAck>},
};

}  // namespace

Table events_calls() noexcept {
    return {kEntries, sizeof kEntries / sizeof *kEntries};
}

}  // namespace remit::node
