// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#include "structs.hpp"
#include "tables.hpp"

namespace remit::node {
namespace {

struct RemitIdempotencyClaim {
    remit_engine *engine = nullptr;
    Bytes key;
    const remit_claim_options *options = nullptr;
    const remit_async *async = nullptr;
    remit_verdict out_verdict{};
    remit_claim *out_claim = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        in.bytes(in.argument(1), "key", key);
        options = in.object<remit_claim_options>(in.argument(2), "options");
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_idempotency_claim(engine, key.data, key.length, options, async, &out_verdict, &out_claim, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return array(env, {number(env, out_verdict), handle(env, kClaim, out_claim)});
    }
};

struct RemitIdempotencyRecover {
    remit_engine *engine = nullptr;
    const remit_claim_options *options = nullptr;
    const remit_async *async = nullptr;
    remit_verdict out_verdict{};
    remit_claim *out_claim = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "engine", kEngine, engine);
        options = in.object<remit_claim_options>(in.argument(1), "options");
        async = in.object<remit_async>(in.argument(2), "async");
    }
    void run() noexcept { result = remit_idempotency_recover(engine, options, async, &out_verdict, &out_claim, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        if (async != nullptr) return undefined(env);
        return array(env, {number(env, out_verdict), handle(env, kClaim, out_claim)});
    }
};

struct RemitBatchClaim {
    remit_batch *batch = nullptr;
    size_t index = 0;
    remit_claim *result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "batch", kBatch, batch);
        in.size(in.argument(1), "index", index);
    }
    void run() noexcept { result = remit_batch_claim(batch, index); }
    napi_value give(napi_env env) noexcept {
        return handle(env, kClaim, result);
    }
};

struct RemitClaimLook {
    remit_claim *claim = nullptr;
    const remit_claim_view *result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "claim", kClaim, claim);
    }
    void run() noexcept { result = remit_claim_look(claim); }
    napi_value give(napi_env env) noexcept {
        return result == nullptr ? null(env) : write(env, *result);
    }
};

struct RemitClaimHeld {
    remit_claim *claim = nullptr;
    int32_t result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "claim", kClaim, claim);
    }
    void run() noexcept { result = remit_claim_held(claim); }
    napi_value give(napi_env env) noexcept {
        return number(env, result);
    }
};

struct RemitClaimEffectKey {
    remit_claim *claim = nullptr;
    Bytes step;
    remit_id out_id{};
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "claim", kClaim, claim);
        in.bytes(in.argument(1), "step", step);
    }
    void run() noexcept { result = remit_claim_effect_key(claim, step.data, step.length, &out_id, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return text(env, out_id.text);
    }
};

struct RemitClaimEffectBegin {
    remit_claim *claim = nullptr;
    remit_effect effect = 0;
    const remit_async *async = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "claim", kClaim, claim);
        in.number(in.argument(1), "effect", effect);
        async = in.object<remit_async>(in.argument(2), "async");
    }
    void run() noexcept { result = remit_claim_effect_begin(claim, effect, async, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitClaimCheckpoint {
    remit_claim *claim = nullptr;
    Bytes point;
    Bytes data;
    const remit_async *async = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "claim", kClaim, claim);
        in.bytes(in.argument(1), "point", point);
        in.bytes(in.argument(2), "data", data);
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_claim_checkpoint(claim, point.data, point.length, data.data, data.length, async, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitClaimComplete {
    remit_claim *claim = nullptr;
    const remit_reply *reply = nullptr;
    const remit_statement *statements = nullptr;
    size_t statement_count = 0;
    const remit_async *async = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "claim", kClaim, claim);
        reply = in.object<remit_reply>(in.argument(1), "reply");
        statements = in.objects<remit_statement>(in.argument(2), "statements", statement_count);
        async = in.object<remit_async>(in.argument(3), "async");
    }
    void run() noexcept { result = remit_claim_complete(claim, reply, statements, statement_count, async, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitClaimCompleteSql {
    remit_claim *claim = nullptr;
    const remit_reply *reply = nullptr;
    remit_blob *out_json = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "claim", kClaim, claim);
        reply = in.object<remit_reply>(in.argument(1), "reply");
    }
    void run() noexcept { result = remit_claim_complete_sql(claim, reply, &out_json, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kBlob, out_json);
    }
};

struct RemitClaimRelease {
    remit_claim *claim = nullptr;
    const remit_async *async = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "claim", kClaim, claim);
        async = in.object<remit_async>(in.argument(1), "async");
    }
    void run() noexcept { result = remit_claim_release(claim, async, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return undefined(env);
    }
};

struct RemitClaimHttp {
    remit_claim *claim = nullptr;
    int32_t out_status{};
    remit_blob *out_headers = nullptr;
    remit_blob *out_body = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "claim", kClaim, claim);
    }
    void run() noexcept { result = remit_claim_http(claim, &out_status, &out_headers, &out_body, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return array(env, {number(env, out_status), handle(env, kBlob, out_headers), handle(env, kBlob, out_body)});
    }
};

struct RemitErrorHttp {
    remit_status status = 0;
    Bytes field;
    Bytes text;
    int32_t out_status{};
    remit_blob *out_headers = nullptr;
    remit_blob *out_body = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.number(in.argument(0), "status", status);
        in.bytes(in.argument(1), "field", field);
        in.bytes(in.argument(2), "text", text);
    }
    void run() noexcept { result = remit_error_http(status, field.data, field.length, text.data, text.length, &out_status, &out_headers, &out_body, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return array(env, {number(env, out_status), handle(env, kBlob, out_headers), handle(env, kBlob, out_body)});
    }
};

struct RemitCanonicalJson {
    Bytes json;
    Bytes include;
    Bytes exclude;
    remit_blob *out_canonical = nullptr;
    remit_error *out_error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.bytes(in.argument(0), "json", json);
        in.bytes(in.argument(1), "include", include);
        in.bytes(in.argument(2), "exclude", exclude);
    }
    void run() noexcept { result = remit_canonical_json(json.data, json.length, include.data, include.length, exclude.data, exclude.length, &out_canonical, &out_error); }
    napi_value give(napi_env env) noexcept {
        if (result != REMIT_OK) return refuse(env, result, out_error);
        return handle(env, kBlob, out_canonical);
    }
};

constexpr Entry kEntries[] = {
    {"remit_idempotency_claim", now<RemitIdempotencyClaim>},
    {"remit_idempotency_recover", now<RemitIdempotencyRecover>},
    {"remit_batch_claim", now<RemitBatchClaim>},
    {"remit_claim_look", now<RemitClaimLook>},
    {"remit_claim_held", now<RemitClaimHeld>},
    {"remit_claim_effect_key", now<RemitClaimEffectKey>},
    {"remit_claim_effect_begin", now<RemitClaimEffectBegin>},
    {"remit_claim_checkpoint", now<RemitClaimCheckpoint>},
    {"remit_claim_complete", now<RemitClaimComplete>},
    {"remit_claim_complete_sql", now<RemitClaimCompleteSql>},
    {"remit_claim_release", now<RemitClaimRelease>},
    {"remit_claim_http", now<RemitClaimHttp>},
    {"remit_error_http", now<RemitErrorHttp>},
    {"remit_canonical_json", now<RemitCanonicalJson>},
    {"remit_claim_free", free_now<kClaim>},
};

}  // namespace

Table idempotency_calls() noexcept {
    return {kEntries, sizeof kEntries / sizeof *kEntries};
}

}  // namespace remit::node
