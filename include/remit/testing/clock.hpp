// A clock that moves only when it is told to.
#pragma once

#include <remit/port/clock.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace remit::testing {

// Any thread may read; one thread moves it. `reboot` must not run beside readers of boot_id.
class SimClock final : public Clock {
public:
    explicit SimClock(std::int64_t start_utc_us = 1'700'000'000'000'000) : utc_offset_(start_utc_us) {}

    std::int64_t utc_us() noexcept override { return utc_offset_.load() + elapsed_.load(); }
    std::int64_t boot_us() noexcept override { return elapsed_.load() - booted_at_.load(); }
    const std::string &boot_id() noexcept override { return boot_id_; }

    // Simulated time since the clock was made. Neither a jump of UTC nor a reboot touches it: what is outside
    // of the simulated machine (networks, chains) lives by it.
    std::int64_t elapsed_us() const noexcept { return elapsed_.load(); }
    void advance_us(std::int64_t us) noexcept {
        if (us > 0) elapsed_ += us;
    }
    void jump_utc_us(std::int64_t by) noexcept { utc_offset_ += by; }
    // The boot clock starts at zero again, under a new name.
    void reboot() {
        booted_at_ = elapsed_.load();
        boot_id_ = "sim-boot-" + std::to_string(++boots_);
    }

private:
    std::atomic<std::int64_t> elapsed_{0};
    std::atomic<std::int64_t> utc_offset_;
    std::atomic<std::int64_t> booted_at_{0};
    std::int64_t boots_ = 1;
    std::string boot_id_ = "sim-boot-1";
};

}  // namespace remit::testing
