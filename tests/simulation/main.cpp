// sim_payouts: runs seeded schedules of the whole payout engine in the simulated world.
//
//   sim_payouts [--schedules N] [--seconds S] [--from SEED]     many schedules, counts at the end
//   sim_payouts --seed N                                        one schedule with its timeline
//   sim_payouts --self-test                                     the auditor must notice facts that were changed
//   sim_payouts --planted                                       ... and what is broken on purpose in the system
#include "schedule.hpp"
#include "self_test.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace remit;
using namespace remit::simulation;

namespace {

constexpr std::uint64_t kCountsFrom = 2'000;  // schedules from which the counts of call sites are asserted
constexpr std::uint64_t kRareCalls = 300;     // sites called less often are listed, not asserted
constexpr std::uint64_t kTwiceEach = 50;      // every so many schedules one is run again: same seed, same run

struct Arguments {
    std::uint64_t seed = 0, from = 1, schedules = 2'000, seconds = 0;
    bool one = false, self_test = false, planted = false;
};

struct Totals {
    std::uint64_t schedules = 0, payouts = 0, completed = 0;
    std::int64_t simulated_us = 0;
    NetSites net;
    testing::DbSites db;
    std::map<std::string, std::uint64_t> happenings;

    void add(const Outcome &outcome) {
        ++schedules;
        payouts += outcome.facts.rows.size();
        for (const auto &[id, row] : outcome.facts.rows) completed += row.status == PayoutStatus::completed ? 1U : 0U;
        simulated_us += outcome.simulated_us;
        for (const auto &[site, count] : outcome.net_sites) add_site(net[site], count);
        for (const auto &[site, count] : outcome.db_sites) add_site(db[site], count);
        for (const auto &[name, count] : outcome.happenings) happenings[name] += count;
    }
    template <class Count>
    static void add_site(Count &sum, const Count &more) {
        sum.calls += more.calls;
        for (const auto &[fault, n] : more.faults) sum.faults[fault] += n;
    }
};

std::string commit() {
    std::string text;
    if (std::FILE *git = popen("git -C \"" REMIT_SOURCE "\" rev-parse --short HEAD 2>/dev/null", "r"); git != nullptr) {
        char line[64] = {};
        if (std::fgets(line, sizeof line, git) != nullptr) text = line;
        pclose(git);
    }
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.empty() ? "unknown" : text;
}

void report_violations(const char *program, std::uint64_t seed, const Outcome &outcome) {
    std::printf("\nseed %llu breaks what Remit promises (commit %s):\n", static_cast<unsigned long long>(seed),
                commit().c_str());
    for (const std::string &text : outcome.violations) std::printf("  %s\n", text.c_str());
    std::printf("replay: %s --seed %llu\n", program, static_cast<unsigned long long>(seed));
}

int run_one(const char *program, std::uint64_t seed) {
    const Outcome outcome = run_schedule(
        seed, [](std::string_view line) { std::printf("%.*s\n", static_cast<int>(line.size()), line.data()); });
    for (const auto &[id, row] : outcome.facts.rows)
        std::printf("%s  %s  %s %s\n", id.c_str(), row.external_id.c_str(), payout_state_name(row.state),
                    row.reason.c_str());
    std::printf("digest %016llx\n", static_cast<unsigned long long>(outcome.digest));
    if (outcome.violations.empty()) return 0;
    report_violations(program, seed, outcome);
    return 1;
}

template <class Count>
std::uint64_t hits(const Count &count, decltype(count.faults.begin()->first) fault) {
    const auto at = count.faults.find(fault);
    return at == count.faults.end() ? 0 : at->second;
}

// Every site that is called at all often must have been struck in each way.
template <class Sites, class Fault>
bool check_sites(const char *what, const Sites &sites, Fault before, Fault after, Fault lost) {
    bool whole = true;
    std::printf("%-104s %7s %7s %7s %7s\n", what, "calls", "before", "after", "lost");
    for (const auto &[site, count] : sites) {
        const bool begin = site == "begin";  // nothing is done yet: only "before" is possible
        const bool rare = count.calls < kRareCalls;
        const bool hit = hits(count, before) > 0 && (begin || (hits(count, after) > 0 && hits(count, lost) > 0));
        whole = whole && (hit || rare);
        std::printf("  %-102.102s %7llu %7llu %7llu %7llu%s\n", site.c_str(),
                    static_cast<unsigned long long>(count.calls), static_cast<unsigned long long>(hits(count, before)),
                    static_cast<unsigned long long>(hits(count, after)),
                    static_cast<unsigned long long>(hits(count, lost)),
                    hit    ? ""
                    : rare ? "  rare"
                           : "  NOT HIT");
    }
    return whole;
}

bool check_counts(const Totals &totals) {
    const bool net = check_sites("network call site", totals.net, testing::SimFault::crash_before,
                                 testing::SimFault::crash_after, testing::SimFault::answer_lost);
    const bool db = check_sites("database call site", totals.db, testing::DbFault::crash_before,
                                testing::DbFault::crash_after, testing::DbFault::answer_lost);
    return net && db;
}

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

int run_many(const char *program, const Arguments &arguments) {
    Totals totals;
    const std::int64_t start = now_ms();
    const auto spent_ms = [start] { return now_ms() - start; };
    for (std::uint64_t seed = arguments.from; seed < arguments.from + arguments.schedules; ++seed) {
        if (arguments.seconds != 0 && spent_ms() > static_cast<std::int64_t>(arguments.seconds) * 1'000) break;
        const Outcome outcome = run_schedule(seed, {});
        totals.add(outcome);
        if (!outcome.violations.empty()) {
            report_violations(program, seed, outcome);
            return 1;
        }
        if (seed % kTwiceEach == 0 && run_schedule(seed, {}).digest != outcome.digest) {
            std::printf("\nseed %llu does not repeat: two runs differ\n", static_cast<unsigned long long>(seed));
            return 1;
        }
    }
    const std::int64_t took = spent_ms() > 0 ? spent_ms() : 1;
    const bool counted = check_counts(totals);
    for (const auto &[name, count] : totals.happenings)
        std::printf("  %-102.102s %7llu\n", name.c_str(), static_cast<unsigned long long>(count));
    std::printf(
        "%llu schedules, %llu payouts (%llu completed), %lld simulated minutes in %lld.%lld s: %lld schedules/s\n",
        static_cast<unsigned long long>(totals.schedules), static_cast<unsigned long long>(totals.payouts),
        static_cast<unsigned long long>(totals.completed), static_cast<long long>(totals.simulated_us / 60'000'000),
        static_cast<long long>(took / 1'000), static_cast<long long>(took % 1'000 / 100),
        static_cast<long long>(totals.schedules) * 1'000 / static_cast<long long>(took));
    if (totals.schedules >= kCountsFrom && !counted) {
        std::printf("a call site was not struck in every way\n");
        return 1;
    }
    return 0;
}

bool take_number(int argc, char **argv, int &i, const char *name, std::uint64_t &out) {
    if (std::strcmp(argv[i], name) != 0 || i + 1 >= argc) return false;
    out = std::strtoull(argv[++i], nullptr, 10);
    return true;
}

}  // namespace

int main(int argc, char **argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        if (take_number(argc, argv, i, "--seed", arguments.seed))
            arguments.one = true;
        else if (std::strcmp(argv[i], "--self-test") == 0)
            arguments.self_test = true;
        else if (std::strcmp(argv[i], "--planted") == 0)
            arguments.planted = true;
        else if (take_number(argc, argv, i, "--seconds", arguments.seconds))
            arguments.schedules = ~0ULL >> 8U;
        else if (!take_number(argc, argv, i, "--schedules", arguments.schedules) &&
                 !take_number(argc, argv, i, "--from", arguments.from)) {
            std::printf(
                "usage: %s [--seed N | --self-test | --planted | [--schedules N] [--seconds S] [--from SEED]]\n",
                argv[0]);
            return 2;
        }
    }
    if (arguments.self_test) return self_test();
    if (arguments.planted) return planted();
    return arguments.one ? run_one(argv[0], arguments.seed) : run_many(argv[0], arguments);
}
