// What libpq can do with the rows of keys: claim and complete as two prepared statements in autocommit, a connection
// for each thread. Includes nothing of src/; the tables are those that Remit made in the schema.
//
//   postgres_limit <url> <schema> <seconds> <connections>
//
// Prints: operations per second, and the middle and the 99th of 100 latencies in microseconds.
#include <libpq-fe.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
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

constexpr const char *kInsert =
    "INSERT INTO remit_idempotency (tenant, space, key_text, operation, fp, fp_alg, state, owner, epoch, lease_until,"
    " lease_clock, claim_no, effects, effect, point, doubt, reply_status, body_kept, body_len, created_us, done_us,"
    " expires_us, due_us, life) VALUES ('', 'bench', $1, 'POST /orders', $2, 1, 10, $3, 1, $4, $5, $6, 0, 0, '', '', "
    "0, 0, 0,"
    " $7, 0, 0, $8, 0) ON CONFLICT DO NOTHING RETURNING id";
constexpr const char *kComplete =
    "UPDATE remit_idempotency SET state = 30, owner = '', lease_until = 0, effect = 0, doubt = '', reply_status = 200,"
    " reply_headers = $1, reply_body = $2, body_kept = 1, body_len = 300, body_sha256 = $3, result_ref = NULL,"
    " done_us = $4, expires_us = $5, due_us = $6 WHERE id = $7 AND epoch = 1 AND state = 10";

struct Loop {
    PGconn *connection;
    const std::string body = std::string(300, 'x'), hash = std::string(32, 'h'), owner = std::string(30, 'o');
    std::mt19937_64 random{std::random_device{}()};

    Loop(const std::string &url, const std::string &schema) : connection(PQconnectdb(url.c_str())) {
        check(PQstatus(connection) == CONNECTION_OK, PQerrorMessage(connection));
        done(PQexec(connection, ("SET search_path TO " + schema).c_str()));
        done(PQexec(connection, "SET synchronous_commit TO on"));
        done(PQprepare(connection, "claim", kInsert, 0, nullptr));
        done(PQprepare(connection, "complete", kComplete, 0, nullptr));
    }
    ~Loop() { PQfinish(connection); }
    void done(PGresult *result) {
        const ExecStatusType status = PQresultStatus(result);
        check(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, PQerrorMessage(connection));
        PQclear(result);
    }
    void once() {
        char key[40];
        std::snprintf(key, sizeof key, "%016lx%016lx", random(), random());
        const std::string now = std::to_string(
            std::chrono::duration_cast<std::chrono::microseconds>(Steady::now().time_since_epoch()).count());
        const char *claim[] = {key,        hash.data(), owner.c_str(), now.c_str(),
                               "postgres", now.c_str(), now.c_str(),   now.c_str()};
        const int claim_len[] = {0, 32, 0, 0, 0, 0, 0, 0};
        const int claim_format[] = {0, 1, 0, 0, 0, 0, 0, 0};
        PGresult *claimed = PQexecPrepared(connection, "claim", 8, claim, claim_len, claim_format, 0);
        check(PQntuples(claimed) == 1, PQerrorMessage(connection));
        const std::string id = PQgetvalue(claimed, 0, 0);
        PQclear(claimed);
        const char *rest[] = {R"([["Content-Type","application/json"]])",
                              body.data(),
                              hash.data(),
                              now.c_str(),
                              now.c_str(),
                              now.c_str(),
                              id.c_str()};
        const int rest_len[] = {0, 300, 32, 0, 0, 0, 0};
        const int rest_format[] = {0, 1, 1, 0, 0, 0, 0};
        done(PQexecPrepared(connection, "complete", 7, rest, rest_len, rest_format, 0));
    }
};

}  // namespace

int main(int argc, char **argv) {
    check(argc == 5, "usage: postgres_limit <url> <schema> <seconds> <connections>;");
    const double seconds = std::atof(argv[3]);
    std::vector<std::vector<double>> each(static_cast<std::size_t>(std::atoi(argv[4])));
    std::atomic<bool> over{false};
    std::atomic<int> ready{0};
    std::vector<std::thread> threads;
    for (auto &mine : each)
        threads.emplace_back([&] {
            Loop loop(argv[1], argv[2]);
            ++ready;
            while (ready < static_cast<int>(each.size())) std::this_thread::yield();
            while (!over) {
                const auto before = Steady::now();
                loop.once();
                mine.push_back(std::chrono::duration<double, std::micro>(Steady::now() - before).count());
            }
        });
    while (ready < static_cast<int>(each.size())) std::this_thread::yield();
    const auto start = Steady::now();
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    over = true;
    for (std::thread &t : threads) t.join();
    const double elapsed = std::chrono::duration<double>(Steady::now() - start).count();
    std::vector<double> us;
    for (const auto &mine : each) us.insert(us.end(), mine.begin(), mine.end());
    check(!us.empty(), "measuring");
    std::sort(us.begin(), us.end());
    std::printf("%.1f %.1f %.1f\n", static_cast<double>(us.size()) / elapsed, us[us.size() / 2],
                us[us.size() * 99 / 100]);
    return 0;
}
