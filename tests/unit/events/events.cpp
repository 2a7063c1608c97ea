#include "events/events.hpp"

#include "test_database.hpp"

#include <remit/testing/clock.hpp>
#include <remit/testing/random.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

using namespace remit;
using events::EventDraft;

namespace {

constexpr std::int64_t kDay = 86'400 * kMicrosPerSecond;

// An outbox in a real database of its own.
struct Box {
    testing::SimClock clock;
    testing::SimRandom random{42};
    core::Metrics metrics;
    NoLog log;
    testing::TestDatabase place;
    std::unique_ptr<Database> database;
    std::unique_ptr<Events> events;

    Box() { open(); }
    void open() {
        events.reset();
        database.reset();
        auto opened = place.open(clock, random, log, metrics);
        if (!opened.ok()) FAIL(opened.error().field + " " + opened.error().text);
        database = std::move(opened).value();
        const auto migrated = database->migrate(events::migrations(), MigrateMode::automatic);
        if (!migrated.ok()) FAIL(migrated.error().text);
        events = events::make_events(*database, clock, metrics);
    }
    void tell(std::span<const EventDraft> drafts) {
        const auto done =
            database->transact([&](SqlTx &tx) { return events::append(tx, clock.utc_us(), random, drafts); });
        if (!done.ok()) FAIL(done.error().text);
    }
    void tell(const std::string &subject, const std::string &type = "thing.done") {
        const EventDraft draft{"", subject, type, 1, "{}"};
        tell(std::span(&draft, 1));
    }
    std::vector<Event> next(std::string_view consumer, std::int32_t limit = 100) {
        auto got = events->next(consumer, limit);
        if (!got.ok()) FAIL(got.error().text);
        return std::move(got).value();
    }
    std::int64_t purge(std::int64_t limit = 100) {
        auto gone = events::purge(*database, 30 * kDay, 7 * kDay, clock.utc_us(), limit);
        if (!gone.ok()) FAIL(gone.error().text);
        return *gone;
    }
    void pass(std::int64_t days) { clock.advance_us(days * kDay); }
};

}  // namespace

TEST_CASE("events: an event comes as it was told, in order, with its subject's sequence") {
    Box box;
    const EventDraft drafts[] = {{"acme", "po_a", "payout.pending", 2, R"({"amount":"1"})"},
                                 {"acme", "po_b", "payout.pending", 1, "{}", true},
                                 {"acme", "po_a", "payout.sent", 1, "{}"}};
    box.tell(drafts);
    box.clock.advance_us(5);
    box.tell("po_b");
    const auto got = box.next("billing");
    REQUIRE(got.size() == 4);
    REQUIRE(got[0].tenant == "acme");
    REQUIRE(got[0].type == "payout.pending");
    REQUIRE(got[0].version == 2);
    REQUIRE(got[0].data == R"({"amount":"1"})");
    REQUIRE(got[3].time_us == got[0].time_us + 5);
    const std::pair<const char *, std::int64_t> want[] = {{"po_a", 1}, {"po_b", 1}, {"po_a", 2}, {"po_b", 2}};
    std::set<std::string> ids;
    for (std::size_t i = 0; i < 4; ++i) {
        REQUIRE(got[i].subject == want[i].first);
        REQUIRE(got[i].subject_sequence == want[i].second);
        REQUIRE(got[i].position == static_cast<std::int64_t>(i) + 1);
        REQUIRE(got[i].id.starts_with("ev_"));
        ids.insert(got[i].id);
    }
    REQUIRE(ids.size() == 4);
}

TEST_CASE("events: an event exists only when its transaction commits") {
    Box box;
    const EventDraft draft{"", "po_a", "payout.sent", 1, "{}"};
    const auto undone = box.database->transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(events::append(tx, 1, box.random, draft));
        return error(Status::state, "changed its mind");
    });
    REQUIRE(undone.status() == Status::state);
    REQUIRE(box.next("c").empty());
    box.tell("po_a");
    REQUIRE(box.next("c").at(0).subject_sequence == 1);
}

TEST_CASE("events: what is not acknowledged comes again, also after a restart; what is, does not") {
    Box box;
    for (int i = 0; i < 5; ++i) box.tell("po_a");
    REQUIRE(box.next("c", 2).size() == 2);
    REQUIRE(box.next("c", 2).at(0).position == 1);
    REQUIRE(box.events->ack("c", 2).ok());
    box.open();
    const auto rest = box.next("c");
    REQUIRE(rest.size() == 3);
    REQUIRE(rest[0].position == 3);
    REQUIRE(box.next("other").size() == 5);
    REQUIRE(box.metrics.text().find("remit_events_delivered_total{consumer=\"c\"} 7\n") != std::string::npos);
}

TEST_CASE("events: an acknowledgement never goes back and never runs ahead") {
    Box box;
    for (int i = 0; i < 3; ++i) box.tell("po_a");
    box.next("other");
    REQUIRE(box.events->ack("c", 1).status() == Status::not_found);
    box.next("c");
    REQUIRE(box.events->ack("c", 2).ok());
    REQUIRE(box.events->ack("c", 1).ok());
    REQUIRE(box.next("c").at(0).position == 3);
    REQUIRE(box.events->ack("c", 4).error().field == "position");
    REQUIRE(box.events->ack("c", -1).status() == Status::invalid);
    REQUIRE(box.events->ack("c", 3).ok());
    REQUIRE(box.next("c").empty());
}

TEST_CASE("events: consumers are listed, checked and forgotten") {
    Box box;
    for (int i = 0; i < 3; ++i) box.tell("po_a");
    box.next("b");
    box.next("a");
    REQUIRE(box.events->ack("a", 2).ok());
    const auto list = *box.events->consumers();
    REQUIRE(list.size() == 2);
    REQUIRE(list[0].name == "a");
    REQUIRE(list[0].acked == 2);
    REQUIRE(list[0].behind == 1);
    REQUIRE(list[1].behind == 3);
    REQUIRE(list[1].seen_us == box.clock.utc_us());
    REQUIRE(box.events->forget("a").ok());
    REQUIRE(box.events->forget("a").status() == Status::not_found);
    REQUIRE(box.next("a").size() == 3);  // made anew, from the oldest kept
    for (const std::string name : {"", "a b", "a\"", "\xc3\xa9", "123456789 "})
        REQUIRE(box.events->next(name, 1).error().field == "consumer");
    REQUIRE(box.events->next(std::string(101, 'x'), 1).status() == Status::invalid);
    REQUIRE(box.events->next("a", 0).error().field == "limit");
    REQUIRE(box.events->next("a", 10'001).status() == Status::invalid);
}

TEST_CASE("events: retention keeps what is young or not acknowledged, and takes the rest in batches") {
    Box box;
    for (int i = 0; i < 25; ++i) box.tell("po_a");
    box.next("c");
    REQUIRE(box.purge() == 0);
    box.pass(31);
    box.tell("po_a");
    box.next("c");
    REQUIRE(box.purge() == 0);  // old, but the living consumer has not acknowledged any
    REQUIRE(box.events->ack("c", 20).ok());
    REQUIRE(box.purge(8) == 8);
    REQUIRE(box.purge(8) == 8);
    REQUIRE(box.purge(8) == 4);
    REQUIRE(box.purge(8) == 0);
    REQUIRE(box.events->ack("c", 26).ok());
    REQUIRE(box.purge() == 5);
    const auto left = box.next("new");
    REQUIRE(left.size() == 1);
    REQUIRE(left[0].position == 26);
}

TEST_CASE("events: a dead consumer holds back neither the others nor retention") {
    Box box;
    box.tell("po_a");
    box.next("dead");
    box.tell("po_a");
    REQUIRE(box.next("live").size() == 2);
    REQUIRE(box.events->ack("live", 2).ok());
    REQUIRE(box.next("live").empty());
    box.pass(25);
    box.next("dead");  // seen once more
    box.pass(6);
    box.next("live");
    REQUIRE(box.purge() == 0);  // silent for 6 days: not dead yet
    box.pass(2);
    box.next("live");
    REQUIRE(box.purge() == 2);
    box.tell("po_a");
    REQUIRE(box.next("dead").at(0).position == 3);  // it comes back to the oldest kept
}

TEST_CASE("events: with nobody listening old events still go") {
    Box box;
    box.tell("po_a");
    box.pass(31);
    REQUIRE(box.purge() == 1);
}

TEST_CASE("events: neither positions nor a subject's sequence start over after retention") {
    Box box;
    const EventDraft drafts[] = {
        {"", "po_a", "x.y", 1, "{}"}, {"", "po_a", "x.y", 1, "{}"}, {"", "po_b", "x.y", 1, "{}"}};
    for (std::int64_t round = 0; round < 3; ++round) {
        box.tell(drafts);
        const auto got = box.next("c");
        REQUIRE(got.size() == 3);
        REQUIRE(got[0].position == 3 * round + 1);
        REQUIRE(got[1].subject_sequence == 2 * round + 2);
        REQUIRE(got[2].subject_sequence == round + 1);
        REQUIRE(box.events->ack("c", got[2].position).ok());
        box.pass(31);
        box.next("c");
        REQUIRE(box.purge() == 3);
        box.open();
    }
}

TEST_CASE("events: positions grow without a gap or a late comer while many threads write and one reads") {
    Box box;
    constexpr int kThreads = 6;
    constexpr int kEach = 40;
    std::atomic<int> writing{kThreads};
    std::vector<std::thread> writers;
    std::mutex mutex;
    std::string failed;
    for (int t = 0; t < kThreads; ++t)
        writers.emplace_back([&, t] {
            for (int i = 0; i < kEach; ++i) {
                const EventDraft drafts[] = {{"", "po_" + std::to_string(t), "a.b", 1, "{}"},
                                             {"", "po_shared", "a.b", 1, std::to_string(t)}};
                const auto done = box.database->transact(
                    [&](SqlTx &tx) { return events::append(tx, box.clock.utc_us(), box.random, drafts); });
                const std::lock_guard lock(mutex);
                if (!done.ok()) failed += done.error().text + "\n";
            }
            --writing;
        });
    // What the reader has acknowledged must never have missed an event that came to light later.
    std::vector<Event> seen;
    for (bool last = false; !last;) {
        last = writing == 0;
        for (auto batch = box.next("c", 64); !batch.empty(); batch = box.next("c", 64)) {
            seen.insert(seen.end(), batch.begin(), batch.end());
            REQUIRE(box.events->ack("c", batch.back().position).ok());
        }
    }
    for (auto &writer : writers) writer.join();
    REQUIRE(failed == "");
    REQUIRE(seen.size() == 2 * kThreads * kEach);
    std::map<std::string, std::int64_t> sequence;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        REQUIRE(seen[i].position == static_cast<std::int64_t>(i) + 1);
        REQUIRE(seen[i].subject_sequence == ++sequence[seen[i].subject]);
    }
}

namespace {

// The same transaction, as a database shows it whose commits are not serial.
class NotSerial final : public SqlTx {
public:
    explicit NotSerial(SqlTx &tx) : tx_(tx) {}
    using SqlTx::exec;
    using SqlTx::query;
    Result<std::int64_t> query(const Sql &sql, std::span<const SqlParam> params, const SqlRowFn &row) override {
        return tx_.query(sql, params, row);
    }
    Result<std::int64_t> exec(const Sql &sql, std::span<const SqlParam> params) override {
        return tx_.exec(sql, params);
    }
    Result<std::int64_t> exec_host(std::string_view sql, std::span<const SqlParam> params) override {
        return tx_.exec_host(sql, params);
    }
    Result<std::int64_t> last_insert_id() override { return tx_.last_insert_id(); }
    std::int64_t lease_now_us() override { return tx_.lease_now_us(); }
    std::string_view lease_clock() override { return tx_.lease_clock(); }
    bool serial_commits() const override { return false; }

private:
    SqlTx &tx_;
};

}  // namespace

TEST_CASE("events: where commits are not serial the sequencer gives positions after the commit, once") {
    Box box;
    std::vector<EventDraft> drafts(1'500, EventDraft{"", "po_a", "a.b", 1, "{}"});
    REQUIRE(box.database
                ->transact([&](SqlTx &tx) {
                    NotSerial plain(tx);
                    return events::append(plain, 1, box.random, drafts);
                })
                .ok());
    for (const std::int64_t want : {1'000, 500, 0}) {
        std::int64_t placed = -1;
        REQUIRE(box.database
                    ->transact([&](SqlTx &tx) -> Result<void> {
                        REMIT_TRY(placed, events::sequence(tx));
                        return {};
                    })
                    .ok());
        REQUIRE(placed == want);
    }
    const auto got = box.next("c", 10'000);
    REQUIRE(got.size() == 1'500);
    for (std::size_t i = 0; i < got.size(); ++i) {
        REQUIRE(got[i].position == static_cast<std::int64_t>(i) + 1);
        REQUIRE(got[i].subject_sequence == got[i].position);
    }
}

TEST_CASE("events: a reader, or the purge, puts what is committed in its place where commits are not serial") {
    Box box;
    const EventDraft draft{"", "po_a", "a.b", 1, "{}"};
    const auto append = [&] {
        REQUIRE(box.database
                    ->transact([&](SqlTx &tx) {
                        NotSerial plain(tx);
                        return events::append(plain, box.clock.utc_us(), box.random, draft);
                    })
                    .ok());
    };
    append();
    REQUIRE(box.next("c", 1).size() == 1);
    append();
    REQUIRE(box.next("c").size() == 2);
    REQUIRE(box.events->ack("c", 2).ok());
    append();
    box.pass(31);
    REQUIRE(box.purge() == 3);
}

TEST_CASE("events: a reader that polls does not commit each time") {
    Box box;
    box.next("c");
    const auto first = box.events->consumers()->at(0).seen_us;
    box.clock.advance_us(59 * kMicrosPerSecond);
    box.next("c");
    REQUIRE(box.events->consumers()->at(0).seen_us == first);
    box.clock.advance_us(2 * kMicrosPerSecond);
    box.next("c");
    REQUIRE(box.events->consumers()->at(0).seen_us == box.clock.utc_us());
}
