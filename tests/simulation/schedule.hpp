// One schedule: a world, a workload and faults, all from one seed; first chaos, then calm, then the judgement.
#pragma once

#include "facts.hpp"

#include <remit/testing/world.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace remit::simulation {

using NetSites = std::map<std::string, testing::SimSiteCount, std::less<>>;

struct Outcome {
    Facts facts;
    std::vector<std::string> violations;
    std::uint64_t digest = 0;  // of everything that happened; equal for equal seeds
    NetSites net_sites;
    testing::DbSites db_sites;
    std::map<std::string, std::uint64_t> happenings;  // crashes, reorganisations, ... by name
    std::int64_t simulated_us = 0;
};

// Something broken on purpose, which the auditor must find within some schedules.
enum class Plant {
    none,
    shallow,    // the engine takes one confirmation for final, where reorganisations are deeper
    forgetful,  // some commits of signed batches are lost although they were acknowledged
};

// `trace` may be empty; else it gets the timeline line by line.
Outcome run_schedule(std::uint64_t seed, const std::function<void(std::string_view)> &trace, Plant plant = Plant::none);

}  // namespace remit::simulation
