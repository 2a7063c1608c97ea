// The pump: waits on a queue's descriptor in the event loop and hands its items to one function of JavaScript, so that
// no code of the host's runs on another thread, and no thread waits.
#include "pump.hpp"

#include "glue/kinds.hpp"
#include "reader.hpp"
#include "writer.hpp"

#include <uv.h>

#include <new>

namespace remit::node {
namespace {

struct Pump;

// What JavaScript holds. The pump outlives it until the loop has let go of the descriptor.
struct Grip {
    static constexpr std::uint64_t kMark = 0x52454d4954500001;

    std::uint64_t mark = kMark;
    Pump *pump = nullptr;
};

struct Pump {
    napi_env env = nullptr;
    uv_poll_t poll{};
    Handle *queue = nullptr;
    napi_ref queue_value = nullptr;
    napi_ref function = nullptr;
    napi_async_context context = nullptr;
    napi_async_cleanup_hook_handle hook = nullptr;
    Grip *grip = nullptr;
    bool closing = false;
};

void close(Pump &pump) noexcept {
    if (pump.closing) return;
    pump.closing = true;
    if (pump.grip != nullptr) pump.grip->pump = nullptr;
    uv_poll_stop(&pump.poll);
    if (pump.function != nullptr) napi_delete_reference(pump.env, pump.function);
    if (pump.queue_value != nullptr) napi_delete_reference(pump.env, pump.queue_value);
    if (pump.context != nullptr) napi_async_destroy(pump.env, pump.context);
    pump.queue->leave();
    uv_close(reinterpret_cast<uv_handle_t *>(&pump.poll), [](uv_handle_t *handle) {
        auto *const closed = static_cast<Pump *>(handle->data);
        if (closed->hook != nullptr) napi_remove_async_cleanup_hook(closed->hook);
        delete closed;
    });
}

constexpr std::uint32_t kWidth = 8;

bool flat_item(napi_env env, napi_value list, std::uint32_t index, const remit_item &item) noexcept {
    napi_value payload = nullptr;
    if (napi_create_string_utf8(env, item.payload, item.payload_len, &payload) != napi_ok) return false;
    const napi_value values[kWidth] = {number(env, item.tag),       number(env, item.kind),    number(env, item.status),
                                       number(env, item.value),     number(env, item.token),   payload,
                                       text(env, item.error_field), text(env, item.error_text)};
    for (std::uint32_t i = 0; i < kWidth; ++i)
        if (values[i] == nullptr || napi_set_element(env, list, index * kWidth + i, values[i]) != napi_ok) return false;
    return true;
}

// All items in one flat array: eight values each, in the order of the struct, the payload as text.
napi_value flat(napi_env env, const remit_batch *batch) noexcept {
    const auto count = static_cast<std::uint32_t>(remit_batch_count(batch));
    napi_value list = nullptr;
    if (napi_create_array_with_length(env, std::size_t{count} * kWidth, &list) != napi_ok) return nullptr;
    for (std::uint32_t i = 0; i < count; ++i) {
        napi_handle_scope scope = nullptr;
        if (napi_open_handle_scope(env, &scope) != napi_ok) return nullptr;
        const bool written = flat_item(env, list, i, *remit_batch_at(batch, i));
        napi_close_handle_scope(env, scope);
        if (!written) return nullptr;
    }
    return list;
}

void deliver(Pump &pump, remit_batch *batch) noexcept {
    napi_env env = pump.env;
    napi_value arguments[2] = {flat(env, batch), wrap(env, kBatch, batch)};
    napi_value function = nullptr, self = nullptr, ignored = nullptr;
    if (arguments[0] == nullptr || arguments[1] == nullptr || napi_get_global(env, &self) != napi_ok ||
        napi_get_reference_value(env, pump.function, &function) != napi_ok)
        return;
    if (napi_make_callback(env, pump.context, self, function, 2, arguments, &ignored) != napi_pending_exception) return;
    napi_value thrown = nullptr;
    if (napi_get_and_clear_last_exception(env, &thrown) == napi_ok) napi_fatal_exception(env, thrown);
}

void readable(uv_poll_t *handle, int, int) noexcept {
    auto &pump = *static_cast<Pump *>(handle->data);
    remit_batch *batch = nullptr;
    napi_handle_scope scope = nullptr;
    auto *const queue = static_cast<remit_queue *>(pump.queue->data);
    if (remit_queue_fetch(queue, 0, 0, &batch, nullptr) != REMIT_OK) return;
    if (remit_batch_count(batch) == 0 || napi_open_handle_scope(pump.env, &scope) != napi_ok)
        return remit_batch_free(batch);
    deliver(pump, batch);
    napi_close_handle_scope(pump.env, scope);
}

// The loop watches the descriptor; undone by close().
remit_status watch(Pump &pump) noexcept {
    std::int32_t descriptor = -1;
    uv_loop_t *loop = nullptr;
    const remit_status status = remit_queue_fd(static_cast<remit_queue *>(pump.queue->data), &descriptor, nullptr);
    if (status != REMIT_OK) return status;
    if (napi_get_uv_event_loop(pump.env, &loop) != napi_ok) return REMIT_E_STATE;
    if (uv_poll_init(loop, &pump.poll, descriptor) != 0) return REMIT_E_STATE;
    pump.poll.data = &pump;
    pump.queue->enter();
    uv_unref(reinterpret_cast<uv_handle_t *>(&pump.poll));
    return REMIT_OK;
}

bool refer(Pump &pump, napi_value queue, napi_value function) noexcept {
    napi_value name = nullptr;
    const auto ending = [](napi_async_cleanup_hook_handle, void *data) { close(*static_cast<Pump *>(data)); };
    return napi_create_reference(pump.env, queue, 1, &pump.queue_value) == napi_ok &&
           napi_create_reference(pump.env, function, 1, &pump.function) == napi_ok &&
           napi_create_string_utf8(pump.env, "remit", NAPI_AUTO_LENGTH, &name) == napi_ok &&
           napi_async_init(pump.env, nullptr, name, &pump.context) == napi_ok &&
           napi_add_async_cleanup_hook(pump.env, ending, &pump, &pump.hook) == napi_ok &&
           uv_poll_start(&pump.poll, UV_READABLE, readable) == 0;
}

napi_value grip(Pump &pump) noexcept {
    napi_value value = nullptr;
    pump.grip = new (std::nothrow) Grip{Grip::kMark, &pump};
    if (pump.grip == nullptr) return nullptr;
    const auto drop = [](napi_env, void *data, void *) {
        auto *const dropped = static_cast<Grip *>(data);
        if (dropped->pump != nullptr) dropped->pump->grip = nullptr;
        delete dropped;
    };
    if (napi_create_external(pump.env, pump.grip, drop, nullptr, &value) == napi_ok) return value;
    delete std::exchange(pump.grip, nullptr);
    return nullptr;
}

// pump_open(queue, function) -> pump
napi_value pump_open(napi_env env, napi_callback_info info) noexcept {
    Arena arena;
    Reader in(env, info, arena, false);
    remit_queue *queue = nullptr;
    napi_valuetype type = napi_undefined;
    in.handle(in.argument(0), "queue", kQueue, queue);
    if (queue == nullptr) in.fail("queue", "is missing");
    if (napi_typeof(env, in.argument(1), &type) != napi_ok || type != napi_function)
        in.fail("function", "must be a function");
    if (in.failed()) return nullptr;
    auto *const pump = new (std::nothrow) Pump;
    if (pump == nullptr) return refuse(env, REMIT_E_NO_MEMORY, nullptr);
    pump->env = env;
    pump->queue = handle_of(env, in.argument(0));
    const remit_status status = watch(*pump);
    if (status != REMIT_OK) {
        delete pump;
        return refuse(env, status, nullptr);
    }
    napi_value value = nullptr;
    if (refer(*pump, in.argument(0), in.argument(1))) value = grip(*pump);
    if (value != nullptr) return value;
    close(*pump);
    return refuse(env, REMIT_E_STATE, nullptr);
}

Pump *pump_of(napi_env env, const Reader &in) noexcept {
    void *data = nullptr;
    napi_valuetype type = napi_undefined;
    if (napi_typeof(env, in.argument(0), &type) != napi_ok || type != napi_external) return nullptr;
    if (napi_get_value_external(env, in.argument(0), &data) != napi_ok || data == nullptr) return nullptr;
    const auto *const held = static_cast<const Grip *>(data);
    return held->mark == Grip::kMark ? held->pump : nullptr;
}

// pump_hold(pump, whether): while held, the pump keeps the process alive
napi_value pump_hold(napi_env env, napi_callback_info info) noexcept {
    Arena arena;
    const Reader in(env, info, arena, false);
    Pump *const pump = pump_of(env, in);
    bool held = false;
    if (pump == nullptr || napi_get_value_bool(env, in.argument(1), &held) != napi_ok) return undefined(env);
    auto *const handle = reinterpret_cast<uv_handle_t *>(&pump->poll);
    held ? uv_ref(handle) : uv_unref(handle);
    return undefined(env);
}

// pump_close(pump)
napi_value pump_close(napi_env env, napi_callback_info info) noexcept {
    Arena arena;
    const Reader in(env, info, arena, false);
    if (Pump *const pump = pump_of(env, in)) close(*pump);
    return undefined(env);
}

constexpr Entry kEntries[] = {{"pump_open", pump_open}, {"pump_hold", pump_hold}, {"pump_close", pump_close}};

}  // namespace

Table pump_calls() noexcept {
    return {kEntries, sizeof kEntries / sizeof *kEntries};
}

}  // namespace remit::node
