// ./dev bench bindings: the Node and Python packages against the C ABI, turn by turn on databases of the same kind.
#include "peer.hpp"

#include <remit/remit.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <random>
#include <thread>

using namespace remit::bench;

namespace {

using Steady = std::chrono::steady_clock;
constexpr double kSeconds = 1.5;
constexpr int kRounds = 5;
constexpr int kCallers = 50;

void check(remit_status status, remit_error *error) {
    if (status == REMIT_OK) return;
    std::fprintf(stderr, "bench_bindings: %s %s\n", remit_error_field(error), remit_error_text(error));
    std::exit(2);
}

void claim_and_complete(remit_engine *engine) {
    thread_local std::mt19937_64 random{std::random_device{}()};
    static const std::string body(300, 'x');
    char key[40];
    std::snprintf(key, sizeof key, "%016lx%016lx", random(), random());
    remit_claim_options options = REMIT_CLAIM_OPTIONS_INIT;
    options.space = "bench";
    options.space_len = REMIT_ZSTR;
    options.operation = "POST /orders";
    options.operation_len = REMIT_ZSTR;
    options.request = body.data();
    options.request_len = body.size();
    remit_claim *claim = nullptr;
    remit_error *error = nullptr;
    check(remit_idempotency_claim(engine, key, REMIT_ZSTR, &options, nullptr, nullptr, &claim, &error), error);
    remit_reply reply = REMIT_REPLY_INIT;
    reply.headers = R"([["Content-Type","application/json"]])";
    reply.headers_len = REMIT_ZSTR;
    reply.body = body.data();
    reply.body_len = body.size();
    check(remit_claim_complete(claim, &reply, nullptr, 0, nullptr, &error), error);
    remit_claim_free(claim);
}

Figures callers(const std::string &database, int count) {
    const std::string config = R"({"database":")" + database + R"(","log_level":"error"})";
    remit_engine *engine = nullptr;
    remit_error *error = nullptr;
    check(remit_engine_open(config.c_str(), REMIT_ZSTR, nullptr, &engine, &error), error);
    if (count > 1) check(remit_engine_start(engine, &error), error);
    std::vector<std::vector<double>> each(static_cast<std::size_t>(count));
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    const auto began = Steady::now();
    for (auto &mine : each)
        threads.emplace_back([&] {
            while (!over) {
                const auto before = Steady::now();
                claim_and_complete(engine);
                mine.push_back(std::chrono::duration<double, std::micro>(Steady::now() - before).count());
            }
        });
    std::this_thread::sleep_for(std::chrono::duration<double>(kSeconds));
    over = true;
    for (std::thread &t : threads) t.join();
    const double elapsed = std::chrono::duration<double>(Steady::now() - began).count();
    remit_engine_free(engine);
    std::vector<double> us;
    for (const auto &mine : each) us.insert(us.end(), mine.begin(), mine.end());
    return figures(us, elapsed);
}

}  // namespace

int main() {
    const Folder folder;
    const std::string seconds = std::to_string(kSeconds);
    const std::string node = "node " REMIT_SOURCE "/tests/bench/peers/bindings.mjs " + seconds + " ";
    const std::string python = "python3 " REMIT_SOURCE "/tests/bench/peers/bindings.py " + seconds + " ";
    const std::string delay_file = folder.path + "/delay";
    setenv("REMIT_LOOP_DELAY", delay_file.c_str(), 1);
    Series node_many, node_one, python_one, against_sqlite;
    std::vector<double> delay;
    for (int round = 0; round < kRounds; ++round) {
        const std::string at = folder.path + "/r" + std::to_string(round);
        const Figures many = callers(at + "c50.db", kCallers);
        const Figures one = callers(at + "c1.db", 1);
        python_one.take(run_program(python, at + "py.db"), one);
        node_one.take(run_program(node, "1 " + at + "n1.db"), one);
        const Figures promises = run_program(node, std::to_string(kCallers) + " " + at + "n50.db");
        node_many.take(promises, many);
        double ms = 0;
        if (std::ifstream(delay_file) >> ms) delay.push_back(ms);
        if (const auto peer = run_peer("sqlite", kSeconds, kCallers)) against_sqlite.take(promises, *peer);
    }
    Table table;
    node_many.add(table, "Node, 50 promises in flight", "the C ABI, 50 callers", 0.60);
    against_sqlite.add(table, "Node, 50 promises in flight", "better-sqlite3, the same rows by hand", 4.0);
    node_one.add(table, "Node, one caller", "the C ABI, one caller", 0.70);
    python_one.add(table, "Python, one caller", "the C ABI, one caller", 0.70);
    const double p99 = median(delay);
    table.add("event loop delay p99, 50 promises", "5 ms at most", p99, "ms", p99 > 0 ? 5 / p99 : 0, 1.0);
    return table.finish("bindings");
}
