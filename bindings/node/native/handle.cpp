#include "handle.hpp"

#include <new>
#include <utility>

namespace remit::node {

void Handle::end() noexcept {
    ended = true;
    if (users == 0 && data != nullptr) kind->end(std::exchange(data, nullptr));
}

void Handle::leave() noexcept {
    if (--users != 0) return;
    if (ended) end();
    if (dropped) delete this;
}

namespace {

void drop(napi_env, void *given, void *) {
    auto *const handle = static_cast<Handle *>(given);
    handle->end();
    handle->dropped = true;
    if (handle->users == 0) delete handle;
}

}  // namespace

napi_value wrap(napi_env env, const Kind &kind, void *data) noexcept {
    napi_value value = nullptr;
    auto *const handle = new (std::nothrow) Handle;
    if (handle != nullptr) {
        handle->kind = &kind;
        handle->data = data;
        if (napi_create_external(env, handle, drop, nullptr, &value) == napi_ok) return value;
    }
    delete handle;
    kind.end(data);
    return nullptr;
}

Handle *handle_of(napi_env env, napi_value value) noexcept {
    napi_valuetype type = napi_undefined;
    void *data = nullptr;
    if (napi_typeof(env, value, &type) != napi_ok || type != napi_external) return nullptr;
    if (napi_get_value_external(env, value, &data) != napi_ok || data == nullptr) return nullptr;
    auto *const handle = static_cast<Handle *>(data);
    return handle->mark == Handle::kMark ? handle : nullptr;
}

}  // namespace remit::node
