// A handle of the C ABI in JavaScript's hands: an external value that owns it.
#pragma once

#include <node_api.h>

#include <cstdint>

namespace remit::node {

// The type of a handle and what ends it. One constant of it for each type; its address is the type's identity.
struct Kind {
    const char *name;
    void (*end)(void *);
};

// What an external value points to. Lives on its environment's thread, and is garbage of that environment.
struct Handle {
    static constexpr std::uint64_t kMark = 0x52454d4954480001;  // other addons have external values as well

    std::uint64_t mark = kMark;
    const Kind *kind = nullptr;
    void *data = nullptr;
    unsigned users = 0;    // calls on other threads, and pumps
    bool ended = false;    // end as soon as nobody uses it
    bool dropped = false;  // the external value is gone: delete this with the last user

    void end() noexcept;
    void enter() noexcept { ++users; }
    void leave() noexcept;
};

// Takes data, also when it fails: then data is ended and nullptr is given.
napi_value wrap(napi_env env, const Kind &kind, void *data) noexcept;
// nullptr if the value is no handle at all.
Handle *handle_of(napi_env env, napi_value value) noexcept;

}  // namespace remit::node
