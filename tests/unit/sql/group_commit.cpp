#include "fixture.hpp"

#include <set>
#include <stdexcept>
#include <thread>

using namespace remit;
using namespace remit::sql::test;

TEST_CASE("sql: a lone caller commits on its own thread") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    const bool writer = GENERATE(false, true);
    if (writer) db->start_writer();
    std::thread::id ran;
    REQUIRE(db->transact([&](SqlTx &tx) {
                  ran = std::this_thread::get_id();
                  return insert(tx, "a");
              }).ok());
    REQUIRE(ran == std::this_thread::get_id());
}

TEST_CASE("sql: what waits shares one commit, and runs in the order it came") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    const std::int64_t commits = ports.commits();
    const std::int64_t functions = ports.functions();
    int ok = 0;
    for (int i = 0; i < 10; ++i)
        db->submit(
            [i](SqlTx &tx) -> Result<void> {
                REMIT_CHECK(insert(tx, "k" + std::to_string(i)));
                REQUIRE(tx.last_insert_id().value() == i + 1);
                return {};
            },
            [&](const Result<void> &r) { ok += r.ok() ? 1 : 0; });
    REQUIRE(ok == 0);
    db->drain();
    REQUIRE(ok == 10);
    REQUIRE(ports.commits() == commits + 1);
    REQUIRE(ports.functions() == functions + 10);
}

TEST_CASE("sql: a caller takes along what was submitted before it") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    int answered = 0;
    for (int i = 0; i < 2'500; ++i)  // more than one batch
        db->submit(pay("s" + std::to_string(i)), [&](const Result<void> &r) { answered += r.ok() ? 1 : 0; });
    REQUIRE(db->transact([](SqlTx &tx) -> Result<void> {
                  REQUIRE(
                      tx.query(kCount, SqlParams{}, [](const SqlRow &row) { return row.integer(0) == 2'500; }).ok());
                  return insert(tx, "last");
              }).ok());
    REQUIRE(answered == 2'500);
    REQUIRE(number(*db, kCount) == 2'501);
}

TEST_CASE("sql: in a shared commit an error undoes only its own function") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    std::vector<Status> got;
    const auto note = [&](const Result<void> &r) { got.push_back(r.status()); };
    db->submit(pay("a"), note);
    db->submit(
        [](SqlTx &tx) -> Result<void> {
            REMIT_CHECK(pay("b")(tx));
            return error(Status::state, "changed my mind");
        },
        note);
    db->submit(pay("a"), note);  // taken
    db->submit(pay("c"), note);
    db->drain();
    REQUIRE(got == std::vector{Status::ok, Status::state, Status::mismatch, Status::ok});
    REQUIRE(has(*db, "a"));
    REQUIRE_FALSE(has(*db, "b"));
    REQUIRE(has(*db, "c"));
    REQUIRE(number(*db, kTotal) == 2);
}

TEST_CASE("sql: fifty callers, each answered with its own result after its commit") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    const bool writer = GENERATE(false, true);
    if (writer) db->start_writer();
    constexpr int kEach = 20;
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 50; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < kEach; ++i) {
                const std::string key = std::to_string(t) + "-" + std::to_string(i);
                std::int64_t id = 0;
                const bool fails = i % 5 == 4;
                auto r = db->transact([&](SqlTx &tx) -> Result<void> {
                    REMIT_CHECK(pay(key)(tx));
                    REMIT_TRY(id, tx.last_insert_id());
                    if (fails) return error(Status::refused, key);
                    return {};
                });
                const bool as_told = fails ? r.status() == Status::refused && r.error().text == key && !has(*db, key)
                                           : r.ok() && has(*db, key) && id > 0;
                if (!as_told) ++wrong;
            }
        });
    for (std::thread &t : threads) t.join();
    REQUIRE(wrong == 0);
    REQUIRE(number(*db, kTotal) == 50 * kEach * 4 / 5);
    REQUIRE(number(*db, kCount) == 50 * kEach * 4 / 5);
    REQUIRE(ports.commits() < ports.functions());
}

TEST_CASE("sql: many in flight from one thread, answered once each, in order") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    db->start_writer();
    constexpr std::size_t kAll = 2'000;
    std::vector<int> order;
    for (std::size_t i = 0; i < kAll; ++i)
        db->submit(pay(std::to_string(i)), [&, i](const Result<void> &r) {
            if (r.ok()) order.push_back(static_cast<int>(i));
        });
    db->drain();
    db->stop_writer();
    REQUIRE(order.size() == kAll);
    REQUIRE(std::is_sorted(order.begin(), order.end()));
    REQUIRE(number(*db, kTotal) == kAll);
}

TEST_CASE("sql: the writer thread may start and stop while callers work") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    std::atomic<bool> over{false};
    std::atomic<int> done_count{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; !over; ++i)
                if (db->transact(pay(std::to_string(t) + "-" + std::to_string(i))).ok()) ++done_count;
        });
    for (int i = 0; i < 20; ++i) {
        db->start_writer();
        const int seen = done_count;
        while (done_count < seen + 5) std::this_thread::yield();
        db->stop_writer();
    }
    over = true;
    for (std::thread &t : threads) t.join();
    REQUIRE(number(*db, kTotal) == done_count);
}

TEST_CASE("sql: what was submitted and never ran is told that the database closed") {
    Folder folder;
    Ports ports;
    Status got = Status::ok;
    auto db = open(ports.options(folder / "a.db"));
    db->submit(pay("a"), [&](const Result<void> &r) { got = r.status(); });
    db.reset();
    REQUIRE(got == Status::closed);
    REQUIRE_FALSE(has(*open(ports.options(folder / "a.db")), "a"));
}

TEST_CASE("sql: an exception passes through, and the next transaction finds nothing of it") {
    Folder folder;
    Ports ports;
    auto db = open(ports.options(folder / "a.db"));
    Status other = Status::ok;
    db->submit(pay("other"), [&](const Result<void> &r) { other = r.status(); });
    const auto thrower = [](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(insert(tx, "a"));
        throw std::runtime_error("out of something");
    };
    REQUIRE_THROWS_AS(db->transact(thrower), std::runtime_error);
    REQUIRE(other == Status::store);
    REQUIRE(db->transact(pay("b")).ok());
    REQUIRE_FALSE(has(*db, "a"));
    REQUIRE_FALSE(has(*db, "other"));
}
