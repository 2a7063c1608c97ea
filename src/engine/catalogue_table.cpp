// The rows. Each function speaks the public interface only.
#include "engine/catalogue_table.hpp"
#include "engine/options.hpp"

#include <remit/json.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace remit::engine {
namespace {

using core::Json;
using core::JsonWriter;

constexpr std::int64_t kIntegerMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kStuckMs = 300'000;

std::string nothing() {
    return "{}";
}

// A result without a value answers an empty object.
Result<std::string> shown(Result<void> result) {
    REMIT_CHECK(std::move(result));
    return nothing();
}
template <class T>
Result<std::string> shown(Result<T> result) {
    REMIT_TRY(const T value, std::move(result));
    return to_json(value);
}
template <class T>
Result<std::string> shown(Result<std::vector<T>> result) {
    REMIT_TRY(const auto values, std::move(result));
    return to_json(std::span<const T>(values));
}

Result<PayoutStatus> status_named(const std::string &name) {
    for (const auto status : {PayoutStatus::pending, PayoutStatus::sent, PayoutStatus::completed, PayoutStatus::failed,
                              PayoutStatus::cancelled})
        if (name == payout_status_name(status)) return status;
    return invalid("status", "must be pending, sent, completed, failed or cancelled");
}

Result<std::string> payouts_list(Engine &engine, const Arguments &with) {
    PayoutFilter filter;
    filter.by_tenant = with.find("tenant") != nullptr;
    filter.tenant = with.text("tenant");
    if (with.find("status")) {
        REMIT_TRY(filter.status, status_named(with.text("status")));
    }
    REMIT_TRY(const std::int64_t chain, with.integer("chain_id", 0, 1, kIntegerMax));
    if (chain != 0) filter.chain_id = static_cast<std::uint64_t>(chain);
    filter.doubtful = with.flag("doubtful");
    filter.after = with.text("after");
    REMIT_TRY(const std::int64_t limit, with.integer("limit", 100, 1, 1'000));
    filter.limit = static_cast<std::int32_t>(limit);
    return shown(engine.payouts().list(filter));
}

Result<std::string> payouts_get(Engine &engine, const Arguments &with) {
    return shown(engine.payouts().get(with.text("id")));
}
Result<std::string> payouts_find(Engine &engine, const Arguments &with) {
    return shown(engine.payouts().find(with.text("tenant"), with.text("external_id")));
}
Result<std::string> payouts_report(Engine &engine, const Arguments &) {
    return shown(engine.payouts().report());
}
Result<std::string> payouts_audit(Engine &engine, const Arguments &) {
    return shown(engine.payouts().audit());
}
Result<std::string> events_consumers(Engine &engine, const Arguments &) {
    return shown(engine.events().consumers());
}
Result<std::string> events_next(Engine &engine, const Arguments &with) {
    REMIT_TRY(const std::int64_t limit, with.integer("limit", 100, 1, 10'000));
    return shown(engine.events().next(with.text("consumer"), static_cast<std::int32_t>(limit)));
}
Result<KeyState> key_state_named(const std::string &name) {
    for (const auto state :
         {KeyState::in_progress, KeyState::released, KeyState::completed, KeyState::unknown, KeyState::tombstone})
        if (name == key_state_name(state)) return state;
    return invalid("state", "must be in_progress, released, completed, unknown or tombstone");
}

Result<std::string> idempotency_list(Engine &engine, const Arguments &with) {
    KeyFilter filter;
    if (with.find("tenant")) filter.tenant = with.text("tenant");
    if (with.find("space")) filter.space = with.text("space");
    if (with.find("state")) {
        REMIT_TRY(filter.state, key_state_named(with.text("state")));
    }
    filter.after = with.text("after");
    REMIT_TRY(const std::int64_t limit, with.integer("limit", 100, 1, 1'000));
    filter.limit = static_cast<std::int32_t>(limit);
    return shown(engine.idempotency().list(filter));
}
Result<std::string> idempotency_show(Engine &engine, const Arguments &with) {
    return shown(engine.idempotency().show(with.text("tenant"), with.text("space"), with.text("key")));
}
Result<std::string> idempotency_audit(Engine &engine, const Arguments &) {
    return shown(engine.idempotency().audit());
}
Result<std::string> idempotency_resolve(Engine &engine, const Arguments &with) {
    std::optional<Reply> reply;
    const std::string outcome = with.text("outcome");
    if (outcome == "done") {
        REMIT_TRY(const std::int64_t status, with.integer("status", 200, 100, 599));
        reply.emplace();
        reply->status = static_cast<std::int32_t>(status);
        reply->body = with.text("body");
        if (const std::string type = with.text("content_type"); !type.empty())
            reply->headers.push_back({"Content-Type", type});
    } else if (outcome != "not_done") {
        return invalid("outcome", "must be done or not_done");
    }
    return shown(engine.idempotency().resolve(with.text("tenant"), with.text("space"), with.text("key"), reply,
                                              with.text("actor"), with.text("reason")));
}
Result<std::string> idempotency_purge(Engine &engine, const Arguments &with) {
    REMIT_TRY(const std::int64_t limit, with.integer("limit", 10'000, 1, 100'000));
    REMIT_TRY(const std::int64_t gone, engine.idempotency().purge(limit));
    return JsonWriter().begin_object().field("purged", gone).end_object().take();
}

Result<std::string> keys_list(Engine &engine, const Arguments &) {
    return shown(engine.keys().list());
}
Result<std::string> health(Engine &engine, const Arguments &) {
    return shown(engine.health());
}
Result<std::string> doctor(Engine &engine, const Arguments &) {
    return shown(engine.doctor());
}
Result<std::string> config(Engine &engine, const Arguments &) {
    return to_json(without_secrets(engine.options()));
}
Result<std::string> metrics(Engine &engine, const Arguments &) {
    return JsonWriter().begin_object().field("prometheus", engine.metrics()).end_object().take();
}

// One element of payouts.enqueue. Its names are those of PayoutRequest.
Result<PayoutRequest> read_request(const Json &given, const std::string &at) {
    if (given.kind() != Json::Kind::object) return invalid(at, "must be an object");
    PayoutRequest request;
    const auto text = [&](const Json &value, const std::string &field, std::string &out) -> Result<void> {
        REMIT_TRY(out, value.as_string(field));
        return {};
    };
    const auto integer = [&](const Json &value, const std::string &field, auto &out) -> Result<void> {
        using Out = std::remove_reference_t<decltype(out)>;
        REMIT_TRY(const std::int64_t number, value.as_int(field));
        if (!std::in_range<Out>(number)) return invalid(field, "is out of range");
        out = static_cast<Out>(number);
        return {};
    };
    for (const auto &[name, value] : given.members()) {
        const std::string field = at + "." + name;
        if (name == "external_id")
            REMIT_CHECK(text(value, field, request.external_id));
        else if (name == "tenant")
            REMIT_CHECK(text(value, field, request.tenant));
        else if (name == "token")
            REMIT_CHECK(text(value, field, request.token));
        else if (name == "to")
            REMIT_CHECK(text(value, field, request.to));
        else if (name == "from")
            REMIT_CHECK(text(value, field, request.from));
        else if (name == "chain_id")
            REMIT_CHECK(integer(value, field, request.chain_id));
        else if (name == "priority")
            REMIT_CHECK(integer(value, field, request.priority));
        else if (name == "not_before_us")
            REMIT_CHECK(integer(value, field, request.not_before_us));
        else if (name == "deadline_us")
            REMIT_CHECK(integer(value, field, request.deadline_us));
        else if (name == "amount") {
            REMIT_TRY(request.amount, value.as_u256(field));
        } else
            return invalid(field, "is no field of a payout");
    }
    return request;
}

Result<std::string> payouts_enqueue(Engine &engine, const Arguments &with) {
    std::vector<PayoutRequest> requests;
    for (const Json &given : with.find("payouts")->items()) {
        REMIT_TRY(requests.emplace_back(), read_request(given, "payouts[" + std::to_string(requests.size()) + "]"));
    }
    auto accepted = engine.payouts().enqueue(requests);
    if (!accepted && accepted.error().field.starts_with('['))
        return Error{accepted.status(), "payouts" + accepted.error().field, accepted.error().text};
    return shown(std::move(accepted));
}

Result<std::string> payouts_cancel(Engine &engine, const Arguments &with) {
    return shown(engine.payouts().cancel(with.text("id"), with.text("actor"), with.text("reason")));
}
Result<std::string> payouts_resolve(Engine &engine, const Arguments &with) {
    return shown(engine.payouts().resolve(with.text("id"), with.text("actor"), with.text("reason")));
}
Result<std::string> payouts_repair(Engine &engine, const Arguments &with) {
    REMIT_TRY(const std::int64_t older, with.integer("older_than_ms", kStuckMs, 0, kIntegerMax / 1'000));
    return shown(engine.payouts().repair(older));
}
Result<std::string> lanes_resume(Engine &engine, const Arguments &with) {
    REMIT_TRY(const std::int64_t chain, with.integer("chain_id", 0, 1, kIntegerMax));
    return shown(engine.payouts().resume_lane(static_cast<std::uint64_t>(chain), with.text("sender"),
                                              with.text("actor"), with.text("reason")));
}
Result<std::string> events_ack(Engine &engine, const Arguments &with) {
    REMIT_TRY(const std::int64_t position, with.integer("position", 0, 0, kIntegerMax));
    return shown(engine.events().ack(with.text("consumer"), position));
}
Result<std::string> events_forget(Engine &engine, const Arguments &with) {
    return shown(engine.events().forget(with.text("consumer")));
}
Result<std::string> keys_create(Engine &engine, const Arguments &with) {
    return shown(engine.keys().create(with.text("label")));
}
Result<std::string> backup(Engine &engine, const Arguments &with) {
    return shown(engine.backup(with.text("path")));
}

using Parameter = CatalogueParameter;

constexpr Parameter kId{"id", "text", true, "The payout's id, \"po_...\"."};
constexpr Parameter kActor{"actor", "text", true, "Who asks; goes into the event."};
constexpr Parameter kReason{"reason", "text", true, "Why; goes into the event."};
constexpr Parameter kConsumer{"consumer", "text", true, "The consumer's name."};

constexpr std::array kListParameters{
    Parameter{"tenant", "text", false, "Only of this tenant; absent: of all."},
    Parameter{"status", "text", false, "Only in this status: pending, sent, completed, failed, cancelled."},
    Parameter{"chain_id", "integer", false, "Only on this chain."},
    Parameter{"doubtful", "boolean", false, "Only those whose outcome needs a person."},
    Parameter{"after", "text", false, "The `next` of the page before; absent: from the start."},
    Parameter{"limit", "integer", false, "1 to 1,000; 100."}};
constexpr std::array kGetParameters{kId};
constexpr std::array kFindParameters{Parameter{"tenant", "text", false, "The empty tenant when absent."},
                                     Parameter{"external_id", "text", true, "The host's own number."}};
constexpr std::array kNextParameters{kConsumer, Parameter{"limit", "integer", false, "1 to 10,000; 100."}};
constexpr std::array kEnqueueParameters{Parameter{
    "payouts", "list", true,
    "1 to 10,000 objects: `external_id`, `chain_id`, `to`, `amount` (text or an integer of any size); if wanted "
    "`tenant`, `token` (absent: the chain's coin), `from`, `priority`, `not_before_us`, `deadline_us`."}};
constexpr std::array kDecisionParameters{kId, kActor, kReason};
constexpr std::array kRepairParameters{
    Parameter{"older_than_ms", "integer", false, "Only payouts `sent` for longer; 300,000."}};
constexpr std::array kResumeParameters{Parameter{"chain_id", "integer", true, "The lane's chain."},
                                       Parameter{"sender", "text", true, "The lane's sender, 0x..."}, kActor, kReason};
constexpr std::array kAckParameters{kConsumer,
                                    Parameter{"position", "integer", true, "A position that was given out."}};
constexpr std::array kForgetParameters{kConsumer};
constexpr Parameter kTenant{"tenant", "text", false, "The empty tenant when absent."};
constexpr Parameter kSpace{"space", "text", false, "The namespace; the empty one when absent."};
constexpr Parameter kKey{"key", "text", true, "The idempotency key."};
constexpr std::array kKeysParameters{
    Parameter{"tenant", "text", false, "Only of this tenant; absent: of all."},
    Parameter{"space", "text", false, "Only of this namespace; absent: of all."},
    Parameter{"state", "text", false, "Only in this state: in_progress, released, completed, unknown, tombstone."},
    Parameter{"after", "text", false, "The `next` of the page before; absent: from the start."},
    Parameter{"limit", "integer", false, "1 to 1,000; 100."}};
constexpr std::array kKeyParameters{kTenant, kSpace, kKey};
constexpr std::array kKeyResolveParameters{kTenant,
                                           kSpace,
                                           kKey,
                                           Parameter{"outcome", "text", true,
                                                     "`done`: the effect happened, the reply given is put on record; "
                                                     "`not_done`: it did not, and the next claim executes."},
                                           Parameter{"status", "integer", false, "Of the reply; 200."},
                                           Parameter{"content_type", "text", false, "Of the reply."},
                                           Parameter{"body", "text", false, "Of the reply."},
                                           kActor,
                                           kReason};
constexpr std::array kPurgeParameters{Parameter{"limit", "integer", false, "At most so many rows; 10,000."}};
constexpr std::array kCreateParameters{Parameter{"label", "text", false, "For people."}};
constexpr std::array kBackupParameters{Parameter{"path", "text", true, "Of the copy."}};

constexpr CatalogueEntry kEntries[] = {
    {"payouts.list", false, "Payouts in order of acceptance, by page.",
     "`{\"payouts\":[...],\"next\":\"...\"}`; `next` is empty on the last page.", kListParameters, payouts_list},
    {"payouts.get", false, "One payout.", "the payout.", kGetParameters, payouts_get},
    {"payouts.find", false, "One payout by the host's own name for it.", "the payout.", kFindParameters, payouts_find},
    {"payouts.report",
     false,
     "Counts by status and state, rate, times to sent and to completed, fees, the oldest open one.",
     "the report.",
     {},
     payouts_report},
    {"payouts.audit",
     false,
     "Checks the invariants of the rows.",
     "a list of violations; empty is good.",
     {},
     payouts_audit},
    {"idempotency.list", false, "Idempotency keys in order of their first claim, by page.",
     "`{\"keys\":[...],\"next\":\"...\"}`; `next` is empty on the last page.", kKeysParameters, idempotency_list},
    {"idempotency.show", false, "One idempotency key.", "the key's record, without the reply's body.", kKeyParameters,
     idempotency_show},
    {"idempotency.audit",
     false,
     "Checks the invariants of the rows, and the hash of each reply.",
     "a list of violations; empty is good.",
     {},
     idempotency_audit},
    {"events.consumers",
     false,
     "Who reads events, and how far they are behind.",
     "a list of `name`, `acked`, `behind`, `seen_us`.",
     {},
     events_consumers},
    {"keys.list",
     false,
     "The keys in the store; needs no unlocking.",
     "a list of `id`, `address`, `label`, `created_us`.",
     {},
     keys_list},
    {"health",
     false,
     "Whether all is well, and what is not.",
     "`ok`, `problems`, `keys_unlocked`, `chains`, `lanes`.",
     {},
     health},
    {"doctor",
     false,
     "Database integrity, invariants of the rows, and the chain's own word on the latest 10,000 completed payouts of "
     "each chain. Reads the whole database.",
     "a list of findings; empty is good.",
     {},
     doctor},
    {"metrics", false, "All metrics.", "`{\"prometheus\":\"...\"}`, the text form.", {}, metrics},
    {"config",
     false,
     "The configuration in use, defaults filled in; of each URL only scheme, host and port.",
     "the configuration.",
     {},
     config},
    {"payouts.enqueue", true, "Accepts payouts, all or none; the same again gives the payouts there are.",
     "a list of `id` and `created`, in the order given.", kEnqueueParameters, payouts_enqueue},
    {"payouts.cancel", true, "Withdraws a payout of which nothing is signed; `E_STATE` otherwise.", "`{}`",
     kDecisionParameters, payouts_cancel},
    {"payouts.resolve", true,
     "A person's word on a payout in doubt: it was not paid and will not be. Look at the chain first.", "`{}`",
     kDecisionParameters, payouts_resolve},
    {"payouts.repair", true,
     "Looks at stuck payouts, tells why each waits, and does the safe thing; never a new transfer.",
     "a list of `id`, `why`, `action`.", kRepairParameters, payouts_repair},
    {"lanes.resume", true,
     "A person's word on a quarantined sender: what the chain shows of it is accepted, and it goes on.", "`{}`",
     kResumeParameters, lanes_resume},
    {"idempotency.resolve", true,
     "A person's or a query's word on an unknown key. Look at the other side first; `E_STATE` when it is not unknown.",
     "`{}`", kKeyResolveParameters, idempotency_resolve},
    {"idempotency.purge", true,
     "Takes away keys whose time is over, never running or unknown ones; the engine does it by itself too.",
     "`{\"purged\":n}`.", kPurgeParameters, idempotency_purge},
    {"events.next", true, "The events behind the consumer's acknowledged position; its first call makes the consumer.",
     "a list of events.", kNextParameters, events_next},
    {"events.ack", true, "Everything up to a position is done with.", "`{}`", kAckParameters, events_ack},
    {"events.forget", true, "Ends a consumer.", "`{}`", kForgetParameters, events_forget},
    {"keys.create", true, "Makes a new key in the unlocked store.", "`id`, `address`, `label`, `created_us`.",
     kCreateParameters, keys_create},
    {"backup", true, "Copies the live database into a new file, consistent, while work goes on.", "`{}`",
     kBackupParameters, backup},
};

}  // namespace

std::span<const CatalogueEntry> catalogue_entries() {
    return kEntries;
}

}  // namespace remit::engine
