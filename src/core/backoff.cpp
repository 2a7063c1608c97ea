#include "core/backoff.hpp"

#include <algorithm>

namespace remit::core {

std::int64_t Backoff::delay_us(std::int64_t attempt, Random &random) const {
    std::int64_t whole = std::clamp<std::int64_t>(first_us, 0, max_us);
    for (std::int64_t i = 1; i < attempt && 0 < whole && whole < max_us; ++i)
        whole = whole > max_us / 2 ? max_us : whole * 2;
    const std::int64_t half = whole - whole / 2;
    const auto spread = static_cast<std::uint64_t>(whole - half) + 1;
    return half + static_cast<std::int64_t>(random.next_u64() % spread);
}

}  // namespace remit::core
