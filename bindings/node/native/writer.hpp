// What a C call gave, as values of JavaScript. Each gives nullptr when the environment is ending.
#pragma once

#include "handle.hpp"

#include <remit/remit.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>

namespace remit::node {

napi_value undefined(napi_env env) noexcept;
napi_value null(napi_env env) noexcept;
napi_value number(napi_env env, std::int32_t value) noexcept;
napi_value number(napi_env env, std::uint32_t value) noexcept;
napi_value number(napi_env env, std::int64_t value) noexcept;   // a bigint
napi_value number(napi_env env, std::uint64_t value) noexcept;  // a bigint
napi_value size(napi_env env, std::size_t value) noexcept;      // a number
// Text that ends in its NUL; null for NULL.
napi_value text(napi_env env, const char *value) noexcept;
// A Buffer with a copy.
napi_value bytes(napi_env env, const void *data, std::size_t length) noexcept;
// null for NULL; else takes it.
napi_value handle(napi_env env, const Kind &kind, void *data) noexcept;

napi_value object(napi_env env, std::initializer_list<std::pair<const char *, napi_value>> fields) noexcept;
napi_value array(napi_env env, std::initializer_list<napi_value> items) noexcept;

// A struct as an object; glue/structs.hpp has one for each.
template <class S>
napi_value write(napi_env env, const S &from) noexcept;

// An array of structs.
template <class S>
napi_value objects(napi_env env, const S *items, std::size_t count) noexcept {
    napi_value list = nullptr;
    if (napi_create_array_with_length(env, count, &list) != napi_ok) return nullptr;
    for (std::size_t i = 0; i < count; ++i) {
        napi_handle_scope scope = nullptr;
        if (napi_open_handle_scope(env, &scope) != napi_ok) return nullptr;
        napi_value const item = write(env, items[i]);
        const bool kept =
            item != nullptr && napi_set_element(env, list, static_cast<std::uint32_t>(i), item) == napi_ok;
        napi_close_handle_scope(env, scope);
        if (!kept) return nullptr;
    }
    return list;
}

}  // namespace remit::node
