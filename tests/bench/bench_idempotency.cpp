// ./dev bench idempotency: claims against what SQLite, PostgreSQL and Redis can do here, turn by turn.
#include "peer.hpp"
#include "table.hpp"

#include <remit/engine.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>

using namespace remit;
using bench::Figures;

namespace {

using Steady = std::chrono::steady_clock;
constexpr double kSeconds = 1.0;
constexpr int kRounds = 7;
constexpr int kCallers = 50;

[[noreturn]] void fail(const std::string &why) {
    std::fprintf(stderr, "bench_idempotency: %s\n", why.c_str());
    std::exit(2);
}
template <class T>
T must(Result<T> r) {
    if (!r.ok()) fail(r.error().field + " " + r.error().text);
    return std::move(r).value();
}
void must(const Result<void> &r) {
    if (!r.ok()) fail(r.error().field + " " + r.error().text);
}

std::string random_key() {
    thread_local std::mt19937_64 random{std::random_device{}()};
    char key[40];
    std::snprintf(key, sizeof key, "%016lx%016lx", random(), random());
    return key;
}

std::unique_ptr<Engine> open(const std::string &database) {
    EngineOptions options;
    options.database = database;
    options.log_level = "error";
    return must(Engine::open(options));
}

const std::string kBody(300, 'x');

void claim_and_complete(Engine &engine) {
    ClaimRequest request;
    request.space = "bench";
    request.key = random_key();
    request.operation = "POST /orders";
    request.request = kBody;
    const auto claim = must(engine.idempotency().claim(std::move(request)));
    if (claim->verdict() != Verdict::execute) fail("a fresh key is not");
    Reply reply;
    reply.headers = {{"Content-Type", "application/json"}};
    reply.body = kBody;
    must(claim->complete(reply));
}

Figures callers(const std::string &database, int count, bool start) {
    const auto engine = open(database);
    if (start) must(engine->start());
    std::vector<std::vector<double>> each(static_cast<std::size_t>(count));
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    const auto began = Steady::now();
    for (auto &mine : each)
        threads.emplace_back([&] {
            while (!over) {
                const auto before = Steady::now();
                claim_and_complete(*engine);
                mine.push_back(std::chrono::duration<double, std::micro>(Steady::now() - before).count());
            }
        });
    std::this_thread::sleep_for(std::chrono::duration<double>(kSeconds));
    over = true;
    for (std::thread &t : threads) t.join();
    const double elapsed = std::chrono::duration<double>(Steady::now() - began).count();
    std::vector<double> us;
    for (const auto &mine : each) us.insert(us.end(), mine.begin(), mine.end());
    return bench::figures(us, elapsed);
}

Figures replays(const std::string &database) {
    const auto engine = open(database);
    std::vector<std::string> keys;
    KeyFilter filter;
    filter.space = "bench";
    filter.state = KeyState::completed;
    filter.limit = 1'000;
    for (int i = 0; i < 5; ++i) {
        KeyPage page = must(engine->idempotency().list(filter));
        for (const KeyRecord &key : page.keys) keys.push_back(key.key);
        filter.after = page.next;
        if (page.next.empty()) break;
    }
    std::vector<double> us;
    const auto began = Steady::now();
    double elapsed = 0;
    for (std::size_t n = 0; elapsed < kSeconds; ++n) {
        ClaimRequest request;
        request.space = "bench";
        request.key = keys[n * 7'919 % keys.size()];
        request.operation = "POST /orders";
        const auto before = Steady::now();
        const auto claim = must(engine->idempotency().claim(std::move(request)));
        if (claim->verdict() != Verdict::replay || claim->reply().body != kBody) fail("a replay is not");
        const auto now = Steady::now();
        us.push_back(std::chrono::duration<double, std::micro>(now - before).count());
        elapsed = std::chrono::duration<double>(now - began).count();
    }
    return bench::figures(us, elapsed);
}

// Databases that Remit made, filled by the limit program; a copy for each side, so that both have the same file.
struct Place {
    bench::Folder folder;
    std::string limit = REMIT_IDEMPOTENCY_LIMIT;
    std::string base = folder.path + "/base.db", ours = folder.path + "/ours.db", theirs = folder.path + "/theirs.db";

    explicit Place(long keys) {
        open(base);
        if (keys > 0) bench::run_program(limit, "fill " + base + " " + std::to_string(keys));
        bench::copy_database(base, ours);
        bench::copy_database(base, theirs);
    }
    Figures raw(const std::string &what, const std::string &more = {}) const {
        return bench::run_program(limit, what + " " + theirs + " " + std::to_string(kSeconds) + " " + more);
    }
};

void against_sqlite(bench::Table &table, const std::string &size, long keys, bool all) {
    const Place place(keys);
    bench::Series one, many, replay;
    for (int round = 0; round < (all ? kRounds : 3); ++round) {
        const Figures raw_one = place.raw("one");
        one.take(callers(place.ours, 1, false), raw_one);
        if (!all) continue;
        const Figures raw_many = place.raw("group", std::to_string(kCallers));
        many.take(callers(place.ours, kCallers, true), raw_many);
        const Figures raw_replay = place.raw("replay");
        replay.take(replays(place.ours), raw_replay);
    }
    one.add(table, "claim + complete, one caller" + size, "raw loop, same rows and indexes", 0.80);
    if (!all) return;
    many.add(table, "claim + complete, 50 callers", "bare group commit, 50 threads", 0.80);
    replay.add(table, "replay of a stored reply", "raw prepared SELECT", 0.75);
}

// Peers that a user would pick instead; left out with a word when they are not installed.
void against_peers(bench::Table &table) {
    const Place place(0);
    for (const auto &[peer, target] : {std::pair{"redis", 0.85}, std::pair{"postgres", 4.0}}) {
        bench::Series series;
        for (int round = 0; round < 3; ++round) {
            const auto theirs = bench::run_peer(peer, kSeconds, kCallers);
            if (!theirs) break;
            series.take(callers(place.ours, kCallers, true), *theirs);
        }
        series.add(table, "claim + complete, 50 callers",
                   std::string(peer) == "redis" ? "ioredis, appendfsync always, 50" : "node-postgres, 50 in flight",
                   target);
    }
}

// Against a raw libpq loop of the same statements, on a server of the bench's own.
void against_libpq(bench::Table &table) {
    const char *url = std::getenv("REMIT_TEST_POSTGRES");
    if (url == nullptr) {
        std::puts("left out: PostgreSQL (./dev bench starts one)");
        return;
    }
    bench::Series series;
    constexpr int kConnections = 16;
    for (int round = 0; round < kRounds; ++round) {
        EngineOptions options;
        options.database = url;
        options.connections = kConnections;
        options.log_level = "error";
        options.schema = "bench_ours";
        { const auto prepared = must(Engine::open(options)); }
        const Figures raw =
            bench::run_program(REMIT_POSTGRES_LIMIT, std::string(url) + " bench_ours " + std::to_string(kSeconds) +
                                                         " " + std::to_string(kConnections));
        const auto engine = must(Engine::open(options));
        std::vector<std::vector<double>> each(kConnections);
        std::atomic<bool> over{false};
        std::vector<std::thread> threads;
        const auto began = Steady::now();
        for (auto &mine : each)
            threads.emplace_back([&] {
                while (!over) {
                    const auto before = Steady::now();
                    claim_and_complete(*engine);
                    mine.push_back(std::chrono::duration<double, std::micro>(Steady::now() - before).count());
                }
            });
        std::this_thread::sleep_for(std::chrono::duration<double>(kSeconds));
        over = true;
        for (std::thread &t : threads) t.join();
        const double elapsed = std::chrono::duration<double>(Steady::now() - began).count();
        std::vector<double> us;
        for (const auto &mine : each) us.insert(us.end(), mine.begin(), mine.end());
        series.take(bench::figures(us, elapsed), raw);
    }
    series.add(table, "claim + complete, PostgreSQL, 16 connections", "raw libpq loop, same statements", 0.85);
}

}  // namespace

int main() {
    bench::Table table;
    against_sqlite(table, "", 5'000, true);
    against_peers(table);
    against_libpq(table);
    against_sqlite(table, ", 10 k keys", 10'000, false);
    against_sqlite(table, ", 1 M keys", 1'000'000, false);
    if (std::getenv("REMIT_LONG") != nullptr) against_sqlite(table, ", 10 M keys", 10'000'000, false);
    return table.finish("idempotency");
}
