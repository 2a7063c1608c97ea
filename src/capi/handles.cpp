#include "capi/guard.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace remit::capi {

// Longer than any input: a length beyond it is garbage.
static constexpr std::size_t kLengthMax = std::size_t{64} << 20U;
static constexpr std::size_t kStructMax = 4'096;

remit_status fail(remit_error **out_error, Error error) noexcept {
    const auto status = static_cast<remit_status>(error.status);
    if (!out_error) return status;
    *out_error = new (std::nothrow) remit_error{std::move(error)};
    if (*out_error && (*out_error)->error.text.empty())
        guard_quiet([&] { (*out_error)->error.text = status_text((*out_error)->error.status); });
    return status;
}

void Instance::tell_misuse(const Error &error) noexcept {
    guard_quiet([&] {
        if (log) log->write(LogLevel::error, "capi.misuse", {{"field", error.field}, {"text", error.text}});
    });
}

void Instance::fence() noexcept {
    broken = true;
    guard_quiet([&] { static_cast<void>(engine->stop(0)); });
}

Result<std::string_view> optional_text(const char *data, std::size_t length, const char *field) {
    if (!data && (length == 0 || length == REMIT_ZSTR)) return std::string_view();
    return text(data, length, field);
}

Result<std::string_view> text(const char *data, std::size_t length, const char *field) {
    if (!data) return misuse(field, "is NULL");
    if (length == REMIT_ZSTR) return std::string_view(data);
    if (length > kLengthMax) return misuse(field, "has a length beyond reason");
    return std::string_view(data, length);
}

Result<ByteView> bytes(const void *data, std::size_t length, const char *field) {
    if (length > kLengthMax) return misuse(field, "has a length beyond reason");
    if (!data && length != 0) return misuse(field, "is NULL");
    return ByteView(static_cast<const std::uint8_t *>(data), length);
}

Result<std::shared_ptr<Queue>> queue_of(const remit_async *async, const char *field) {
    if (!async) return std::shared_ptr<Queue>();
    if (!async->queue) return misuse(field, "has no queue");
    if (async->queue->queue->forked()) return Error{Status::forked, {}, {}};
    return async->queue->queue;
}

void set(remit_blob **out, std::string text) {
    *out = new remit_blob{std::move(text)};
}

Result<void> read_sized(void *out, std::size_t known, const void *in, const char *field) {
    std::uint32_t given = 0;
    std::memcpy(&given, in, sizeof given);
    // No field ends within four bytes: a length that is cut there would be another.
    if (given < sizeof given || given > kStructMax || given % sizeof given != 0)
        return misuse(field, "has a struct_size that is none");
    const auto *const raw = static_cast<const std::uint8_t *>(in);
    std::memcpy(out, raw, std::min<std::size_t>(given, known));
    if (given > known && std::any_of(raw + known, raw + given, [](std::uint8_t b) { return b != 0; }))
        return Error{Status::newer, field, "carries what this library does not know"};
    return {};
}

}  // namespace remit::capi
