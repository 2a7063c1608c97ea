// One C call from JavaScript: on its own thread at once, or on a thread of Node's pool with a promise.
#pragma once

#include "reader.hpp"
#include "writer.hpp"

#include <new>

namespace remit::node {

// A function of the module.
struct Entry {
    const char *name;
    napi_callback call;
};
struct Table {
    const Entry *entries;
    std::size_t count;
};

// Throws what a call that is not OK said.
inline napi_value refuse(napi_env env, remit_status status, remit_error *error) noexcept {
    const char *const said = error != nullptr ? remit_error_text(error) : remit_status_text(status);
    throw_error(env, status, remit_error_field(error), said, error);
    return nullptr;
}

// C has read(Reader &), run(), and give(napi_env) that throws when run() was refused.
template <class C>
napi_value now(napi_env env, napi_callback_info info) noexcept {
    Arena arena;
    Reader in(env, info, arena, false);
    C call;
    call.read(in);
    if (in.failed()) return nullptr;
    call.run();
    return call.give(env);
}

// What runs on a thread of the pool. Nothing of it touches JavaScript but begin and end.
class Work {
public:
    Work(const Work &) = delete;
    Work &operator=(const Work &) = delete;
    // Gives the promise, and deletes itself when that is settled.
    static napi_value begin(napi_env env, Work *work) noexcept;

protected:
    Work() = default;
    virtual ~Work() = default;

private:
    virtual void run() noexcept = 0;
    virtual napi_value give(napi_env env) noexcept = 0;
    static void end(napi_env env, napi_status status, void *data) noexcept;

    napi_async_work work_ = nullptr;
    napi_deferred deferred_ = nullptr;
};

template <class C>
class Later final : public Work {
public:
    Later(napi_env env, napi_callback_info info) noexcept : in_(env, info, arena_, true) { call_.read(in_); }
    ~Later() override { in_.release(in_.env()); }
    bool failed() const noexcept { return in_.failed(); }

private:
    void run() noexcept override { call_.run(); }
    napi_value give(napi_env env) noexcept override { return call_.give(env); }

    Arena arena_;
    Reader in_;
    C call_;
};

template <class C>
napi_value later(napi_env env, napi_callback_info info) noexcept {
    auto *const work = new (std::nothrow) Later<C>(env, info);
    if (work == nullptr) return refuse(env, REMIT_E_NO_MEMORY, nullptr);
    if (!work->failed()) return Work::begin(env, work);
    delete work;
    return nullptr;
}

// The _free calls: the external value stays, and owns nothing any more.
napi_value free_now(napi_env env, napi_callback_info info, const Kind &kind) noexcept;
napi_value free_later(napi_env env, napi_callback_info info, const Kind &kind) noexcept;

template <const Kind &kind>
napi_value free_now(napi_env env, napi_callback_info info) noexcept {
    return free_now(env, info, kind);
}
template <const Kind &kind>
napi_value free_later(napi_env env, napi_callback_info info) noexcept {
    return free_later(env, info, kind);
}

}  // namespace remit::node
