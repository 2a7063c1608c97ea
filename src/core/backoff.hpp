// Exponential backoff with full jitter.
#pragma once

#include <remit/port/random.hpp>

#include <cstdint>

namespace remit::core {

struct Backoff {
    std::int64_t first_us = 250'000;
    std::int64_t max_us = 60'000'000;

    // The wait before attempt `attempt` (1 is the first retry): between half and the whole of
    // min(max, first * 2^(attempt-1)).
    std::int64_t delay_us(std::int64_t attempt, Random &random) const;
};

}  // namespace remit::core
