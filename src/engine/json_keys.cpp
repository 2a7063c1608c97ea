// Idempotency keys, HTTP headers and statements as JSON.
#include "engine/json_view.hpp"

namespace remit {

namespace {

void write(core::JsonWriter &json, const KeyRecord &key) {
    const auto time = [&](std::string_view name, std::int64_t us) {
        json.key(name);
        if (us != 0)
            json.value(us);
        else
            json.null();
    };
    json.begin_object().field("tenant", key.tenant).field("space", key.space).field("key", key.key);
    json.field("operation", key.operation).field("state", key_state_name(key.state)).field("owner", key.owner);
    json.field("epoch", key.epoch).field("effects_started", key.effects_started);
    json.field("effect", effect_class_name(key.effect)).field("point", key.point).field("doubt", key.doubt);
    json.field("reply_status", static_cast<std::int64_t>(key.reply_status)).field("body_len", key.body_len);
    time("created_us", key.created_us);
    time("done_us", key.done_us);
    time("expires_us", key.expires_us);
    json.end_object();
}

void write(core::JsonWriter &json, const HostValue &value) {
    switch (value.kind) {
    case HostValue::Kind::null: json.null(); break;
    case HostValue::Kind::integer: json.value(value.integer); break;
    case HostValue::Kind::text: json.value(value.data); break;
    case HostValue::Kind::bytes: json.begin_object().field("hex", to_hex(view(value.data))).end_object(); break;
    }
}

}  // namespace

std::string to_json(const KeyRecord &key) {
    core::JsonWriter json;
    write(json, key);
    return json.take();
}

std::string to_json(const KeyPage &page) {
    core::JsonWriter json;
    json.begin_object().key("keys").begin_array();
    for (const KeyRecord &key : page.keys) write(json, key);
    json.end_array().field("next", page.next).end_object();
    return json.take();
}

std::string to_json(std::span<const HttpHeader> headers) {
    core::JsonWriter json;
    json.begin_array();
    for (const HttpHeader &header : headers) json.begin_array().value(header.name).value(header.value).end_array();
    return json.end_array().take();
}

std::string to_json(std::span<const HostStatement> statements) {
    core::JsonWriter json;
    json.begin_array();
    for (const HostStatement &statement : statements) {
        json.begin_object().field("sql", statement.sql).key("values").begin_array();
        for (const HostValue &value : statement.values) write(json, value);
        json.end_array().field("row_count", statement.row_count).end_object();
    }
    return json.end_array().take();
}

Result<std::vector<HttpHeader>> headers_from_json(std::string_view text, std::string_view field) {
    std::vector<HttpHeader> out;
    if (text.empty()) return out;
    using Kind = core::Json::Kind;
    const auto wrong = [&] { return invalid(std::string(field), "must be a list of [name, value]"); };
    REMIT_TRY(const core::Json json, core::Json::parse(text, field));
    if (json.kind() != Kind::array) return wrong();
    for (const core::Json &pair : json.items()) {
        const auto &items = pair.items();
        if (pair.kind() != Kind::array || items.size() != 2 || items[0].kind() != Kind::string ||
            items[1].kind() != Kind::string)
            return wrong();
        out.push_back({items[0].text(), items[1].text()});
    }
    return out;
}

Result<std::vector<std::string>> texts_from_json(std::string_view text, std::string_view field) {
    std::vector<std::string> out;
    if (text.empty()) return out;
    REMIT_TRY(const core::Json json, core::Json::parse(text, field));
    if (json.kind() != core::Json::Kind::array) return invalid(std::string(field), "must be a list of texts");
    for (const core::Json &item : json.items()) {
        REMIT_TRY(out.emplace_back(), item.as_string(field));
    }
    return out;
}

}  // namespace remit
