#include "call.hpp"

namespace remit::node {

napi_value Work::begin(napi_env env, Work *work) noexcept {
    napi_value name = nullptr, promise = nullptr;
    const auto run = [](napi_env, void *data) { static_cast<Work *>(data)->run(); };
    const bool begun = napi_create_string_utf8(env, "remit", NAPI_AUTO_LENGTH, &name) == napi_ok &&
                       napi_create_async_work(env, nullptr, name, run, Work::end, work, &work->work_) == napi_ok &&
                       napi_create_promise(env, &work->deferred_, &promise) == napi_ok &&
                       napi_queue_async_work(env, work->work_) == napi_ok;
    if (begun) return promise;
    if (work->work_ != nullptr) napi_delete_async_work(env, work->work_);
    delete work;
    return refuse(env, REMIT_E_NO_MEMORY, nullptr);
}

void Work::end(napi_env env, napi_status status, void *data) noexcept {
    auto *const work = static_cast<Work *>(data);
    bool thrown = false;
    napi_value value = nullptr;
    if (status == napi_ok) value = work->give(env);
    if (napi_is_exception_pending(env, &thrown) == napi_ok && thrown) napi_get_and_clear_last_exception(env, &value);
    // Without a value the environment is ending, and nobody waits any more.
    if (value != nullptr && thrown) napi_reject_deferred(env, work->deferred_, value);
    if (value != nullptr && !thrown) napi_resolve_deferred(env, work->deferred_, value);
    napi_delete_async_work(env, work->work_);
    delete work;
}

namespace {

// The handle that a _free was given: nullptr for none, and when it throws.
Handle *freed(napi_env env, napi_callback_info info, const Kind &kind, bool &failed) noexcept {
    Arena arena;
    Reader in(env, info, arena, false);
    Handle *const handle = handle_of(env, in.argument(0));
    void *data = nullptr;
    if (handle == nullptr || handle->kind != &kind) in.handle(in.argument(0), "handle", kind, data);
    failed = in.failed();
    return failed ? nullptr : handle;
}

class Ending final : public Work {
public:
    Ending(const Kind &kind, void *data) noexcept : kind_(kind), data_(data) {}

private:
    void run() noexcept override { kind_.end(data_); }
    napi_value give(napi_env env) noexcept override { return undefined(env); }

    const Kind &kind_;
    void *data_;
};

}  // namespace

napi_value free_now(napi_env env, napi_callback_info info, const Kind &kind) noexcept {
    bool failed = false;
    if (Handle *const handle = freed(env, info, kind, failed)) handle->end();
    return failed ? nullptr : undefined(env);
}

napi_value free_later(napi_env env, napi_callback_info info, const Kind &kind) noexcept {
    bool failed = false;
    void *data = nullptr;
    Handle *const handle = freed(env, info, kind, failed);
    if (failed) return nullptr;
    if (handle != nullptr) {
        handle->ended = true;  // whoever uses it still ends it
        if (handle->users == 0) data = std::exchange(handle->data, nullptr);
    }
    auto *const work = new (std::nothrow) Ending(kind, data);
    if (work != nullptr) return Work::begin(env, work);
    kind.end(data);
    return refuse(env, REMIT_E_NO_MEMORY, nullptr);
}

}  // namespace remit::node
