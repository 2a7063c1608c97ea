#include "core/metrics.hpp"

#include <catch2/catch.hpp>

#include <thread>
#include <vector>

using remit::core::Metrics;

TEST_CASE("core: metrics are written exactly as the Prometheus text format has them") {
    Metrics metrics;
    metrics.gauge("remit_head", "Latest block\nseen \\ ever.").set(-7);
    metrics.counter("remit_events_total", "Events written.", R"(type="a")").add(3);
    metrics.counter("remit_events_total", "Events written.").add();
    auto &wait = metrics.histogram("remit_wait_seconds", "Waits.", R"(lane="1")");
    for (const std::int64_t us : {std::int64_t{0}, std::int64_t{1'000}, std::int64_t{1'001}, std::int64_t{1'500'000},
                                  std::int64_t{4'000'000'000}})
        wait.observe(us);
    REQUIRE(metrics.text() == R"(# HELP remit_events_total Events written.
# TYPE remit_events_total counter
remit_events_total 1
remit_events_total{type="a"} 3
# HELP remit_head Latest block\nseen \\ ever.
# TYPE remit_head gauge
remit_head -7
# HELP remit_wait_seconds Waits.
# TYPE remit_wait_seconds histogram
remit_wait_seconds_bucket{lane="1",le="0.001"} 2
remit_wait_seconds_bucket{lane="1",le="0.005"} 3
remit_wait_seconds_bucket{lane="1",le="0.01"} 3
remit_wait_seconds_bucket{lane="1",le="0.05"} 3
remit_wait_seconds_bucket{lane="1",le="0.1"} 3
remit_wait_seconds_bucket{lane="1",le="0.5"} 3
remit_wait_seconds_bucket{lane="1",le="1"} 3
remit_wait_seconds_bucket{lane="1",le="5"} 4
remit_wait_seconds_bucket{lane="1",le="10"} 4
remit_wait_seconds_bucket{lane="1",le="30"} 4
remit_wait_seconds_bucket{lane="1",le="60"} 4
remit_wait_seconds_bucket{lane="1",le="300"} 4
remit_wait_seconds_bucket{lane="1",le="900"} 4
remit_wait_seconds_bucket{lane="1",le="3600"} 4
remit_wait_seconds_bucket{lane="1",le="+Inf"} 5
remit_wait_seconds_sum{lane="1"} 4001.502001
remit_wait_seconds_count{lane="1"} 5
)");
}

TEST_CASE("core: one name and one set of labels is one handle") {
    Metrics metrics;
    REQUIRE(&metrics.counter("a", "h") == &metrics.counter("a", "other help"));
    REQUIRE(&metrics.counter("a", "h") != &metrics.counter("a", "h", R"(x="1")"));
    metrics.gauge("a", "h").set(5);  // another kind under a name that is taken
    REQUIRE(metrics.text().find("# TYPE a_gauge gauge\na_gauge 5\n") != std::string::npos);
}

TEST_CASE("core: counting from many threads loses nothing") {
    Metrics metrics;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&metrics] {
            auto &counter = metrics.counter("n", "h");
            for (int i = 0; i < 10'000; ++i) counter.add();
            metrics.histogram("h", "h").observe(1);
        });
    for (auto &thread : threads) thread.join();
    REQUIRE(metrics.counter("n", "h").value() == 40'000);
    REQUIRE(metrics.text().find("h_count 4\n") != std::string::npos);
}
