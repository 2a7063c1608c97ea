// Port: time. Nothing under a primitive reads a clock of its own.
#pragma once

#include <cstdint>
#include <string>

namespace remit {

inline constexpr std::int64_t kMicrosPerMs = 1'000;
inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;

// Any thread may call any method.
class Clock {
public:
    virtual ~Clock() = default;
    // Microseconds since 1970-01-01 UTC. May jump; for people and for records, never for leases.
    virtual std::int64_t utc_us() noexcept = 0;
    // Microseconds since boot, counting suspend; never goes back while boot_id stays the same.
    virtual std::int64_t boot_us() noexcept = 0;
    // Names this boot of the machine: two values of boot_us compare only under one id.
    virtual const std::string &boot_id() noexcept = 0;
};

}  // namespace remit
