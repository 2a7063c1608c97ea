// sim_idempotency: runs seeded schedules of idempotency keys: some workers over one file, interleaved at every call
// of the database, with crashes, lost answers, hung workers and jumping clocks.
//
//   sim_idempotency [--schedules N] [--seconds S] [--from SEED]     many schedules, counts at the end
//   sim_idempotency --seed N                                        one schedule with its timeline
//   sim_idempotency --self-test                                     the auditor must notice facts that were changed
//   sim_idempotency_planted [--planted NAME]                        ... and what is broken on purpose in the code
#include "schedule.hpp"
#include "self_test.hpp"

#include "core/planted.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace remit;
using namespace remit::simulation::idempotency;

#ifdef REMIT_PLANTED
namespace remit::core {
Bug planted_bug = Bug::none;
}
#endif

namespace {

constexpr std::uint64_t kCountsFrom = 2'000;  // schedules from which the counts of call sites are asserted
constexpr std::uint64_t kRareCalls = 5'000;   // sites called less often are listed, not asserted
constexpr std::uint64_t kTwiceEach = 50;      // every so many schedules one is run again: same seed, same run

struct Arguments {
    std::uint64_t seed = 0, from = 1, schedules = 5'000, seconds = 0;
    bool one = false, self_test = false;
    std::string planted;
};

struct Totals {
    std::uint64_t schedules = 0;
    std::int64_t simulated_us = 0;
    testing::DbSites sites;
    std::map<std::string, std::uint64_t> happenings;

    void add(const Outcome &outcome) {
        ++schedules;
        simulated_us += outcome.simulated_us;
        for (const auto &[site, count] : outcome.sites) {
            sites[site].calls += count.calls;
            for (const auto &[fault, n] : count.faults) sites[site].faults[fault] += n;
        }
        for (const auto &[name, count] : outcome.happenings) happenings[name] += count;
        for (const Fact &fact : outcome.history.facts) {
            const bool claimed = fact.what == What::ended && fact.status == Status::ok &&
                                 (fact.op == Op::claim || fact.op == Op::recover);
            if (claimed) ++happenings[std::string("told ") + verdict_name(fact.verdict)];
            if (fact.what == What::ended && fact.status != Status::ok)
                ++happenings["told " + std::string(status_name(fact.status))];
            if (fact.what == What::effect) ++happenings[std::string("effect ") + effect_class_name(fact.effect)];
            if (fact.what == What::event) ++happenings[fact.token];
        }
    }
};

void report_violations(const char *program, std::uint64_t seed, const Outcome &outcome) {
    std::printf("\nseed %llu breaks what Remit promises:\n", static_cast<unsigned long long>(seed));
    for (const std::string &text : outcome.violations) std::printf("  %s\n", text.c_str());
    std::printf("replay: %s --seed %llu\n", program, static_cast<unsigned long long>(seed));
}

int run_one(const char *program, std::uint64_t seed) {
    const Outcome outcome = run_schedule(
        seed, [](std::string_view line) { std::printf("%.*s\n", static_cast<int>(line.size()), line.data()); });
    std::printf("digest %016llx\n", static_cast<unsigned long long>(outcome.digest));
    if (outcome.violations.empty()) return 0;
    report_violations(program, seed, outcome);
    return 1;
}

// Every site that is called at all often must have been struck in each way.
bool check_sites(const testing::DbSites &sites) {
    using testing::DbFault;
    constexpr DbFault kFaults[] = {DbFault::refused, DbFault::crash_before, DbFault::answer_lost, DbFault::lost_undone,
                                   DbFault::crash_after};
    bool whole = true;
    std::printf("%-102s %7s %7s %7s %7s %7s %7s\n", "database call site", "calls", "refused", "before", "lost",
                "undone", "after");
    for (const auto &[site, count] : sites) {
        std::printf("  %-100.100s %7llu", site.c_str(), static_cast<unsigned long long>(count.calls));
        bool hit = true;
        for (const DbFault fault : kFaults) {
            const auto at = count.faults.find(fault);
            const std::uint64_t n = at == count.faults.end() ? 0 : at->second;
            std::printf(" %7llu", static_cast<unsigned long long>(n));
            const bool possible = site != "begin" || fault == DbFault::refused || fault == DbFault::crash_before;
            hit = hit && (n > 0 || !possible);
        }
        const bool rare = count.calls < kRareCalls || site.starts_with("INSERT INTO remit_consumers");  // the auditor's
        std::printf("%s\n", hit ? "" : rare ? "  rare" : "  NOT HIT");
        whole = whole && (hit || rare);
    }
    return whole;
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
    const bool counted = check_sites(totals.sites);
    for (const auto &[name, count] : totals.happenings)
        std::printf("  %-100.100s %7llu\n", name.c_str(), static_cast<unsigned long long>(count));
    std::printf("%llu schedules, %lld simulated minutes in %lld.%lld s: %lld schedules/s\n",
                static_cast<unsigned long long>(totals.schedules),
                static_cast<long long>(totals.simulated_us / 60'000'000), static_cast<long long>(took / 1'000),
                static_cast<long long>(took % 1'000 / 100),
                static_cast<long long>(totals.schedules) * 1'000 / static_cast<long long>(took));
    if (totals.schedules >= kCountsFrom && !counted) {
        std::printf("a call site was not struck in every way\n");
        return 1;
    }
    return 0;
}

#ifdef REMIT_PLANTED
// Each bug must be found within so many schedules; the same ones pass without it.
int run_planted(const std::string &only) {
    constexpr std::uint64_t kSchedules = 400;
    constexpr std::pair<core::Bug, const char *> kBugs[] = {
        {core::Bug::takeover_unfenced, "takeover_unfenced"}, {core::Bug::one_lifetime, "one_lifetime"},
        {core::Bug::fingerprint_late, "fingerprint_late"},   {core::Bug::stale_completion, "stale_completion"},
        {core::Bug::purge_running, "purge_running"},         {core::Bug::reply_rewritten, "reply_rewritten"}};
    int missed = 0, known = 0;
    for (const auto &[bug, name] : kBugs) {
        if (only != "all" && only != name) continue;
        ++known;
        std::uint64_t seed = 0, found = 0;
        std::string first;
        while (found == 0 && seed < kSchedules) {
            core::planted_bug = core::Bug::none;
            if (const Outcome sound = run_schedule(++seed, {}); !sound.violations.empty()) {
                report_violations("sim_idempotency", seed, sound);
                return 1;
            }
            core::planted_bug = bug;
            const Outcome broken = run_schedule(seed, {});
            if (!broken.violations.empty()) found = seed;
            if (found != 0) first = broken.violations.front();
        }
        core::planted_bug = core::Bug::none;
        if (found == 0)
            std::printf("  %-20s MISSED in %llu schedules\n", name, static_cast<unsigned long long>(kSchedules));
        else
            std::printf("  %-20s found by seed %llu: %s\n", name, static_cast<unsigned long long>(found),
                        first.c_str());
        missed += found == 0 ? 1 : 0;
    }
    if (known == 0) std::printf("there is no bug called %s\n", only.c_str());
    return missed == 0 && known > 0 ? 0 : 1;
}
#else
int run_planted(const std::string &) {
    std::printf("this build has no bugs planted: sim_idempotency_planted has\n");
    return 2;
}
#endif

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
            arguments.planted = i + 1 < argc ? argv[++i] : "all";
        else if (take_number(argc, argv, i, "--seconds", arguments.seconds))
            arguments.schedules = ~0ULL >> 8U;
        else if (!take_number(argc, argv, i, "--schedules", arguments.schedules) &&
                 !take_number(argc, argv, i, "--from", arguments.from)) {
            std::printf("usage: %s [--seed N | --self-test | --planted [NAME] | [--schedules N] [--seconds S] [--from "
                        "SEED]]\n",
                        argv[0]);
            return 2;
        }
    }
    if (arguments.self_test) return self_test();
    if (!arguments.planted.empty()) return run_planted(arguments.planted);
    return arguments.one ? run_one(argv[0], arguments.seed) : run_many(argv[0], arguments);
}
