// The kit that any Database adapter can run, here on ours: on SQLite, and on PostgreSQL where there is one.
#include "test_database.hpp"

#include <remit/testing/clock.hpp>
#include <remit/testing/database_conformance.hpp>
#include <remit/testing/random.hpp>

#include <catch2/catch.hpp>

using namespace remit;
using namespace remit::testing;

TEST_CASE("sql: the adapter keeps what the port promises", "[conformance]") {
    SimClock clock;
    SimRandom random{11};
    NoLog log;
    core::Metrics metrics;
    TestDatabase place;
    DatabaseBench bench;
    bench.open = [&] { return place.open(clock, random, log, metrics); };
    for (const std::string &broken : database_conformance(bench)) FAIL_CHECK(broken);
}
