// What SQLite itself can do with the rows of keys: the loops that claims are measured against. Includes nothing of
// src/; the database is one that Remit made, so that table and indexes are the same.
//
//   idempotency_limit one <db> <seconds>              claim and complete, a commit each, one thread
//   idempotency_limit group <db> <seconds> <callers>  the same by callers that share commits through a writer thread,
//                                                     each with a wait word of its own; no savepoints, no errors
//   idempotency_limit replay <db> <seconds>           one prepared SELECT of a completed key's whole row
//   idempotency_limit fill <db> <count>               so many completed keys, in large transactions
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
#include <mutex>
#include <random>
#include <string>
#include <thread>
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

constexpr const char *kInsert =
    "INSERT INTO remit_idempotency (tenant, space, key_text, operation, fp, fp_alg, state, owner, epoch, lease_until,"
    " lease_clock, claim_no, effects, effect, point, doubt, reply_status, body_kept, body_len, created_us, done_us,"
    " expires_us, due_us, life) VALUES ('', 'bench', ?, 'POST /orders', ?, 1, 10, ?, 1, ?, ?, ?, 0, 0, '', '', 0, 0, "
    "0, ?,"
    " 0, 0, ?, 0)";
constexpr const char *kComplete =
    "UPDATE remit_idempotency SET state = 30, owner = '', lease_until = 0, effect = 0, doubt = '', reply_status = 200,"
    " reply_headers = ?, reply_body = ?, body_kept = 1, body_len = 300, body_sha256 = ?, result_ref = NULL, done_us = "
    "?,"
    " expires_us = ?, due_us = ? WHERE id = ? AND epoch = 1 AND state = 10";
constexpr const char *kSelect =
    "SELECT * FROM remit_idempotency WHERE tenant = '' AND space = 'bench' AND key_text = ?";

std::string random_key() {
    thread_local std::mt19937_64 random{std::random_device{}()};
    char key[40];
    const int size = std::snprintf(key, sizeof key, "%016lx%016lx", random(), random());
    return {key, static_cast<std::size_t>(size)};
}

std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(Steady::now().time_since_epoch()).count();
}

struct Store {
    sqlite3 *db = nullptr;
    sqlite3_stmt *begin = nullptr, *commit = nullptr, *insert = nullptr, *complete = nullptr, *select = nullptr;
    const std::string body = std::string(300, 'x'), hash = std::string(32, 'h'), owner = std::string(30, 'o'),
                      clock = std::string(36, 'c'), headers = R"([["Content-Type","application/json"]])";

    explicit Store(const std::string &path) {
        check(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) == SQLITE_OK,
              "open");
        const char *setup = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384";
        check(sqlite3_exec(db, setup, nullptr, nullptr, nullptr) == SQLITE_OK, setup);
        begin = prepare("BEGIN IMMEDIATE");
        commit = prepare("COMMIT");
        insert = prepare(kInsert);
        complete = prepare(kComplete);
        select = prepare(kSelect);
    }
    ~Store() {
        for (sqlite3_stmt *s : {begin, commit, insert, complete, select}) sqlite3_finalize(s);
        sqlite3_close(db);
    }
    sqlite3_stmt *prepare(const char *sql) {
        sqlite3_stmt *s = nullptr;
        check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) == SQLITE_OK, sqlite3_errmsg(db));
        return s;
    }
    static void run(sqlite3_stmt *s) {
        check(sqlite3_step(s) == SQLITE_DONE, sqlite3_sql(s));
        sqlite3_reset(s);
    }
    static void text(sqlite3_stmt *s, int at, const std::string &value) {
        sqlite3_bind_text(s, at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    static void blob(sqlite3_stmt *s, int at, const std::string &value) {
        sqlite3_bind_blob(s, at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    sqlite3_int64 claim(const std::string &key) {
        const std::int64_t now = now_us();
        text(insert, 1, key);
        blob(insert, 2, hash);
        text(insert, 3, owner);
        sqlite3_bind_int64(insert, 4, now);
        text(insert, 5, clock);
        sqlite3_bind_int64(insert, 6, now ^ 0x5555555555555);
        sqlite3_bind_int64(insert, 7, now);
        sqlite3_bind_int64(insert, 8, now);
        run(insert);
        return sqlite3_last_insert_rowid(db);
    }
    void finish(sqlite3_int64 id) {
        const std::int64_t now = now_us();
        text(complete, 1, headers);
        blob(complete, 2, body);
        blob(complete, 3, hash);
        sqlite3_bind_int64(complete, 4, now);
        sqlite3_bind_int64(complete, 5, now + 604'800'000'000);
        sqlite3_bind_int64(complete, 6, now + 604'800'000'000);
        sqlite3_bind_int64(complete, 7, id);
        run(complete);
    }
};

void one(const std::string &path, double seconds) {
    Store store(path);
    std::vector<double> us;
    const auto start = Steady::now();
    double elapsed = 0;
    while (elapsed < seconds) {
        const auto before = Steady::now();
        Store::run(store.begin);
        const sqlite3_int64 id = store.claim(random_key());
        Store::run(store.commit);
        Store::run(store.begin);
        store.finish(id);
        Store::run(store.commit);
        us.push_back(seconds_since(before) * 1e6);
        elapsed = seconds_since(start);
    }
    report(us, elapsed);
}

// A caller's wish: claim when it has no row yet, else complete.
struct Wish {
    std::atomic<unsigned> done{0};
    std::string key;
    sqlite3_int64 id = 0;
};

struct Group {
    Store &store;
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<Wish *> queue;
    bool stop = false;

    void write() {
        std::vector<Wish *> batch;
        std::unique_lock lock(mutex);
        for (;;) {
            wake.wait(lock, [&] { return stop || !queue.empty(); });
            if (queue.empty()) return;
            batch.clear();
            batch.swap(queue);
            lock.unlock();
            Store::run(store.begin);
            for (Wish *wish : batch) {
                if (wish->id == 0)
                    wish->id = store.claim(wish->key);
                else
                    store.finish(wish->id);
            }
            Store::run(store.commit);
            for (Wish *wish : batch) {
                wish->done.store(1, std::memory_order_release);
                wish->done.notify_one();
            }
            lock.lock();
        }
    }
    void submit(Wish &wish) {
        wish.done.store(0, std::memory_order_relaxed);
        bool first = false;
        {
            const std::lock_guard lock(mutex);
            queue.push_back(&wish);
            first = queue.size() == 1;
        }
        if (first) wake.notify_one();
        wish.done.wait(0, std::memory_order_acquire);
    }
};

void group(const std::string &path, double seconds, int callers) {
    Store store(path);
    Group shared{store, {}, {}, {}, false};
    std::thread writer([&] { shared.write(); });
    std::atomic<bool> over{false};
    std::vector<std::vector<double>> each(static_cast<std::size_t>(callers));
    std::vector<std::thread> threads;
    const auto start = Steady::now();
    for (auto &mine : each)
        threads.emplace_back([&] {
            Wish wish;
            while (!over) {
                const auto before = Steady::now();
                wish.key = random_key();
                wish.id = 0;
                shared.submit(wish);
                shared.submit(wish);
                mine.push_back(seconds_since(before) * 1e6);
            }
        });
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    over = true;
    for (std::thread &t : threads) t.join();
    const double elapsed = seconds_since(start);
    {
        const std::lock_guard lock(shared.mutex);
        shared.stop = true;
    }
    shared.wake.notify_one();
    writer.join();
    std::vector<double> us;
    for (const auto &mine : each) us.insert(us.end(), mine.begin(), mine.end());
    report(us, elapsed);
}

void replay(const std::string &path, double seconds) {
    Store store(path);
    std::vector<std::string> keys;
    sqlite3_stmt *some = store.prepare("SELECT key_text FROM remit_idempotency WHERE state = 30 AND space = 'bench'"
                                       " LIMIT 5000");
    while (sqlite3_step(some) == SQLITE_ROW)
        keys.emplace_back(reinterpret_cast<const char *>(sqlite3_column_text(some, 0)));
    sqlite3_finalize(some);
    check(!keys.empty(), "finding keys");
    std::vector<double> us;
    std::size_t bytes = 0;
    const auto start = Steady::now();
    double elapsed = 0;
    for (std::size_t n = 0; elapsed < seconds; ++n) {
        const auto before = Steady::now();
        Store::text(store.select, 1, keys[n * 7'919 % keys.size()]);
        check(sqlite3_step(store.select) == SQLITE_ROW, "SELECT");
        const std::string body(static_cast<const char *>(sqlite3_column_blob(store.select, 20)),
                               static_cast<std::size_t>(sqlite3_column_bytes(store.select, 20)));
        bytes += body.size();
        sqlite3_reset(store.select);
        us.push_back(seconds_since(before) * 1e6);
        elapsed = seconds_since(start);
    }
    check(bytes > 0, "reading bodies");
    report(us, elapsed);
}

void fill(const std::string &path, long count) {
    Store store(path);
    check(sqlite3_exec(store.db, "PRAGMA synchronous=OFF; PRAGMA cache_size=-2000000", nullptr, nullptr, nullptr) ==
              SQLITE_OK,
          "settings");
    std::vector<std::string> keys(static_cast<std::size_t>(count));
    for (auto &key : keys) key = random_key();
    std::sort(keys.begin(), keys.end());  // the index grows at its end: it is the same in the end, and made sooner
    std::vector<double> us;
    const auto start = Steady::now();
    for (std::size_t i = 0; i < keys.size();) {
        Store::run(store.begin);
        for (const std::size_t end = std::min(keys.size(), i + 100'000); i < end; ++i)
            store.finish(store.claim(keys[i]));
        Store::run(store.commit);
        us.push_back(seconds_since(start) * 1e6);
    }
    check(sqlite3_exec(store.db, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr) == SQLITE_OK,
          "checkpoint");
    report(us, seconds_since(start));
}

}  // namespace

int main(int argc, char **argv) {
    check(argc >= 4, "usage: idempotency_limit one|group|replay|fill <db> <seconds or count> [callers];");
    const std::string what = argv[1];
    const std::string path = argv[2];
    if (what == "one")
        one(path, std::atof(argv[3]));
    else if (what == "group" && argc == 5)
        group(path, std::atof(argv[3]), std::atoi(argv[4]));
    else if (what == "replay")
        replay(path, std::atof(argv[3]));
    else if (what == "fill")
        fill(path, std::atol(argv[3]));
    else
        check(false, "the first argument");
    return 0;
}
