// The system's own clock, randomness and log, behind the ports.
#pragma once

#include <remit/port/clock.hpp>
#include <remit/port/log.hpp>
#include <remit/port/random.hpp>
#include <remit/result.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace remit::engine {

std::unique_ptr<Clock> system_clock();
// Store when the kernel gives no random bytes: nothing may run without.
Result<std::unique_ptr<Random>> system_random();
// One line an event, one write a line: time, level, event, key=value ... The descriptor and the clock are
// borrowed. What cannot be written is dropped.
std::unique_ptr<Log> fd_log(int fd, LogLevel least, Clock &clock);

// The line, with its end. Values that are not plain words are quoted; nothing in them can end the line or
// reach a terminal's control codes.
std::string log_line(std::int64_t utc_us, LogLevel level, std::string_view event, std::span<const LogField> fields);

}  // namespace remit::engine
