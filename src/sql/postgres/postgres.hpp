// Adapter: the Database port on PostgreSQL 12 or newer, through libpq.
//
// Every transaction is READ COMMITTED on a connection of its own, with synchronous_commit on; the server groups the
// commits of many connections itself. What changes a row waits for another transaction that changes the same row.
#pragma once

#include <remit/port/clock.hpp>
#include <remit/port/database.hpp>
#include <remit/port/log.hpp>
#include <remit/port/random.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace remit::core {
class Metrics;
}

namespace remit::sql {

struct PostgresOptions {
    std::string url;                  // postgresql://user:password@host:port/name?sslmode=verify-full&...
    std::string schema;               // where our tables are; empty: as the server's search_path says
    std::string prefix = "remit_";    // what stands in place of remit_ in the names of tables and indexes
    int connections = 8;              // at most, beside the one that holds the owner's lock
    std::int64_t connect_ms = 3'000;  // how long an unreachable server is tried
    std::int64_t answer_ms = 30'000;  // how long one statement may take
    std::int64_t lock_ms = 10'000;    // how long another transaction's lock is waited for
    std::int64_t idle_ms = 4'000;     // how long a transaction may stand still: a process that hangs holds locks
    std::int64_t free_ms = 30'000;    // how long a free connection is waited for
    std::int64_t time_ms = 5'000;     // how often the server's time is asked; 0: once
    Clock *clock = nullptr;
    Random *random = nullptr;
    Log *log = nullptr;
    core::Metrics *metrics = nullptr;
};

// Invalid naming the field: a URL that is none, a server that cannot be used (too old, not UTF-8, a standby). Store
// when the server cannot be reached or refuses. No text ever carries the URL's password.
Result<std::unique_ptr<Database>> open_postgres(const PostgresOptions &options);

}  // namespace remit::sql
