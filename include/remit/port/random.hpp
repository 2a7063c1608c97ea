// Port: randomness, fit for keys.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace remit {

// Any thread may call any method.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) noexcept = 0;

    std::uint64_t next_u64() noexcept {
        std::array<std::uint8_t, 8> raw{};
        fill(raw);
        std::uint64_t v = 0;
        for (std::uint8_t b : raw) v = v << 8 | b;
        return v;
    }
};

}  // namespace remit
