// The shape of most calls: check the inputs, then do the work here, or later with its outcome as an item.
#pragma once

#include "capi/guard.hpp"

#include <utility>

namespace remit::capi {

// One promised item. Its memory is taken when the promise is made; a promise that is dropped says CLOSED.
class Outcome {
public:
    Outcome(std::shared_ptr<Queue> queue, std::uint64_t tag) : queue_(std::move(queue)), node_(1) {
        node_.front().tag = tag;
        set(Error{Status::closed, {}, {}});
    }
    ~Outcome() { queue_->push(std::move(node_)); }
    Outcome(const Outcome &) = delete;
    Outcome &operator=(const Outcome &) = delete;

    void set(Result<Answer> result) noexcept {
        Item &item = node_.front();
        item.status = static_cast<remit_status>(result.status());
        if (result) {
            item.value = result->value;
            item.payload = std::move(result->payload);
            item.claim = std::move(result->claim);
            item.error_text.clear();
        } else {
            item.error_field = std::move(result).error().field;
            item.error_text = std::move(result).error().text;
            if (item.error_text.empty()) guard_quiet([&] { item.error_text = status_text(result.status()); });
        }
    }

private:
    std::shared_ptr<Queue> queue_;
    Items node_;
};

// What a call was given besides its own inputs, and where its answer goes. Outputs may be NULL.
struct Call {
    remit_engine *engine = nullptr;
    const remit_async *async = nullptr;
    remit_error **out_error = nullptr;
    remit_blob **out_text = nullptr;
    std::int32_t *out_i32 = nullptr;
    std::int64_t *out_i64 = nullptr;

    void clear() const noexcept {
        if (out_text) *out_text = nullptr;
        if (out_i32) *out_i32 = 0;
        if (out_i64) *out_i64 = 0;
    }
    void give(Answer answer) const {
        if (out_text) capi::set(out_text, std::move(answer.payload));
        if (out_i32) *out_i32 = static_cast<std::int32_t>(answer.value);
        if (out_i64) *out_i64 = answer.value;
    }
};

// Reads inputs into copies of the library's own, and remembers the first that is wrong.
class Inputs {
public:
    explicit Inputs(const remit_async *async) : waits_(async == nullptr) {}

    std::string text(const char *data, std::size_t length, const char *field) {
        return std::string(keep(capi::text(data, length, field)));
    }
    std::string optional_text(const char *data, std::size_t length, const char *field) {
        return std::string(keep(capi::optional_text(data, length, field)));
    }
    std::string optional_bytes(const void *data, std::size_t length, const char *field) {
        const ByteView read = keep(capi::bytes(data, length, field));
        return {reinterpret_cast<const char *>(read.data()), read.size()};
    }
    // Copied into locked memory; shared because a job may be copied, which a secret may not.
    std::shared_ptr<const Secret> secret(const void *data, std::size_t length, const char *field) {
        if (length == REMIT_ZSTR)
            return std::make_shared<const Secret>(
                Secret::from_text(keep(capi::text(static_cast<const char *>(data), length, field))));
        check(data != nullptr, field, "is NULL");
        return std::make_shared<const Secret>(Secret::from_bytes(keep(bytes(data, length, field))));
    }
    std::int64_t not_negative(std::int64_t value, const char *field) {
        check(value >= 0, field, "is negative");
        return value;
    }
    // An output that a caller who waits must want.
    void output(const void *out, const char *field) { check(out != nullptr || !waits_, field, "is NULL"); }
    void check(bool good, const char *field, const char *text) {
        if (!good && wrong_) wrong_ = Result<void>(misuse(field, text));
    }
    Result<void> result() && { return std::move(wrong_); }

private:
    template <class T>
    T keep(Result<T> read) {
        if (read) return *read;
        if (wrong_) wrong_ = Result<void>(std::move(read).error());
        return T{};
    }

    bool waits_;
    Result<void> wrong_;
};

// Prepare takes Inputs & and gives the work: a function Engine & -> Result<Answer> that owns what it needs and
// may be copied. It runs here when the caller waits.
template <class Prepare>
remit_status call(const Call &made, Prepare prepare) noexcept {
    Instance *const instance = instance_of(made.engine);
    if (!made.async) made.clear();
    return guard(instance, made.out_error, [&]() -> Result<void> {
        if (!instance) return misuse("engine", "is NULL");
        REMIT_TRY(auto queue, queue_of(made.async, "async"));
        Inputs inputs(made.async);
        auto work = prepare(inputs);
        REMIT_CHECK(std::move(inputs).result());
        if (!queue) {
            REMIT_TRY(Answer answer, work(*instance->engine));
            made.give(std::move(answer));
            return {};
        }
        auto outcome = std::make_shared<Outcome>(std::move(queue), made.async->tag);
        instance->engine->post([instance, outcome, work = std::move(work)] {
            outcome->set(guard_job(*instance, [&] { return work(*instance->engine); }));
        });
        return {};
    });
}

// The Answer of calls that give nothing, and of those that give a text.
inline Result<Answer> done(Result<void> result) {
    REMIT_CHECK(std::move(result));
    return Answer{};
}
inline Result<Answer> done(Result<std::string> result) {
    REMIT_TRY(std::string payload, std::move(result));
    return Answer{0, std::move(payload)};
}

}  // namespace remit::capi
