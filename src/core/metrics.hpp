// Metrics registry with Prometheus text (exposition format 0.0.4). Counting is lock-free.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace remit::core {

class Counter {
public:
    void add(std::int64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
    std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

class Gauge {
public:
    void set(std::int64_t v) noexcept { value_.store(v, std::memory_order_relaxed); }
    std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

// Durations in microseconds; shown in seconds. Fixed buckets from 1 ms to 1 h.
class Histogram {
public:
    static constexpr std::array<std::int64_t, 14> kBoundsUs = {
        1'000,     5'000,      10'000,     50'000,     100'000,     500'000,     1'000'000,
        5'000'000, 10'000'000, 30'000'000, 60'000'000, 300'000'000, 900'000'000, 3'600'000'000};
    void observe(std::int64_t us) noexcept;

    // Its lines of the exposition text.
    void write(std::string &out, std::string_view name, std::string_view labels) const;

private:
    std::array<std::atomic<std::int64_t>, kBoundsUs.size() + 1> buckets_{};
    std::atomic<std::int64_t> sum_us_{0};
};

// Handles live as long as the registry. The same name and labels give the same handle.
// Labels are written as in the text, e.g. R"(status="sent")"; empty for none.
class Metrics {
public:
    Counter &counter(std::string_view name, std::string_view help, std::string_view labels = {});
    Gauge &gauge(std::string_view name, std::string_view help, std::string_view labels = {});
    Histogram &histogram(std::string_view name, std::string_view help, std::string_view labels = {});
    std::string text() const;

private:
    struct Family {
        std::string help;
        int kind = 0;
        std::map<std::string, void *, std::less<>> members;  // by labels; of the class that `kind` says
    };
    Family &family(std::string_view name, std::string_view help, int kind);
    template <class Handle>
    static Handle &handle(Family &family, std::string_view labels, std::deque<Handle> &handles);

    mutable std::mutex mutex_;
    std::deque<Counter> counters_;
    std::deque<Gauge> gauges_;
    std::deque<Histogram> histograms_;
    std::map<std::string, Family, std::less<>> families_;
};

}  // namespace remit::core
