#include "writer.hpp"

namespace remit::node {

napi_value undefined(napi_env env) noexcept {
    napi_value out = nullptr;
    return napi_get_undefined(env, &out) == napi_ok ? out : nullptr;
}

napi_value null(napi_env env) noexcept {
    napi_value out = nullptr;
    return napi_get_null(env, &out) == napi_ok ? out : nullptr;
}

napi_value number(napi_env env, std::int32_t value) noexcept {
    napi_value out = nullptr;
    return napi_create_int32(env, value, &out) == napi_ok ? out : nullptr;
}

napi_value number(napi_env env, std::uint32_t value) noexcept {
    napi_value out = nullptr;
    return napi_create_uint32(env, value, &out) == napi_ok ? out : nullptr;
}

napi_value number(napi_env env, std::int64_t value) noexcept {
    napi_value out = nullptr;
    return napi_create_bigint_int64(env, value, &out) == napi_ok ? out : nullptr;
}

napi_value number(napi_env env, std::uint64_t value) noexcept {
    napi_value out = nullptr;
    return napi_create_bigint_uint64(env, value, &out) == napi_ok ? out : nullptr;
}

napi_value size(napi_env env, std::size_t value) noexcept {
    napi_value out = nullptr;
    return napi_create_double(env, static_cast<double>(value), &out) == napi_ok ? out : nullptr;
}

napi_value text(napi_env env, const char *value) noexcept {
    if (value == nullptr) return null(env);
    napi_value out = nullptr;
    return napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &out) == napi_ok ? out : nullptr;
}

napi_value bytes(napi_env env, const void *data, std::size_t length) noexcept {
    if (data == nullptr) return null(env);
    napi_value out = nullptr;
    return napi_create_buffer_copy(env, length, data, nullptr, &out) == napi_ok ? out : nullptr;
}

napi_value handle(napi_env env, const Kind &kind, void *data) noexcept {
    return data == nullptr ? null(env) : wrap(env, kind, data);
}

napi_value object(napi_env env, std::initializer_list<std::pair<const char *, napi_value>> fields) noexcept {
    napi_value out = nullptr;
    if (napi_create_object(env, &out) != napi_ok) return nullptr;
    for (const auto &[name, value] : fields)
        if (value == nullptr || napi_set_named_property(env, out, name, value) != napi_ok) return nullptr;
    return out;
}

napi_value array(napi_env env, std::initializer_list<napi_value> items) noexcept {
    napi_value out = nullptr;
    if (napi_create_array_with_length(env, items.size(), &out) != napi_ok) return nullptr;
    std::uint32_t index = 0;
    for (napi_value item : items)
        if (item == nullptr || napi_set_element(env, out, index++, item) != napi_ok) return nullptr;
    return out;
}

}  // namespace remit::node
