// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#include "structs.hpp"
#include "tables.hpp"

namespace remit::node {
namespace {

struct RemitKeysUnlock {
    remit_engine *engine = nullptr;
    Bytes password;
    int64_t ttl_ms = 0;
    const remit_async *async = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "password", password);
        in.number(in.argument(2), "ttl_ms", ttl_ms);
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_keys_unlock(engine, password.data, password.length, ttl_ms, async, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitKeysUnlockKek {
    remit_engine *engine = nullptr;
    Bytes kek;
    int64_t ttl_ms = 0;
    const remit_async *async = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "kek", kek);
        in.number(in.argument(2), "ttl_ms", ttl_ms);
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_keys_unlock_kek(engine, reinterpret_cast<const uint8_t *>(kek.data), kek.length, ttl_ms, async, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitKeysLock {
    remit_engine *engine = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
    }
    void run() noexcept { result = remit_keys_lock(engine, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitKeysUnlocked {
    remit_engine *engine = nullptr;
    int32_t out_unlocked{};
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
    }
    void run() noexcept { result = remit_keys_unlocked(engine, &out_unlocked, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return number(env, out_unlocked);
    }
};

struct RemitKeysCreate {
    remit_engine *engine = nullptr;
    Bytes label;
    const remit_async *async = nullptr;
    remit_blob *out_key = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "label", label);
        async = in.object<remit_async>(in.argument(2), "async");
    }
    void run() noexcept { result = remit_keys_create(engine, label.data, label.length, async, &out_key, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return handle(env, kBlob, out_key);
    }
};

struct RemitKeysImport {
    remit_engine *engine = nullptr;
    Bytes key;
    Bytes label;
    const remit_async *async = nullptr;
    remit_blob *out_key = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "key", key);
        in.bytes(in.argument(2), "label", label);
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_keys_import(engine, reinterpret_cast<const uint8_t *>(key.data), key.length, label.data, label.length, async, &out_key, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return handle(env, kBlob, out_key);
    }
};

struct RemitKeysImportV3 {
    remit_engine *engine = nullptr;
    Bytes json;
    Bytes password;
    Bytes label;
    const remit_async *async = nullptr;
    remit_blob *out_key = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "json", json);
        in.bytes(in.argument(2), "password", password);
        in.bytes(in.argument(3), "label", label);
        async = in.object<remit_async>(in.argument(4), "async");
    }
    void run() noexcept { result = remit_keys_import_v3(engine, json.data, json.length, password.data, password.length, label.data, label.length, async, &out_key, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return handle(env, kBlob, out_key);
    }
};

struct RemitKeysExportV3 {
    remit_engine *engine = nullptr;
    Bytes address;
    Bytes password;
    const remit_async *async = nullptr;
    remit_blob *out_json = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "address", address);
        in.bytes(in.argument(2), "password", password);
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_keys_export_v3(engine, address.data, address.length, password.data, password.length, async, &out_json, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return handle(env, kBlob, out_json);
    }
};

constexpr Entry kEntries[] = {
    {"remit_keys_unlock", now<RemitKeysUnlock>},
    {"remit_keys_unlock_kek", now<RemitKeysUnlockKek>},
    {"remit_keys_lock", now<RemitKeysLock>},
    {"remit_keys_unlocked", now<RemitKeysUnlocked>},
    {"remit_keys_create", now<RemitKeysCreate>},
    {"remit_keys_import", now<RemitKeysImport>},
    {"remit_keys_import_v3", now<RemitKeysImportV3>},
    {"remit_keys_export_v3", now<RemitKeysExportV3>},
};

}  // namespace

Table keys_calls() noexcept {
    return {kEntries, sizeof kEntries / sizeof *kEntries};
}

}  // namespace remit::node
