#include "reader.hpp"

#include "glue/kinds.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace remit::node {

Arena::~Arena() {
    while (blocks_ != nullptr) {
        Block *const next = blocks_->next;
        std::free(blocks_);
        blocks_ = next;
    }
}

void *Arena::take(std::size_t size) noexcept {
    constexpr std::size_t align = alignof(std::max_align_t);
    if (size <= sizeof first_ - used_) {
        void *const at = first_ + used_;
        used_ += (size + align - 1) / align * align;
        if (used_ > sizeof first_) used_ = sizeof first_;
        return at;
    }
    constexpr std::size_t head = (sizeof(Block) + align - 1) / align * align;
    if (size > SIZE_MAX - head) return nullptr;
    auto *const block = static_cast<Block *>(std::malloc(head + size));
    if (block == nullptr) return nullptr;
    block->next = blocks_;
    blocks_ = block;
    return reinterpret_cast<char *>(block) + head;
}

char *Arena::rest(std::size_t &size) noexcept {
    size = sizeof first_ - used_;
    return first_ + used_;
}

Reader::Reader(napi_env env, napi_callback_info info, Arena &arena, bool copies) noexcept :
    env_(env), arena_(arena), copies_(copies) {
    std::size_t count = kMost;  // napi fills the rest with undefined
    if (napi_get_cb_info(env, info, &count, arguments_, nullptr, nullptr) != napi_ok) fail("", "cannot be read");
}

void Reader::where(const char *name, char *out, std::size_t size) const noexcept {
    std::size_t at = 0;
    const auto add = [&](const char *text) {
        for (; *text != '\0' && at + 1 < size; ++text) out[at++] = *text;
        out[at] = '\0';
    };
    out[0] = '\0';
    for (std::size_t i = 0; i < depth_; ++i) {
        if (at > 0 && path_[i].name[0] != '\0') add(".");
        add(path_[i].name);
        char index[32];
        std::snprintf(index, sizeof index, "[%lld]", static_cast<long long>(path_[i].index));
        if (path_[i].index >= 0) add(index);
    }
    if (at > 0 && name[0] != '\0') add(".");
    add(name);
}

void Reader::fail(const char *name, const char *text) noexcept {
    if (failed_) return;
    failed_ = true;
    bool pending = false;  // a getter of the caller's own may have thrown: that is what the caller gets
    if (napi_is_exception_pending(env_, &pending) == napi_ok && pending) return;
    char field[256];
    where(name, field, sizeof field);
    throw_error(env_, REMIT_E_MISUSE, field, text);
}

bool Reader::nothing(napi_value value) noexcept {
    napi_valuetype type = napi_undefined;
    return napi_typeof(env_, value, &type) != napi_ok || type == napi_undefined || type == napi_null;
}

bool Reader::is_object(napi_value value, const char *name) noexcept {
    napi_valuetype type = napi_undefined;
    if (napi_typeof(env_, value, &type) == napi_ok && type == napi_object) return true;
    fail(name, "must be an object");
    return false;
}

bool Reader::is_array(napi_value value, const char *name, std::uint32_t &length) noexcept {
    bool array = false;
    if (napi_is_array(env_, value, &array) == napi_ok && array &&
        napi_get_array_length(env_, value, &length) == napi_ok)
        return true;
    fail(name, "must be an array");
    return false;
}

napi_value Reader::field(napi_value object, const char *name) noexcept {
    napi_value value = nullptr;
    if (failed_ || napi_get_named_property(env_, object, name, &value) != napi_ok) {
        fail(name, "cannot be read");
        napi_get_undefined(env_, &value);
    }
    return value;
}

void *Reader::cleared(std::size_t count, std::size_t size) noexcept {
    void *const memory = count > SIZE_MAX / size ? nullptr : arena_.take(count * size);
    if (memory == nullptr) {
        failed_ = true;
        throw_error(env_, REMIT_E_NO_MEMORY, "", remit_status_text(REMIT_E_NO_MEMORY));
        return nullptr;
    }
    return std::memset(memory, 0, count * size);
}

void *Reader::data_of(napi_value value, const char *name, const Kind &kind) noexcept {
    if (failed_ || nothing(value)) return nullptr;
    Handle *const handle = handle_of(env_, value);
    if (handle == nullptr || handle->kind != &kind) {
        char text[64];
        std::snprintf(text, sizeof text, "must be a %s", kind.name);
        fail(name, text);
        return nullptr;
    }
    if (handle->ended) {
        fail(name, "was freed");
        return nullptr;
    }
    if (!copies_) return handle->data;
    napi_ref reference = nullptr;
    if (held_count_ == kHandles || napi_create_reference(env_, value, 1, &reference) != napi_ok) {
        fail(name, "cannot be held");
        return nullptr;
    }
    handle->enter();
    held_[held_count_++] = {handle, reference};
    return handle->data;
}

void Reader::release(napi_env env) noexcept {
    while (held_count_ > 0) {
        const Held held = held_[--held_count_];
        held.handle->leave();
        napi_delete_reference(env, held.reference);
    }
}

void Reader::bytes(napi_value value, const char *name, Bytes &out) noexcept {
    if (failed_) return;
    napi_valuetype type = napi_undefined;
    if (napi_typeof(env_, value, &type) != napi_ok) return fail(name, "cannot be read");
    if (type == napi_undefined || type == napi_null) return;
    if (type == napi_string) return string(value, name, out);
    array(value, name, out);
}

void Reader::string(napi_value value, const char *name, Bytes &out) noexcept {
    std::size_t room = 0;
    char *at = arena_.rest(room);
    // Short ones are written at once; V8 fills the room but for the NUL, or less by a cut character.
    if (room > 64) {
        if (napi_get_value_string_utf8(env_, value, at, room, &out.length) != napi_ok)
            return fail(name, "cannot be read");
        if (out.length + 8 < room) {
            out.data = static_cast<const char *>(arena_.take(out.length + 1));
            return;
        }
    }
    if (napi_get_value_string_utf8(env_, value, nullptr, 0, &out.length) != napi_ok)
        return fail(name, "cannot be read");
    at = zeroed<char>(out.length + 1);
    if (at == nullptr) return;
    if (napi_get_value_string_utf8(env_, value, at, out.length + 1, &out.length) != napi_ok)
        return fail(name, "cannot be read");
    out.data = at;
}

void Reader::array(napi_value value, const char *name, Bytes &out) noexcept {
    bool typed = false;
    void *data = nullptr;
    napi_typedarray_type type = napi_int8_array;
    if (napi_is_typedarray(env_, value, &typed) != napi_ok || !typed ||
        napi_get_typedarray_info(env_, value, &type, &out.length, &data, nullptr, nullptr) != napi_ok ||
        type != napi_uint8_array)
        return fail(name, "must be a string or a Uint8Array");
    out.data = out.length == 0 ? "" : static_cast<const char *>(data);
    if (!copies_) return;
    auto *const copy = zeroed<char>(out.length + 1);
    if (copy == nullptr) return;
    std::memcpy(copy, out.data, out.length);
    out.data = copy;
}

bool Reader::whole(napi_value value, const char *name, double low, double high, double &out) noexcept {
    out = 0;
    if (failed_ || nothing(value)) return false;
    napi_valuetype type = napi_undefined;
    if (napi_typeof(env_, value, &type) != napi_ok || type != napi_number ||
        napi_get_value_double(env_, value, &out) != napi_ok) {
        fail(name, "must be a number");
        return false;
    }
    if (out >= low && out <= high && std::trunc(out) == out) return true;
    fail(name, "must be a whole number in range");
    return false;
}

void Reader::number(napi_value value, const char *name, std::int32_t &out) noexcept {
    double given = 0;
    constexpr std::numeric_limits<std::int32_t> range;
    if (whole(value, name, range.min(), range.max(), given)) out = static_cast<std::int32_t>(given);
}

void Reader::number(napi_value value, const char *name, std::uint32_t &out) noexcept {
    double given = 0;
    if (whole(value, name, 0, std::numeric_limits<std::uint32_t>::max(), given))
        out = static_cast<std::uint32_t>(given);
}

void Reader::size(napi_value value, const char *name, std::size_t &out) noexcept {
    double given = 0;
    if (whole(value, name, 0, 9007199254740991.0, given)) out = static_cast<std::size_t>(given);
}

void Reader::number(napi_value value, const char *name, std::int64_t &out) noexcept {
    if (failed_ || nothing(value)) return;
    bool lossless = false;
    if (napi_get_value_bigint_int64(env_, value, &out, &lossless) != napi_ok) return fail(name, "must be a bigint");
    if (!lossless) fail(name, "must be a bigint of 64 bits");
}

void Reader::number(napi_value value, const char *name, std::uint64_t &out) noexcept {
    if (failed_ || nothing(value)) return;
    bool lossless = false;
    if (napi_get_value_bigint_uint64(env_, value, &out, &lossless) != napi_ok) return fail(name, "must be a bigint");
    if (!lossless) fail(name, "must be a bigint of 64 bits, not negative");
}

void throw_error(napi_env env, remit_status status, const char *field, const char *text, remit_error *error) noexcept {
    napi_value object = nullptr, value = nullptr;
    const bool made = napi_create_object(env, &object) == napi_ok &&
                      napi_create_int32(env, status, &value) == napi_ok &&
                      napi_set_named_property(env, object, "status", value) == napi_ok &&
                      napi_create_string_utf8(env, field, NAPI_AUTO_LENGTH, &value) == napi_ok &&
                      napi_set_named_property(env, object, "field", value) == napi_ok &&
                      napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok &&
                      napi_set_named_property(env, object, "text", value) == napi_ok;
    if (error != nullptr) {
        value = wrap(env, kError, error);
        if (made && value != nullptr) napi_set_named_property(env, object, "error", value);
    }
    if (made) napi_throw(env, object);
}

}  // namespace remit::node
