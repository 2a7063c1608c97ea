// ./dev bench sqlite: Database::transact against what SQLite can do here (limit/sqlite_limit.cpp), turn by turn.
#include "sql/sqlite/sqlite.hpp"
#include "table.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <future>
#include <thread>
#include <unistd.h>

using namespace remit;

namespace {

using Steady = std::chrono::steady_clock;
constexpr double kSeconds = 0.4;  // short turns, many rounds: what else the machine does hits both sides
constexpr int kRounds = 25;
constexpr int kCallers = 50;

class HostClock final : public Clock {
public:
    std::int64_t utc_us() noexcept override { return read(CLOCK_REALTIME); }
    std::int64_t boot_us() noexcept override { return read(CLOCK_BOOTTIME); }
    const std::string &boot_id() noexcept override { return boot_; }

private:
    static std::int64_t read(clockid_t which) {
        timespec now{};
        clock_gettime(which, &now);
        return now.tv_sec * kMicrosPerSecond + now.tv_nsec / 1'000;
    }
    std::string boot_ = "bench";
};

class HostRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) noexcept override {
        if (getentropy(out.data(), out.size()) != 0) std::abort();
    }
};

struct Figures {
    double rate = 0;
    double p50 = 0;
    double p99 = 0;
};

[[noreturn]] void fail(const std::string &why) {
    std::fprintf(stderr, "bench_sqlite: %s\n", why.c_str());
    std::exit(2);
}
template <class T>
T must(Result<T> r) {
    if (!r.ok()) fail(r.error().text);
    return std::move(r).value();
}
void must(const Result<void> &r) {
    if (!r.ok()) fail(r.error().text);
}

Figures figures(std::vector<double> &us, double seconds) {
    std::sort(us.begin(), us.end());
    return {static_cast<double>(us.size()) / seconds, us[us.size() / 2], us[us.size() * 99 / 100]};
}

Figures limit(const std::string &program, const std::string &arguments) {
    FILE *out = popen((program + " " + arguments).c_str(), "r");
    if (out == nullptr) fail("cannot run " + program);
    Figures f;
    const int got = std::fscanf(out, "%lf %lf %lf", &f.rate, &f.p50, &f.p99);
    if (pclose(out) != 0 || got != 3) fail(program + " " + arguments + " failed");
    return f;
}

// The rows, indexes and statements of the limit programs.
constexpr const char *kSchema[] = {"CREATE TABLE remit_t (id {id}, key {text} NOT NULL UNIQUE,"
                                   " state INTEGER NOT NULL, body {text} NOT NULL)"};
constexpr Migration kSteps[] = {{1, "bench", kSchema, 1}};
constexpr Sql kInsert{"INSERT INTO remit_t (key, state, body) VALUES (?, 0, ?)"};
constexpr Sql kUpdate{"UPDATE remit_t SET state = state + 1 WHERE key = ?"};
constexpr Sql kSelect{"SELECT state FROM remit_t WHERE key = ?"};

struct Store {
    HostClock clock;
    HostRandom random;
    NoLog log;
    std::unique_ptr<Database> db;
    std::atomic<unsigned long> next_key{0};
    const std::string body = std::string(200, 'x');

    explicit Store(const std::string &folder) {
        sql::SqliteOptions options;
        options.path = folder + "/remit.db";
        options.clock = &clock;
        options.random = &random;
        options.log = &log;
        for (const char *end : {"", "-wal", "-shm"}) unlink((options.path + end).c_str());
        db = must(sql::open_sqlite(options));
        must(db->migrate(kSteps, MigrateMode::automatic));
    }
    Result<void> work(SqlTx &tx) {
        const unsigned long n = next_key.fetch_add(1);
        char key[40];
        const int size = std::snprintf(key, sizeof key, "k%012lx-%lu", n * 0x9e3779b97f4a7c15UL >> 16, n);
        const std::string_view text(key, static_cast<std::size_t>(size));
        REMIT_CHECK(tx.exec(kInsert, {text, body}));
        REMIT_CHECK(tx.exec(kUpdate, {text}));
        return {};
    }
};

Figures callers(const std::string &folder, int count, bool writer) {
    Store store(folder);
    if (writer) store.db->start_writer();
    std::vector<std::vector<double>> each(static_cast<std::size_t>(count));
    std::atomic<bool> go{false};
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (auto &mine : each)
        threads.emplace_back([&] {
            while (!go) std::this_thread::yield();
            while (!over) {
                const auto before = Steady::now();
                must(store.db->transact([&](SqlTx &tx) { return store.work(tx); }));
                mine.push_back(std::chrono::duration<double, std::micro>(Steady::now() - before).count());
            }
        });
    const auto start = Steady::now();
    go = true;
    std::this_thread::sleep_for(std::chrono::duration<double>(kSeconds));
    over = true;
    for (std::thread &t : threads) t.join();
    const double elapsed = std::chrono::duration<double>(Steady::now() - start).count();
    store.db.reset();
    std::vector<double> us;
    for (const auto &one : each) us.insert(us.end(), one.begin(), one.end());
    return figures(us, elapsed);
}

// One thread that does not wait, with `count` functions in flight.
Figures in_flight(const std::string &folder, std::size_t count) {
    Store store(folder);
    store.db->start_writer();
    std::vector<double> us;
    std::vector<Steady::time_point> sent(count);
    std::atomic<std::size_t> out{count};
    const auto start = Steady::now();
    std::function<void(std::size_t)> send = [&](std::size_t i) {
        sent[i] = Steady::now();
        store.db->submit([&](SqlTx &tx) { return store.work(tx); },
                         [&, i](Result<void> r) {
                             must(r);
                             const auto now = Steady::now();
                             us.push_back(std::chrono::duration<double, std::micro>(now - sent[i]).count());
                             if (now - start < std::chrono::duration<double>(kSeconds)) return send(i);
                             if (out.fetch_sub(1) == 1) out.notify_one();
                         });
    };
    for (std::size_t i = 0; i < count; ++i) send(i);
    for (std::size_t left = out; left > 0; left = out) out.wait(left);
    const double elapsed = std::chrono::duration<double>(Steady::now() - start).count();
    store.db.reset();
    return figures(us, elapsed);
}

Figures reads(const std::string &folder) {
    Store store(folder);
    must(store.db->transact([&](SqlTx &tx) { return store.work(tx); }));
    std::vector<double> us;
    const auto start = Steady::now();
    double elapsed = 0;
    while (elapsed < kSeconds / 4) {
        const auto before = Steady::now();
        must(store.db->read([&](SqlReader &reader) -> Result<void> {
            REMIT_CHECK(reader.query(kSelect, {"k000000000000-0"}, nullptr));
            return {};
        }));
        const auto now = Steady::now();
        us.push_back(std::chrono::duration<double, std::micro>(now - before).count());
        elapsed = std::chrono::duration<double>(now - start).count();
    }
    return figures(us, elapsed);
}

struct Series {
    std::vector<double> rate;
    std::vector<double> p99;
    std::vector<double> ratio;
    void take(const Figures &f, const Figures *against) {
        rate.push_back(f.rate);
        p99.push_back(f.p99);
        if (against != nullptr) ratio.push_back(f.rate / against->rate);
    }
};

}  // namespace

int main() {
    const std::string folder = "build/bench/sqlite";
    std::filesystem::create_directories(folder);
    const std::string seconds = " " + folder + " " + std::to_string(kSeconds);
    const std::string program = REMIT_SQLITE_LIMIT;
    Series sync, raw, lone, lone_writer, group, fifty, fifty_leading, flight, read;
    for (int round = 0; round < kRounds; ++round) {
        Figures limits[2];
        const bool first = round % 2 == 0;  // who goes first changes
        sync.take(limit(program, "sync " + folder + " 0.1"), nullptr);
        if (first) limits[0] = limit(program, "raw" + seconds);
        const Figures one = callers(folder, 1, false);
        const Figures one_writer = callers(folder, 1, true);
        if (!first) limits[0] = limit(program, "raw" + seconds);
        if (first) limits[1] = limit(program, "group" + seconds + " " + std::to_string(kCallers));
        const Figures many = callers(folder, kCallers, true);
        if (!first) limits[1] = limit(program, "group" + seconds + " " + std::to_string(kCallers));
        raw.take(limits[0], nullptr);
        lone.take(one, &limits[0]);
        lone_writer.take(one_writer, &limits[0]);
        group.take(limits[1], nullptr);
        fifty.take(many, &limits[1]);
        if (round >= 7) continue;  // these only inform
        fifty_leading.take(callers(folder, kCallers, false), &limits[1]);
        flight.take(in_flight(folder, 200), &limits[1]);
        read.take(reads(folder), nullptr);
    }
    bench::Table table;
    const auto row = [&](const char *what, const char *against, const Series &s, double target) {
        table.add(what, against, bench::median(s.rate), "1/s", bench::median(s.ratio), target);
    };
    row("fdatasync of 512 bytes", "", sync, 0);
    row("limit: prepared statements, a commit each", "", raw, 0);
    row("limit: 50 callers, bare group commit", "", group, 0);
    row("transact, 1 caller", "limit: prepared statements", lone, 0.85);
    row("transact, 1 caller, writer thread started", "limit: prepared statements", lone_writer, 0.85);
    row("transact, 50 callers, writer thread", "limit: bare group commit", fifty, 0.85);
    row("transact, 50 callers, no writer thread", "limit: bare group commit", fifty_leading, 0);
    row("submit, 200 in flight from one thread", "limit: bare group commit", flight, 0);
    row("read, one row by its key", "", read, 0);
    table.add("transact, 50 callers: p99", "limit: bare group commit", bench::median(fifty.p99), "us",
              bench::median(fifty.p99) / bench::median(group.p99), 0);
    std::filesystem::remove_all(folder);
    return table.finish("sqlite");
}
