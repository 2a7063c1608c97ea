// A worker that crashed holding the key, row by row, and the host's own statements.
#include "scene.hpp"

#include <deque>
#include <thread>

using namespace remit;
using testing::KeyScene;

namespace {

Result<void> run(Database &database, std::string_view sql) {
    return database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec_host(sql, {}));
        return {};
    });
}

std::int64_t count(Database &database, std::string_view sql) {
    std::int64_t rows = -1;
    const auto done = database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_TRY(rows, tx.exec_host(sql, {}));
        return {};
    });
    if (!done.ok()) FAIL(done.error().text);
    return rows;
}

HostStatement insert(const KeyScene &scene, std::int64_t id) {
    const char *sql = scene.place.on_postgres() ? "INSERT INTO host_orders (id) VALUES ($1)"
                                                : "INSERT INTO host_orders (id) VALUES (?)";
    return {sql, {{HostValue::Kind::integer, id, {}}}, 1};
}

}  // namespace

TEST_CASE("idempotency crash: dead before any effect, between checkpoints, within an effect, with its result kept") {
    KeyScene scene;
    auto one = scene.process();
    auto two = scene.process();
    const auto dies = [&](const std::function<void(Claim &)> &work) {
        auto claim = KeyScene::claim(*one, KeyScene::request("k"));
        work(*claim);
        one.reset();  // the claim outlives its engine: nothing is given back, as when a process dies
        claim.reset();
        auto next = KeyScene::claim(*two, KeyScene::request("k"));
        one = scene.process();
        return next;
    };
    auto next = dies([](Claim &) {});
    REQUIRE(next->verdict() == Verdict::recover);
    REQUIRE(next->epoch() == 2);
    REQUIRE(next->point().empty());
    REQUIRE_FALSE(next->effects_started());
    REQUIRE(next->release().ok());

    next = dies([](Claim &claim) { REQUIRE(claim.checkpoint("one", "1").ok()); });
    REQUIRE(next->verdict() == Verdict::recover);
    REQUIRE(next->point() == "one");
    REQUIRE(next->effect() == EffectClass::none);
    REQUIRE(next->release().ok());

    next = dies([](Claim &claim) { REQUIRE(claim.effect_begin(EffectClass::idempotent).ok()); });
    REQUIRE(next->verdict() == Verdict::recover);
    REQUIRE(next->effect() == EffectClass::idempotent);
    REQUIRE(next->checkpoint("charged", "ch_1").ok());
    next.reset();
    two->tick();

    next = dies([](Claim &claim) { REQUIRE(claim.verdict() == Verdict::recover); });
    REQUIRE(next->verdict() == Verdict::recover);
    REQUIRE(next->effect() == EffectClass::none);
    REQUIRE(next->point() == "charged");
    REQUIRE(next->data() == "ch_1");
    REQUIRE(next->effect_begin(EffectClass::at_most_once).ok());
    two.reset();
    next.reset();
    REQUIRE(KeyScene::claim(*one, KeyScene::request("k"))->verdict() == Verdict::unknown);
    REQUIRE(one->service->audit()->empty());
}

TEST_CASE("idempotency crash: completed and the answer lost is a replay; the host's rows came with it") {
    KeyScene scene;
    auto one = scene.process();
    auto two = scene.process();
    REQUIRE(run(*one->database, "CREATE TABLE host_orders (id INTEGER NOT NULL PRIMARY KEY)").ok());
    auto claim = KeyScene::claim(*one, KeyScene::request("k"));
    const HostStatement rows[] = {insert(scene, 1), insert(scene, 2)};
    REQUIRE(claim->complete(KeyScene::reply("done"), rows).ok());
    REQUIRE(claim->complete(KeyScene::reply("done")).ok());
    one.reset();
    claim.reset();
    REQUIRE(KeyScene::claim(*two, KeyScene::request("k"))->verdict() == Verdict::replay);
    REQUIRE(count(*two->database, "SELECT id FROM host_orders") == 2);
}

TEST_CASE("idempotency: host statements that fail leave everything as it was, and say which and why") {
    KeyScene scene;
    auto one = scene.process();
    REQUIRE(run(*one->database, "CREATE TABLE host_orders (id INTEGER NOT NULL PRIMARY KEY)").ok());
    const auto claim = KeyScene::claim(*one, KeyScene::request("k"));
    const auto fails = [&](HostStatement second) {
        const HostStatement rows[] = {insert(scene, 1), std::move(second)};
        const auto done = claim->complete(KeyScene::reply("done"), rows);
        REQUIRE_FALSE(done.ok());
        REQUIRE(done.error().field.starts_with("statements[1]"));
        REQUIRE(count(*one->database, "SELECT id FROM host_orders") == 0);
        REQUIRE(one->service->show("", "orders", "k")->state == KeyState::in_progress);
        return done.status();
    };
    REQUIRE(fails(insert(scene, 1)) == Status::refused);
    REQUIRE(fails({"UPDATE host_orders SET id = 7 WHERE id = 99", {}, 1}) == Status::state);
    REQUIRE(fails({"DELETE FROM host_orders", {}, -1}) == Status::state);
    for (const char *sql : {"COMMIT", "rollback", " /* x */ COMMIT", "-- x\nROLLBACK", "BEGIN", "SAVEPOINT a",
                            "RELEASE a", "END", "; COMMIT", ";;/**/ COMMIT", "SELECT 1; SELECT 2", "nonsense", "",
                            "INSERT INTO no_such_table (a) VALUES (1)"})
        REQUIRE(fails({sql, {}, 0}) == Status::invalid);
    REQUIRE(fails({"SELECT 1", {{HostValue::Kind::integer, 1, {}}}, 0}) == Status::invalid);
    const HostStatement fine[] = {insert(scene, 1)};
    REQUIRE(claim->complete(KeyScene::reply("done"), fine).ok());
    REQUIRE(count(*one->database, "SELECT id FROM host_orders") == 1);
}

TEST_CASE(
    "idempotency: a hung worker is taken over after its lease, fenced when it wakes, and sees the winner's reply") {
    KeyScene scene;
    if (scene.place.on_postgres()) return;  // its leases run on the server's time
    auto one = scene.process();
    auto two = scene.process();
    auto hung = KeyScene::claim(*one, KeyScene::request("k"));
    REQUIRE(run(*one->database, "CREATE TABLE host_orders (id INTEGER NOT NULL PRIMARY KEY)").ok());
    scene.clock.advance_us(29 * kMicrosPerSecond);
    REQUIRE(KeyScene::claim(*two, KeyScene::request("k"))->verdict() == Verdict::running);
    scene.clock.advance_us(2 * kMicrosPerSecond);
    REQUIRE_FALSE(hung->held());
    const auto winner = KeyScene::claim(*two, KeyScene::request("k"));
    REQUIRE(winner->verdict() == Verdict::recover);
    REQUIRE(winner->epoch() == 2);
    REQUIRE(hung->effect_begin(EffectClass::at_most_once).status() == Status::fenced);
    REQUIRE(hung->verdict() == Verdict::running);
    REQUIRE(winner->complete(KeyScene::reply("the winner's")).ok());
    const HostStatement rows[] = {insert(scene, 1)};
    REQUIRE(hung->complete(KeyScene::reply("mine"), rows).status() == Status::fenced);
    REQUIRE(hung->verdict() == Verdict::replay);
    REQUIRE(hung->reply().body == "the winner's");
    REQUIRE(count(*one->database, "SELECT id FROM host_orders") == 0);
    hung.reset();
    one->tick();
    REQUIRE(KeyScene::claim(*one, KeyScene::request("k"))->reply().body == "the winner's");
}

TEST_CASE("idempotency: the lease of a worker that lives is renewed, however long it works") {
    KeyScene scene;
    if (scene.place.on_postgres()) return;
    auto one = scene.process();
    auto two = scene.process();
    const auto claim = KeyScene::claim(*one, KeyScene::request("k"));
    for (int i = 0; i < 20; ++i) {
        scene.clock.advance_us(11 * kMicrosPerSecond);
        one->tick();
        two->tick();
        REQUIRE(claim->held());
        REQUIRE(KeyScene::claim(*two, KeyScene::request("k"))->verdict() == Verdict::running);
    }
    scene.clock.jump_utc_us(10LL * 86'400 * kMicrosPerSecond);  // a wrong clock expires no lease
    two->tick();
    REQUIRE(KeyScene::claim(*two, KeyScene::request("k"))->verdict() == Verdict::running);
}

TEST_CASE("idempotency: keys that nobody asks for again are recovered one by one, those in doubt are told of") {
    KeyScene scene;
    auto one = scene.process();
    auto two = scene.process();
    REQUIRE(two->service->recover_one(KeyScene::request("")).status() == Status::not_found);
    auto plain = KeyScene::claim(*one, KeyScene::request("a"));
    auto started = KeyScene::claim(*one, KeyScene::request("b"));
    auto doubtful = KeyScene::claim(*one, KeyScene::request("c"));
    REQUIRE(started->effect_begin(EffectClass::idempotent).ok());
    REQUIRE(doubtful->effect_begin(EffectClass::at_most_once).ok());
    REQUIRE(two->service->recover_one(KeyScene::request("")).status() == Status::not_found);
    one.reset();
    const auto first = two->service->recover_one(KeyScene::request(""));
    const auto second = two->service->recover_one(KeyScene::request(""));
    REQUIRE(first.ok());
    REQUIRE(second.ok());
    REQUIRE((*first)->request().key == "a");
    REQUIRE((*second)->request().key == "b");
    REQUIRE((*second)->effect() == EffectClass::idempotent);
    REQUIRE((*second)->request().operation == "POST /orders");
    REQUIRE(two->service->recover_one(KeyScene::request("")).status() == Status::not_found);
    REQUIRE((*second)->complete(KeyScene::reply("late")).ok());
    REQUIRE(two->service->show("", "orders", "c")->state == KeyState::unknown);
    REQUIRE(scene.events(*two) == std::vector<std::string>{"idempotency.unknown"});
}

TEST_CASE("idempotency: one hundred callers by threads on one key, one executes and all get its reply") {
    KeyScene scene;
    auto one = scene.process();
    one->database->start_writer();
    std::atomic<int> executed{0}, replayed{0}, running{0}, failed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 100; ++i)
        threads.emplace_back([&] {
            auto claimed = one->service->claim(KeyScene::request("k"));
            if (!claimed.ok()) {
                ++failed;
                return;
            }
            switch ((*claimed)->verdict()) {
            case Verdict::execute:
                ++executed;
                if (!(*claimed)->complete(KeyScene::reply("once")).ok()) ++failed;
                break;
            case Verdict::replay:
                if ((*claimed)->reply().body == "once") ++replayed;
                break;
            case Verdict::running: ++running; break;
            default: ++failed;
            }
        });
    for (auto &thread : threads) thread.join();
    one->database->stop_writer();
    REQUIRE(failed == 0);
    REQUIRE(executed == 1);
    REQUIRE(replayed + running == 99);
}

TEST_CASE("idempotency: the completion as text and parameters does what completing does") {
    KeyScene scene;
    auto one = scene.process();
    auto claim = KeyScene::claim(*one, KeyScene::request("k"));
    std::deque<std::string> kept;  // statements are known by their address
    const auto complete_by_text = [&](Claim &with) {
        const auto statements = with.complete_statements(KeyScene::reply(std::string(100'000, 'b')));
        REQUIRE(statements.ok());
        REQUIRE(statements->size() == 3);
        return one->database->transact([&](SqlTx &tx) -> Result<void> {
            for (const HostStatement &s : *statements) {
                std::vector<SqlParam> params;
                for (const HostValue &v : s.values)
                    params.push_back(v.kind == HostValue::Kind::integer ? SqlParam(v.integer)
                                     : v.kind == HostValue::Kind::text  ? SqlParam(std::string_view(v.data))
                                     : v.kind == HostValue::Kind::bytes ? SqlParam(view(v.data))
                                                                        : SqlParam());
                // As the host's own connection would: ours refuses a host's statements on our tables.
                const Sql sql{kept.emplace_back(s.sql).c_str()};
                REMIT_TRY(const std::int64_t rows,
                          scene.place.on_postgres() ? tx.exec_host(s.sql, params) : tx.exec(sql, params));
                if (rows != s.row_count) return error(Status::fenced, "rolled back");
            }
            return {};
        });
    };
    REQUIRE(complete_by_text(*claim).ok());
    const auto again = KeyScene::claim(*one, KeyScene::request("k"));
    REQUIRE(again->verdict() == Verdict::replay);
    REQUIRE(again->reply().body == std::string(100'000, 'b'));
    REQUIRE(complete_by_text(*claim).status() == Status::fenced);
}

TEST_CASE("idempotency: an effect under way is not covered up by another of a milder class") {
    KeyScene scene;
    auto one = scene.process();
    auto claim = KeyScene::claim(*one, KeyScene::request("k"));
    REQUIRE(claim->effect_begin(EffectClass::at_most_once).ok());
    REQUIRE(claim->effect_begin(EffectClass::at_most_once).ok());  // the same call again
    REQUIRE(claim->effect_begin(EffectClass::pure).error().field == "effect");
    REQUIRE(claim->held());
    REQUIRE(claim->checkpoint("", "").ok());
    REQUIRE(claim->effect_begin(EffectClass::pure).ok());
    REQUIRE(claim->checkpoint("", "").ok());
    REQUIRE(claim->effect_begin(EffectClass::at_most_once).ok());
    claim.reset();
    one->tick();
    // The last effect did not happen, the first ones did: nothing begins from the start.
    REQUIRE(one->service->resolve("", "orders", "k", std::nullopt, "bat", "nothing was sent").ok());
    REQUIRE(KeyScene::claim(*one, KeyScene::request("k"))->verdict() == Verdict::recover);
    REQUIRE(one->service->audit()->empty());
}

TEST_CASE("idempotency: calls on one claim that do not wait happen in their order") {
    KeyScene scene;
    auto one = scene.process();
    one->database->start_writer();
    for (int i = 0; i < 20; ++i) {
        auto claim = KeyScene::claim(*one, KeyScene::request("k" + std::to_string(i)));
        std::atomic<int> answered{0}, failed{0};
        const auto done = [&](const Result<void> &result) {
            if (!result.ok()) ++failed;
            ++answered;
        };
        for (const char *point : {"p1", "p2", "p3"}) claim->checkpoint_async(point, point, done);
        claim->effect_begin_async(EffectClass::at_most_once, done);
        while (answered < 4) std::this_thread::yield();
        REQUIRE(failed == 0);
        const auto record = one->service->show("", "orders", "k" + std::to_string(i));
        REQUIRE(record->point == "p3");
        REQUIRE(record->effect == EffectClass::at_most_once);
    }
    one->database->stop_writer();
}

TEST_CASE("idempotency: a takeover sees the effect that the worker was committing meanwhile") {
    KeyScene scene;
    if (!scene.place.on_postgres()) return;  // on SQLite writers come one after the other
    auto one = scene.process();
    auto two = scene.process();
    auto eyes = scene.process();
    const auto claim = KeyScene::claim(*one, KeyScene::request("k"));
    const std::string table = scene.place.schema() + ".remit_idempotency";
    REQUIRE(run(*two->database, "UPDATE " + table + " SET owner = '', lease_until = 0, due_us = 0").ok());

    std::atomic<bool> locked{false}, go{false};
    std::thread worker([&] {
        (void)one->database->transact([&](SqlTx &tx) -> Result<void> {
            REMIT_CHECK(tx.exec_host("UPDATE " + table + " SET effects = 1, effect = 4 WHERE epoch = 1", {}));
            locked = true;
            while (!go) std::this_thread::yield();
            return {};
        });
    });
    while (!locked) std::this_thread::yield();
    Status found = Status::ok;
    std::thread taker([&] { found = two->service->recover_one(KeyScene::request("")).status(); });
    while (count(*eyes->database, "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == 0)
        std::this_thread::yield();
    go = true;
    worker.join();
    taker.join();
    REQUIRE(found == Status::not_found);
    REQUIRE(one->service->show("", "orders", "k")->state == KeyState::unknown);
    REQUIRE(claim->complete(KeyScene::reply("late")).status() == Status::fenced);
}
