// idempotency list, show, resolve, purge: the keys that requests were answered by.
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "engine/time_text.hpp"

#include <remit/json.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <optional>

namespace remit::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Named {
    std::string key, tenant, space;
};

// The engine names what it refuses by its own words; here those are options, and the key an argument.
Error in_options(Error error) {
    if (error.field.starts_with("reply.headers")) error.field = "content_type";
    if (error.field.starts_with("reply.")) error.field.erase(0, 6);
    if (error.field == "key") {
        error.field = "KEY";
    } else if (!error.field.empty()) {
        std::replace(error.field.begin(), error.field.end(), '_', '-');
        error.field.insert(0, "--");
    }
    return error;
}

std::string time_or_dash(std::int64_t us) {
    return us == 0 ? "-" : engine::utc_text(us);
}

Result<KeyState> state_from_text(const std::string &text) {
    for (const KeyState state :
         {KeyState::in_progress, KeyState::released, KeyState::completed, KeyState::unknown, KeyState::tombstone})
        if (text == key_state_name(state)) return state;
    return invalid("--state", "must be in_progress, released, completed, unknown or tombstone");
}

struct ListArguments {
    KeyFilter filter;
    std::string tenant, space, state;
};

Result<Exit> list(Session &session, const ListArguments &arguments) {
    KeyFilter filter = arguments.filter;
    if (!arguments.state.empty()) {
        REMIT_TRY(filter.state, state_from_text(arguments.state));
    }
    REMIT_TRY(Engine *const engine, session.engine());
    auto page = engine->idempotency().list(filter);
    if (!page) return in_options(std::move(page).error());
    if (session.out.json) {
        session.out.line(to_json(*page));
        return Exit::ok;
    }
    Rows rows = {{"KEY", "TENANT", "SPACE", "OPERATION", "STATE", "CLAIMED", "EPOCH", "WHY"}};
    for (const KeyRecord &key : page->keys)
        rows.push_back({key.key, key.tenant, key.space, key.operation, key_state_name(key.state),
                        engine::utc_text(key.created_us), std::to_string(key.epoch), key.doubt});
    session.out.table("llllllrl", rows);
    if (!page->next.empty()) session.out.line("More: --after " + page->next);
    return Exit::ok;
}

void show_record(const Session &session, const KeyRecord &key) {
    if (session.out.json) return session.out.line(to_json(key));
    const bool replied = key.state == KeyState::completed;
    Rows rows = {{"key", key.key},
                 {"tenant", key.tenant},
                 {"space", key.space},
                 {"operation", key.operation},
                 {"state", key_state_name(key.state)},
                 {"doubt", key.doubt},
                 {"worker", key.owner},
                 {"epoch", std::to_string(key.epoch)},
                 {"effects started", key.effects_started ? "yes" : "no"},
                 {"effect under way", key.effect == EffectClass::none ? "" : effect_class_name(key.effect)},
                 {"point", key.point},
                 {"reply", replied ? std::to_string(key.reply_status) : ""},
                 {"body", replied ? grouped(key.body_len) + " bytes" : ""},
                 {"claimed", time_or_dash(key.created_us)},
                 {"completed", time_or_dash(key.done_us)},
                 {"kept until", time_or_dash(key.expires_us)}};
    for (auto &row : rows)
        if (row[1].empty()) row[1] = "-";
    session.out.table("ll", rows);
}

Result<Exit> show(Session &session, const Named &named) {
    REMIT_TRY(Engine *const engine, session.engine());
    auto found = engine->idempotency().show(named.tenant, named.space, named.key);
    if (!found) return in_options(std::move(found).error());
    show_record(session, *found);
    return Exit::ok;
}

struct ResolveArguments {
    Named named;
    bool done = false, not_done = false, described = false;  // described: something was said of the reply
    Reply reply;
    std::string content_type, actor, reason;
};

Result<Exit> resolve(Session &session, const ResolveArguments &arguments) {
    if (arguments.done == arguments.not_done) {
        session.out.error(invalid({}, "say either --done or --not-done, whichever the other side's books show"));
        return Exit::usage;
    }
    if (arguments.not_done && arguments.described) {
        session.out.error(
            invalid("--not-done", "leaves nothing to reply: --status, --body, --content-type go with --done"));
        return Exit::usage;
    }
    std::optional<Reply> reply;
    if (arguments.done) {
        reply = arguments.reply;
        if (!arguments.content_type.empty()) reply->headers.push_back({"Content-Type", arguments.content_type});
    }
    REMIT_TRY(Engine *const engine, session.engine());
    const auto &[key, tenant, space] = arguments.named;
    auto settled = engine->idempotency().resolve(tenant, space, key, reply, arguments.actor, arguments.reason);
    if (!settled) return in_options(std::move(settled).error());
    REMIT_TRY(const KeyRecord now, engine->idempotency().show(tenant, space, key));
    if (session.out.json)
        session.out.line(to_json(now));
    else
        session.out.line(now.key + " is " + key_state_name(now.state) +
                         (reply               ? ": its reply is replayed."
                          : now.point.empty() ? ": the next claim executes it."
                                              : ": the next claim goes on from '" + printable(now.point) + "'."));
    return Exit::ok;
}

struct PurgeArguments {
    std::int64_t limit = 10'000;
    bool yes = false;
};

Result<Exit> purge(Session &session, const PurgeArguments &arguments) {
    if (!arguments.yes && (session.out.json || !can_ask())) {
        session.out.error(invalid("--yes", "is required where nobody can be asked; nothing was purged"));
        return Exit::usage;
    }
    if (!arguments.yes && !ask_yes("Take away up to " + grouped(arguments.limit) + " keys whose time is over?")) {
        session.out.line("Nothing was purged.");
        return Exit::ok;
    }
    REMIT_TRY(Engine *const engine, session.engine());
    auto gone = engine->idempotency().purge(arguments.limit);
    if (!gone) return in_options(std::move(gone).error());
    if (session.out.json)
        session.out.line(core::JsonWriter().begin_object().field("purged", *gone).end_object().take());
    else
        session.out.line("Purged " + grouped(*gone) + ".");
    return Exit::ok;
}

void add_named(CLI::App &verb, Named &named) {
    verb.add_option("KEY", named.key, "The idempotency key")->required();
    verb.add_option("--tenant", named.tenant, "The empty one when left out");
    verb.add_option("--space", named.space, "The namespace; the empty one when left out");
}

void add_list(CLI::App &noun, Action &chosen) {
    auto arguments = std::make_shared<ListArguments>();
    CLI::App *verb = noun.add_subcommand("list", "Show keys in order of their first claim");
    const CLI::Option *tenant = verb->add_option("--tenant", arguments->tenant, "Only of this one");
    const CLI::Option *space = verb->add_option("--space", arguments->space, "Only of this namespace");
    verb->add_option("--state", arguments->state, "in_progress, released, completed, unknown or tombstone");
    verb->add_option("--limit", arguments->filter.limit, "1 to 1000")->capture_default_str();
    verb->add_option("--after", arguments->filter.after, "The cursor that the page before ended with");
    verb->callback([&chosen, arguments, tenant, space] {
        if (tenant->count() > 0) arguments->filter.tenant = arguments->tenant;
        if (space->count() > 0) arguments->filter.space = arguments->space;
        chosen = [arguments](Session &s) { return list(s, *arguments); };
    });
}

void add_resolve(CLI::App &noun, Action &chosen) {
    auto arguments = std::make_shared<ResolveArguments>();
    CLI::App *verb = noun.add_subcommand("resolve", "Settle an unknown key. Look at the other side's books first");
    add_named(*verb, arguments->named);
    verb->add_flag("--done", arguments->done, "The effect happened: this reply goes on record");
    verb->add_flag("--not-done", arguments->not_done,
                   "It did not, and will not: the next claim executes, or goes on from the last checkpoint");
    const CLI::Option *status = verb->add_option("--status", arguments->reply.status, "Of the reply");
    const CLI::Option *body = verb->add_option("--body", arguments->reply.body, "Of the reply");
    const CLI::Option *type = verb->add_option("--content-type", arguments->content_type, "Of the reply");
    verb->add_option("--actor", arguments->actor, "Who decides this")->required();
    verb->add_option("--reason", arguments->reason, "Why")->required();
    verb->callback([&chosen, arguments, status, body, type] {
        arguments->described = status->count() + body->count() + type->count() > 0;
        chosen = [arguments](Session &s) { return resolve(s, *arguments); };
    });
}

}  // namespace

void add_idempotency(CLI::App &app, Action &chosen) {
    CLI::App *noun = app.add_subcommand("idempotency", "Keys by which requests are answered once");
    noun->require_subcommand(1);
    add_list(*noun, chosen);
    auto named = std::make_shared<Named>();
    CLI::App *verb = noun->add_subcommand("show", "Show one key");
    add_named(*verb, *named);
    verb->callback([&chosen, named] { chosen = [named](Session &s) { return show(s, *named); }; });
    add_resolve(*noun, chosen);
    auto arguments = std::make_shared<PurgeArguments>();
    verb = noun->add_subcommand("purge", "Take away keys whose time is over; an engine that runs does it by itself");
    verb->add_option("--limit", arguments->limit, "1 to 100000")->capture_default_str();
    verb->add_flag("-y,--yes", arguments->yes, "Do not ask");
    verb->callback([&chosen, arguments] { chosen = [arguments](Session &s) { return purge(s, *arguments); }; });
}

}  // namespace remit::cli
