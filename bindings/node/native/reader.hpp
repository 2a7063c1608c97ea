// JavaScript's arguments as those of a C call. What is of the wrong type is refused by name before the library sees it.
#pragma once

#include "handle.hpp"

#include <remit/remit.h>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace remit::node {

// Memory for one call; all of it goes at once.
class Arena {
public:
    Arena() = default;
    ~Arena();
    Arena(const Arena &) = delete;
    Arena &operator=(const Arena &) = delete;

    // nullptr when memory ran out.
    void *take(std::size_t size) noexcept;
    // The rest of the current block, to write into before its size is known; take() what was used of it.
    char *rest(std::size_t &size) noexcept;

private:
    struct Block {
        Block *next;
    };
    Block *blocks_ = nullptr;
    std::size_t used_ = 0;
    alignas(std::max_align_t) char first_[1024];
};

// Bytes of a string (as UTF-8) or of a Uint8Array.
struct Bytes {
    const char *data = nullptr;
    std::size_t length = 0;
};

class Reader {
public:
    static constexpr std::size_t kMost = 16;
    static constexpr std::size_t kHandles = 8;

    // With copies, nothing of JavaScript's memory is borrowed, and the handles are held until release().
    Reader(napi_env env, napi_callback_info info, Arena &arena, bool copies) noexcept;
    Reader(const Reader &) = delete;
    Reader &operator=(const Reader &) = delete;

    bool failed() const noexcept { return failed_; }
    napi_env env() const noexcept { return env_; }
    Arena &arena() noexcept { return arena_; }
    // undefined beyond the last one
    napi_value argument(std::size_t index) const noexcept { return arguments_[index]; }

    // Each reads one value; undefined and null are 0, NULL and the empty list.
    template <class H>
    void handle(napi_value value, const char *name, const Kind &kind, H *&out) noexcept {
        out = static_cast<H *>(data_of(value, name, kind));
    }
    void bytes(napi_value value, const char *name, Bytes &out) noexcept;
    void number(napi_value value, const char *name, std::int32_t &out) noexcept;
    void number(napi_value value, const char *name, std::uint32_t &out) noexcept;
    void number(napi_value value, const char *name, std::int64_t &out) noexcept;
    void number(napi_value value, const char *name, std::uint64_t &out) noexcept;
    void size(napi_value value, const char *name, std::size_t &out) noexcept;

    // One struct, or nullptr. S needs a read(Reader &, napi_value object, S &).
    template <class S>
    const S *object(napi_value value, const char *name) noexcept {
        if (failed_ || nothing(value)) return nullptr;
        auto *const out = zeroed<S>(1);
        if (out == nullptr || !is_object(value, name)) return nullptr;
        const Step step(*this, name);
        read(*this, value, *out);
        return out;
    }

    // An array of structs.
    template <class S>
    const S *objects(napi_value value, const char *name, std::size_t &count) noexcept {
        count = 0;
        if (failed_ || nothing(value)) return nullptr;
        std::uint32_t length = 0;
        if (!is_array(value, name, length)) return nullptr;
        auto *const out = zeroed<S>(length + 1);  // never NULL: an empty list is no missing one
        if (out == nullptr) return nullptr;
        for (std::uint32_t i = 0; i < length && !failed_; ++i) element(value, name, i, out[i]);
        count = length;
        return out;
    }

    // For outputs that the caller of a C function brings.
    template <class S>
    S *zeroed(std::size_t count) noexcept {
        return static_cast<S *>(cleared(count, sizeof(S)));
    }

    napi_value field(napi_value object, const char *name) noexcept;
    void fail(const char *name, const char *text) noexcept;
    // Ends the hold on the handles.
    void release(napi_env env) noexcept;

private:
    struct Path {
        const char *name;
        std::int64_t index;  // -1: a struct alone
    };
    // Where we are, for errors.
    class Step {
    public:
        Step(Reader &reader, const char *name, std::int64_t index = -1) noexcept : reader_(reader) {
            reader_.path_[reader_.depth_++] = {name, index};
        }
        ~Step() { --reader_.depth_; }
        Step(const Step &) = delete;
        Step &operator=(const Step &) = delete;

    private:
        Reader &reader_;
    };
    struct Held {
        Handle *handle;
        napi_ref reference;
    };

    template <class S>
    void element(napi_value array, const char *name, std::uint32_t index, S &out) noexcept {
        napi_handle_scope scope = nullptr;
        napi_value value = nullptr;
        if (napi_open_handle_scope(env_, &scope) != napi_ok) return fail(name, "cannot be read");
        const Step step(*this, name, index);
        if (napi_get_element(env_, array, index, &value) != napi_ok) fail("", "cannot be read");
        if (!failed_ && is_object(value, "")) read(*this, value, out);
        napi_close_handle_scope(env_, scope);
    }

    void *data_of(napi_value value, const char *name, const Kind &kind) noexcept;
    bool nothing(napi_value value) noexcept;
    bool is_object(napi_value value, const char *name) noexcept;
    bool is_array(napi_value value, const char *name, std::uint32_t &length) noexcept;
    bool whole(napi_value value, const char *name, double low, double high, double &out) noexcept;
    void string(napi_value value, const char *name, Bytes &out) noexcept;
    void array(napi_value value, const char *name, Bytes &out) noexcept;
    void *cleared(std::size_t count, std::size_t size) noexcept;
    void where(const char *name, char *out, std::size_t size) const noexcept;

    napi_env env_;
    Arena &arena_;
    bool copies_;
    bool failed_ = false;
    std::size_t depth_ = 0;
    std::size_t held_count_ = 0;
    Path path_[8];
    Held held_[kHandles];
    napi_value arguments_[kMost];
};

// Throws {status, field, text, error}, the last one the handle if there is one; takes it.
void throw_error(napi_env env, remit_status status, const char *field, const char *text,
                 remit_error *error = nullptr) noexcept;

}  // namespace remit::node
