// Idempotency keys among many callers: threads, processes, workers that die, and workers that are held still.
#include "payer.hpp"

#include "test_database.hpp"

#include <atomic>
#include <cstdio>
#include <map>
#include <random>
#include <set>

using namespace remit;
using namespace remit::testing;

namespace {

constexpr int kCrowdThreads = 25;

struct Scene {
    TestDatabase database;
    Folder folder;
    EngineOptions options;
    mutable int spawned = 0;

    Scene() {
        options.log_level = "error";
        options.lease_ms = 2'000;
        database.choose(options);
    }
    std::string effects() const { return folder.file("effects"); }
    const char *placeholder(int n) const {
        constexpr const char *kNumbered[] = {"$1", "$2"};
        return database.on_postgres() ? kNumbered[n] : "?";
    }
    // This program again, in the part of the test case "keys". How it works there is told by `mode`.
    Child spawn(const std::string &mode, int count) const {
        // One each: another may be reading his still.
        const std::string config = folder.file("config-" + std::to_string(++spawned) + ".json");
        std::ofstream file(config);
        file << to_json(options);
        file.close();
        REQUIRE(file.good());
        const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
        return Child({"/usr/bin/env", "REMIT_KEYS_CONFIG=" + config, "REMIT_KEYS_MODE=" + mode,
                      "REMIT_KEYS_COUNT=" + std::to_string(count), "REMIT_KEYS_EFFECTS=" + effects(),
                      std::string("REMIT_KEYS_INSERT=INSERT INTO host_rows (name) VALUES (") + placeholder(0) + ")",
                      self, "keys: works until it is done or killed"},
                     false);
    }
};

ClaimRequest request_of(const std::string &key) {
    ClaimRequest request;
    request.space = "orders";
    request.key = key;
    request.operation = "POST /orders";
    request.request = "order of " + key;
    return request;
}

Reply reply_of(const std::string &key) {
    Reply reply;
    reply.status = 201;
    reply.headers = {{"Content-Type", "text/plain"}};
    reply.body = "done: " + key + '\0' + '\n';
    return reply;
}

// Every fifth one must not be done twice, at any price.
EffectClass class_of(int i) {
    return i % 5 == 0 ? EffectClass::at_most_once : EffectClass::idempotent;
}
std::string key_of(int i) {
    return "key-" + std::to_string(i);
}

const char *environment(const char *name) {
    const char *value = std::getenv(name);
    return value == nullptr ? "" : value;
}

// The outside world: one line for each effect, in one write. It takes its time, so that kills find effects under way.
void effect(const std::string &line) {
    const int file = ::open(environment("REMIT_KEYS_EFFECTS"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const auto n = ::write(file, line.data(), line.size());
    const bool kept = ::fsync(file) == 0;
    ::close(file);
    if (!kept || n != static_cast<ssize_t>(line.size())) std::abort();
}

// Works on a key by what its claim says. Anything that goes wrong on the way: another claim goes on from there.
void work(Claim &claim, int i) {
    if (claim.point().empty()) {
        if (!claim.effect_begin(class_of(i)).ok() || !claim.held()) return;
        const auto id = claim.effect_key("ship");
        if (!id.ok()) return;
        effect(key_of(i) + " " + *id + "\n");
        if (!claim.checkpoint("shipped", *id).ok()) return;
    }
    const std::vector<HostStatement> rows{
        {environment("REMIT_KEYS_INSERT"), {{HostValue::Kind::text, 0, key_of(i)}}, 1}};
    (void)claim.complete(reply_of(key_of(i)), rows);
}

// Works on all keys until each has its reply or is in doubt.
void work_on_all(Engine &engine, int count) {
    std::mt19937 random(static_cast<unsigned>(::getpid()));
    std::set<int> left;
    for (int i = 0; i < count; ++i) left.insert(i);
    while (!left.empty()) {
        const int i = *std::next(left.begin(), static_cast<std::ptrdiff_t>(random() % left.size()));
        ClaimRequest request = request_of(key_of(i));
        request.in_flight = InFlight::wait;
        request.wait_ms = 50;
        auto claim = engine.idempotency().claim(request);
        if (!claim.ok()) continue;
        const Verdict verdict = (*claim)->verdict();
        if (verdict == Verdict::execute || verdict == Verdict::recover) work(**claim, i);
        if (verdict == Verdict::replay || verdict == Verdict::unknown) left.erase(i);
    }
}

// Many callers of one key: the one who may works, the others wait for its reply. How often which verdict came.
std::map<Verdict, int> crowd(Engine &engine, const std::string &key, int callers, std::string &replies) {
    std::map<Verdict, int> verdicts;
    std::mutex mutex;
    std::atomic<int> arrived{0};
    std::vector<std::thread> threads;
    for (int n = 0; n < callers; ++n)
        threads.emplace_back([&] {
            for (++arrived; arrived < callers;) std::this_thread::yield();
            ClaimRequest request = request_of(key);
            request.in_flight = InFlight::attach;
            auto claim = engine.idempotency().claim(request);
            if (!claim.ok()) return;
            const std::lock_guard lock(mutex);
            ++verdicts[(*claim)->verdict()];
            if ((*claim)->verdict() == Verdict::execute) (void)(*claim)->complete(reply_of(key));
            if ((*claim)->verdict() == Verdict::replay) replies += (*claim)->reply().body;
        });
    for (std::thread &thread : threads) thread.join();
    return verdicts;
}

std::string times(const std::string &text, int n) {
    std::string out;
    for (int i = 0; i < n; ++i) out += text;
    return out;
}

// Holds a key within an effect until it is killed.
void hold(Engine &engine, int i) {
    auto claim = value_of(engine.idempotency().claim(request_of(key_of(i))));
    if (claim->verdict() != Verdict::execute || !claim->effect_begin(EffectClass::pure).ok()) return;
    std::puts("now it holds");
    std::fflush(stdout);
    for (;;) ::pause();
}

std::int64_t ms_since(std::chrono::steady_clock::time_point then) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - then).count();
}

// The host's table, made as a host would: in the transaction of a key of its own.
void make_host_table(Engine &engine) {
    auto claim = value_of(engine.idempotency().claim(request_of("set-up")));
    const std::vector<HostStatement> create{{"CREATE TABLE host_rows (name VARCHAR(99) PRIMARY KEY)", {}, 0}};
    REQUIRE_OK(claim->complete(Reply{}, create));
}

}  // namespace

TEST_CASE("keys: works until it is done or killed", "[.keys]") {
    const std::string mode = environment("REMIT_KEYS_MODE");
    if (mode.empty()) return;
    const int count = number_from_environment("REMIT_KEYS_COUNT", 0);
    auto engine = value_of(Engine::open(value_of(engine_options_from_file(environment("REMIT_KEYS_CONFIG")))));
    REQUIRE_OK(engine->start());
    if (mode == "hold") hold(*engine, count);
    if (mode == "work") {
        std::puts("now it works");
        std::fflush(stdout);
        work_on_all(*engine, count);
        std::puts("all is done");
    }
    if (mode == "crowd") {
        std::string replies;
        auto verdicts = crowd(*engine, "one", kCrowdThreads, replies);
        const bool same = replies == times(reply_of("one").body, verdicts[Verdict::replay]);
        std::printf("it got %d and %d%s\n", verdicts[Verdict::execute], verdicts[Verdict::replay],
                    same ? "" : " OTHERS");
    }
    std::fflush(stdout);
    REQUIRE_OK(engine->stop(5'000));
}

TEST_CASE("keys: a hundred threads on one key, one works and all get its reply", "[keys_threads]") {
    Scene keys;
    auto engine = value_of(Engine::open(keys.options));
    REQUIRE_OK(engine->start());
    for (int round = 0; round < 5; ++round) {
        std::string replies, name = "round-" + std::to_string(round);
        INFO(name);
        auto verdicts = crowd(*engine, name, 100, replies);
        CHECK(verdicts[Verdict::execute] == 1);
        CHECK(verdicts[Verdict::replay] == 99);
        CHECK(replies == times(reply_of(name).body, 99));
    }
    CHECK(value_of(engine->idempotency().audit()).empty());
    REQUIRE_OK(engine->stop(5'000));
}

TEST_CASE("keys: four processes with a hundred callers on one key, one works and all get its reply",
          "[keys_processes]") {
    Scene keys;
    auto engine = value_of(Engine::open(keys.options));
    std::vector<Child> children;
    for (int i = 0; i < 4; ++i) children.push_back(keys.spawn("crowd", 0));
    int executed = 0, replayed = 0;
    for (Child &child : children) {
        const std::string line = child.line_after("it got ", 30'000);
        int ones = 0, others = 0;
        REQUIRE(std::sscanf(line.c_str(), "%d and %d", &ones, &others) == 2);
        CHECK(line.find("OTHERS") == std::string::npos);
        executed += ones;
        replayed += others;
        CHECK(child.join() == 0);
    }
    CHECK(executed == 1);
    CHECK(replayed == 4 * kCrowdThreads - 1);
    CHECK(value_of(engine->idempotency().audit()).empty());
}

TEST_CASE("keys: workers killed at random, each key is done once and its rows are there once", "[keys_kill]") {
    const int kills = number_from_environment("REMIT_KILLS", 20), count = 60 * kills;
    const auto seed =
        static_cast<unsigned>(number_from_environment("REMIT_SEED", static_cast<int>(std::random_device{}() >> 1U)));
    std::printf("keys_kill: %d kills, REMIT_SEED=%u repeats the times\n", kills, seed);
    std::mt19937 random(seed);
    Scene keys;
    auto engine = value_of(Engine::open(keys.options));
    make_host_table(*engine);
    std::vector<Child> workers;
    for (int i = 0; i < 3; ++i) workers.push_back(keys.spawn("work", count));
    for (int i = 0; i < kills; ++i) {
        Child &worker = workers[random() % workers.size()];
        if (i % 4 != 0) (void)worker.line_after("now it", 5'000);
        std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 60)(random)));
        worker.kill();
        worker = keys.spawn("work", count);
    }
    for (Child &worker : workers) CHECK(worker.line_after("all is ", 120'000) == "done");

    std::map<std::string, std::vector<std::string>> effects;
    std::ifstream file(keys.effects());
    for (std::string key, id; file >> key >> id;) effects[key].push_back(id);
    int unknown = 0;
    std::set<std::string> ids;
    for (int i = 0; i < count; ++i) {
        const std::string key = key_of(i);
        INFO(key);
        const std::vector<std::string> &done = effects[key];
        for (const std::string &id : done) CHECK(id == done.front());
        if (!done.empty()) CHECK(ids.insert(done.front()).second);
        auto claim = value_of(engine->idempotency().claim(request_of(key)));
        if (claim->verdict() == Verdict::unknown) {
            ++unknown;
            CHECK(class_of(i) == EffectClass::at_most_once);
            CHECK(done.size() <= 1);
            continue;
        }
        REQUIRE(claim->verdict() == Verdict::replay);
        CHECK(claim->reply().body == reply_of(key).body);
        CHECK(claim->reply().status == 201);
        CHECK(!done.empty());
        if (class_of(i) == EffectClass::at_most_once) CHECK(done.size() == 1);
    }
    std::printf("keys_kill: %d of %d keys are in doubt\n", unknown, count);
    // Counted by the database itself: a statement that finds another number of rows takes the completion back.
    auto counting = value_of(engine->idempotency().claim(request_of("count")));
    const std::vector<HostStatement> rows{{"SELECT name FROM host_rows", {}, count - unknown}};
    REQUIRE_OK(counting->complete(Reply{}, rows));
    CHECK(value_of(engine->idempotency().audit()).empty());
    CHECK(value_of(engine->doctor()).empty());
}

TEST_CASE("keys: that of a dead process is taken within a second, that of a hung one after its lease",
          "[keys_takeover]") {
    Scene keys;
    auto engine = value_of(Engine::open(keys.options));
    REQUIRE_OK(engine->start());
    for (int i = 0; i < 6; ++i) {
        const bool dies = i < 4;
        Child child = keys.spawn("hold", i);
        REQUIRE(child.line_after("now it") == " holds");
        ClaimRequest request = request_of(key_of(i));
        CHECK(value_of(engine->idempotency().claim(request))->verdict() == Verdict::running);
        request.in_flight = InFlight::wait;
        request.wait_ms = 10'000;
        const auto then = std::chrono::steady_clock::now();
        if (dies)
            child.kill();
        else
            ::kill(child.pid(), SIGSTOP);
        auto claim = value_of(engine->idempotency().claim(request));
        const std::int64_t took_ms = ms_since(then);
        std::printf("keys_takeover: taken from a %s process after %lld ms\n", dies ? "dead" : "hung",
                    static_cast<long long>(took_ms));
        REQUIRE(claim->verdict() == Verdict::recover);
        CHECK(claim->epoch() == 2);
        CHECK(claim->effect() == EffectClass::pure);
        CHECK(took_ms < (dies ? 1'000 : 2'000 + 5'000));
        if (!dies) ::kill(child.pid(), SIGCONT);  // it wakes, and must leave the key alone
        REQUIRE_OK(claim->complete(reply_of(key_of(i))));
        CHECK(value_of(engine->idempotency().claim(request))->verdict() == Verdict::replay);
    }
    CHECK(value_of(engine->idempotency().audit()).empty());
    REQUIRE_OK(engine->stop(5'000));
}
