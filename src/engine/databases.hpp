// The database that the options name, opened.
#pragma once

#include "core/metrics.hpp"

#include <remit/engine.hpp>

#include <memory>

namespace remit::engine {

// Invalid, field "database", for a URL of PostgreSQL in a build without libpq. Borrows all that it is given.
Result<std::unique_ptr<Database>> open_database(const EngineOptions &options, Clock &clock, Random &random, Log &log,
                                                core::Metrics *metrics);

}  // namespace remit::engine
