// run: pays what there is to pay until it is told to stop.
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "crypto/eip55.hpp"

#include <remit/json.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <deque>
#include <set>

namespace remit::cli {
namespace {

constexpr std::int64_t kLookMs = 250;
constexpr std::int64_t kLineUs = 1'000'000;  // plain lines come no faster
constexpr std::int64_t kRateWindowUs = 15'000'000;
constexpr std::int64_t kSettleUs = 5'000'000;  // a lane that waits no longer than that is no trouble

struct RunArguments {
    bool until_idle = false, standby = false;
    std::int64_t drain_s = 30;
};

struct Counts {
    std::int64_t pending = 0, sent = 0, completed = 0, failed = 0, cancelled = 0, doubtful = 0;

    explicit Counts(const PayoutReport &report) : doubtful(report.doubtful) {
        const auto of = [&report](const char *name) {
            const auto found = report.by_status.find(name);
            return found == report.by_status.end() ? 0 : found->second;
        };
        pending = of("pending"), sent = of("sent"), completed = of("completed");
        failed = of("failed"), cancelled = of("cancelled");
    }
    std::int64_t open() const { return pending + sent; }
    std::int64_t done() const { return completed + failed + cancelled; }
    bool operator==(const Counts &) const = default;
};

// What was open when we began, and what came since, is the whole of the bar.
class Progress {
public:
    Progress(Output &out, bool terminal, const Counts &first) : out_(out), terminal_(terminal), begun_(first) {}

    void show(const Counts &now, std::int64_t now_us) {
        samples_.emplace_back(now_us, now.done());
        while (samples_.size() > 2 && now_us - samples_.front().first > kRateWindowUs) samples_.pop_front();
        if (terminal_) return out_.progress(bar(now) + text(now));
        const bool due = !shown_ || now_us - shown_us_ >= kLineUs || now.open() == 0;
        if (!due || (shown_ && *shown_ == now)) return;
        shown_ = now;
        shown_us_ = now_us;
        out_.line(out_.json ? json(now) : text(now));
        out_.flush();
    }

private:
    std::int64_t done(const Counts &now) const { return now.done() - begun_.done(); }
    std::int64_t whole(const Counts &now) const { return done(now) + now.open(); }
    // Payouts finished in ten seconds, over the window.
    std::int64_t rate_tenths() const {
        const auto [from_us, from] = samples_.front();
        const auto [to_us, to] = samples_.back();
        return to_us == from_us ? 0 : (to - from) * 10'000'000 / (to_us - from_us);
    }
    std::string bar(const Counts &now) const {
        constexpr std::int64_t cells = 24;
        const std::int64_t full = whole(now) == 0 ? cells : cells * done(now) / whole(now);
        return "[" + std::string(static_cast<std::size_t>(full), '#') +
               std::string(static_cast<std::size_t>(cells - full), '-') + "] ";
    }
    std::string text(const Counts &now) const {
        const std::int64_t tenths = rate_tenths();
        std::string line = grouped(done(now)) + " of " + grouped(whole(now)) + " done, sent " + grouped(now.sent) +
                           ", pending " + grouped(now.pending) + ", failed " + grouped(now.failed);
        if (now.doubtful > 0) line += ", in doubt " + grouped(now.doubtful);
        line += ", " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "/s";
        if (now.open() > 0)
            line += ", ETA " + (tenths == 0 ? std::string("-") : duration_text(now.open() * 10'000'000 / tenths));
        return line;
    }
    std::string json(const Counts &now) const {
        core::JsonWriter doc;
        doc.begin_object().field("event", "progress").key("by_status").begin_object();
        doc.field("pending", now.pending).field("sent", now.sent).field("completed", now.completed);
        doc.field("failed", now.failed).field("cancelled", now.cancelled).end_object();
        doc.field("rate_per_10s", rate_tenths()).end_object();
        return doc.take();
    }

    Output &out_;
    bool terminal_;
    Counts begun_;
    std::deque<std::pair<std::int64_t, std::int64_t>> samples_;  // time, done
    std::optional<Counts> shown_;
    std::int64_t shown_us_ = 0;
};

// Tells each trouble once when it comes, and when all are gone.
class Troubles {
public:
    // `before`: the engine's health when it has asked nobody yet; what it says of a chain then is no trouble.
    Troubles(Session &session, const EngineOptions &options, const Health &before) :
        session_(session), options_(options), settled_us_(session.clock().boot_us()) {
        for (const ChainHealth &chain : before.chains) unasked_.insert(chain.problem);
    }

    void look(const Health &health, std::int64_t now_us) {
        std::set<std::string> now;
        std::set<std::uint64_t> unreachable;
        for (const ChainHealth &chain : health.chains) {
            if (chain.problem.empty() || unasked_.count(chain.problem) != 0) continue;
            now.insert(chain_text(chain));
            if (!chain.reachable) unreachable.insert(chain.chain_id);
        }
        bool waiting = false;
        for (const LaneHealth &lane : health.lanes) {
            // That a lane waits for a node that does not answer is no news.
            if (lane.reason.empty() || (lane.state == "waiting" && unreachable.count(lane.chain_id) != 0)) continue;
            if (lane.state == "waiting") waiting = true;
            if (lane.state != "waiting" || now_us - settled_us_ > kSettleUs) now.insert(lane_text(lane));
        }
        if (!waiting) settled_us_ = now_us;
        if (!health.keys_unlocked) now.insert("the keys are locked again: unlock_ms is over");
        for (const std::string &text : now)
            if (told_.count(text) == 0) say(text);
        if (now.empty() && !told_.empty()) say("all is well again");
        told_ = std::move(now);
    }

private:
    std::string chain_text(const ChainHealth &health) const {
        return "chain " + std::to_string(health.chain_id) + " at " + node_of(options_, health.chain_id) + ": " +
               problem_of(health) + (health.reachable ? "" : "; still trying");
    }
    static std::string lane_text(const LaneHealth &lane) {
        return "chain " + std::to_string(lane.chain_id) + ", sender " + crypto::checksum_address(lane.sender) + " is " +
               lane.state + ": " + lane.reason;
    }
    void say(const std::string &text) const {
        session_.out.note((session_.bar ? "\r\x1b[K" : "") + ("remit: " + printable(text)));
    }

    const Session &session_;
    const EngineOptions &options_;
    std::set<std::string> told_, unasked_;
    std::int64_t settled_us_;  // when no lane waited last
};

bool all_elsewhere(const Health &health) {
    return !health.lanes.empty() && std::all_of(health.lanes.begin(), health.lanes.end(),
                                                [](const LaneHealth &lane) { return lane.state == "elsewhere"; });
}

Result<Exit> watch(Session &session, Engine &engine, const RunArguments &arguments, StopSignals &signals) {
    REMIT_TRY(const Health before, engine.health());
    REMIT_CHECK(engine.start());
    REMIT_TRY(PayoutReport report, engine.payouts().report());
    Progress progress(session.out, session.bar, Counts(report));
    Troubles troubles(session, engine.options(), before);
    for (;;) {
        const std::int64_t begun_us = session.clock().boot_us();
        REMIT_TRY(report, engine.payouts().report());
        REMIT_TRY(const Health health, engine.health());
        const Counts now(report);
        const std::int64_t end_us = session.clock().boot_us();
        progress.show(now, end_us);
        troubles.look(health, end_us);
        if (arguments.until_idle && now.open() == 0) return Exit::ok;
        if (arguments.until_idle && now.open() == now.doubtful)
            return Error{
                Status::unknown, {}, grouped(now.doubtful) + " payouts are in doubt; see remit payout list --doubtful"};
        if (!arguments.standby && all_elsewhere(health))
            return Error{
                Status::busy, {}, "another process is paying from every sender here; --standby waits to take over"};
        // Looking must not cost what paying needs: a long look is followed by a longer rest.
        if (signals.wait_ms(std::max(kLookMs, 10 * (end_us - begun_us) / kMicrosPerMs))) return Exit::ok;
    }
}

void close_progress(Session &session) {
    if (session.bar) session.out.line("");
    session.bar = false;
}

Result<Exit> run(Session &session, const RunArguments &arguments) {
    const bool terminal = output_is_terminal() && !session.out.json;
    session.least_log = terminal ? LogLevel::warn : LogLevel::debug;
    StopSignals signals;
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_TRY(const auto keys, engine->keys().list());
    if (keys.empty()) return invalid("keys", "there is none to pay from; make one with `remit keys new`");
    REMIT_CHECK(session.unlock());
    session.bar = terminal;
    auto result = watch(session, *engine, arguments, signals);
    close_progress(session);
    if (!session.out.json) session.out.note("remit: stopping; once more stops at once");
    signals.next_one_ends();
    auto stopped = engine->stop(arguments.drain_s * 1'000);
    if (!result) return result;
    REMIT_CHECK(std::move(stopped));
    REMIT_TRY(const PayoutReport report, engine->payouts().report());
    const Counts now(report);
    if (session.out.json)
        session.out.line("{\"event\":\"stopped\",\"report\":" + to_json(report) + "}");
    else
        session.out.line("Stopped: completed " + grouped(now.completed) + ", sent " + grouped(now.sent) + ", pending " +
                         grouped(now.pending) + ", failed " + grouped(now.failed) + ".");
    return result;
}

}  // namespace

void add_run(CLI::App &app, Action &chosen) {
    auto arguments = std::make_shared<RunArguments>();
    CLI::App *verb = app.add_subcommand("run", "Pay what there is to pay, until told to stop");
    verb->add_flag("--until-idle", arguments->until_idle, "Stop when nothing is open");
    verb->add_flag("--standby", arguments->standby, "Wait where another process pays, and take over when it dies");
    verb->add_option("--drain", arguments->drain_s, "Seconds to wait at the end for what is under way")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{3'600}))
        ->capture_default_str();
    verb->callback([&chosen, arguments] { chosen = [arguments](Session &s) { return run(s, *arguments); }; });
}

}  // namespace remit::cli
