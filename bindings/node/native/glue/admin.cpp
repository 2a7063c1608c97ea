// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#include "structs.hpp"
#include "tables.hpp"

namespace remit::node {
namespace {

struct RemitQuery {
    remit_engine *engine = nullptr;
    Bytes name;
    Bytes json;
    const remit_async *async = nullptr;
    remit_blob *out_json = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "name", name);
        in.bytes(in.argument(2), "json", json);
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_query(engine, name.data, name.length, json.data, json.length, async, &out_json, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return handle(env, kBlob, out_json);
    }
};

struct RemitCommand {
    remit_engine *engine = nullptr;
    Bytes name;
    Bytes json;
    const remit_async *async = nullptr;
    remit_blob *out_json = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "name", name);
        in.bytes(in.argument(2), "json", json);
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_command(engine, name.data, name.length, json.data, json.length, async, &out_json, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return handle(env, kBlob, out_json);
    }
};

struct RemitCatalogue {
    remit_engine *engine = nullptr;
    remit_blob *out_json = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
    }
    void run() noexcept { result = remit_catalogue(engine, &out_json, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kBlob, out_json);
    }
};

constexpr Entry kEntries[] = {
    {"remit_query", now<RemitQuery>},
    {"remit_command", now<RemitCommand>},
    {"remit_catalogue", now<RemitCatalogue>},
};

}  // namespace

Table admin_calls() noexcept {
    return {kEntries, sizeof kEntries / sizeof *kEntries};
}

}  // namespace remit::node
