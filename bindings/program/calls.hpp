// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// Each function of the C ABI, called with the named values of a step and written as a line (make.py has the form).
#pragma once

#include "step.hpp"

#include <remit/remit.h>

inline void fill(Run &run, const Value &given, remit_async &made) {
    made = remit_async{};
    made.queue = run.handle<remit_queue>(given["queue"]);
    run.number(given["tag"], made.tag);
}

inline void fill(Run &run, const Value &given, remit_engine_options &made) {
    made = remit_engine_options{};
    made.struct_size = static_cast<std::uint32_t>(sizeof made);
    run.number(given["environment"], made.environment);
    made.log = run.structure<remit_async>(given["log"]);
    made.signer = run.structure<remit_async>(given["signer"]);
    run.bytes(given["signer_addresses"], made.signer_addresses, made.signer_addresses_len);
}

inline void fill(Run &run, const Value &given, remit_claim_options &made) {
    made = remit_claim_options{};
    made.struct_size = static_cast<std::uint32_t>(sizeof made);
    run.number(given["in_flight"], made.in_flight);
    run.number(given["wait_ms"], made.wait_ms);
    run.number(given["lease_ms"], made.lease_ms);
    run.number(given["keep_ms"], made.keep_ms);
    run.number(given["request_form"], made.request_form);
    run.number(given["again_after_expiry"], made.again_after_expiry);
    run.bytes(given["tenant"], made.tenant, made.tenant_len);
    run.bytes(given["space"], made.space, made.space_len);
    run.bytes(given["operation"], made.operation, made.operation_len);
    run.bytes(given["request"], made.request, made.request_len);
    run.bytes(given["include"], made.include, made.include_len);
    run.bytes(given["exclude"], made.exclude, made.exclude_len);
}

inline void fill(Run &run, const Value &given, remit_reply &made) {
    made = remit_reply{};
    made.struct_size = static_cast<std::uint32_t>(sizeof made);
    run.number(given["status"], made.status);
    run.bytes(given["headers"], made.headers, made.headers_len);
    run.bytes(given["body"], made.body, made.body_len);
    run.bytes(given["result_ref"], made.result_ref, made.result_ref_len);
}

inline void fill(Run &run, const Value &given, remit_value &made) {
    made = remit_value{};
    run.number(given["kind"], made.kind);
    run.number(given["reserved"], made.reserved);
    run.number(given["integer"], made.integer);
    run.bytes(given["data"], made.data, made.data_len);
}

inline void fill(Run &run, const Value &given, remit_statement &made) {
    made = remit_statement{};
    made.struct_size = static_cast<std::uint32_t>(sizeof made);
    run.number(given["reserved"], made.reserved);
    run.number(given["row_count"], made.row_count);
    run.bytes(given["sql"], made.sql, made.sql_len);
    run.structures(given["values"], made.values, made.value_count);
}

inline void fill(Run &run, const Value &given, remit_payout_request &made) {
    made = remit_payout_request{};
    made.struct_size = static_cast<std::uint32_t>(sizeof made);
    run.number(given["priority"], made.priority);
    run.number(given["chain_id"], made.chain_id);
    run.number(given["not_before_us"], made.not_before_us);
    run.number(given["deadline_us"], made.deadline_us);
    run.bytes(given["external_id"], made.external_id, made.external_id_len);
    run.bytes(given["token"], made.token, made.token_len);
    run.bytes(given["to"], made.to, made.to_len);
    run.bytes(given["amount"], made.amount, made.amount_len);
    run.bytes(given["tenant"], made.tenant, made.tenant_len);
    run.bytes(given["from"], made.from, made.from_len);
}

inline void fill(Run &run, const Value &given, remit_world_options &made) {
    made = remit_world_options{};
    made.struct_size = static_cast<std::uint32_t>(sizeof made);
    run.number(given["sender_count"], made.sender_count);
    run.number(given["seed"], made.seed);
    run.number(given["block_interval_ms"], made.block_interval_ms);
    run.bytes(given["folder"], made.folder, made.folder_len);
}

inline std::string show(Run &run, const Name &name, const remit_id &made) {
    Fields out(run, name);
    out.text("text", made.text);
    return out.done();
}

inline std::string show(Run &run, const Name &name, const remit_claim_view &made) {
    Fields out(run, name);
    out.number("verdict", made.verdict);
    out.number("effect", made.effect);
    out.number("effects_started", made.effects_started);
    out.number("reply_status", made.reply_status);
    out.number("body_omitted", made.body_omitted);
    out.number("reserved", made.reserved);
    out.number("epoch", made.epoch);
    out.number("retry_ms", made.retry_ms);
    out.text("tenant", made.tenant);
    out.text("key", made.key);
    out.text("operation", made.operation);
    out.text("doubt", made.doubt);
    out.text("point", made.point);
    out.text("data", made.data, made.data_len);
    out.text("reply_headers", made.reply_headers);
    out.text("reply_body", made.reply_body, made.reply_body_len);
    out.text("result_ref", made.result_ref);
    return out.done();
}

inline std::string show(Run &run, const Name &name, const remit_payout_accepted &made) {
    Fields out(run, name);
    out.add("id", show(run, name / "id", made.id));
    run.keep(name / "id", std::string(made.id.text));
    out.number("created", made.created);
    out.number("reserved", made.reserved);
    return out.done();
}

inline std::string show(Run &run, const Name &name, const remit_item &made) {
    Fields out(run, name);
    out.number("tag", made.tag);
    out.number("kind", made.kind);
    out.number("status", made.status);
    out.number("value", made.value);
    out.number("token", made.token);
    out.text("payload", made.payload, made.payload_len);
    out.text("error_field", made.error_field);
    out.text("error_text", made.error_text);
    return out.done();
}

inline std::string call_abi_version(Run &run_, const Step &step_) {
    Line line_(run_, step_, std::to_string(remit_abi_version()));
    return line_.done();
}

inline std::string call_version_text(Run &run_, const Step &step_) {
    Line line_(run_, step_, shown(remit_version_text()));
    return line_.done();
}

inline std::string call_status_name(Run &run_, const Step &step_) {
    remit_status status = 0;
    run_.number(step_["status"], status);
    Line line_(run_, step_, shown(remit_status_name(status)));
    return line_.done();
}

inline std::string call_status_text(Run &run_, const Step &step_) {
    remit_status status = 0;
    run_.number(step_["status"], status);
    Line line_(run_, step_, shown(remit_status_text(status)));
    return line_.done();
}

inline std::string call_status_class(Run &run_, const Step &step_) {
    remit_status status = 0;
    run_.number(step_["status"], status);
    Line line_(run_, step_, std::to_string(remit_status_class(status)));
    return line_.done();
}

inline std::string call_blob_data(Run &run_, const Step &step_) {
    remit_blob *const blob = run_.handle<remit_blob>(step_["blob"]);
    Line line_(run_, step_, shown(remit_blob_data(blob)));
    return line_.done();
}

inline std::string call_blob_len(Run &run_, const Step &step_) {
    remit_blob *const blob = run_.handle<remit_blob>(step_["blob"]);
    Line line_(run_, step_, std::to_string(remit_blob_len(blob)));
    return line_.done();
}

inline std::string call_blob_free(Run &run_, const Step &step_) {
    remit_blob *const blob = run_.handle<remit_blob>(step_["blob"]);
    remit_blob_free(blob);
    Line line_(run_, step_, "-");
    return line_.done();
}

inline std::string call_error_status(Run &run_, const Step &step_) {
    remit_error *const error = run_.handle<remit_error>(step_["error"]);
    Line line_(run_, step_, std::to_string(remit_error_status(error)));
    return line_.done();
}

inline std::string call_error_field(Run &run_, const Step &step_) {
    remit_error *const error = run_.handle<remit_error>(step_["error"]);
    Line line_(run_, step_, shown(remit_error_field(error)));
    return line_.done();
}

inline std::string call_error_text(Run &run_, const Step &step_) {
    remit_error *const error = run_.handle<remit_error>(step_["error"]);
    Line line_(run_, step_, shown(remit_error_text(error)));
    return line_.done();
}

inline std::string call_error_free(Run &run_, const Step &step_) {
    remit_error *const error = run_.handle<remit_error>(step_["error"]);
    remit_error_free(error);
    Line line_(run_, step_, "-");
    return line_.done();
}

inline std::string call_query(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *name = nullptr;
    std::size_t name_len = 0;
    run_.bytes(step_["name"], name, name_len);
    const char *json = nullptr;
    std::size_t json_len = 0;
    run_.bytes(step_["json"], json, json_len);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_blob * out_json{};
    remit_error * out_error{};
    const remit_status got_ = remit_query(engine, name, name_len, json, json_len, async, step_.null("out_json") ? nullptr : &out_json, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.blob("out_json", out_json);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_command(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *name = nullptr;
    std::size_t name_len = 0;
    run_.bytes(step_["name"], name, name_len);
    const char *json = nullptr;
    std::size_t json_len = 0;
    run_.bytes(step_["json"], json, json_len);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_blob * out_json{};
    remit_error * out_error{};
    const remit_status got_ = remit_command(engine, name, name_len, json, json_len, async, step_.null("out_json") ? nullptr : &out_json, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.blob("out_json", out_json);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_catalogue(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    remit_blob * out_json{};
    remit_error * out_error{};
    const remit_status got_ = remit_catalogue(engine, step_.null("out_json") ? nullptr : &out_json, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.blob("out_json", out_json);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_engine_open(Run &run_, const Step &step_) {
    const char *config = nullptr;
    std::size_t config_len = 0;
    run_.bytes(step_["config"], config, config_len);
    const remit_engine_options *options = run_.structure<remit_engine_options>(step_["options"]);
    remit_engine * out_engine{};
    remit_error * out_error{};
    const remit_status got_ = remit_engine_open(config, config_len, options, step_.null("out_engine") ? nullptr : &out_engine, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.handle("out_engine", out_engine);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_engine_open_file(Run &run_, const Step &step_) {
    const char *path = nullptr;
    std::size_t path_len = 0;
    run_.bytes(step_["path"], path, path_len);
    const remit_engine_options *options = run_.structure<remit_engine_options>(step_["options"]);
    remit_engine * out_engine{};
    remit_error * out_error{};
    const remit_status got_ = remit_engine_open_file(path, path_len, options, step_.null("out_engine") ? nullptr : &out_engine, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.handle("out_engine", out_engine);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_engine_tick(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    int64_t budget_us = 0;
    run_.number(step_["budget_us"], budget_us);
    int32_t out_progressed{};
    int64_t out_next_due_us{};
    remit_error * out_error{};
    const remit_status got_ = remit_engine_tick(engine, budget_us, step_.null("out_progressed") ? nullptr : &out_progressed, step_.null("out_next_due_us") ? nullptr : &out_next_due_us, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.number("out_progressed", out_progressed);
    line_.number("out_next_due_us", out_next_due_us);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_engine_start(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    remit_error * out_error{};
    const remit_status got_ = remit_engine_start(engine, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_engine_stop(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    int64_t drain_ms = 0;
    run_.number(step_["drain_ms"], drain_ms);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_error * out_error{};
    const remit_status got_ = remit_engine_stop(engine, drain_ms, async, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_engine_health(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    int32_t out_ok{};
    remit_blob * out_health{};
    remit_error * out_error{};
    const remit_status got_ = remit_engine_health(engine, async, step_.null("out_ok") ? nullptr : &out_ok, step_.null("out_health") ? nullptr : &out_health, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.number("out_ok", out_ok);
    line_.blob("out_health", out_health);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_engine_metrics(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    remit_blob * out_text{};
    remit_error * out_error{};
    const remit_status got_ = remit_engine_metrics(engine, step_.null("out_text") ? nullptr : &out_text, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.blob("out_text", out_text);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_engine_backup(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *path = nullptr;
    std::size_t path_len = 0;
    run_.bytes(step_["path"], path, path_len);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_error * out_error{};
    const remit_status got_ = remit_engine_backup(engine, path, path_len, async, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_engine_free(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    remit_engine_free(engine);
    Line line_(run_, step_, "-");
    return line_.done();
}

inline std::string call_events_next(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *consumer = nullptr;
    std::size_t consumer_len = 0;
    run_.bytes(step_["consumer"], consumer, consumer_len);
    int32_t event_count = 0;
    run_.number(step_["event_count"], event_count);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    int64_t out_last{};
    remit_blob * out_events{};
    remit_error * out_error{};
    const remit_status got_ = remit_events_next(engine, consumer, consumer_len, event_count, async, step_.null("out_last") ? nullptr : &out_last, step_.null("out_events") ? nullptr : &out_events, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.number("out_last", out_last);
    line_.blob("out_events", out_events);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_events_ack(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *consumer = nullptr;
    std::size_t consumer_len = 0;
    run_.bytes(step_["consumer"], consumer, consumer_len);
    int64_t position = 0;
    run_.number(step_["position"], position);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_error * out_error{};
    const remit_status got_ = remit_events_ack(engine, consumer, consumer_len, position, async, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_idempotency_claim(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *key = nullptr;
    std::size_t key_len = 0;
    run_.bytes(step_["key"], key, key_len);
    const remit_claim_options *options = run_.structure<remit_claim_options>(step_["options"]);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_verdict out_verdict{};
    remit_claim * out_claim{};
    remit_error * out_error{};
    const remit_status got_ = remit_idempotency_claim(engine, key, key_len, options, async, step_.null("out_verdict") ? nullptr : &out_verdict, step_.null("out_claim") ? nullptr : &out_claim, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.number("out_verdict", out_verdict);
    line_.handle("out_claim", out_claim);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_idempotency_recover(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const remit_claim_options *options = run_.structure<remit_claim_options>(step_["options"]);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_verdict out_verdict{};
    remit_claim * out_claim{};
    remit_error * out_error{};
    const remit_status got_ = remit_idempotency_recover(engine, options, async, step_.null("out_verdict") ? nullptr : &out_verdict, step_.null("out_claim") ? nullptr : &out_claim, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.number("out_verdict", out_verdict);
    line_.handle("out_claim", out_claim);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_batch_claim(Run &run_, const Step &step_) {
    remit_batch *const batch = run_.handle<remit_batch>(step_["batch"]);
    size_t index = 0;
    run_.number(step_["index"], index);
    auto *const got_ = remit_batch_claim(batch, index);
    run_.keep({step_.number, "return"}, got_);
    Line line_(run_, step_, got_ ? "handle" : "null");
    return line_.done();
}

inline std::string call_claim_look(Run &run_, const Step &step_) {
    remit_claim *const claim = run_.handle<remit_claim>(step_["claim"]);
    const auto *const got_ = remit_claim_look(claim);
    Line line_(run_, step_, got_ ? show(run_, {step_.number, "return"}, *got_) : "null");
    return line_.done();
}

inline std::string call_claim_held(Run &run_, const Step &step_) {
    remit_claim *const claim = run_.handle<remit_claim>(step_["claim"]);
    Line line_(run_, step_, std::to_string(remit_claim_held(claim)));
    return line_.done();
}

inline std::string call_claim_effect_key(Run &run_, const Step &step_) {
    remit_claim *const claim = run_.handle<remit_claim>(step_["claim"]);
    const char *step = nullptr;
    std::size_t step_len = 0;
    run_.bytes(step_["step"], step, step_len);
    remit_id out_id{};
    remit_error * out_error{};
    const remit_status got_ = remit_claim_effect_key(claim, step, step_len, step_.null("out_id") ? nullptr : &out_id, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.structure("out_id", out_id);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_claim_effect_begin(Run &run_, const Step &step_) {
    remit_claim *const claim = run_.handle<remit_claim>(step_["claim"]);
    remit_effect effect = 0;
    run_.number(step_["effect"], effect);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_error * out_error{};
    const remit_status got_ = remit_claim_effect_begin(claim, effect, async, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_claim_checkpoint(Run &run_, const Step &step_) {
    remit_claim *const claim = run_.handle<remit_claim>(step_["claim"]);
    const char *point = nullptr;
    std::size_t point_len = 0;
    run_.bytes(step_["point"], point, point_len);
    const void *data = nullptr;
    std::size_t data_len = 0;
    run_.bytes(step_["data"], data, data_len);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_error * out_error{};
    const remit_status got_ = remit_claim_checkpoint(claim, point, point_len, data, data_len, async, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_claim_complete(Run &run_, const Step &step_) {
    remit_claim *const claim = run_.handle<remit_claim>(step_["claim"]);
    const remit_reply *reply = run_.structure<remit_reply>(step_["reply"]);
    const remit_statement *statements = nullptr;
    std::size_t statement_count = 0;
    run_.structures(step_["statements"], statements, statement_count);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_error * out_error{};
    const remit_status got_ = remit_claim_complete(claim, reply, statements, statement_count, async, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_claim_complete_sql(Run &run_, const Step &step_) {
    remit_claim *const claim = run_.handle<remit_claim>(step_["claim"]);
    const remit_reply *reply = run_.structure<remit_reply>(step_["reply"]);
    remit_blob * out_json{};
    remit_error * out_error{};
    const remit_status got_ = remit_claim_complete_sql(claim, reply, step_.null("out_json") ? nullptr : &out_json, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.blob("out_json", out_json);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_claim_release(Run &run_, const Step &step_) {
    remit_claim *const claim = run_.handle<remit_claim>(step_["claim"]);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_error * out_error{};
    const remit_status got_ = remit_claim_release(claim, async, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_claim_http(Run &run_, const Step &step_) {
    remit_claim *const claim = run_.handle<remit_claim>(step_["claim"]);
    int32_t out_status{};
    remit_blob * out_headers{};
    remit_blob * out_body{};
    remit_error * out_error{};
    const remit_status got_ = remit_claim_http(claim, step_.null("out_status") ? nullptr : &out_status, step_.null("out_headers") ? nullptr : &out_headers, step_.null("out_body") ? nullptr : &out_body, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.number("out_status", out_status);
    line_.blob("out_headers", out_headers);
    line_.blob("out_body", out_body);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_error_http(Run &run_, const Step &step_) {
    remit_status status = 0;
    run_.number(step_["status"], status);
    const char *field = nullptr;
    std::size_t field_len = 0;
    run_.bytes(step_["field"], field, field_len);
    const char *text = nullptr;
    std::size_t text_len = 0;
    run_.bytes(step_["text"], text, text_len);
    int32_t out_status{};
    remit_blob * out_headers{};
    remit_blob * out_body{};
    remit_error * out_error{};
    const remit_status got_ = remit_error_http(status, field, field_len, text, text_len, step_.null("out_status") ? nullptr : &out_status, step_.null("out_headers") ? nullptr : &out_headers, step_.null("out_body") ? nullptr : &out_body, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.number("out_status", out_status);
    line_.blob("out_headers", out_headers);
    line_.blob("out_body", out_body);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_canonical_json(Run &run_, const Step &step_) {
    const char *json = nullptr;
    std::size_t json_len = 0;
    run_.bytes(step_["json"], json, json_len);
    const char *include = nullptr;
    std::size_t include_len = 0;
    run_.bytes(step_["include"], include, include_len);
    const char *exclude = nullptr;
    std::size_t exclude_len = 0;
    run_.bytes(step_["exclude"], exclude, exclude_len);
    remit_blob * out_canonical{};
    remit_error * out_error{};
    const remit_status got_ = remit_canonical_json(json, json_len, include, include_len, exclude, exclude_len, step_.null("out_canonical") ? nullptr : &out_canonical, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.blob("out_canonical", out_canonical);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_claim_free(Run &run_, const Step &step_) {
    remit_claim *const claim = run_.handle<remit_claim>(step_["claim"]);
    remit_claim_free(claim);
    Line line_(run_, step_, "-");
    return line_.done();
}

inline std::string call_keys_unlock(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *password = nullptr;
    std::size_t password_len = 0;
    run_.bytes(step_["password"], password, password_len);
    int64_t ttl_ms = 0;
    run_.number(step_["ttl_ms"], ttl_ms);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_error * out_error{};
    const remit_status got_ = remit_keys_unlock(engine, password, password_len, ttl_ms, async, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_keys_unlock_kek(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const uint8_t *kek = nullptr;
    std::size_t kek_len = 0;
    run_.bytes(step_["kek"], kek, kek_len);
    int64_t ttl_ms = 0;
    run_.number(step_["ttl_ms"], ttl_ms);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_error * out_error{};
    const remit_status got_ = remit_keys_unlock_kek(engine, kek, kek_len, ttl_ms, async, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_keys_lock(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    remit_error * out_error{};
    const remit_status got_ = remit_keys_lock(engine, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_keys_unlocked(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    int32_t out_unlocked{};
    remit_error * out_error{};
    const remit_status got_ = remit_keys_unlocked(engine, step_.null("out_unlocked") ? nullptr : &out_unlocked, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.number("out_unlocked", out_unlocked);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_keys_create(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *label = nullptr;
    std::size_t label_len = 0;
    run_.bytes(step_["label"], label, label_len);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_blob * out_key{};
    remit_error * out_error{};
    const remit_status got_ = remit_keys_create(engine, label, label_len, async, step_.null("out_key") ? nullptr : &out_key, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.blob("out_key", out_key);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_keys_import(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const uint8_t *key = nullptr;
    std::size_t key_len = 0;
    run_.bytes(step_["key"], key, key_len);
    const char *label = nullptr;
    std::size_t label_len = 0;
    run_.bytes(step_["label"], label, label_len);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_blob * out_key{};
    remit_error * out_error{};
    const remit_status got_ = remit_keys_import(engine, key, key_len, label, label_len, async, step_.null("out_key") ? nullptr : &out_key, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.blob("out_key", out_key);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_keys_import_v3(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *json = nullptr;
    std::size_t json_len = 0;
    run_.bytes(step_["json"], json, json_len);
    const char *password = nullptr;
    std::size_t password_len = 0;
    run_.bytes(step_["password"], password, password_len);
    const char *label = nullptr;
    std::size_t label_len = 0;
    run_.bytes(step_["label"], label, label_len);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_blob * out_key{};
    remit_error * out_error{};
    const remit_status got_ = remit_keys_import_v3(engine, json, json_len, password, password_len, label, label_len, async, step_.null("out_key") ? nullptr : &out_key, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.blob("out_key", out_key);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_keys_export_v3(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *address = nullptr;
    std::size_t address_len = 0;
    run_.bytes(step_["address"], address, address_len);
    const char *password = nullptr;
    std::size_t password_len = 0;
    run_.bytes(step_["password"], password, password_len);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_blob * out_json{};
    remit_error * out_error{};
    const remit_status got_ = remit_keys_export_v3(engine, address, address_len, password, password_len, async, step_.null("out_json") ? nullptr : &out_json, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.blob("out_json", out_json);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_payout_enqueue(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const remit_payout_request *requests = nullptr;
    std::size_t request_count = 0;
    run_.structures(step_["requests"], requests, request_count);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    std::vector<remit_payout_accepted> out_accepted(std::max<std::size_t>(request_count, 1));
    remit_error * out_error{};
    const remit_status got_ = remit_payout_enqueue(engine, requests, request_count, async, out_accepted.data(), step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.structures("out_accepted", out_accepted, request_count);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_payout_get(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *id = nullptr;
    std::size_t id_len = 0;
    run_.bytes(step_["id"], id, id_len);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_payout_status out_status{};
    remit_blob * out_payout{};
    remit_error * out_error{};
    const remit_status got_ = remit_payout_get(engine, id, id_len, async, step_.null("out_status") ? nullptr : &out_status, step_.null("out_payout") ? nullptr : &out_payout, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.number("out_status", out_status);
    line_.blob("out_payout", out_payout);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_payout_find(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *tenant = nullptr;
    std::size_t tenant_len = 0;
    run_.bytes(step_["tenant"], tenant, tenant_len);
    const char *external_id = nullptr;
    std::size_t external_id_len = 0;
    run_.bytes(step_["external_id"], external_id, external_id_len);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_payout_status out_status{};
    remit_blob * out_payout{};
    remit_error * out_error{};
    const remit_status got_ = remit_payout_find(engine, tenant, tenant_len, external_id, external_id_len, async, step_.null("out_status") ? nullptr : &out_status, step_.null("out_payout") ? nullptr : &out_payout, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.number("out_status", out_status);
    line_.blob("out_payout", out_payout);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_payout_wait(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *id = nullptr;
    std::size_t id_len = 0;
    run_.bytes(step_["id"], id, id_len);
    remit_payout_status status = 0;
    run_.number(step_["status"], status);
    int64_t timeout_ms = 0;
    run_.number(step_["timeout_ms"], timeout_ms);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_payout_status out_status{};
    remit_blob * out_payout{};
    remit_error * out_error{};
    const remit_status got_ = remit_payout_wait(engine, id, id_len, status, timeout_ms, async, step_.null("out_status") ? nullptr : &out_status, step_.null("out_payout") ? nullptr : &out_payout, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.number("out_status", out_status);
    line_.blob("out_payout", out_payout);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_payout_cancel(Run &run_, const Step &step_) {
    remit_engine *const engine = run_.handle<remit_engine>(step_["engine"]);
    const char *id = nullptr;
    std::size_t id_len = 0;
    run_.bytes(step_["id"], id, id_len);
    const char *actor = nullptr;
    std::size_t actor_len = 0;
    run_.bytes(step_["actor"], actor, actor_len);
    const char *reason = nullptr;
    std::size_t reason_len = 0;
    run_.bytes(step_["reason"], reason, reason_len);
    const remit_async *async = run_.structure<remit_async>(step_["async"]);
    remit_error * out_error{};
    const remit_status got_ = remit_payout_cancel(engine, id, id_len, actor, actor_len, reason, reason_len, async, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, async);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_queue_open(Run &run_, const Step &step_) {
    remit_queue * out_queue{};
    remit_error * out_error{};
    const remit_status got_ = remit_queue_open(step_.null("out_queue") ? nullptr : &out_queue, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.handle("out_queue", out_queue);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_queue_fd(Run &run_, const Step &step_) {
    remit_queue *const queue = run_.handle<remit_queue>(step_["queue"]);
    int32_t out_fd{};
    remit_error * out_error{};
    const remit_status got_ = remit_queue_fd(queue, step_.null("out_fd") ? nullptr : &out_fd, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.number("out_fd", out_fd);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_queue_fetch(Run &run_, const Step &step_) {
    remit_queue *const queue = run_.handle<remit_queue>(step_["queue"]);
    size_t item_count = 0;
    run_.number(step_["item_count"], item_count);
    int64_t timeout_ms = 0;
    run_.number(step_["timeout_ms"], timeout_ms);
    remit_batch * out_batch{};
    remit_error * out_error{};
    const remit_status got_ = remit_queue_fetch(queue, item_count, timeout_ms, step_.null("out_batch") ? nullptr : &out_batch, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.handle("out_batch", out_batch);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_queue_wake(Run &run_, const Step &step_) {
    remit_queue *const queue = run_.handle<remit_queue>(step_["queue"]);
    uint64_t tag = 0;
    run_.number(step_["tag"], tag);
    remit_error * out_error{};
    const remit_status got_ = remit_queue_wake(queue, tag, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_queue_free(Run &run_, const Step &step_) {
    remit_queue *const queue = run_.handle<remit_queue>(step_["queue"]);
    remit_queue_free(queue);
    Line line_(run_, step_, "-");
    return line_.done();
}

inline std::string call_batch_count(Run &run_, const Step &step_) {
    remit_batch *const batch = run_.handle<remit_batch>(step_["batch"]);
    Line line_(run_, step_, std::to_string(remit_batch_count(batch)));
    return line_.done();
}

inline std::string call_batch_at(Run &run_, const Step &step_) {
    remit_batch *const batch = run_.handle<remit_batch>(step_["batch"]);
    size_t index = 0;
    run_.number(step_["index"], index);
    const auto *const got_ = remit_batch_at(batch, index);
    Line line_(run_, step_, got_ ? show(run_, {step_.number, "return"}, *got_) : "null");
    return line_.done();
}

inline std::string call_batch_free(Run &run_, const Step &step_) {
    remit_batch *const batch = run_.handle<remit_batch>(step_["batch"]);
    remit_batch_free(batch);
    Line line_(run_, step_, "-");
    return line_.done();
}

inline std::string call_work_answer(Run &run_, const Step &step_) {
    remit_queue *const queue = run_.handle<remit_queue>(step_["queue"]);
    uint64_t token = 0;
    run_.number(step_["token"], token);
    remit_work_outcome outcome = 0;
    run_.number(step_["outcome"], outcome);
    const void *answer = nullptr;
    std::size_t answer_len = 0;
    run_.bytes(step_["answer"], answer, answer_len);
    remit_error * out_error{};
    const remit_status got_ = remit_work_answer(queue, token, outcome, answer, answer_len, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_world_open(Run &run_, const Step &step_) {
    const remit_world_options *options = run_.structure<remit_world_options>(step_["options"]);
    remit_world * out_world{};
    remit_error * out_error{};
    const remit_status got_ = remit_world_open(options, step_.null("out_world") ? nullptr : &out_world, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.handle("out_world", out_world);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_world_config(Run &run_, const Step &step_) {
    remit_world *const world = run_.handle<remit_world>(step_["world"]);
    remit_blob * out_config{};
    remit_error * out_error{};
    const remit_status got_ = remit_world_config(world, step_.null("out_config") ? nullptr : &out_config, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.blob("out_config", out_config);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_world_engine(Run &run_, const Step &step_) {
    remit_world *const world = run_.handle<remit_world>(step_["world"]);
    const char *config = nullptr;
    std::size_t config_len = 0;
    run_.bytes(step_["config"], config, config_len);
    const remit_engine_options *options = run_.structure<remit_engine_options>(step_["options"]);
    remit_engine * out_engine{};
    remit_error * out_error{};
    const remit_status got_ = remit_world_engine(world, config, config_len, options, step_.null("out_engine") ? nullptr : &out_engine, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.handle("out_engine", out_engine);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_world_advance(Run &run_, const Step &step_) {
    remit_world *const world = run_.handle<remit_world>(step_["world"]);
    int64_t duration_ms = 0;
    run_.number(step_["duration_ms"], duration_ms);
    remit_error * out_error{};
    const remit_status got_ = remit_world_advance(world, duration_ms, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_world_mine(Run &run_, const Step &step_) {
    remit_world *const world = run_.handle<remit_world>(step_["world"]);
    uint64_t block_count = 0;
    run_.number(step_["block_count"], block_count);
    remit_error * out_error{};
    const remit_status got_ = remit_world_mine(world, block_count, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_world_credit(Run &run_, const Step &step_) {
    remit_world *const world = run_.handle<remit_world>(step_["world"]);
    const char *token = nullptr;
    std::size_t token_len = 0;
    run_.bytes(step_["token"], token, token_len);
    const char *address = nullptr;
    std::size_t address_len = 0;
    run_.bytes(step_["address"], address, address_len);
    const char *amount = nullptr;
    std::size_t amount_len = 0;
    run_.bytes(step_["amount"], amount, amount_len);
    remit_error * out_error{};
    const remit_status got_ = remit_world_credit(world, token, token_len, address, address_len, amount, amount_len, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_world_balance(Run &run_, const Step &step_) {
    remit_world *const world = run_.handle<remit_world>(step_["world"]);
    const char *token = nullptr;
    std::size_t token_len = 0;
    run_.bytes(step_["token"], token, token_len);
    const char *address = nullptr;
    std::size_t address_len = 0;
    run_.bytes(step_["address"], address, address_len);
    remit_blob * out_amount{};
    remit_error * out_error{};
    const remit_status got_ = remit_world_balance(world, token, token_len, address, address_len, step_.null("out_amount") ? nullptr : &out_amount, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.blob("out_amount", out_amount);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_world_transfers(Run &run_, const Step &step_) {
    remit_world *const world = run_.handle<remit_world>(step_["world"]);
    const char *address = nullptr;
    std::size_t address_len = 0;
    run_.bytes(step_["address"], address, address_len);
    uint64_t out_count{};
    remit_blob * out_transfers{};
    remit_error * out_error{};
    const remit_status got_ = remit_world_transfers(world, address, address_len, step_.null("out_count") ? nullptr : &out_count, step_.null("out_transfers") ? nullptr : &out_transfers, step_.null("out_error") ? nullptr : &out_error);
    Line line_(run_, step_, got_, nullptr);
    line_.number("out_count", out_count);
    line_.blob("out_transfers", out_transfers);
    line_.error(out_error);
    return line_.done();
}

inline std::string call_world_free(Run &run_, const Step &step_) {
    remit_world *const world = run_.handle<remit_world>(step_["world"]);
    remit_world_free(world);
    Line line_(run_, step_, "-");
    return line_.done();
}

struct Called {
    const char *name;
    std::string (*call)(Run &, const Step &);
};
inline constexpr Called kCalls[] = {
    {"remit_abi_version", call_abi_version},
    {"remit_version_text", call_version_text},
    {"remit_status_name", call_status_name},
    {"remit_status_text", call_status_text},
    {"remit_status_class", call_status_class},
    {"remit_blob_data", call_blob_data},
    {"remit_blob_len", call_blob_len},
    {"remit_blob_free", call_blob_free},
    {"remit_error_status", call_error_status},
    {"remit_error_field", call_error_field},
    {"remit_error_text", call_error_text},
    {"remit_error_free", call_error_free},
    {"remit_query", call_query},
    {"remit_command", call_command},
    {"remit_catalogue", call_catalogue},
    {"remit_engine_open", call_engine_open},
    {"remit_engine_open_file", call_engine_open_file},
    {"remit_engine_tick", call_engine_tick},
    {"remit_engine_start", call_engine_start},
    {"remit_engine_stop", call_engine_stop},
    {"remit_engine_health", call_engine_health},
    {"remit_engine_metrics", call_engine_metrics},
    {"remit_engine_backup", call_engine_backup},
    {"remit_engine_free", call_engine_free},
    {"remit_events_next", call_events_next},
    {"remit_events_ack", call_events_ack},
    {"remit_idempotency_claim", call_idempotency_claim},
    {"remit_idempotency_recover", call_idempotency_recover},
    {"remit_batch_claim", call_batch_claim},
    {"remit_claim_look", call_claim_look},
    {"remit_claim_held", call_claim_held},
    {"remit_claim_effect_key", call_claim_effect_key},
    {"remit_claim_effect_begin", call_claim_effect_begin},
    {"remit_claim_checkpoint", call_claim_checkpoint},
    {"remit_claim_complete", call_claim_complete},
    {"remit_claim_complete_sql", call_claim_complete_sql},
    {"remit_claim_release", call_claim_release},
    {"remit_claim_http", call_claim_http},
    {"remit_error_http", call_error_http},
    {"remit_canonical_json", call_canonical_json},
    {"remit_claim_free", call_claim_free},
    {"remit_keys_unlock", call_keys_unlock},
    {"remit_keys_unlock_kek", call_keys_unlock_kek},
    {"remit_keys_lock", call_keys_lock},
    {"remit_keys_unlocked", call_keys_unlocked},
    {"remit_keys_create", call_keys_create},
    {"remit_keys_import", call_keys_import},
    {"remit_keys_import_v3", call_keys_import_v3},
    {"remit_keys_export_v3", call_keys_export_v3},
    {"remit_payout_enqueue", call_payout_enqueue},
    {"remit_payout_get", call_payout_get},
    {"remit_payout_find", call_payout_find},
    {"remit_payout_wait", call_payout_wait},
    {"remit_payout_cancel", call_payout_cancel},
    {"remit_queue_open", call_queue_open},
    {"remit_queue_fd", call_queue_fd},
    {"remit_queue_fetch", call_queue_fetch},
    {"remit_queue_wake", call_queue_wake},
    {"remit_queue_free", call_queue_free},
    {"remit_batch_count", call_batch_count},
    {"remit_batch_at", call_batch_at},
    {"remit_batch_free", call_batch_free},
    {"remit_work_answer", call_work_answer},
    {"remit_world_open", call_world_open},
    {"remit_world_config", call_world_config},
    {"remit_world_engine", call_world_engine},
    {"remit_world_advance", call_world_advance},
    {"remit_world_mine", call_world_mine},
    {"remit_world_credit", call_world_credit},
    {"remit_world_balance", call_world_balance},
    {"remit_world_transfers", call_world_transfers},
    {"remit_world_free", call_world_free},
};
