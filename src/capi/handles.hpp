// What the opaque handles hold, and how inputs are read.
#pragma once

#include "capi/queue.hpp"

#include <remit/engine.h>
#include <remit/engine.hpp>
#include <remit/idempotency.h>
#include <remit/queue.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

struct remit_blob {
    std::string bytes;
};

struct remit_error {
    remit::Error error;
};

struct remit_queue {
    std::shared_ptr<remit::capi::Queue> queue;
};

namespace remit::capi {

// An engine and what it borrows; kept alive by its handle and its claims. Calls that do not wait refer to it by
// address: their jobs end with the engine.
struct Instance : std::enable_shared_from_this<Instance> {
    long process = this_process();
    std::atomic<bool> broken{false};
    std::unique_ptr<Log> log;
    std::unique_ptr<Signer> signer;
    std::shared_ptr<Engine> engine;  // ends before what it borrows; one in a simulated world keeps that world

    bool forked() const noexcept { return process != this_process(); }
    void tell_misuse(const Error &error) noexcept;
    // Nothing is written from here on, and each call says so.
    void fence() noexcept;
};

}  // namespace remit::capi

struct remit_engine {
    std::shared_ptr<remit::capi::Instance> instance;
};

namespace remit::capi {

// What a call answers besides its status: one number, one text, perhaps a claim.
struct Answer {
    std::int64_t value = 0;
    std::string payload;
    std::shared_ptr<remit_claim> claim = nullptr;
};

inline Error misuse(const char *field, const char *text) {
    return {Status::misuse, field, text};
}
inline Instance *instance_of(remit_engine *engine) noexcept {
    return engine ? engine->instance.get() : nullptr;
}

// Text that must be there, and text that may be NULL.
Result<std::string_view> text(const char *data, std::size_t length, const char *field);
Result<std::string_view> optional_text(const char *data, std::size_t length, const char *field);
// Exactly or at most so many bytes.
Result<ByteView> bytes(const void *data, std::size_t length, const char *field);
// The queue that the outcome goes to; null when the caller waits.
Result<std::shared_ptr<Queue>> queue_of(const remit_async *async, const char *field);

void set(remit_blob **out, std::string text);

// Reads a struct that begins with its own size, as law 9 of base.h says.
Result<void> read_sized(void *out, std::size_t known, const void *in, const char *field);
template <class Options>
Result<Options> read_options(const Options *in, const char *field) {
    Options options{};
    if (in) REMIT_CHECK(read_sized(&options, sizeof options, in, field));
    return options;
}

}  // namespace remit::capi
