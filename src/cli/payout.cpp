// payout add, list, show, cancel, resolve, repair, report.
#include "cli/payout_text.hpp"
#include "cli/session.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "crypto/eip55.hpp"
#include "engine/time_text.hpp"

#include <remit/json.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>

namespace remit::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Named {
    std::string id, tenant, actor, reason;
};

// Ours ("po_...") or the host's own.
Result<Payout> find(Engine &engine, const Named &named) {
    if (core::is_id(named.id, "po")) {
        auto found = engine.payouts().get(named.id);
        if (found.status() != Status::not_found) return found;
    }
    return engine.payouts().find(named.tenant, named.id);
}

std::string time_or_dash(std::int64_t us) {
    return us == 0 ? "-" : engine::utc_text(us);
}

Result<Exit> add(Session &session, const PayoutText &text) {
    REMIT_TRY(const EngineOptions *options, session.options());
    Coin coin;
    auto request = request_from_text(*options, text, coin);
    if (!request) {
        Error error = std::move(request).error();
        if (error.field == "external_id") error.field = "id";
        std::replace(error.field.begin(), error.field.end(), '_', '-');
        error.field.insert(0, "--");
        return error;
    }
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_TRY(const auto accepted, engine->payouts().enqueue({&*request, 1}));
    if (session.out.json) {
        core::JsonWriter doc;
        doc.begin_object().field("id", accepted[0].id).field("created", accepted[0].created).end_object();
        session.out.line(doc.text());
    } else {
        session.out.line(accepted[0].id + (accepted[0].created ? ": " : " was there already: ") +
                         amount_text(request->amount, coin.decimals, coin.symbol) + " to " + request->to +
                         " on chain " + std::to_string(request->chain_id));
    }
    return Exit::ok;
}

void list_table(const Session &session, const PayoutPage &page) {
    Rows rows = {{"ID", "EXTERNAL ID", "CHAIN", "TO", "AMOUNT", "STATUS", "STATE", "WHY"}};
    for (const Payout &p : page.payouts)
        rows.push_back({p.id, p.tenant.empty() ? p.external_id : p.tenant + "/" + p.external_id,
                        std::to_string(p.chain_id), crypto::checksum_address(p.to),
                        amount_text(p.amount, p.decimals, p.token), payout_status_name(p.status),
                        payout_state_name(p.state), p.doubt.empty() ? p.reason : p.doubt});
    session.out.table("llrlrlll", rows);
    if (!page.next.empty()) session.out.line("More: --after " + page.next);
}

struct ListArguments {
    std::string status, chain, tenant, after;
    bool doubtful = false;
    std::int32_t limit = 100;
};

Result<PayoutStatus> status_from_text(const std::string &text) {
    for (int n = 1; n <= 5; ++n)
        if (text == payout_status_name(static_cast<PayoutStatus>(n))) return static_cast<PayoutStatus>(n);
    return invalid("--status", "must be pending, sent, completed, failed or cancelled");
}

Result<Exit> list(Session &session, const ListArguments &arguments, bool by_tenant) {
    PayoutFilter filter;
    REMIT_TRY(const EngineOptions *options, session.options());
    if (!arguments.status.empty()) {
        REMIT_TRY(filter.status, status_from_text(arguments.status));
    }
    if (!arguments.chain.empty()) {
        REMIT_TRY(const ChainOptions *chain, find_chain(*options, arguments.chain));
        filter.chain_id = chain->id;
    }
    filter.tenant = arguments.tenant;
    filter.by_tenant = by_tenant;
    filter.doubtful = arguments.doubtful;
    filter.after = arguments.after;
    filter.limit = arguments.limit;
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_TRY(const PayoutPage page, engine->payouts().list(filter));
    if (session.out.json)
        session.out.line(to_json(page));
    else
        list_table(session, page);
    return Exit::ok;
}

Result<Exit> show(Session &session, const Named &named) {
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_TRY(const Payout p, find(*engine, named));
    if (session.out.json) {
        session.out.line(to_json(p));
        return Exit::ok;
    }
    Rows rows = {{"id", p.id},
                 {"tenant", p.tenant},
                 {"external id", p.external_id},
                 {"chain", std::to_string(p.chain_id)},
                 {"token", p.token},
                 {"to", crypto::checksum_address(p.to)},
                 {"amount", amount_text(p.amount, p.decimals, p.token)},
                 {"status", payout_status_name(p.status)},
                 {"state", payout_state_name(p.state)},
                 {"reason", p.reason},
                 {"doubt", p.doubt},
                 {"sender", p.sender ? crypto::checksum_address(*p.sender) : ""},
                 {"nonce", p.nonce ? std::to_string(*p.nonce) : ""},
                 {"transaction", p.tx_hash ? to_hex(*p.tx_hash) : ""},
                 {"block", p.block_number ? std::to_string(*p.block_number) : ""},
                 {"fee paid", amount_text(p.fee_paid, 18, "native")},
                 {"accepted", time_or_dash(p.created_us)},
                 {"not before", time_or_dash(p.not_before_us)},
                 {"deadline", time_or_dash(p.deadline_us)},
                 {"sent", time_or_dash(p.sent_us)},
                 {"mined", time_or_dash(p.mined_us)},
                 {"finished", time_or_dash(p.finished_us)}};
    for (auto &row : rows)
        if (row[1].empty()) row[1] = "-";
    session.out.table("ll", rows);
    return Exit::ok;
}

using Ending = Result<void> (Payouts::*)(std::string_view id, std::string_view actor, std::string_view reason);

Result<Exit> end(Session &session, const Named &named, Ending ending) {
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_TRY(const Payout payout, find(*engine, named));
    REMIT_CHECK((engine->payouts().*ending)(payout.id, named.actor, named.reason));
    REMIT_TRY(const Payout now, engine->payouts().get(payout.id));
    if (session.out.json)
        session.out.line(to_json(now));
    else
        session.out.line(now.id + " is " + payout_status_name(now.status));
    return Exit::ok;
}

Result<Exit> repair(Session &session, std::int64_t older_than_s) {
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_TRY(const auto findings, engine->payouts().repair(older_than_s * 1'000));
    if (session.out.json) {
        session.out.line("{\"findings\":" + to_json(std::span<const PayoutFinding>(findings)) + "}");
    } else if (findings.empty()) {
        session.out.line("Nothing is stuck.");
    } else {
        Rows rows = {{"ID", "WHY", "DONE ABOUT IT"}};
        for (const PayoutFinding &f : findings) rows.push_back({f.id, f.why, f.action});
        session.out.table("lll", rows);
    }
    return findings.empty() ? Exit::ok : Exit::findings;
}

std::string time_or_none(std::int64_t us) {
    return us == 0 ? "-" : duration_text(us);
}

Result<Exit> report(Session &session) {
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_TRY(const PayoutReport r, engine->payouts().report());
    if (session.out.json) {
        session.out.line(to_json(r));
        return Exit::ok;
    }
    Rows counts = {{"STATUS", "PAYOUTS"}};
    for (const auto &[status, count] : r.by_status) counts.push_back({status, grouped(count)});
    session.out.table("lr", counts);
    session.out.line("");
    session.out.table("lrrr", {{"TIME TO", "MEAN", "P50", "P99"},
                               {"sent", time_or_none(r.to_sent.mean_us), time_or_none(r.to_sent.p50_us),
                                time_or_none(r.to_sent.p99_us)},
                               {"completed", time_or_none(r.to_completed.mean_us), time_or_none(r.to_completed.p50_us),
                                time_or_none(r.to_completed.p99_us)}});
    session.out.line("");
    Rows rest = {{"completed in the last minute", grouped(r.per_minute)},
                 {"in doubt", grouped(r.doubtful)},
                 {"oldest open", time_or_none(r.oldest_open_us)}};
    for (const auto &[chain, fee] : r.fees_paid)
        rest.push_back({"fees paid on chain " + std::to_string(chain), amount_text(fee, 18, "native")});
    session.out.table("ll", rest);
    return Exit::ok;
}

void add_add(CLI::App &noun, Action &chosen) {
    auto text = std::make_shared<PayoutText>();
    CLI::App *verb = noun.add_subcommand("add", "Accept one payout; the same again changes nothing");
    verb->add_option("--id", text->external_id, "The host's own number of it")->required();
    verb->add_option("--to", text->to, "Who is paid: 0x and 40 digits")->required();
    verb->add_option("--amount", text->amount, "In whole tokens, as 12.5")->required();
    verb->add_option("--token", text->token, "A configured symbol or address, or native")->required();
    verb->add_option("--chain", text->chain, "Id or name; may be left out when only one is configured");
    verb->add_option("--tenant", text->tenant);
    verb->add_option("--from", text->from, "A configured sender; any otherwise");
    verb->add_option("--priority", text->priority, "-1000 to 1000; higher goes first");
    verb->add_option("--not-before", text->not_before, "As 2026-11-20T10:00:00Z");
    verb->add_option("--deadline", text->deadline, "Not signed after it");
    verb->callback([&chosen, text] { chosen = [text](Session &s) { return add(s, *text); }; });
}

void add_list(CLI::App &noun, Action &chosen) {
    auto arguments = std::make_shared<ListArguments>();
    CLI::App *verb = noun.add_subcommand("list", "Show payouts in order of acceptance");
    verb->add_option("--status", arguments->status, "pending, sent, completed, failed or cancelled");
    verb->add_option("--chain", arguments->chain, "Id or name");
    const CLI::Option *tenant = verb->add_option("--tenant", arguments->tenant);
    verb->add_flag("--doubtful", arguments->doubtful, "Only those that a person must settle");
    verb->add_option("--limit", arguments->limit, "1 to 1000")->capture_default_str();
    verb->add_option("--after", arguments->after, "The cursor that the page before ended with");
    verb->callback([&chosen, arguments, tenant] {
        const bool by_tenant = tenant->count() > 0;
        chosen = [arguments, by_tenant](Session &s) { return list(s, *arguments, by_tenant); };
    });
}

void add_named(CLI::App &noun, Action &chosen, const char *name, const char *about, Ending ending) {
    auto named = std::make_shared<Named>();
    CLI::App *verb = noun.add_subcommand(name, about);
    verb->add_option("ID", named->id, "po_..., or the host's own number")->required();
    verb->add_option("--tenant", named->tenant, "Of the host's own number");
    if (ending != nullptr) {
        verb->add_option("--actor", named->actor, "Who decides this")->required();
        verb->add_option("--reason", named->reason, "Why")->required();
    }
    verb->callback([&chosen, named, ending] {
        chosen = [named, ending](Session &s) { return ending == nullptr ? show(s, *named) : end(s, *named, ending); };
    });
}

}  // namespace

void add_payout(CLI::App &app, Action &chosen) {
    CLI::App *noun = app.add_subcommand("payout", "Payouts");
    noun->require_subcommand(1);
    add_add(*noun, chosen);
    add_import(*noun, chosen);
    add_list(*noun, chosen);
    add_named(*noun, chosen, "show", "Show one payout", nullptr);
    add_named(*noun, chosen, "cancel", "Withdraw one while nothing is signed", &Payouts::cancel);
    add_named(*noun, chosen, "resolve", "Settle one in doubt: it was not paid. Look at the chain first",
              &Payouts::resolve);
    auto older = std::make_shared<std::int64_t>(300);
    CLI::App *verb = noun->add_subcommand("repair", "Find payouts stuck in sent, tell why, do the safe thing");
    verb->add_option("--older-than", *older, "Seconds that one must have been sent for")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{31'536'000}))
        ->capture_default_str();
    verb->callback([&chosen, older] { chosen = [older](Session &s) { return repair(s, *older); }; });
    verb = noun->add_subcommand("report", "Counts by status, rate, times, fees");
    verb->callback([&chosen] { chosen = report; });
}

}  // namespace remit::cli
