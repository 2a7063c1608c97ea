#include "engine/json_view.hpp"

#include "crypto/eip55.hpp"

namespace remit {
namespace engine {
namespace {

template <class T, class Show>
void optional(core::JsonWriter &json, std::string_view name, const std::optional<T> &value, Show show) {
    json.key(name);
    if (value)
        json.value(show(*value));
    else
        json.null();
}

// A time that has not come is null, not 1970.
void time(core::JsonWriter &json, std::string_view name, std::int64_t us) {
    json.key(name);
    if (us != 0)
        json.value(us);
    else
        json.null();
}

void counts(core::JsonWriter &json, std::string_view name, const std::map<std::string, std::int64_t> &by) {
    json.key(name).begin_object();
    for (const auto &[what, count] : by) json.field(what, count);
    json.end_object();
}

void quantiles(core::JsonWriter &json, std::string_view name, const PayoutQuantiles &of) {
    json.key(name).begin_object();
    json.field("mean_us", of.mean_us).field("p50_us", of.p50_us).field("p99_us", of.p99_us);
    json.end_object();
}

template <class T>
std::string one(const T &what) {
    core::JsonWriter json;
    write(json, what);
    return json.take();
}

template <class T>
std::string list(std::span<const T> items) {
    core::JsonWriter json;
    write_list(json, items);
    return json.take();
}

}  // namespace

void write(core::JsonWriter &json, const Payout &payout) {
    const auto as_is = [](std::uint64_t n) { return n; };
    json.begin_object();
    json.field("id", payout.id).field("tenant", payout.tenant).field("external_id", payout.external_id);
    json.field("chain_id", payout.chain_id).field("token", payout.token).key("token_address");
    if (payout.token_address.is_zero())
        json.null();
    else
        json.value(crypto::checksum_address(payout.token_address));
    json.field("to", crypto::checksum_address(payout.to)).field("amount", to_decimal(payout.amount));
    json.field("decimals", payout.decimals).field("priority", std::int64_t{payout.priority});
    json.field("status", payout_status_name(payout.status)).field("state", payout_state_name(payout.state));
    json.field("reason", payout.reason).field("doubt", payout.doubt);
    optional(json, "sender", payout.sender, crypto::checksum_address);
    optional(json, "nonce", payout.nonce, as_is);
    optional(json, "tx_hash", payout.tx_hash, [](const Hash32 &hash) { return to_hex(hash); });
    optional(json, "block_number", payout.block_number, as_is);
    json.field("fee_paid", to_decimal(payout.fee_paid));
    time(json, "not_before_us", payout.not_before_us);
    time(json, "deadline_us", payout.deadline_us);
    time(json, "created_us", payout.created_us);
    time(json, "sent_us", payout.sent_us);
    time(json, "mined_us", payout.mined_us);
    time(json, "finished_us", payout.finished_us);
    json.field("version", payout.version).end_object();
}

void write(core::JsonWriter &json, const PayoutAccepted &accepted) {
    json.begin_object().field("id", accepted.id).field("created", accepted.created).end_object();
}

void write(core::JsonWriter &json, const PayoutFinding &finding) {
    json.begin_object().field("id", finding.id).field("why", finding.why).field("action", finding.action).end_object();
}

void write(core::JsonWriter &json, const Event &event) {
    json.begin_object();
    json.field("id", event.id).field("position", event.position).field("tenant", event.tenant);
    json.field("subject", event.subject).field("subject_sequence", event.subject_sequence);
    json.field("type", event.type).field("version", std::int64_t{event.version}).field("time_us", event.time_us);
    json.key("data").raw(event.data.empty() ? std::string_view("{}") : std::string_view(event.data));
    json.end_object();
}

void write(core::JsonWriter &json, const EventConsumer &consumer) {
    json.begin_object().field("name", consumer.name).field("acked", consumer.acked).field("behind", consumer.behind);
    time(json, "seen_us", consumer.seen_us);
    json.end_object();
}

void write(core::JsonWriter &json, const KeyInfo &key) {
    json.begin_object().field("id", key.id).field("address", crypto::checksum_address(key.address));
    json.field("label", key.label).field("created_us", key.created_us).end_object();
}

void write(core::JsonWriter &json, const ChainHealth &chain) {
    json.begin_object().field("chain_id", chain.chain_id).field("reachable", chain.reachable);
    json.field("problem", chain.problem).field("head", chain.head).field("head_age_us", chain.head_age_us).end_object();
}

void write(core::JsonWriter &json, const LaneHealth &lane) {
    json.begin_object().field("chain_id", lane.chain_id).field("sender", crypto::checksum_address(lane.sender));
    json.field("state", lane.state).field("reason", lane.reason).field("next_nonce", lane.next_nonce);
    json.field("in_flight", lane.in_flight).field("native_balance", to_decimal(lane.native_balance)).end_object();
}

}  // namespace engine

std::string to_json(const Payout &payout) {
    return engine::one(payout);
}
std::string to_json(std::span<const PayoutAccepted> accepted) {
    return engine::list(accepted);
}
std::string to_json(std::span<const PayoutFinding> findings) {
    return engine::list(findings);
}
std::string to_json(const Event &event) {
    return engine::one(event);
}
std::string to_json(std::span<const Event> events) {
    return engine::list(events);
}
std::string to_json(std::span<const EventConsumer> consumers) {
    return engine::list(consumers);
}
std::string to_json(const KeyInfo &key) {
    return engine::one(key);
}
std::string to_json(std::span<const KeyInfo> keys) {
    return engine::list(keys);
}
std::string to_json(std::span<const std::string> lines) {
    return engine::list(lines);
}

std::string to_json(std::span<const LogField> fields) {
    core::JsonWriter json;
    json.begin_object();
    for (const LogField &field : fields) json.field(field.name, field.value);
    json.end_object();
    return json.take();
}

std::string to_json(const PayoutPage &page) {
    core::JsonWriter json;
    json.begin_object().key("payouts");
    engine::write_list(json, std::span<const Payout>(page.payouts));
    json.field("next", page.next).end_object();
    return json.take();
}

std::string to_json(const PayoutReport &report) {
    core::JsonWriter json;
    json.begin_object();
    engine::counts(json, "by_status", report.by_status);
    engine::counts(json, "by_state", report.by_state);
    json.field("doubtful", report.doubtful).field("per_minute", report.per_minute);
    engine::quantiles(json, "to_sent", report.to_sent);
    engine::quantiles(json, "to_completed", report.to_completed);
    json.key("fees_paid").begin_object();
    for (const auto &[chain, fee] : report.fees_paid) json.field(std::to_string(chain), to_decimal(fee));
    json.end_object().field("oldest_open_us", report.oldest_open_us).end_object();
    return json.take();
}

std::string to_json(const Health &health) {
    core::JsonWriter json;
    json.begin_object().field("ok", health.ok).key("problems");
    engine::write_list(json, std::span<const std::string>(health.problems));
    json.field("keys_unlocked", health.keys_unlocked).key("chains");
    engine::write_list(json, std::span<const ChainHealth>(health.chains));
    json.key("lanes");
    engine::write_list(json, std::span<const LaneHealth>(health.lanes));
    json.end_object();
    return json.take();
}

}  // namespace remit
