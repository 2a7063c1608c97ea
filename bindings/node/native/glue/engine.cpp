// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#include "structs.hpp"
#include "tables.hpp"

namespace remit::node {
namespace {

struct RemitEngineOpen {
    Bytes config;
    const remit_engine_options *options = nullptr;
    remit_engine *out_engine = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.bytes(in.argument(0), "config", config);
        options = in.object<remit_engine_options>(in.argument(1), "options");
    }
    void run() noexcept { result = remit_engine_open(config.data, config.length, options, &out_engine, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kEngine, out_engine);
    }
};

struct RemitEngineOpenFile {
    Bytes path;
    const remit_engine_options *options = nullptr;
    remit_engine *out_engine = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.bytes(in.argument(0), "path", path);
        options = in.object<remit_engine_options>(in.argument(1), "options");
    }
    void run() noexcept { result = remit_engine_open_file(path.data, path.length, options, &out_engine, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kEngine, out_engine);
    }
};

struct RemitEngineTick {
    remit_engine *engine = nullptr;
    int64_t budget_us = 0;
    int32_t out_progressed{};
    int64_t out_next_due_us{};
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.number(in.argument(1), "budget_us", budget_us);
    }
    void run() noexcept { result = remit_engine_tick(engine, budget_us, &out_progressed, &out_next_due_us, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return array(env, {number(env, out_progressed), number(env, out_next_due_us)});
    }
};

struct RemitEngineStart {
    remit_engine *engine = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
    }
    void run() noexcept { result = remit_engine_start(engine, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitEngineStop {
    remit_engine *engine = nullptr;
    int64_t drain_ms = 0;
    const remit_async *async = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.number(in.argument(1), "drain_ms", drain_ms);
        async = in.object<remit_async>(in.argument(2), "async");
    }
    void run() noexcept { result = remit_engine_stop(engine, drain_ms, async, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitEngineHealth {
    remit_engine *engine = nullptr;
    const remit_async *async = nullptr;
    int32_t out_ok{};
    remit_blob *out_health = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        async = in.object<remit_async>(in.argument(1), "async");
    }
    void run() noexcept { result = remit_engine_health(engine, async, &out_ok, &out_health, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return array(env, {number(env, out_ok), handle(env, kBlob, out_health)});
    }
};

struct RemitEngineMetrics {
    remit_engine *engine = nullptr;
    remit_blob *out_text = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
    }
    void run() noexcept { result = remit_engine_metrics(engine, &out_text, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kBlob, out_text);
    }
};

struct RemitEngineBackup {
    remit_engine *engine = nullptr;
    Bytes path;
    const remit_async *async = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "path", path);
        async = in.object<remit_async>(in.argument(2), "async");
    }
    void run() noexcept { result = remit_engine_backup(engine, path.data, path.length, async, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

constexpr Entry kEntries[] = {
    {"remit_engine_open", now<RemitEngineOpen>},
    {"remit_engine_open_later", later<RemitEngineOpen>},
    {"remit_engine_open_file", now<RemitEngineOpenFile>},
    {"remit_engine_open_file_later", later<RemitEngineOpenFile>},
    {"remit_engine_tick", now<RemitEngineTick>},
    {"remit_engine_tick_later", later<RemitEngineTick>},
    {"remit_engine_start", now<RemitEngineStart>},
    {"remit_engine_start_later", later<RemitEngineStart>},
    {"remit_engine_stop", now<RemitEngineStop>},
    {"remit_engine_health", now<RemitEngineHealth>},
    {"remit_engine_metrics", now<RemitEngineMetrics>},
    {"remit_engine_backup", now<RemitEngineBackup>},
    {"remit_engine_free", free_now<kEngine>},
    {"remit_engine_free_later", free_later<kEngine>},
};

}  // namespace

Table engine_calls() noexcept {
    return {kEntries, sizeof kEntries / sizeof *kEntries};
}

}  // namespace remit::node
