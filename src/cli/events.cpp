// events tail: the durable events, in order, as they come.
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "engine/time_text.hpp"

#include <remit/json.hpp>

#include <CLI/CLI.hpp>

#include <csignal>

#include <unistd.h>

namespace remit::cli {
namespace {

constexpr std::int32_t kPage = 1'000;
constexpr std::int64_t kLookMs = 250;

struct TailArguments {
    std::string consumer;
    bool follow = false;
};

void show(const Session &session, const Event &event) {
    if (session.out.json) return session.out.line(to_json(event));
    session.out.line(std::to_string(event.position) + "  " + engine::utc_text(event.time_us) + "  " + event.type +
                     "  " + printable(event.subject) + "  " + printable(event.data));
}

// Acknowledged only when they are out: what a broken pipe swallowed comes again.
Result<Exit> pass_on(Session &session, Events &events, const std::string &consumer, bool follow) {
    StopSignals signals;
    for (;;) {
        REMIT_TRY(const auto page, events.next(consumer, kPage));
        for (const Event &event : page) show(session, event);
        if (!session.out.flush()) return Exit::internal;
        if (!page.empty()) REMIT_CHECK(events.ack(consumer, page.back().position));
        if (page.empty() && !follow) return Exit::ok;
        if (signals.wait_ms(page.empty() ? kLookMs : 0)) return Exit::ok;
    }
}

Result<Exit> tail(Session &session, const TailArguments &arguments) {
    REMIT_TRY(Engine *const engine, session.engine());
    Events &events = engine->events();
    if (!arguments.consumer.empty()) return pass_on(session, events, arguments.consumer, arguments.follow);
    // Without a name of its own a reader leaves nothing behind that would hold events back.
    const std::string passing = "tail-" + std::to_string(session.clock().utc_us()) + "-" + std::to_string(getpid());
    std::signal(SIGPIPE, SIG_IGN);  // whoever had enough of us must not keep us from forgetting
    auto result = pass_on(session, events, passing, arguments.follow);
    REMIT_CHECK(events.forget(passing));
    return result;
}

Result<Exit> consumers(Session &session) {
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_TRY(const auto all, engine->events().consumers());
    if (session.out.json) {
        session.out.line("{\"consumers\":" + to_json(std::span<const EventConsumer>(all)) + "}");
        return Exit::ok;
    }
    std::vector<std::vector<std::string>> rows = {{"CONSUMER", "ACKNOWLEDGED", "BEHIND", "SEEN"}};
    for (const EventConsumer &one : all)
        rows.push_back({one.name, std::to_string(one.acked), grouped(one.behind),
                        one.seen_us == 0 ? "-" : engine::utc_text(one.seen_us)});
    session.out.table("lrrl", rows);
    return Exit::ok;
}

}  // namespace

void add_events(CLI::App &app, Action &chosen) {
    CLI::App *noun = app.add_subcommand("events", "Durable events");
    noun->require_subcommand(1);
    auto arguments = std::make_shared<TailArguments>();
    CLI::App *verb = noun->add_subcommand("tail", "Print events from the oldest kept, or from where the consumer was");
    verb->add_option("--consumer", arguments->consumer, "Remember under this name how far was read");
    verb->add_flag("-f,--follow", arguments->follow, "Wait for more");
    verb->callback([&chosen, arguments] { chosen = [arguments](Session &s) { return tail(s, *arguments); }; });
    verb = noun->add_subcommand("consumers", "Who reads, and how far behind");
    verb->callback([&chosen] { chosen = consumers; });
}

}  // namespace remit::cli
