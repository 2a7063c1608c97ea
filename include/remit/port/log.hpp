// Port: log lines with a level and fields. A secret is never a field; secret types do not convert.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace remit {

enum class LogLevel : std::int32_t { debug = 0, info = 1, warn = 2, error = 3 };

struct LogField {
    std::string_view name;
    std::string value;

    LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
    LogField(std::string_view n, const char *v) : name(n), value(v) {}
    LogField(std::string_view n, std::string v) : name(n), value(std::move(v)) {}
    LogField(std::string_view n, std::int64_t v) : name(n), value(std::to_string(v)) {}
    LogField(std::string_view n, std::uint64_t v) : name(n), value(std::to_string(v)) {}
    LogField(std::string_view n, int v) : name(n), value(std::to_string(v)) {}
};

// Any thread may call any method. Must not call back into the library.
class Log {
public:
    virtual ~Log() = default;
    // `event` is a fixed, dotted name as "payouts.lane_blocked"; what varies is in the fields.
    virtual void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) noexcept = 0;
};

// Takes lines and drops them.
class NoLog final : public Log {
public:
    void write(LogLevel, std::string_view, std::initializer_list<LogField>) noexcept override {}
};

}  // namespace remit
