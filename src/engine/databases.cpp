#include "engine/databases.hpp"

#include "engine/options.hpp"
#include "sql/postgres/postgres.hpp"
#include "sql/sqlite/sqlite.hpp"

namespace remit::engine {
namespace {

template <class Options>
Options with_ports(const EngineOptions &options, Clock &clock, Random &random, Log &log, core::Metrics *metrics) {
    Options out;
    out.prefix = options.prefix;
    out.clock = &clock;
    out.random = &random;
    out.log = &log;
    out.metrics = metrics;
    return out;
}

}  // namespace

Result<std::unique_ptr<Database>> open_database(const EngineOptions &options, Clock &clock, Random &random, Log &log,
                                                core::Metrics *metrics) {
    if (is_postgres_url(options.database)) {
#ifdef REMIT_WITH_POSTGRES
        auto postgres = with_ports<sql::PostgresOptions>(options, clock, random, log, metrics);
        postgres.url = options.database;
        postgres.schema = options.schema;
        postgres.connections = options.connections;
        return sql::open_postgres(postgres);
#else
        return invalid("database", "is on PostgreSQL, and this build of the library has no adapter for it");
#endif
    }
    auto sqlite = with_ports<sql::SqliteOptions>(options, clock, random, log, metrics);
    sqlite.path = options.database;
    return sql::open_sqlite(sqlite);
}

}  // namespace remit::engine
