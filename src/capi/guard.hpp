// The only catch of the library: no exception leaves through the C ABI.
#pragma once

#include "capi/handles.hpp"

#include <new>

namespace remit::capi {

// Hands the error to the caller, if it wants one.
remit_status fail(remit_error **out_error, Error error) noexcept;

// Runs fn, which gives Result<void>. Memory running out is told; anything else that is thrown is our own
// defect and fences the instance, if there is one.
template <class Fn>
remit_status guard(Instance *instance, remit_error **out_error, Fn &&fn) noexcept {
    if (out_error) *out_error = nullptr;
    try {
        if (instance) {
            if (instance->forked()) return fail(out_error, {Status::forked, {}, {}});
            if (instance->broken) return fail(out_error, {Status::broken, {}, {}});
        }
        if (Result<void> result = fn(); !result) {
            if (instance && result.status() == Status::misuse) instance->tell_misuse(result.error());
            return fail(out_error, std::move(result).error());
        }
        return REMIT_OK;
    } catch (const std::bad_alloc &) {
        return fail(out_error, {Status::no_memory, {}, {}});
    } catch (...) {
        if (instance) instance->fence();
        return fail(out_error, {Status::broken, {}, {}});
    }
}

// The same for handles without an instance.
template <class Fn>
remit_status guard(remit_error **out_error, Fn &&fn) noexcept {
    return guard(nullptr, out_error, std::forward<Fn>(fn));
}

// Runs a job of the library's own threads; what it throws becomes the job's error.
template <class Fn>
Result<Answer> guard_job(Instance &instance, Fn &&fn) noexcept {
    try {
        if (instance.broken) return Error{Status::broken, {}, {}};
        return fn();
    } catch (const std::bad_alloc &) {
        return Error{Status::no_memory, {}, {}};
    } catch (...) {
        instance.broken = true;
        return Error{Status::broken, {}, {}};
    }
}

// For what must not fail: does nothing when memory runs out.
template <class Fn>
void guard_quiet(Fn &&fn) noexcept {
    try {
        fn();
    } catch (...) {
        return;
    }
}

}  // namespace remit::capi
