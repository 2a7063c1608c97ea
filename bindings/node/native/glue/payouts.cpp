// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#include "structs.hpp"
#include "tables.hpp"

namespace remit::node {
namespace {

struct RemitPayoutEnqueue {
    remit_engine *engine = nullptr;
    const remit_payout_request *requests = nullptr;
    size_t request_count = 0;
    const remit_async *async = nullptr;
    remit_payout_accepted *out_accepted = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        requests = in.objects<remit_payout_request>(in.argument(1), "requests", request_count);
        async = in.object<remit_async>(in.argument(2), "async");
        if (!in.failed()) out_accepted = in.zeroed<remit_payout_accepted>(request_count + 1);
    }
    void run() noexcept { result = remit_payout_enqueue(engine, requests, request_count, async, out_accepted, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return objects(env, out_accepted, request_count);
    }
};

struct RemitPayoutGet {
    remit_engine *engine = nullptr;
    Bytes id;
    const remit_async *async = nullptr;
    remit_payout_status out_status{};
    remit_blob *out_payout = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "id", id);
        async = in.object<remit_async>(in.argument(2), "async");
    }
    void run() noexcept { result = remit_payout_get(engine, id.data, id.length, async, &out_status, &out_payout, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return array(env, {number(env, out_status), handle(env, kBlob, out_payout)});
    }
};

struct RemitPayoutFind {
    remit_engine *engine = nullptr;
    Bytes tenant;
    Bytes external_id;
    const remit_async *async = nullptr;
    remit_payout_status out_status{};
    remit_blob *out_payout = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "tenant", tenant);
        in.bytes(in.argument(2), "external_id", external_id);
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_payout_find(engine, tenant.data, tenant.length, external_id.data, external_id.length, async, &out_status, &out_payout, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return array(env, {number(env, out_status), handle(env, kBlob, out_payout)});
    }
};

struct RemitPayoutWait {
    remit_engine *engine = nullptr;
    Bytes id;
    remit_payout_status status = 0;
    int64_t timeout_ms = 0;
    const remit_async *async = nullptr;
    remit_payout_status out_status{};
    remit_blob *out_payout = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "id", id);
        in.number(in.argument(2), "status", status);
        in.number(in.argument(3), "timeout_ms", timeout_ms);
        async = in.object<remit_async>(in.argument(4), "async");
    }
    void run() noexcept { result = remit_payout_wait(engine, id.data, id.length, status, timeout_ms, async, &out_status, &out_payout, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return array(env, {number(env, out_status), handle(env, kBlob, out_payout)});
    }
};

struct RemitPayoutCancel {
    remit_engine *engine = nullptr;
    Bytes id;
    Bytes actor;
    Bytes reason;
    const remit_async *async = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "id", id);
        in.bytes(in.argument(2), "actor", actor);
        in.bytes(in.argument(3), "reason", reason);
        async = in.object<remit_async>(in.argument(4), "async");
    }
    void run() noexcept { result = remit_payout_cancel(engine, id.data, id.length, actor.data, actor.length, reason.data, reason.length, async, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

constexpr Entry kEntries[] = {
    {"remit_payout_enqueue", now<RemitPayoutEnqueue>},
    {"remit_payout_get", now<RemitPayoutGet>},
    {"remit_payout_find", now<RemitPayoutFind>},
    {"remit_payout_wait", now<RemitPayoutWait>},
    {"remit_payout_cancel", now<RemitPayoutCancel>},
};

}  // namespace

Table payouts_calls() noexcept {
    return {kEntries, sizeof kEntries / sizeof *kEntries};
}

}  // namespace remit::node
