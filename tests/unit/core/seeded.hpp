// A Random that repeats from its seed (splitmix64), for tests of the core alone.
#pragma once

#include <remit/port/random.hpp>

namespace remit::test {

class Seeded final : public Random {
public:
    explicit Seeded(std::uint64_t seed) : state_(seed) {}
    void fill(std::span<std::uint8_t> out) noexcept override {
        for (auto &byte : out) byte = static_cast<std::uint8_t>(next() >> 56U);
    }
    std::uint64_t next() noexcept {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9U;
        z = (z ^ z >> 27U) * 0x94d049bb133111ebU;
        return z ^ z >> 31U;
    }
    std::size_t below(std::size_t n) noexcept { return next() % n; }

private:
    std::uint64_t state_;
};

}  // namespace remit::test
