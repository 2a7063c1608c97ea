// Events where commits are not serial: a consumer that acknowledges what it saw skips none that comes later.
#include "scene.hpp"

#include "events/events.hpp"

#include <condition_variable>
#include <map>
#include <random>

using namespace remit;
using namespace remit::testing;

namespace {

struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    void release() {
        const std::lock_guard lock(mutex);
        open = true;
        changed.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return open; });
    }
};

struct Box {
    PostgresServer server;
    Ports ports;
    std::unique_ptr<Database> db = *sql::open_postgres(ports.options(server.url()));
    std::unique_ptr<Events> events;

    Box() {
        REQUIRE(db->migrate(remit::events::migrations(), MigrateMode::automatic).ok());
        events = remit::events::make_events(*db, *ports.clock, ports.metrics);
    }
    Result<void> tell(const std::string &subject, Gate *told, Gate *may_commit) {
        return db->transact([&](SqlTx &tx) -> Result<void> {
            REMIT_CHECK(
                remit::events::append(tx, 1, *ports.random, remit::events::EventDraft{"", subject, "a.b", 1, "{}"}));
            if (told != nullptr) told->release();
            if (may_commit != nullptr) may_commit->wait();
            return {};
        });
    }
    std::vector<Event> next(std::int32_t limit = 100) {
        auto got = events->next("c", limit);
        if (!got.ok()) FAIL(words(got));
        return std::move(*got);
    }
};

}  // namespace

TEST_CASE("postgres: an event whose commit is slow is not skipped", "[pg_events]") {
    Box box;
    Gate told, may_commit;
    Result<void> slow_said;
    std::thread slow([&] { slow_said = box.tell("slow", &told, &may_commit); });
    told.wait();
    // It has the smaller id, and is not committed; what comes after it is, and is read and acknowledged.
    REQUIRE(box.tell("quick", nullptr, nullptr).ok());
    const auto first = box.next();
    REQUIRE(first.size() == 1);
    CHECK(first[0].subject == "quick");
    REQUIRE(box.events->ack("c", first[0].position).ok());
    CHECK(box.next().empty());
    may_commit.release();
    slow.join();
    REQUIRE(slow_said.ok());
    const auto then = box.next();
    REQUIRE(then.size() == 1);
    CHECK(then[0].subject == "slow");
    CHECK(then[0].position == first[0].position + 1);
}

TEST_CASE("postgres: with slow and quick commits and two consumers every event comes once", "[pg_events]") {
    Box box;
    auto options = box.ports.options(box.server.url());
    auto other = *sql::open_postgres(options);  // as another process
    const auto others = remit::events::make_events(*other, *box.ports.clock, box.ports.metrics);
    constexpr int kThreads = 6, kEach = 30;
    std::atomic<int> writing{kThreads}, failed{0};
    std::vector<std::thread> writers;
    for (int t = 0; t < kThreads; ++t)
        writers.emplace_back([&, t] {
            std::mt19937 random(static_cast<unsigned>(t));
            for (int i = 0; i < kEach; ++i) {
                const auto said = (t % 2 == 0 ? box.db : other)->transact([&](SqlTx &tx) -> Result<void> {
                    const remit::events::EventDraft drafts[] = {{"", "own_" + std::to_string(t), "a.b", 1, "{}"},
                                                                {"", "shared", "a.b", 1, "{}"}};
                    REMIT_CHECK(remit::events::append(tx, 1, *box.ports.random, drafts));
                    // Slow commits are what is tried here.
                    std::this_thread::sleep_for(std::chrono::microseconds(random() % 3'000));
                    return {};
                });
                if (!said.ok()) ++failed;
            }
            --writing;
        });
    std::vector<Event> seen;
    for (bool last = false; !last;) {
        last = writing == 0;
        for (auto batch = box.next(7); !batch.empty(); batch = box.next(7)) {
            seen.insert(seen.end(), batch.begin(), batch.end());
            REQUIRE(box.events->ack("c", batch.back().position).ok());
            if (!others->next("d", 50).ok()) ++failed;  // gives positions, too
        }
    }
    for (std::thread &writer : writers) writer.join();
    REQUIRE(failed == 0);
    REQUIRE(seen.size() == 2 * kThreads * kEach);
    std::map<std::string, std::int64_t> sequence;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        REQUIRE(seen[i].position == static_cast<std::int64_t>(i) + 1);
        REQUIRE(seen[i].subject_sequence == ++sequence[seen[i].subject]);
    }
}
