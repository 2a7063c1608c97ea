// One schedule: a machine with some workers, clients and faults, all from one seed; first chaos, then calm, then
// everything expires.
#pragma once

#include "history.hpp"

#include <remit/testing/database.hpp>

#include <functional>
#include <string_view>

namespace remit::simulation::idempotency {

struct Outcome {
    History history;
    std::vector<std::string> violations;
    std::uint64_t digest = 0;  // of everything that happened; equal for equal seeds
    testing::DbSites sites;
    std::map<std::string, std::uint64_t> happenings;
    std::int64_t simulated_us = 0;
};

// `trace` may be empty; else it gets the timeline line by line.
Outcome run_schedule(std::uint64_t seed, const std::function<void(std::string_view)> &trace);

}  // namespace remit::simulation::idempotency
