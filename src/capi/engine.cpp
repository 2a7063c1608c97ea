#include "capi/call.hpp"
#include "capi/host.hpp"
#include "capi/open.hpp"

#include <remit/json.hpp>

#include <cstdlib>

using namespace remit;
using namespace remit::capi;

static_assert(sizeof(remit_engine_options) == 40, "grows at the end only");

namespace remit::capi {
namespace {

// The real world.
Result<std::shared_ptr<Engine>> open_real(EngineOptions options, EnginePorts ports) {
    REMIT_TRY(auto engine, Engine::open(std::move(options), std::move(ports)));
    return std::shared_ptr<Engine>(std::move(engine));
}

Result<std::unique_ptr<Signer>> host_signer(const remit_engine_options &given) {
    REMIT_TRY(auto queue, queue_of(given.signer, "options.signer"));
    REMIT_TRY(ByteView raw, bytes(given.signer_addresses, given.signer_addresses_len, "options.signer_addresses"));
    if (raw.size() % Address::size != 0) return misuse("options.signer_addresses_len", "is no multiple of 20");
    if (!queue != raw.empty()) return misuse("options.signer", "and signer_addresses come together");
    if (!queue) return std::unique_ptr<Signer>();
    std::vector<Address> addresses;
    for (; !raw.empty(); raw = raw.subspan(Address::size)) {
        REMIT_TRY(addresses.emplace_back(), fixed_from_bytes<Address>(raw.first(Address::size), "signer_addresses"));
    }
    return std::unique_ptr<Signer>(
        std::make_unique<HostSigner>(std::move(queue), given.signer->tag, std::move(addresses)));
}

}  // namespace

Result<remit_engine *> open(Result<EngineOptions> config, const remit_engine_options *given,
                            const OpenEngine &open_engine) {
    REMIT_TRY(const remit_engine_options host, read_options(given, "options"));
    if (host.environment > 1) return misuse("options.environment", "is neither 0 nor 1");
    REMIT_TRY(auto log_queue, queue_of(host.log, "options.log"));
    REMIT_TRY(EngineOptions options, std::move(config));
    if (host.environment == 1)
        REMIT_CHECK(engine_options_from_environment(
            options, [](const char *name) -> const char * { return std::getenv(name); }));

    auto made = std::make_unique<remit_engine>();
    made->instance = std::make_shared<Instance>();
    Instance &instance = *made->instance;
    if (log_queue)
        instance.log = std::make_unique<HostLog>(std::move(log_queue), host.log->tag);
    else
        instance.log = std::make_unique<NoLog>();  // the engine's own default is stderr, and a library does not print
    REMIT_TRY(instance.signer, host_signer(host));
    EnginePorts ports;
    ports.log = instance.log.get();
    ports.signer = instance.signer.get();
    REMIT_TRY(instance.engine, open_engine(std::move(options), std::move(ports)));
    return made.release();
}

}  // namespace remit::capi

extern "C" {

remit_status remit_engine_open(const char *config, size_t config_len, const remit_engine_options *options,
                               remit_engine **out_engine, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        if (!out_engine) return misuse("out_engine", "is NULL");
        *out_engine = nullptr;
        REMIT_TRY(const auto json, text(config, config_len, "config"));
        REMIT_TRY(*out_engine, open(engine_options_from_json(json), options, open_real));
        return {};
    });
}

remit_status remit_engine_open_file(const char *path, size_t path_len, const remit_engine_options *options,
                                    remit_engine **out_engine, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        if (!out_engine) return misuse("out_engine", "is NULL");
        *out_engine = nullptr;
        REMIT_TRY(const auto name, text(path, path_len, "path"));
        REMIT_TRY(*out_engine, open(engine_options_from_file(std::string(name)), options, open_real));
        return {};
    });
}

remit_status remit_engine_tick(remit_engine *engine, int64_t budget_us, int32_t *out_progressed,
                               int64_t *out_next_due_us, remit_error **out_error) {
    const Call made{.engine = engine, .out_error = out_error, .out_i32 = out_progressed, .out_i64 = out_next_due_us};
    made.clear();
    return guard(instance_of(engine), out_error, [&]() -> Result<void> {
        if (!engine) return misuse("engine", "is NULL");
        if (budget_us < 0) return misuse("budget_us", "is negative");
        REMIT_TRY(const EngineTick tick, engine->instance->engine->tick(budget_us == 0 ? 10'000 : budget_us));
        if (out_progressed) *out_progressed = tick.progressed ? 1 : 0;
        if (out_next_due_us) *out_next_due_us = tick.next_due_us;
        return {};
    });
}

remit_status remit_engine_start(remit_engine *engine, remit_error **out_error) {
    return guard(instance_of(engine), out_error, [&]() -> Result<void> {
        if (!engine) return misuse("engine", "is NULL");
        return engine->instance->engine->start();
    });
}

remit_status remit_engine_stop(remit_engine *engine, int64_t drain_ms, const remit_async *async,
                               remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error}, [&](Inputs &in) {
        return [drain = in.not_negative(drain_ms, "drain_ms")](Engine &on) { return done(on.stop(drain)); };
    });
}

remit_status remit_engine_health(remit_engine *engine, const remit_async *async, int32_t *out_ok,
                                 remit_blob **out_health, remit_error **out_error) {
    const Call made{
        .engine = engine, .async = async, .out_error = out_error, .out_text = out_health, .out_i32 = out_ok};
    return call(made, [](Inputs &) {
        return [](Engine &on) -> Result<Answer> {
            REMIT_TRY(const Health health, on.health());
            return Answer{health.ok ? 1 : 0, to_json(health)};
        };
    });
}

remit_status remit_engine_metrics(remit_engine *engine, remit_blob **out_text, remit_error **out_error) {
    if (out_text) *out_text = nullptr;
    return guard(instance_of(engine), out_error, [&]() -> Result<void> {
        if (!engine) return misuse("engine", "is NULL");
        if (!out_text) return misuse("out_text", "is NULL");
        set(out_text, engine->instance->engine->metrics());
        return {};
    });
}

remit_status remit_engine_backup(remit_engine *engine, const char *path, size_t path_len, const remit_async *async,
                                 remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error}, [&](Inputs &in) {
        return [to = in.text(path, path_len, "path")](Engine &on) { return done(on.backup(to)); };
    });
}

void remit_engine_free(remit_engine *engine) {
    if (!engine || engine->instance->forked()) return;
    // Claims keep what they need; the threads end with the handle.
    if (engine->instance.use_count() > 1) guard_quiet([&] { static_cast<void>(engine->instance->engine->stop(0)); });
    delete engine;
}

}  // extern "C"
