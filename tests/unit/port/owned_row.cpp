#include "port/owned_row.hpp"

#include "core/metrics.hpp"
#include "test_database.hpp"

#include <remit/testing/clock.hpp>
#include <remit/testing/random.hpp>

#include <catch2/catch.hpp>

using namespace remit;

namespace {

constexpr const char *kTable[] = {
    "CREATE TABLE remit_things (id {id}, owner {text} NOT NULL, epoch BIGINT NOT NULL, lease_until BIGINT NOT NULL,"
    " lease_clock {text} NOT NULL)"};
constexpr Migration kMigrations[] = {{1, "things", kTable, 1}};
constexpr Sql kAdd{"INSERT INTO remit_things (id, owner, epoch, lease_until, lease_clock) VALUES (1, '', 0, 0, '')"};
constexpr port::OwnedSql kThings = REMIT_OWNED_SQL("remit_things");
constexpr std::int64_t kLease = core::kLeaseDefaultUs;

// One free row in a real database.
struct Row {
    testing::SimClock clock;
    testing::SimRandom random{7};
    NoLog log;
    core::Metrics metrics;
    testing::TestDatabase place;
    std::unique_ptr<Database> database;

    Row() {
        auto opened = place.open(clock, random, log, metrics);
        if (!opened.ok()) FAIL(opened.error().text);
        database = std::move(opened).value();
        REQUIRE(database->migrate(kMigrations, MigrateMode::automatic).ok());
        REQUIRE(database
                    ->transact([](SqlTx &tx) -> Result<void> {
                        REMIT_CHECK(tx.exec(kAdd, {}));
                        return {};
                    })
                    .ok());
    }
    Result<port::Held> take(std::string_view self, std::string_view seen = "", bool alive = true,
                            std::int64_t id = 1) const {
        port::Held held;
        REMIT_CHECK(database->transact([&](SqlTx &tx) -> Result<void> {
            REMIT_TRY(held, port::take(tx, kThings, id, self, kLease, seen, alive));
            return {};
        }));
        return held;
    }
    Result<void> renew(port::Held &held) const {
        return database->transact([&](SqlTx &tx) { return port::renew(tx, kThings, held, kLease); });
    }
    Result<void> release(const port::Held &held) const {
        return database->transact([&](SqlTx &tx) { return port::release(tx, kThings, held); });
    }
};

}  // namespace

TEST_CASE("port: a free row is taken once, and a living owner keeps it") {
    Row row;
    const auto held = row.take("me");
    REQUIRE(held.ok());
    REQUIRE(held->epoch == 1);
    REQUIRE(row.take("you", "me", true).status() == Status::busy);
    REQUIRE(row.take("you", "me", true, 2).status() == Status::not_found);
    const auto again = row.take("me");  // another worker of the same process: the first one is fenced
    REQUIRE(again->epoch == 2);
    REQUIRE(row.release(*held).status() == Status::fenced);
}

TEST_CASE("port: a dead owner's row is taken at once, and the dead one is fenced should it live") {
    Row row;
    auto held = *row.take("dead");
    const auto taken = row.take("me", "dead", false);
    REQUIRE(taken.ok());
    REQUIRE(taken->epoch == held.epoch + 1);
    REQUIRE(row.renew(held).status() == Status::fenced);
    REQUIRE(row.release(held).status() == Status::fenced);
}

TEST_CASE("port: news of one owner's death says nothing about the owner that came since") {
    Row row;
    REQUIRE(row.take("dead").ok());
    REQUIRE(row.take("quick", "dead", false).ok());
    REQUIRE(row.take("me", "dead", false).status() == Status::busy);
}

TEST_CASE("port: a lease that ran out can be taken, one that is renewed can not") {
    Row row;
    auto held = *row.take("slow");
    row.clock.advance_us(kLease - 1);
    REQUIRE(row.take("me", "slow", true).status() == Status::busy);
    REQUIRE(row.renew(held).ok());
    row.clock.advance_us(kLease - 1);
    REQUIRE(row.take("me", "slow", true).status() == Status::busy);
    row.clock.advance_us(1);
    REQUIRE(row.take("me", "slow", true).ok());
    REQUIRE(row.renew(held).status() == Status::fenced);
}

TEST_CASE("port: a jump of the wall clock ends no lease, another boot ends all") {
    Row row;
    REQUIRE(row.take("you").ok());
    row.clock.jump_utc_us(1'000 * kLease);
    REQUIRE(row.take("me", "you", true).status() == Status::busy);
    if (row.place.on_postgres()) return;  // there the lease is of the server's time, whatever happens to this machine
    row.clock.reboot();
    REQUIRE(row.take("me", "you", true).ok());
}

TEST_CASE("port: a released row is free for anybody") {
    Row row;
    const auto held = *row.take("you");
    REQUIRE(row.release(held).ok());
    const auto mine = row.take("me", "you", true);
    REQUIRE(mine.ok());
    REQUIRE(mine->epoch == 2);
}
