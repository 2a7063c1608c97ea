// Ids, backoff and leases.
#include "core/backoff.hpp"
#include "core/ids.hpp"
#include "core/lease.hpp"
#include "seeded.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace remit;
using core::TakeVerdict;

TEST_CASE("core: fresh ids keep their syntax, differ, and are ordered by time") {
    test::Seeded random(1);
    std::set<std::string> seen;
    std::string last;
    for (std::int64_t ms = 0; ms < 2'000; ++ms) {
        const auto id = core::fresh_id("po", (1'790'000'000'000 + ms * 977) * 1'000 + 123, random);
        REQUIRE(id.size() == 29);
        REQUIRE(core::is_id(id, "po"));
        REQUIRE(last < id);
        last = id;
        seen.insert(id);
    }
    REQUIRE(seen.size() == 2'000);
    // One millisecond, many ids: the 82 random bits keep them apart.
    for (int i = 0; i < 2'000; ++i) seen.insert(core::fresh_id("po", 1, random));
    REQUIRE(seen.size() == 4'000);
    REQUIRE(core::fresh_id("x", -5, random).substr(0, 11) == "x_000000000");
}

TEST_CASE("core: derived ids are the leading 130 bits of the digest") {
    Hash32 digest;
    REQUIRE(core::derived_id("ev", digest) == "ev_00000000000000000000000000");
    digest.bytes.fill(0xff);
    REQUIRE(core::derived_id("ev", digest) == "ev_zzzzzzzzzzzzzzzzzzzzzzzzzz");
    digest = {};
    digest.bytes[0] = 0x08;   // 00001 000..
    digest.bytes[16] = 0x40;  // bit 129, the last one shown
    REQUIRE(core::derived_id("ev", digest) == "ev_10000000000000000000000001");
    digest.bytes[16] = 0x7f;  // the six bits after it are not
    REQUIRE(core::derived_id("ev", digest) == "ev_10000000000000000000000001");
}

TEST_CASE("core: text that is no id is told apart") {
    const std::string good = "po_0123456789abcdefghjkmnpqrs";
    REQUIRE(core::is_id(good, "po"));
    REQUIRE_FALSE(core::is_id(good, "ev"));
    REQUIRE_FALSE(core::is_id(good.substr(0, 28), "po"));
    REQUIRE_FALSE(core::is_id(good + "0", "po"));
    for (const char bad : {'i', 'l', 'o', 'u', 'A', '-', '_', ' ', '\0'}) {
        auto text = good;
        text[10] = bad;
        REQUIRE_FALSE(core::is_id(text, "po"));
    }
}

TEST_CASE("core: host text is UTF-8 of a bounded length without control characters") {
    REQUIRE(core::check_host_text("order-17 \xe2\x82\xac \xf0\x9f\x92\xb0", 1, 255, "external_id").ok());
    REQUIRE(core::check_host_text("\xc2\xa0", 1, 255, "f").ok());
    REQUIRE(core::check_host_text("", 0, 255, "tenant").ok());
    REQUIRE(core::check_host_text(std::string(255, 'x'), 1, 255, "f").ok());
    REQUIRE(core::check_host_text(std::string(256, 'x'), 1, 255, "f").error().field == "f");
    const std::string nul("a\0b", 3);
    for (const std::string &text :
         {std::string(), nul, std::string("a\nb"), std::string("\x7f"), std::string("\xc2\x85"), std::string("\xff"),
          std::string("\xc2"), std::string("\xed\xa0\x80"), std::string("\xc0\xaf")}) {
        const auto got = core::check_host_text(text, 1, 255, "external_id");
        REQUIRE(got.status() == Status::invalid);
        REQUIRE(got.error().field == "external_id");
    }
}

TEST_CASE("core: backoff doubles up to its ceiling, between half and the whole") {
    test::Seeded random(11);
    const core::Backoff backoff;
    std::int64_t whole = backoff.first_us;
    for (std::int64_t attempt = 1; attempt <= 80; ++attempt) {
        std::int64_t least = whole;
        std::int64_t most = 0;
        for (int i = 0; i < 300; ++i) {
            const auto wait = backoff.delay_us(attempt, random);
            REQUIRE(wait >= whole / 2);
            REQUIRE(wait <= whole);
            least = std::min(least, wait);
            most = std::max(most, wait);
        }
        REQUIRE(most - least > whole / 4);  // it is jitter, not a constant
        whole = std::min<std::int64_t>(whole * 2, backoff.max_us);
    }
    REQUIRE(backoff.delay_us(1'000'000'000'000, random) <= backoff.max_us);
    REQUIRE(backoff.delay_us(0, random) <= backoff.first_us);
    REQUIRE(core::Backoff{0, 1'000}.delay_us(5, random) == 0);
    REQUIRE(core::Backoff{9'000, 1'000}.delay_us(1, random) <= 1'000);
    const std::int64_t max = INT64_MAX;
    REQUIRE(core::Backoff{1, max}.delay_us(200, random) >= max / 2);
}

TEST_CASE("core: who may take a row is decided for every case") {
    struct Case {
        const char *owner;
        std::int64_t until;
        const char *clock;
        bool alive;
        TakeVerdict want;
    };
    constexpr std::int64_t now = 100;
    const Case cases[] = {
        {"", 0, "", false, TakeVerdict::free_},
        {"", 999, "boot", true, TakeVerdict::free_},
        {"me", 999, "boot", true, TakeVerdict::ours},
        {"me", 1, "old", false, TakeVerdict::ours},
        {"you", 999, "boot", false, TakeVerdict::dead_owner},
        {"you", 1, "old", false, TakeVerdict::dead_owner},
        {"you", 99, "boot", true, TakeVerdict::lease_over},
        {"you", 100, "boot", true, TakeVerdict::lease_over},
        {"you", 999, "old", true, TakeVerdict::lease_over},
        {"you", 101, "boot", true, TakeVerdict::held},
    };
    for (const auto &c : cases) {
        const core::Ownership row{c.owner, 4, c.until, c.clock};
        REQUIRE(core::may_take(row, "me", now, "boot", c.alive) == c.want);
    }
}

TEST_CASE("core: a lease is renewed once a third of it has passed") {
    constexpr std::int64_t lease = core::kLeaseDefaultUs;
    constexpr std::int64_t start = 5'000'000;
    REQUIRE_FALSE(core::renewal_due(start + lease, start, lease));
    REQUIRE_FALSE(core::renewal_due(start + lease, start + lease / 3 - 1, lease));
    REQUIRE(core::renewal_due(start + lease, start + lease / 3, lease));
    REQUIRE(core::renewal_due(start + lease, start + 2 * lease, lease));
}
