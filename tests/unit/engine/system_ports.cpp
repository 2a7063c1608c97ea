#include "engine/system_ports.hpp"

#include "engine/time_text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <vector>

#include <unistd.h>

using namespace remit;
using namespace remit::engine;

TEST_CASE("engine clock: UTC is of this age, the boot clock moves on, the boot has a name") {
    const auto clock = system_clock();
    CHECK(clock->utc_us() > 1'700'000'000LL * kMicrosPerSecond);
    const std::int64_t before = clock->boot_us();
    CHECK(before > 0);
    CHECK(clock->boot_us() >= before);
    CHECK_FALSE(clock->boot_id().empty());
    CHECK(clock->boot_id() == system_clock()->boot_id());
}

TEST_CASE("engine random: fills all of what it is given, differently each time") {
    auto random = system_random();
    REQUIRE(random.ok());
    std::vector<std::uint8_t> big(100'000, 0);
    (*random)->fill(big);
    CHECK(std::count(big.begin(), big.end(), std::uint8_t{0}) < 1'000);
    CHECK(std::any_of(big.end() - 64, big.end(), [](std::uint8_t b) { return b != 0; }));
    CHECK((*random)->next_u64() != (*random)->next_u64());
    (*random)->fill({});
}

TEST_CASE("engine log: one line, quoted where needed, no control code gets through") {
    const std::array<LogField, 5> fields = {LogField{"id", "po_1"},
                                            {"count", 7},
                                            {"text", "two words"},
                                            {"empty", ""},
                                            {"bad", "a\"b\\c\nd\x1b[0m\xc2\x9bz"}};
    CHECK(log_line(1'795'168'800'000'000, LogLevel::warn, "payouts.lane_blocked", fields) ==
          "2026-11-20T10:00:00.000000Z warn payouts.lane_blocked id=po_1 count=7 text=\"two words\" empty=\"\" "
          "bad=\"a\\\"b\\\\c\\nd\\x1b[0m\\xc2\\x9bz\"\n");
    const std::array<LogField, 1> large = {LogField{"v", std::string(5'000, 'x')}};
    CHECK(log_line(0, LogLevel::info, "e", large).size() < 2'100);
}

TEST_CASE("engine log: lines below the level are dropped") {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const auto clock = system_clock();
    const auto log = fd_log(ends[1], LogLevel::warn, *clock);
    log->write(LogLevel::info, "quiet", {});
    log->write(LogLevel::error, "loud", {{"n", 1}});
    close(ends[1]);
    std::array<char, 256> out{};
    const ssize_t got = read(ends[0], out.data(), out.size());
    close(ends[0]);
    REQUIRE(got > 0);
    const std::string text(out.data(), static_cast<std::size_t>(got));
    CHECK_THAT(text, Catch::EndsWith(" error loud n=1\n"));
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("engine time: text out and in again, over leap years") {
    CHECK(utc_text(0) == "1970-01-01T00:00:00.000000Z");
    CHECK(utc_text(951'782'400'000'000) == "2000-02-29T00:00:00.000000Z");
    CHECK(utc_text(4'107'542'400'000'000) == "2100-03-01T00:00:00.000000Z");
    CHECK(utc_text(253'402'300'799'999'999) == "9999-12-31T23:59:59.999999Z");
    for (std::int64_t day = 0; day < 80'000; day += 13) {
        const std::int64_t us = day * 86'400'000'000 + 12'345'678'901;
        CHECK(*utc_from_text(utc_text(us), "t") == us);
    }
    CHECK(*utc_from_text("2026-11-20T10:00:00Z", "t") == 1'795'168'800'000'000);
    CHECK(*utc_from_text("2026-11-20T19:30:00.5+09:30", "t") == 1'795'168'800'500'000);
    for (const char *text : {"", "2026-11-20", "2026-11-20T10:00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
                             "2026-11-20T24:00:00Z", "1969-12-31T23:59:59Z", "2026-11-20T10:00:00.1234567Z",
                             "2026-11-20T10:00:00Zx", "2026-11-20 10:00:00Z", "2026-11-20T10:00:00.Z"}) {
        INFO(text);
        CHECK(utc_from_text(text, "t").error().field == "t");
    }
}
