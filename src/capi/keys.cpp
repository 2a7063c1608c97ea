#include "capi/call.hpp"

#include <remit/json.hpp>
#include <remit/keys.h>

using namespace remit;
using namespace remit::capi;

namespace {

Result<Answer> done(Result<KeyInfo> made) {
    REMIT_TRY(const KeyInfo key, std::move(made));
    return Answer{0, to_json(key)};
}

// How long a store stays unlocked, as the C++ interface wants it.
std::int64_t ttl_us(Inputs &in, std::int64_t ttl_ms) {
    in.check(ttl_ms <= INT64_MAX / kMicrosPerMs, "ttl_ms", "is too large");
    return in.not_negative(ttl_ms, "ttl_ms") * kMicrosPerMs;
}

}  // namespace

extern "C" {

remit_status remit_keys_unlock(remit_engine *engine, const char *password, size_t password_len, int64_t ttl_ms,
                               const remit_async *async, remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error}, [&](Inputs &in) {
        return [secret = in.secret(password, password_len, "password"), ttl = ttl_us(in, ttl_ms)](Engine &on) {
            return done(on.keys().unlock(*secret, ttl));
        };
    });
}

remit_status remit_keys_unlock_kek(remit_engine *engine, const uint8_t *kek, size_t kek_len, int64_t ttl_ms,
                                   const remit_async *async, remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error}, [&](Inputs &in) {
        in.check(kek_len == 32, "kek_len", "is not 32");
        return [secret = in.secret(kek, kek_len, "kek"), ttl = ttl_us(in, ttl_ms)](Engine &on) {
            return done(on.keys().unlock_with_kek(*secret, ttl));
        };
    });
}

remit_status remit_keys_lock(remit_engine *engine, remit_error **out_error) {
    return guard(instance_of(engine), out_error, [&]() -> Result<void> {
        if (!engine) return misuse("engine", "is NULL");
        engine->instance->engine->keys().lock();
        return {};
    });
}

remit_status remit_keys_unlocked(remit_engine *engine, int32_t *out_unlocked, remit_error **out_error) {
    if (out_unlocked) *out_unlocked = 0;
    return guard(instance_of(engine), out_error, [&]() -> Result<void> {
        if (!engine) return misuse("engine", "is NULL");
        if (!out_unlocked) return misuse("out_unlocked", "is NULL");
        *out_unlocked = engine->instance->engine->keys().unlocked() ? 1 : 0;
        return {};
    });
}

remit_status remit_keys_create(remit_engine *engine, const char *label, size_t label_len, const remit_async *async,
                               remit_blob **out_key, remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error, .out_text = out_key}, [&](Inputs &in) {
        return
            [name = in.optional_text(label, label_len, "label")](Engine &on) { return done(on.keys().create(name)); };
    });
}

remit_status remit_keys_import(remit_engine *engine, const uint8_t *key, size_t key_len, const char *label,
                               size_t label_len, const remit_async *async, remit_blob **out_key,
                               remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error, .out_text = out_key}, [&](Inputs &in) {
        in.check(key_len == 32, "key_len", "is not 32");
        return [secret = in.secret(key, key_len, "key"), name = in.optional_text(label, label_len, "label")](
                   Engine &on) { return done(on.keys().import_raw(*secret, name)); };
    });
}

remit_status remit_keys_import_v3(remit_engine *engine, const char *json, size_t json_len, const char *password,
                                  size_t password_len, const char *label, size_t label_len, const remit_async *async,
                                  remit_blob **out_key, remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error, .out_text = out_key}, [&](Inputs &in) {
        return [file = in.text(json, json_len, "json"), secret = in.secret(password, password_len, "password"),
                name = in.optional_text(label, label_len, "label")](Engine &on) {
            return done(on.keys().import_v3(file, *secret, name));
        };
    });
}

remit_status remit_keys_export_v3(remit_engine *engine, const char *address, size_t address_len, const char *password,
                                  size_t password_len, const remit_async *async, remit_blob **out_json,
                                  remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error, .out_text = out_json}, [&](Inputs &in) {
        in.output(out_json, "out_json");
        return [whose = in.text(address, address_len, "address"),
                secret = in.secret(password, password_len, "password")](Engine &on) -> Result<Answer> {
            REMIT_TRY(const Address key, fixed_from_hex<Address>(whose, "address"));
            return capi::done(on.keys().export_v3(key, *secret));
        };
    });
}

}  // extern "C"
