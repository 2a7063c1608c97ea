// Randomness that repeats: the same seed gives the same bytes. Never fit for real keys.
#pragma once

#include <remit/port/random.hpp>

#include <atomic>
#include <cstdint>
#include <span>

namespace remit::testing {

// A counter through a mixing function, so that any thread may draw. One thread drawing gives one sequence.
class SimRandom final : public Random {
public:
    explicit SimRandom(std::uint64_t seed) : state_(mix(seed)) {}

    std::uint64_t next() noexcept { return mix(state_.fetch_add(kStep) + kStep); }
    // 0 to n - 1; 0 when n is 0.
    std::uint64_t range(std::uint64_t n) noexcept { return n == 0 ? 0 : next() % n; }
    // low to high, both included.
    std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
        return low + static_cast<std::int64_t>(range(static_cast<std::uint64_t>(high - low) + 1));
    }
    bool chance(std::uint64_t per_10k) noexcept { return range(10'000) < per_10k; }
    // A stream of its own, so that drawing more in one place does not shift another.
    SimRandom fork() noexcept { return SimRandom(next()); }
    SimRandom(const SimRandom &other) noexcept : Random(other), state_(other.state_.load()) {}
    SimRandom &operator=(const SimRandom &) = delete;

    void fill(std::span<std::uint8_t> out) noexcept override {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < out.size(); ++i, word >>= 8) {
            if (i % 8 == 0) word = next();
            out[i] = static_cast<std::uint8_t>(word);
        }
    }

private:
    static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;
    static std::uint64_t mix(std::uint64_t z) noexcept {
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
        return z ^ z >> 31;
    }
    std::atomic<std::uint64_t> state_;
};

}  // namespace remit::testing
