// The schema of the whole library: every room's migrations in one order, every room's statements.
#pragma once

#include <remit/port/database.hpp>

#include <vector>

namespace remit::engine {

std::vector<Migration> all_migrations();
std::vector<Sql> all_statements();

}  // namespace remit::engine
