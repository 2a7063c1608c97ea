// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#include "structs.hpp"
#include "tables.hpp"

namespace remit::node {
namespace {

struct RemitWorldOpen {
    const remit_world_options *options = nullptr;
    remit_world *out_world = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        options = in.object<remit_world_options>(in.argument(0), "options");
    }
    void run() noexcept { result = remit_world_open(options, &out_world, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kWorld, out_world);
    }
};

struct RemitWorldConfig {
    remit_world *world = nullptr;
    remit_blob *out_config = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "world", kWorld, world);
    }
    void run() noexcept { result = remit_world_config(world, &out_config, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kBlob, out_config);
    }
};

struct RemitWorldEngine {
    remit_world *world = nullptr;
    Bytes config;
    const remit_engine_options *options = nullptr;
    remit_engine *out_engine = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "world", kWorld, world);
        in.bytes(in.argument(1), "config", config);
        options = in.object<remit_engine_options>(in.argument(2), "options");
    }
    void run() noexcept { result = remit_world_engine(world, config.data, config.length, options, &out_engine, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kEngine, out_engine);
    }
};

struct RemitWorldAdvance {
    remit_world *world = nullptr;
    int64_t duration_ms = 0;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "world", kWorld, world);
        in.number(in.argument(1), "duration_ms", duration_ms);
    }
    void run() noexcept { result = remit_world_advance(world, duration_ms, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitWorldMine {
    remit_world *world = nullptr;
    uint64_t block_count = 0;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "world", kWorld, world);
        in.number(in.argument(1), "block_count", block_count);
    }
    void run() noexcept { result = remit_world_mine(world, block_count, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitWorldCredit {
    remit_world *world = nullptr;
    Bytes token;
    Bytes address;
    Bytes amount;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "world", kWorld, world);
        in.bytes(in.argument(1), "token", token);
        in.bytes(in.argument(2), "address", address);
        in.bytes(in.argument(3), "amount", amount);
    }
    void run() noexcept { result = remit_world_credit(world, token.data, token.length, address.data, address.length, amount.data, amount.length, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitWorldBalance {
    remit_world *world = nullptr;
    Bytes token;
    Bytes address;
    remit_blob *out_amount = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "world", kWorld, world);
        in.bytes(in.argument(1), "token", token);
        in.bytes(in.argument(2), "address", address);
    }
    void run() noexcept { result = remit_world_balance(world, token.data, token.length, address.data, address.length, &out_amount, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kBlob, out_amount);
    }
};

struct RemitWorldTransfers {
    remit_world *world = nullptr;
    Bytes address;
    uint64_t out_count{};
    remit_blob *out_transfers = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "world", kWorld, world);
        in.bytes(in.argument(1), "address", address);
    }
    void run() noexcept { result = remit_world_transfers(world, address.data, address.length, &out_count, &out_transfers, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return array(env, {number(env, out_count), handle(env, kBlob, out_transfers)});
    }
};

constexpr Entry kEntries[] = {
    {"remit_world_open", now<RemitWorldOpen>},
    {"remit_world_config", now<RemitWorldConfig>},
    {"remit_world_engine", now<RemitWorldEngine>},
    {"remit_world_advance", now<RemitWorldAdvance>},
    {"remit_world_mine", now<RemitWorldMine>},
    {"remit_world_credit", now<RemitWorldCredit>},
    {"remit_world_balance", now<RemitWorldBalance>},
    {"remit_world_transfers", now<RemitWorldTransfers>},
    {"remit_world_free", free_now<kWorld>},
};

}  // namespace

Table sim_calls() noexcept {
    return {kEntries, sizeof kEntries / sizeof *kEntries};
}

}  // namespace remit::node
