// What SQLite itself can do here: the loops that Remit is measured against. Includes nothing of src/.
//
//   sqlite_limit raw <folder> <seconds>             one thread, prepared statements, a commit each
//   sqlite_limit group <folder> <seconds> <callers> callers share commits through one writer thread, each
//                                                   with a wait word of its own; no savepoints, no errors
//   sqlite_limit sync <folder> <seconds>            512 bytes and fdatasync, on a file that has its size
//
// Prints: operations per second, and the middle and the 99th of 100 latencies in microseconds.
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using Steady = std::chrono::steady_clock;

void check(bool ok, const char *what) {
    if (ok) return;
    std::fprintf(stderr, "%s failed\n", what);
    std::exit(2);
}

double seconds_since(Steady::time_point start) {
    return std::chrono::duration<double>(Steady::now() - start).count();
}

void report(std::vector<double> &us, double seconds) {
    check(!us.empty(), "measuring");
    std::sort(us.begin(), us.end());
    std::printf("%.1f %.1f %.1f\n", static_cast<double>(us.size()) / seconds, us[us.size() / 2],
                us[us.size() * 99 / 100]);
}

std::atomic<unsigned long> next_key{0};

struct Store {
    sqlite3 *db = nullptr;
    sqlite3_stmt *begin = nullptr;
    sqlite3_stmt *commit = nullptr;
    sqlite3_stmt *insert = nullptr;
    sqlite3_stmt *update = nullptr;
    std::string body = std::string(200, 'x');

    explicit Store(const std::string &path) {
        for (const char *end : {"", "-wal", "-shm"}) unlink((path + end).c_str());
        check(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                              nullptr) == SQLITE_OK,
              "open");
        const char *setup = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
                            "CREATE TABLE t (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
                            " state INTEGER NOT NULL, body TEXT NOT NULL)";
        check(sqlite3_exec(db, setup, nullptr, nullptr, nullptr) == SQLITE_OK, setup);
        begin = prepare("BEGIN IMMEDIATE");
        commit = prepare("COMMIT");
        insert = prepare("INSERT INTO t (key, state, body) VALUES (?, 0, ?)");
        update = prepare("UPDATE t SET state = state + 1 WHERE key = ?");
    }
    ~Store() {
        for (sqlite3_stmt *s : {begin, commit, insert, update}) sqlite3_finalize(s);
        sqlite3_close(db);
    }
    sqlite3_stmt *prepare(const char *sql) {
        sqlite3_stmt *s = nullptr;
        check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) == SQLITE_OK, sql);
        return s;
    }
    static void run(sqlite3_stmt *s) {
        check(sqlite3_step(s) == SQLITE_DONE, sqlite3_sql(s));
        sqlite3_reset(s);
    }
    // One small payment: a row, and a change of it by its unique key.
    void work() {
        const unsigned long n = next_key.fetch_add(1);
        char key[40];
        const int size = std::snprintf(key, sizeof key, "k%012lx-%lu", n * 0x9e3779b97f4a7c15UL >> 16, n);
        sqlite3_bind_text(insert, 1, key, size, SQLITE_STATIC);
        sqlite3_bind_text(insert, 2, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
        run(insert);
        sqlite3_bind_text(update, 1, key, size, SQLITE_STATIC);
        run(update);
    }
};

void raw(const std::string &folder, double seconds) {
    Store store(folder + "/limit.db");
    std::vector<double> us;
    const auto start = Steady::now();
    double elapsed = 0;
    while (elapsed < seconds) {
        const auto before = Steady::now();
        Store::run(store.begin);
        store.work();
        Store::run(store.commit);
        us.push_back(seconds_since(before) * 1e6);
        elapsed = seconds_since(start);
    }
    report(us, elapsed);
}

struct Group {
    Store &store;
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<std::atomic<unsigned> *> queue;
    bool stop = false;

    void write() {
        std::vector<std::atomic<unsigned> *> batch;
        std::unique_lock lock(mutex);
        for (;;) {
            wake.wait(lock, [&] { return stop || !queue.empty(); });
            if (queue.empty()) return;
            batch.clear();
            batch.swap(queue);
            lock.unlock();
            Store::run(store.begin);
            for (std::size_t i = 0; i < batch.size(); ++i) store.work();
            Store::run(store.commit);
            for (std::atomic<unsigned> *word : batch) {
                word->store(1, std::memory_order_release);
                word->notify_one();
            }
            lock.lock();
        }
    }
    void submit(std::atomic<unsigned> &word) {
        word.store(0, std::memory_order_relaxed);
        bool first = false;
        {
            const std::lock_guard lock(mutex);
            queue.push_back(&word);
            first = queue.size() == 1;
        }
        if (first) wake.notify_one();
        word.wait(0, std::memory_order_acquire);
    }
};

void group(const std::string &folder, double seconds, int callers) {
    Store store(folder + "/limit.db");
    Group g{store, {}, {}, {}};
    std::thread writer([&] { g.write(); });
    std::atomic<bool> go{false};
    std::atomic<bool> over{false};
    std::vector<std::vector<double>> each(static_cast<std::size_t>(callers));
    std::vector<std::atomic<unsigned>> words(static_cast<std::size_t>(callers));  // outlive the writer's last look
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < each.size(); ++i)
        threads.emplace_back([&, i] {
            while (!go) std::this_thread::yield();
            while (!over) {
                const auto before = Steady::now();
                g.submit(words[i]);
                each[i].push_back(seconds_since(before) * 1e6);
            }
        });
    const auto start = Steady::now();
    go = true;
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    over = true;
    for (std::thread &t : threads) t.join();
    const double elapsed = seconds_since(start);
    {
        const std::lock_guard lock(g.mutex);
        g.stop = true;
    }
    g.wake.notify_one();
    writer.join();
    std::vector<double> us;
    for (const auto &one : each) us.insert(us.end(), one.begin(), one.end());
    report(us, elapsed);
}

void sync_probe(const std::string &folder, double seconds) {
    const std::string path = folder + "/limit.sync";
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    check(fd >= 0, "open");
    constexpr std::size_t kBlock = 512;
    constexpr std::size_t kBlocks = 4096;
    const std::vector<char> all(kBlock * kBlocks, 'x');
    check(write(fd, all.data(), all.size()) == static_cast<ssize_t>(all.size()) && fsync(fd) == 0, "write");
    std::vector<double> us;
    const auto start = Steady::now();
    for (std::size_t i = 0; seconds_since(start) < seconds; ++i) {
        const auto before = Steady::now();
        check(pwrite(fd, all.data(), kBlock, static_cast<off_t>(i % kBlocks * kBlock)) == kBlock, "pwrite");
        check(fdatasync(fd) == 0, "fdatasync");
        us.push_back(seconds_since(before) * 1e6);
    }
    report(us, seconds_since(start));
    close(fd);
    unlink(path.c_str());
}

}  // namespace

int main(int argc, char **argv) {
    check(argc >= 4, "usage: sqlite_limit raw|group|sync <folder> <seconds> [callers]");
    const std::string mode = argv[1];
    const double seconds = std::atof(argv[3]);
    if (mode == "raw")
        raw(argv[2], seconds);
    else if (mode == "group")
        group(argv[2], seconds, argc > 4 ? std::atoi(argv[4]) : 50);
    else if (mode == "sync")
        sync_probe(argv[2], seconds);
    else
        check(false, "mode");
    return 0;
}
