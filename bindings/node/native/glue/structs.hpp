// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#pragma once

#include "../call.hpp"
#include "kinds.hpp"

namespace remit::node {

void read(Reader &in, napi_value object, remit_async &out) noexcept;
void read(Reader &in, napi_value object, remit_engine_options &out) noexcept;
void read(Reader &in, napi_value object, remit_claim_options &out) noexcept;
void read(Reader &in, napi_value object, remit_reply &out) noexcept;
void read(Reader &in, napi_value object, remit_value &out) noexcept;
void read(Reader &in, napi_value object, remit_statement &out) noexcept;
void read(Reader &in, napi_value object, remit_payout_request &out) noexcept;
void read(Reader &in, napi_value object, remit_world_options &out) noexcept;

inline void read(Reader &in, napi_value object, remit_async &out) noexcept {
    in.handle(in.field(object, "queue"), "queue", kQueue, out.queue);
    in.number(in.field(object, "tag"), "tag", out.tag);
}

inline void read(Reader &in, napi_value object, remit_engine_options &out) noexcept {
    out.struct_size = sizeof out;
    in.number(in.field(object, "environment"), "environment", out.environment);
    out.log = in.object<remit_async>(in.field(object, "log"), "log");
    out.signer = in.object<remit_async>(in.field(object, "signer"), "signer");
    Bytes bytes_of_signer_addresses;
    in.bytes(in.field(object, "signer_addresses"), "signer_addresses", bytes_of_signer_addresses);
    out.signer_addresses = reinterpret_cast<const uint8_t *>(bytes_of_signer_addresses.data);
    out.signer_addresses_len = bytes_of_signer_addresses.length;
}

inline void read(Reader &in, napi_value object, remit_claim_options &out) noexcept {
    out.struct_size = sizeof out;
    in.number(in.field(object, "in_flight"), "in_flight", out.in_flight);
    in.number(in.field(object, "wait_ms"), "wait_ms", out.wait_ms);
    in.number(in.field(object, "lease_ms"), "lease_ms", out.lease_ms);
    in.number(in.field(object, "keep_ms"), "keep_ms", out.keep_ms);
    in.number(in.field(object, "request_form"), "request_form", out.request_form);
    in.number(in.field(object, "again_after_expiry"), "again_after_expiry", out.again_after_expiry);
    Bytes bytes_of_tenant;
    in.bytes(in.field(object, "tenant"), "tenant", bytes_of_tenant);
    out.tenant = bytes_of_tenant.data;
    out.tenant_len = bytes_of_tenant.length;
    Bytes bytes_of_space;
    in.bytes(in.field(object, "space"), "space", bytes_of_space);
    out.space = bytes_of_space.data;
    out.space_len = bytes_of_space.length;
    Bytes bytes_of_operation;
    in.bytes(in.field(object, "operation"), "operation", bytes_of_operation);
    out.operation = bytes_of_operation.data;
    out.operation_len = bytes_of_operation.length;
    Bytes bytes_of_request;
    in.bytes(in.field(object, "request"), "request", bytes_of_request);
    out.request = bytes_of_request.data;
    out.request_len = bytes_of_request.length;
    Bytes bytes_of_include;
    in.bytes(in.field(object, "include"), "include", bytes_of_include);
    out.include = bytes_of_include.data;
    out.include_len = bytes_of_include.length;
    Bytes bytes_of_exclude;
    in.bytes(in.field(object, "exclude"), "exclude", bytes_of_exclude);
    out.exclude = bytes_of_exclude.data;
    out.exclude_len = bytes_of_exclude.length;
}

inline void read(Reader &in, napi_value object, remit_reply &out) noexcept {
    out.struct_size = sizeof out;
    in.number(in.field(object, "status"), "status", out.status);
    Bytes bytes_of_headers;
    in.bytes(in.field(object, "headers"), "headers", bytes_of_headers);
    out.headers = bytes_of_headers.data;
    out.headers_len = bytes_of_headers.length;
    Bytes bytes_of_body;
    in.bytes(in.field(object, "body"), "body", bytes_of_body);
    out.body = bytes_of_body.data;
    out.body_len = bytes_of_body.length;
    Bytes bytes_of_result_ref;
    in.bytes(in.field(object, "result_ref"), "result_ref", bytes_of_result_ref);
    out.result_ref = bytes_of_result_ref.data;
    out.result_ref_len = bytes_of_result_ref.length;
}

inline void read(Reader &in, napi_value object, remit_value &out) noexcept {
    in.number(in.field(object, "kind"), "kind", out.kind);
    in.number(in.field(object, "reserved"), "reserved", out.reserved);
    in.number(in.field(object, "integer"), "integer", out.integer);
    Bytes bytes_of_data;
    in.bytes(in.field(object, "data"), "data", bytes_of_data);
    out.data = bytes_of_data.data;
    out.data_len = bytes_of_data.length;
}

inline void read(Reader &in, napi_value object, remit_statement &out) noexcept {
    out.struct_size = sizeof out;
    in.number(in.field(object, "reserved"), "reserved", out.reserved);
    in.number(in.field(object, "row_count"), "row_count", out.row_count);
    Bytes bytes_of_sql;
    in.bytes(in.field(object, "sql"), "sql", bytes_of_sql);
    out.sql = bytes_of_sql.data;
    out.sql_len = bytes_of_sql.length;
    out.values = in.objects<remit_value>(in.field(object, "values"), "values", out.value_count);
}

inline void read(Reader &in, napi_value object, remit_payout_request &out) noexcept {
    out.struct_size = sizeof out;
    in.number(in.field(object, "priority"), "priority", out.priority);
    in.number(in.field(object, "chain_id"), "chain_id", out.chain_id);
    in.number(in.field(object, "not_before_us"), "not_before_us", out.not_before_us);
    in.number(in.field(object, "deadline_us"), "deadline_us", out.deadline_us);
    Bytes bytes_of_external_id;
    in.bytes(in.field(object, "external_id"), "external_id", bytes_of_external_id);
    out.external_id = bytes_of_external_id.data;
    out.external_id_len = bytes_of_external_id.length;
    Bytes bytes_of_token;
    in.bytes(in.field(object, "token"), "token", bytes_of_token);
    out.token = bytes_of_token.data;
    out.token_len = bytes_of_token.length;
    Bytes bytes_of_to;
    in.bytes(in.field(object, "to"), "to", bytes_of_to);
    out.to = bytes_of_to.data;
    out.to_len = bytes_of_to.length;
    Bytes bytes_of_amount;
    in.bytes(in.field(object, "amount"), "amount", bytes_of_amount);
    out.amount = bytes_of_amount.data;
    out.amount_len = bytes_of_amount.length;
    Bytes bytes_of_tenant;
    in.bytes(in.field(object, "tenant"), "tenant", bytes_of_tenant);
    out.tenant = bytes_of_tenant.data;
    out.tenant_len = bytes_of_tenant.length;
    Bytes bytes_of_from;
    in.bytes(in.field(object, "from"), "from", bytes_of_from);
    out.from = bytes_of_from.data;
    out.from_len = bytes_of_from.length;
}

inline void read(Reader &in, napi_value object, remit_world_options &out) noexcept {
    out.struct_size = sizeof out;
    in.number(in.field(object, "sender_count"), "sender_count", out.sender_count);
    in.number(in.field(object, "seed"), "seed", out.seed);
    in.number(in.field(object, "block_interval_ms"), "block_interval_ms", out.block_interval_ms);
    Bytes bytes_of_folder;
    in.bytes(in.field(object, "folder"), "folder", bytes_of_folder);
    out.folder = bytes_of_folder.data;
    out.folder_len = bytes_of_folder.length;
}

template <>
inline napi_value write(napi_env env, const remit_claim_view &from) noexcept {
    return object(env, {
        {"verdict", number(env, from.verdict)},
        {"effect", number(env, from.effect)},
        {"effects_started", number(env, from.effects_started)},
        {"reply_status", number(env, from.reply_status)},
        {"body_omitted", number(env, from.body_omitted)},
        {"reserved", number(env, from.reserved)},
        {"epoch", number(env, from.epoch)},
        {"retry_ms", number(env, from.retry_ms)},
        {"tenant", text(env, from.tenant)},
        {"key", text(env, from.key)},
        {"operation", text(env, from.operation)},
        {"doubt", text(env, from.doubt)},
        {"point", text(env, from.point)},
        {"data", bytes(env, from.data, from.data_len)},
        {"reply_headers", text(env, from.reply_headers)},
        {"reply_body", bytes(env, from.reply_body, from.reply_body_len)},
        {"result_ref", text(env, from.result_ref)},
    });
}

template <>
inline napi_value write(napi_env env, const remit_payout_accepted &from) noexcept {
    return object(env, {
        {"id", text(env, from.id.text)},
        {"created", number(env, from.created)},
        {"reserved", number(env, from.reserved)},
    });
}

template <>
inline napi_value write(napi_env env, const remit_item &from) noexcept {
    return object(env, {
        {"tag", number(env, from.tag)},
        {"kind", number(env, from.kind)},
        {"status", number(env, from.status)},
        {"value", number(env, from.value)},
        {"token", number(env, from.token)},
        {"payload", bytes(env, from.payload, from.payload_len)},
        {"error_field", text(env, from.error_field)},
        {"error_text", text(env, from.error_text)},
    });
}

}  // namespace remit::node
