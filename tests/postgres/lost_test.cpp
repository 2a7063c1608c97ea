// The server goes away at any moment: nothing that was acknowledged is lost, nothing is half there, and what was
// refused never was.
#include "scene.hpp"

#include <atomic>
#include <libpq-fe.h>
#include <sys/wait.h>

using namespace remit;
using namespace remit::testing;

namespace {

struct Tally {
    std::vector<std::string> done, refused, unknown, other;
    void add(const std::string &key, const Result<void> &said) {
        if (said.ok())
            done.push_back(key);
        else if (said.status() == Status::store)
            refused.push_back(key);
        else if (said.status() == Status::store_lost)
            unknown.push_back(key);
        else
            other.push_back(key + " " + words(said));
    }
};

// Writers that go on whatever they are told, until they are stopped.
class Writers {
public:
    Writers(Database &db, int count, std::string name) : tallies_(static_cast<std::size_t>(count)) {
        for (int t = 0; t < count; ++t)
            threads_.emplace_back([this, &db, t, name] {
                Tally &tally = tallies_[static_cast<std::size_t>(t)];
                for (int i = 0; !stop_; ++i) {
                    const std::string key = name + std::to_string(t) + "-" + std::to_string(i);
                    tally.add(key, db.transact(pay(key)));
                    ++tried_;
                    if (tally.done.size() > seen_done_) seen_done_ = tally.done.size();
                }
            });
    }
    ~Writers() { stop(); }
    // Until so many more transactions were tried.
    void wait_for(int more) const {
        const int until = tried_ + more;
        while (tried_ < until) std::this_thread::yield();
    }
    std::vector<Tally> stop() {
        stop_ = true;
        for (std::thread &thread : threads_) thread.join();
        threads_.clear();
        return tallies_;
    }

private:
    std::atomic<bool> stop_{false};
    std::atomic<int> tried_{0};
    std::atomic<std::size_t> seen_done_{0};
    std::vector<Tally> tallies_;
    std::vector<std::thread> threads_;
};

// What the tallies say against what is there.
void audit(Database &db, const std::vector<Tally> &tallies) {
    std::size_t done_count = 0, refused = 0, unknown = 0;
    for (const Tally &tally : tallies) {
        for (const std::string &key : tally.done)
            if (!has(db, key)) FAIL_CHECK("acknowledged and lost: " << key);
        for (const std::string &key : tally.refused)
            if (has(db, key)) FAIL_CHECK("refused and there: " << key);
        for (const std::string &what : tally.other) FAIL_CHECK("told otherwise: " << what);
        done_count += tally.done.size();
        refused += tally.refused.size();
        unknown += tally.unknown.size();
    }
    INFO("done " << done_count << " refused " << refused << " unknown " << unknown);
    CHECK(done_count > 20);
    CHECK(number(db, kTotal) == number(db, kCount));
    CHECK(number(db, kTotal) >= static_cast<std::int64_t>(done_count));
    CHECK(number(db, kTotal) <= static_cast<std::int64_t>(done_count + unknown));
}

}  // namespace

TEST_CASE("postgres: its end at any moment loses nothing", "[pg_lost]") {
    PostgresServer server;
    Ports ports;
    auto db = ports.open(server);
    Writers writers(*db, 4, "a");
    for (const int signal : {SIGINT, SIGQUIT, SIGKILL, SIGKILL, SIGINT, SIGQUIT}) {
        writers.wait_for(60);
        server.stop(signal);
        writers.wait_for(4);  // refused, each in its time
        server.start();
    }
    writers.wait_for(60);
    const auto tallies = writers.stop();
    REQUIRE(db->transact(pay("after")).ok());
    CHECK(ports.metrics.text().find("remit_sql_commits_total") != std::string::npos);
    std::size_t refused = 0;
    for (const Tally &tally : tallies) refused += tally.refused.size();
    CHECK(refused > 0);
    audit(*db, tallies);
    CHECK(ports.log.text().find("sql.server_away") != std::string::npos);
    CHECK(ports.log.text().find("sql.server_back") != std::string::npos);
}

TEST_CASE("postgres: connections that are cut one by one lose nothing", "[pg_cut]") {
    PostgresServer server;
    Ports ports;
    auto db = ports.open(server);
    PGconn *axe = PQconnectdb(server.url().c_str());
    REQUIRE(PQstatus(axe) == CONNECTION_OK);
    Writers writers(*db, 4, "a");
    for (int cut = 0; cut < 30; ++cut) {
        writers.wait_for(10);
        PQclear(PQexec(axe, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                            " AND backend_type = 'client backend' ORDER BY random() LIMIT 2"));
    }
    const auto tallies = writers.stop();
    PQfinish(axe);
    REQUIRE(db->transact(pay("after")).ok());
    audit(*db, tallies);
    // The owner's own connection was among them: the lock is held again, by a transaction that is not much later.
    auto other = ports.open(server);
    for (int i = 0; i < 1'000 && !other->owner_alive(db->owner()); ++i)
        REQUIRE(db->transact([](SqlTx &) -> Result<void> { return {}; }).ok());
    CHECK(other->owner_alive(db->owner()));
}

TEST_CASE("postgres: idle connections to a server that was started anew are not used", "[pg_restart]") {
    PostgresServer server;
    Ports ports;
    auto db = ports.open(server);
    REQUIRE(db->transact(pay("a")).ok());
    for (const int signal : {SIGINT, SIGQUIT, SIGKILL}) {
        server.stop(signal);
        server.start();
        const auto said = db->transact([](SqlTx &tx) { return done(tx.exec_last(kAddTotal, SqlParams{})); });
        INFO(words(said));
        CHECK(said.ok());
    }
    CHECK(number(*db, kTotal) == 4);
}

TEST_CASE("postgres: a restart of the server makes nobody look dead who was there before it", "[pg_owners]") {
    PostgresServer server;
    Ports ports;
    auto one = ports.open(server);
    auto two = ports.open(server);
    auto dead = ports.open(server);
    const std::string gone = dead->owner();
    dead.reset();
    // Those who came with the server's start get no time to return, so that all is as always.
    CHECK(two->owner_alive(one->owner()));
    CHECK_FALSE(two->owner_alive(gone));

    server.stop();
    server.start();
    // One has not spoken to the server since: his lock is free, and still he is not taken for dead.
    CHECK(two->owner_alive(one->owner()));
    CHECK(one->read([](SqlReader &reader) { return done(reader.query(kTotal, SqlParams{}, nullptr)); }).ok());
    // Who has died meanwhile is known to be dead once the time to return is over.
    const auto began = std::chrono::steady_clock::now();
    while (two->owner_alive(gone) && ms_since(began) < 20'000) std::this_thread::yield();
    CHECK(ms_since(began) < 20'000);
    CHECK(two->owner_alive(one->owner()));
}

TEST_CASE("postgres: a server that is away or hangs is told of in bounded time", "[pg_away]") {
    PostgresServer server;
    Ports ports;
    auto options = ports.options(server.url());
    options.connections = 2;
    options.connect_ms = 2'000;
    options.answer_ms = 1'000;
    auto db = ports.open(options);
    REQUIRE(db->transact(pay("a")).ok());

    server.stop();
    auto began = std::chrono::steady_clock::now();
    auto said = db->transact(pay("b"));
    CHECK(said.status() == Status::store);
    CHECK(db->read([](SqlReader &) { return Result<void>(); }).status() == Status::store);
    CHECK(ms_since(began) < 4'000);
    server.start();
    CHECK(db->transact(pay("c")).ok());

    // It hangs in the middle of a transaction, before anything was to be committed.
    began = std::chrono::steady_clock::now();
    said = db->transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec(kInsert, {"hung"}));
        server.pause();
        return done(tx.exec(kAddTotal, SqlParams{}));
    });
    CHECK(said.status() == Status::store);
    CHECK(ms_since(began) < 10'000);
    // A new connection is not answered either.
    began = std::chrono::steady_clock::now();
    CHECK(db->transact(pay("d")).status() == Status::store);
    CHECK(ms_since(began) < 10'000);
    server.resume();
    CHECK(db->transact(pay("e")).ok());
    CHECK_FALSE(has(*db, "hung"));

    // It hangs when it was told to commit: nobody knows.
    said = db->transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(tx.exec(kInsert, {"perhaps"}));
        server.pause();
        return done(tx.exec_last(kAddTotal, SqlParams{}));
    });
    CHECK(said.status() == Status::store_lost);
    server.resume();
    // What is read now is what stays: the server's process that may still have been at it is gone.
    const bool there = has(*db, "perhaps");
    CHECK_THAT(ports.log.text(), Catch::Contains("sql.commit_settled"));
    CHECK(db->transact(pay("f")).ok());
    CHECK(has(*db, "perhaps") == there);
    CHECK(number(*db, kTotal) == number(*db, kCount));
}

TEST_CASE("postgres: full connection slots are told of, and pass", "[pg_full]") {
    PostgresServer server({"max_connections=8"});
    Ports ports;
    auto db = ports.open(server);  // one with the lock, one in the pool
    REQUIRE(db->transact(pay("a")).ok());
    std::vector<PGconn *> others;
    for (PGconn *one = PQconnectdb(server.url().c_str());; one = PQconnectdb(server.url().c_str())) {
        others.push_back(one);
        if (PQstatus(one) != CONNECTION_OK) break;
    }
    CHECK(others.size() == 7);
    REQUIRE(db->transact(pay("b")).ok());  // on the one that there is
    const auto nested = db->read([&](SqlReader &reader) -> Result<void> {
        REMIT_CHECK(reader.query(kTotal, SqlParams{}, nullptr));
        return db->transact(pay("c"));  // needs a second one
    });
    CHECK(nested.status() == Status::store);
    CHECK_THAT(nested.error().text, Catch::Contains("too many clients") || Catch::Contains("reserved"));
    auto more = sql::open_postgres(ports.options(server.url()));
    CHECK(more.status() == Status::store);
    for (PGconn *one : others) PQfinish(one);
    CHECK(db->read([&](SqlReader &reader) -> Result<void> {
                REMIT_CHECK(reader.query(kTotal, SqlParams{}, nullptr));
                return db->transact(pay("c"));
            }).ok());
    CHECK(number(*db, kTotal) == 3);
}

TEST_CASE("postgres: signals to the process do not look like a lost server", "[pg_signals]") {
    PostgresServer server;
    Ports ports;
    auto db = ports.open(server);
    struct sigaction quiet {};
    quiet.sa_handler = [](int) {};
    struct sigaction before {};
    REQUIRE(sigaction(SIGUSR1, &quiet, &before) == 0);  // without SA_RESTART: it interrupts
    std::atomic<bool> over{false};
    std::atomic<int> failed{0};
    std::thread works([&] {
        for (int i = 0; i < 300; ++i)
            if (!db->transact(pay("s" + std::to_string(i))).ok()) ++failed;
        over = true;
    });
    int sent = 0;
    for (; !over; ++sent) {
        pthread_kill(works.native_handle(), SIGUSR1);
        std::this_thread::yield();
    }
    works.join();
    sigaction(SIGUSR1, &before, nullptr);
    CHECK(sent > 300);
    CHECK(failed == 0);
    CHECK(number(*db, kTotal) == 300);
}

TEST_CASE("postgres: a pool that is all in use is waited for, not for ever", "[pg_pool]") {
    PostgresServer server;
    Ports ports;
    auto options = ports.options(server.url());
    options.connections = 1;
    options.free_ms = 300;
    auto db = ports.open(options);
    const auto said = db->read([&](SqlReader &) { return db->transact(pay("never")); });
    CHECK(said.status() == Status::store);
    CHECK_THAT(said.error().text, Catch::Contains("connections"));
    Writers writers(*db, 6, "a");  // one after the other
    writers.wait_for(100);
    audit(*db, writers.stop());
}

TEST_CASE("postgres: a child process does not use what its parent opened", "[pg_fork]") {
    PostgresServer server;
    Ports ports;
    auto db = ports.open(server);
    REQUIRE(db->transact(pay("a")).ok());
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const bool refused = db->transact(pay("b")).status() == Status::forked &&
                             db->read([](SqlReader &) { return Result<void>(); }).status() == Status::forked &&
                             db->owner_alive("anybody");
        db.reset();  // says nothing to the server
        _exit(refused ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(db->transact(pay("c")).ok());
    CHECK(number(*db, kTotal) == 2);
    CHECK(db->owner_alive(db->owner()));
}
