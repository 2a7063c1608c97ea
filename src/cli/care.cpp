// doctor, health, metrics, backup, migrate, lane resume: looking after an instance.
#include "cli/payout_text.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "crypto/eip55.hpp"
#include "engine/databases.hpp"
#include "engine/schema.hpp"
#include "engine/system_ports.hpp"

#include <remit/json.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>

namespace remit::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::int64_t kAskUs = 5'000'000;  // how long nodes are given to answer
constexpr std::int64_t kTickUs = 50'000;

// Nothing ticks in this process, so we do, until every node has answered or had its time. What a chain's problem
// is before anything was asked is no answer.
Result<Health> ask_nodes(Session &session, Engine &engine) {
    StopSignals signals;
    const std::int64_t end_us = session.clock().boot_us() + kAskUs;
    REMIT_TRY(const Health before, engine.health());
    for (;;) {
        REMIT_CHECK(engine.tick(kTickUs));
        REMIT_TRY(Health health, engine.health());
        const bool answered =
            std::ranges::equal(health.chains, before.chains, [](const ChainHealth &now, const ChainHealth &then) {
                return now.reachable || now.problem != then.problem;
            });
        if (answered || session.clock().boot_us() > end_us || signals.wait_ms(20)) return health;
    }
}

bool all_reachable(const Health &health) {
    return std::all_of(health.chains.begin(), health.chains.end(), [](const ChainHealth &c) { return c.reachable; });
}

Result<Exit> health(Session &session) {
    session.only_look = true;
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_TRY(const Health health, ask_nodes(session, *engine));
    const Exit code = all_reachable(health) ? Exit::ok : Exit::network;
    if (session.out.json) return session.out.line(to_json(health)), code;
    Rows rows = {{"CHAIN", "NODE", "STATE", "HEAD", "PROBLEM"}};
    for (const ChainHealth &chain : health.chains)
        rows.push_back({std::to_string(chain.chain_id), node_of(engine->options(), chain.chain_id),
                        chain.reachable ? "ok" : "unreachable", std::to_string(chain.head), problem_of(chain)});
    session.out.table("lllrl", rows);
    REMIT_TRY(const PayoutReport report, engine->payouts().report());
    std::string counts;
    for (const auto &[status, count] : report.by_status)
        counts += (counts.empty() ? "" : ", ") + status + " " + grouped(count);
    session.out.line("Payouts: " + counts);
    return code;
}

// What doctor says of a chain that it could not ask; all else is of the database or of a payout.
bool only_of_nodes(const std::vector<std::string> &findings) {
    return std::all_of(findings.begin(), findings.end(), [](const std::string &f) { return f.starts_with("chain "); });
}

Result<Exit> doctor(Session &session) {
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_TRY(const auto findings, engine->doctor());
    if (session.out.json) session.out.line("{\"findings\":" + to_json(std::span<const std::string>(findings)) + "}");
    for (const std::string &finding : findings)
        if (!session.out.json) session.out.line(printable(finding));
    if (!session.out.json)
        session.out.line(findings.empty() ? "The database is whole; keys, replies and payouts agree with each other, "
                                            "and the payouts with the chain."
                                          : "Findings: " + grouped(static_cast<std::int64_t>(findings.size())));
    if (findings.empty()) return Exit::ok;
    return only_of_nodes(findings) ? Exit::network : Exit::findings;
}

Result<Exit> metrics(Session &session) {
    REMIT_TRY(Engine *const engine, session.engine());
    const std::string text = engine->metrics();
    if (session.out.json)
        session.out.line(core::JsonWriter().begin_object().field("prometheus", text).end_object().take());
    else
        session.out.line(std::string_view(text).substr(0, text.find_last_not_of('\n') + 1));
    return Exit::ok;
}

Result<Exit> backup(Session &session, const std::string &path) {
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_CHECK(engine->backup(path));
    if (session.out.json)
        session.out.line(core::JsonWriter().begin_object().field("file", path).end_object().take());
    else
        session.out.line("Copied the database to " + path + ".");
    return Exit::ok;
}

struct ResumeArguments {
    std::string chain, sender, actor, reason;
};

Result<Exit> resume(Session &session, const ResumeArguments &arguments) {
    REMIT_TRY(const EngineOptions *options, session.options());
    REMIT_TRY(const ChainOptions *chain, find_chain(*options, arguments.chain));
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_CHECK(engine->payouts().resume_lane(chain->id, arguments.sender, arguments.actor, arguments.reason));
    if (session.out.json)
        session.out.line("{}");
    else
        session.out.line("The sender goes on.");
    return Exit::ok;
}

void add_lane(CLI::App &app, Action &chosen) {
    CLI::App *noun = app.add_subcommand("lane", "A sender on a chain");
    noun->require_subcommand(1);
    auto arguments = std::make_shared<ResumeArguments>();
    CLI::App *verb = noun->add_subcommand("resume", "Let a quarantined sender go on after what the chain shows of it");
    verb->add_option("SENDER", arguments->sender, "Its address")->required();
    verb->add_option("--chain", arguments->chain, "Id or name; may be left out when only one is configured");
    verb->add_option("--actor", arguments->actor, "Who decides this")->required();
    verb->add_option("--reason", arguments->reason, "Why")->required();
    verb->callback([&chosen, arguments] { chosen = [arguments](Session &s) { return resume(s, *arguments); }; });
}

// Over the database alone: an engine would already have asked for a schema that fits.
Result<Exit> migrate(Session &session, bool apply) {
    REMIT_TRY(const EngineOptions *options, session.options());
    REMIT_TRY(const auto random, engine::system_random());
    NoLog log;
    REMIT_TRY(const auto database, engine::open_database(*options, session.clock(), *random, log, nullptr));
    const std::vector<Migration> steps = engine::all_migrations();
    REMIT_TRY(const std::string plan, database->migration_plan(steps));
    if (apply) REMIT_CHECK(database->migrate(steps, MigrateMode::automatic));
    if (session.out.json) {
        core::JsonWriter doc;
        session.out.line(doc.begin_object().field("sql", plan).field("applied", apply).end_object().take());
    } else if (plan.empty()) {
        session.out.line("The schema is up to date.");
    } else {
        session.out.line(std::string_view(plan).substr(0, plan.find_last_not_of('\n') + 1));
    }
    return Exit::ok;
}

void add_migrate(CLI::App &app, Action &chosen) {
    CLI::App *noun = app.add_subcommand("migrate", "The database's schema");
    noun->require_subcommand(1);
    const auto verb = [&](const char *name, const char *about, bool apply) {
        noun->add_subcommand(name, about)->callback([&chosen, apply] {
            chosen = [apply](Session &s) { return migrate(s, apply); };
        });
    };
    verb("plan", "Print the SQL that would bring it up to date", false);
    verb("apply", "Run it", true);
}

}  // namespace

void add_care(CLI::App &app, Action &chosen) {
    const auto plain = [&](const char *name, const char *about, Result<Exit> (*verb)(Session &)) {
        app.add_subcommand(name, about)->callback([&chosen, verb] { chosen = verb; });
    };
    plain("health", "Ask every node; exit 7 when one does not answer", health);
    plain("doctor", "Check the database, the keys, the payouts, and what the chain says of them", doctor);
    plain("metrics", "Print this process's own figures as Prometheus text; a remit run beside it has others", metrics);
    auto path = std::make_shared<std::string>();
    CLI::App *verb = app.add_subcommand("backup", "Copy the database while work goes on");
    verb->add_option("FILE", *path, "A new file")->required();
    verb->callback([&chosen, path] { chosen = [path](Session &s) { return backup(s, *path); }; });
    add_lane(app, chosen);
    add_migrate(app, chosen);
}

}  // namespace remit::cli
