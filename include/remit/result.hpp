// Result<T>: a value, or an Error that says what was wrong with which field.
#pragma once

#include <remit/status.hpp>

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace remit {

// Why a call did not work. `field` is a path as "payouts[3].amount", empty where no input is to blame.
// The text is for people and never carries a secret.
struct Error {
    Status status = Status::broken;
    std::string field;
    std::string text;
};

inline Error error(Status status, std::string text) {
    return {status, {}, std::move(text)};
}
inline Error invalid(std::string field, std::string text) {
    return {Status::invalid, std::move(field), std::move(text)};
}

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: a value is a result
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: so is an error

    bool ok() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }
    Status status() const noexcept { return ok() ? Status::ok : std::get<1>(state_).status; }

    // Only when ok().
    T &value() &noexcept { return *std::get_if<0>(&state_); }
    const T &value() const &noexcept { return *std::get_if<0>(&state_); }
    T &&value() &&noexcept { return std::move(*std::get_if<0>(&state_)); }
    T &operator*() &noexcept { return value(); }
    const T &operator*() const &noexcept { return value(); }
    T &&operator*() &&noexcept { return std::move(*this).value(); }
    T *operator->() noexcept { return &value(); }
    const T *operator->() const noexcept { return &value(); }

    // Only when not ok().
    const Error &error() const &noexcept { return *std::get_if<1>(&state_); }
    Error &&error() &&noexcept { return std::move(*std::get_if<1>(&state_)); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}  // NOLINT: an error is a result

    bool ok() const noexcept { return !error_.has_value(); }
    explicit operator bool() const noexcept { return ok(); }
    Status status() const noexcept { return ok() ? Status::ok : error_->status; }
    const Error &error() const &noexcept { return *error_; }
    Error &&error() &&noexcept { return std::move(*error_); }

private:
    std::optional<Error> error_;
};

}  // namespace remit

// REMIT_TRY(auto x, f());   declares x from f()'s value, or returns f()'s error from this function.
// REMIT_CHECK(f());         returns f()'s error from this function, if it has one.
// Each use has a name of its own, so that one may stand in a lambda inside another.
#define REMIT_NAME_JOIN(a, b)      a##b
#define REMIT_NAME(prefix, number) REMIT_NAME_JOIN(prefix, number)
#define REMIT_TRY_AS(name, decl, ...)                                                                                  \
    auto name = __VA_ARGS__;                                                                                           \
    if (!name.ok()) return std::move(name).error();                                                                    \
    decl = std::move(name).value()
#define REMIT_CHECK_AS(name, ...)                                                                                      \
    do {                                                                                                               \
        if (auto name = __VA_ARGS__; !name.ok()) return std::move(name).error();                                       \
    } while (false)
#define REMIT_TRY(decl, ...) REMIT_TRY_AS(REMIT_NAME(remit_try_, __COUNTER__), decl, __VA_ARGS__)
#define REMIT_CHECK(...)     REMIT_CHECK_AS(REMIT_NAME(remit_check_, __COUNTER__), __VA_ARGS__)
