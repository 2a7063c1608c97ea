// The schema's steps: what is applied, what is missing, and applying it. The same on every database.
//
// Applied steps are rows of remit_migrations. Each step and its row are one transaction, which looks
// for the row first: two processes may migrate at once, and a step may be tried again.
#pragma once

#include "sql/dialect.hpp"

#include <remit/port/clock.hpp>
#include <remit/port/database.hpp>

namespace remit::sql {

struct Schema {
    Database &database;
    Dialect dialect;
    Clock &clock;
    std::string_view prefix;
    // Runs text that is not kept: what Sql cannot carry.
    std::function<Result<void>(SqlTx &, const std::string &)> run;
    // Whether there is a table of that name.
    std::function<Result<bool>(SqlReader &, std::string_view)> has_table;  // by the name with the prefix
};

// The table of applied steps, with the dialect's types to be put in, and the statements on it.
std::string_view migrations_table();
std::span<const Sql> statements();

// State when `check` finds steps missing.
Result<void> migrate(const Schema &schema, std::span<const Migration> steps, MigrateMode mode);
Result<std::string> migration_plan(const Schema &schema, std::span<const Migration> steps);

}  // namespace remit::sql
