#include "capi/call.hpp"

#include <remit/admin.h>

using namespace remit;
using namespace remit::capi;

extern "C" {

remit_status remit_query(remit_engine *engine, const char *name, size_t name_len, const char *json, size_t json_len,
                         const remit_async *async, remit_blob **out_json, remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error, .out_text = out_json}, [&](Inputs &in) {
        in.output(out_json, "out_json");
        return [what = in.text(name, name_len, "name"), with = in.optional_text(json, json_len, "json")](Engine &on) {
            return done(on.query(what, with));
        };
    });
}

remit_status remit_command(remit_engine *engine, const char *name, size_t name_len, const char *json, size_t json_len,
                           const remit_async *async, remit_blob **out_json, remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error, .out_text = out_json}, [&](Inputs &in) {
        return [what = in.text(name, name_len, "name"), with = in.optional_text(json, json_len, "json")](Engine &on) {
            return done(on.command(what, with));
        };
    });
}

remit_status remit_catalogue(remit_engine *engine, remit_blob **out_json, remit_error **out_error) {
    if (out_json) *out_json = nullptr;
    return guard(instance_of(engine), out_error, [&]() -> Result<void> {
        if (!engine) return misuse("engine", "is NULL");
        if (!out_json) return misuse("out_json", "is NULL");
        set(out_json, engine->instance->engine->catalogue());
        return {};
    });
}

}  // extern "C"
