#include "capi/call.hpp"
#include "capi/claim.hpp"

#include <remit/idempotency.h>
#include <remit/idempotency.hpp>
#include <remit/json.hpp>

#include <cstring>

using namespace remit;
using namespace remit::capi;

static_assert(sizeof(remit_claim_options) == 136 && sizeof(remit_reply) == 56, "grow at the end only");
static_assert(sizeof(remit_value) == 32 && sizeof(remit_statement) == 48, "grow at the end only");

namespace remit::capi {

void ClaimHandle::look() {
    const Reply &reply = claim->reply();
    headers = to_json(std::span<const HttpHeader>(reply.headers));
    view.verdict = static_cast<remit_verdict>(claim->verdict());
    view.effect = static_cast<remit_effect>(claim->effect());
    view.effects_started = claim->effects_started() ? 1 : 0;
    view.reply_status = reply.status;
    view.body_omitted = reply.body_omitted ? 1 : 0;
    view.epoch = claim->epoch();
    view.retry_ms = claim->retry_ms();
    view.tenant = claim->request().tenant.c_str();
    view.key = claim->request().key.c_str();
    view.operation = claim->request().operation.c_str();
    view.doubt = claim->doubt().c_str();
    view.point = claim->point().c_str();
    view.data = claim->data().c_str();
    view.data_len = claim->data().size();
    view.reply_headers = headers.c_str();
    view.reply_body = reply.body.c_str();
    view.reply_body_len = reply.body.size();
    view.result_ref = reply.result_ref.c_str();
}

}  // namespace remit::capi

namespace {

Result<std::vector<std::string>> paths(Inputs &in, const char *json, std::size_t length, const char *field) {
    const std::string text = in.optional_text(json, length, field);
    return text.empty() ? std::vector<std::string>() : texts_from_json(text, field);
}

Result<ClaimRequest> read_request(Inputs &in, const remit_claim_options *options) {
    REMIT_TRY(const remit_claim_options o, read_options(options, "options"));
    ClaimRequest r;
    r.tenant = in.optional_text(o.tenant, o.tenant_len, "options.tenant");
    r.space = in.optional_text(o.space, o.space_len, "options.space");
    r.operation = in.optional_text(o.operation, o.operation_len, "options.operation");
    if (o.request != nullptr || o.request_len != 0)
        r.request = in.optional_bytes(o.request, o.request_len, "options.request");
    in.check(o.in_flight >= 0 && o.in_flight <= REMIT_IN_FLIGHT_ATTACH, "options.in_flight", "is none of the values");
    in.check(o.request_form >= 0 && o.request_form <= REMIT_REQUEST_JSON, "options.request_form",
             "is none of the values");
    in.check(o.again_after_expiry == 0 || o.again_after_expiry == 1, "options.again_after_expiry",
             "is neither 0 nor 1");
    r.in_flight = static_cast<InFlight>(o.in_flight);
    r.form = static_cast<RequestForm>(o.request_form);
    r.again_after_expiry = o.again_after_expiry == 1;
    r.wait_ms = o.wait_ms;
    r.lease_ms = o.lease_ms;
    r.keep_ms = o.keep_ms;
    REMIT_TRY(r.include, paths(in, o.include, o.include_len, "options.include"));
    REMIT_TRY(r.exclude, paths(in, o.exclude, o.exclude_len, "options.exclude"));
    return r;
}

Result<Reply> read_reply(Inputs &in, const remit_reply *given) {
    REMIT_TRY(const remit_reply o, read_options(given, "reply"));
    Reply out;
    out.status = o.status == 0 ? 200 : o.status;
    const std::string headers = in.optional_text(o.headers, o.headers_len, "reply.headers");
    REMIT_TRY(out.headers, headers_from_json(headers, "reply.headers"));
    out.body = in.optional_bytes(o.body, o.body_len, "reply.body");
    out.result_ref = in.optional_text(o.result_ref, o.result_ref_len, "reply.result_ref");
    return out;
}

HostValue read_value(Inputs &in, const remit_value &given, const char *field) {
    HostValue out;
    in.check(given.kind >= 0 && given.kind <= REMIT_VALUE_BYTES, field, "has a kind that is none of the values");
    in.check(given.reserved == 0, field, "has a reserved field that is not 0");
    out.kind = static_cast<HostValue::Kind>(given.kind);
    out.integer = given.integer;
    if (out.kind == HostValue::Kind::text)
        out.data = in.optional_text(static_cast<const char *>(given.data), given.data_len, field);
    if (out.kind == HostValue::Kind::bytes) out.data = in.optional_bytes(given.data, given.data_len, field);
    return out;
}

constexpr std::size_t kStatementsMax = 1'000;
constexpr std::size_t kValuesMax = 32'766;

Result<std::vector<HostStatement>> read_statements(Inputs &in, const remit_statement *first, std::size_t count) {
    std::vector<HostStatement> out;
    in.check(first != nullptr || count == 0, "statements", "is NULL");
    if (count > kStatementsMax) return misuse("statement_count", "is more than 1,000");
    if (first == nullptr || count == 0) return out;
    const std::size_t stride = first->struct_size;
    if (stride % alignof(remit_statement) != 0) return misuse("statements", "has a struct_size that cannot be");
    for (std::size_t i = 0; i < count; ++i) {
        const auto *raw = reinterpret_cast<const unsigned char *>(first) + i * stride;
        REMIT_TRY(const remit_statement s, read_options(reinterpret_cast<const remit_statement *>(raw), "statements"));
        if (s.struct_size != stride) return misuse("statements", "has elements of different struct_size");
        in.check(s.reserved == 0, "statements", "has a reserved field that is not 0");
        in.check(s.values != nullptr || s.value_count == 0, "statements.values", "is NULL");
        if (s.value_count > kValuesMax) return misuse("statements.value_count", "is too large");
        HostStatement statement{in.text(s.sql, s.sql_len, "statements.sql"), {}, s.row_count};
        for (std::size_t v = 0; s.values != nullptr && v < s.value_count; ++v)
            statement.values.push_back(read_value(in, s.values[v], "statements.values"));
        out.push_back(std::move(statement));
    }
    return out;
}

using Claimed = Result<std::unique_ptr<Claim>>;

// What the claiming calls have in common: `more` reads further inputs, `now` waits, `later` does not.
template <class More, class Now, class Later>
remit_status claiming(remit_engine *engine, const remit_claim_options *options, const remit_async *async,
                      remit_verdict *out_verdict, remit_claim **out_claim, remit_error **out_error, More more, Now now,
                      Later later) noexcept {
    Instance *const instance = instance_of(engine);
    if (!async && out_verdict) *out_verdict = 0;
    if (!async && out_claim) *out_claim = nullptr;
    return guard(instance, out_error, [&]() -> Result<void> {
        if (!instance) return misuse("engine", "is NULL");
        REMIT_TRY(auto queue, queue_of(async, "async"));
        Inputs in(async);
        in.output(out_claim, "out_claim");
        REMIT_TRY(ClaimRequest request, read_request(in, options));
        more(in, request);
        REMIT_CHECK(std::move(in).result());
        if (!queue) {
            REMIT_TRY(auto claim, now(instance->engine->idempotency(), std::move(request)));
            auto handle = std::make_shared<ClaimHandle>(std::move(claim));
            if (out_verdict) *out_verdict = handle->view.verdict;
            *out_claim = new remit_claim{engine->instance, std::move(handle)};
            return {};
        }
        auto outcome = std::make_shared<Outcome>(std::move(queue), async->tag);
        later(instance->engine->idempotency(), std::move(request), [instance, outcome](Claimed claimed) {
            outcome->set(guard_job(*instance, [&]() -> Result<Answer> {
                REMIT_TRY(auto claim, std::move(claimed));
                auto kept = instance->weak_from_this().lock();
                if (!kept) return Error{Status::closed, {}, {}};
                auto handle = std::make_shared<ClaimHandle>(std::move(claim));
                const remit_verdict verdict = handle->view.verdict;
                return Answer{
                    verdict, {}, std::shared_ptr<remit_claim>(new remit_claim{std::move(kept), std::move(handle)})};
            }));
        });
        return {};
    });
}

// What the writing calls of a claim have in common. `prepare` reads the inputs into a function of the claim, which
// waits when it gets no `done`, else answers by it.
using Done = std::function<void(Result<void>)>;
template <class Prepare>
remit_status writing(remit_claim *claim, const remit_async *async, remit_error **out_error, Prepare prepare) noexcept {
    Instance *const instance = claim ? claim->instance.get() : nullptr;
    return guard(instance, out_error, [&]() -> Result<void> {
        if (!claim) return misuse("claim", "is NULL");
        REMIT_TRY(auto queue, queue_of(async, "async"));
        Inputs in(async);
        REMIT_TRY(auto work, prepare(in));
        REMIT_CHECK(std::move(in).result());
        const std::shared_ptr<ClaimHandle> handle = claim->handle;
        if (!queue) {
            Result<void> done = work(*handle->claim, nullptr);
            handle->look();
            return done;
        }
        auto outcome = std::make_shared<Outcome>(std::move(queue), async->tag);
        return work(*handle->claim, [instance, outcome, handle](Result<void> done) {
            outcome->set(guard_job(*instance, [&]() -> Result<Answer> {
                handle->look();
                REMIT_CHECK(std::move(done));
                return Answer{};
            }));
        });
    });
}

using ClaimWork = std::function<Result<void>(Claim &, Done)>;

void clear_http(int32_t *out_status, remit_blob **out_headers, remit_blob **out_body) {
    if (out_status) *out_status = 0;
    if (out_headers) *out_headers = nullptr;
    if (out_body) *out_body = nullptr;
}

void give_http(const HttpAnswer &answer, int32_t *out_status, remit_blob **out_headers, remit_blob **out_body) {
    *out_status = answer.status;
    if (out_headers) set(out_headers, to_json(std::span<const HttpHeader>(answer.headers)));
    if (out_body) set(out_body, answer.body);
}

}  // namespace

extern "C" {

remit_status remit_idempotency_claim(remit_engine *engine, const char *key, size_t key_len,
                                     const remit_claim_options *options, const remit_async *async,
                                     remit_verdict *out_verdict, remit_claim **out_claim, remit_error **out_error) {
    return claiming(
        engine, options, async, out_verdict, out_claim, out_error,
        [&](Inputs &in, ClaimRequest &request) { request.key = in.text(key, key_len, "key"); },
        [](Idempotency &on, ClaimRequest request) { return on.claim(std::move(request)); },
        [](Idempotency &on, ClaimRequest request, auto done) { on.claim_async(std::move(request), std::move(done)); });
}

remit_status remit_idempotency_recover(remit_engine *engine, const remit_claim_options *options,
                                       const remit_async *async, remit_verdict *out_verdict, remit_claim **out_claim,
                                       remit_error **out_error) {
    return claiming(
        engine, options, async, out_verdict, out_claim, out_error, [](Inputs &, ClaimRequest &) {},
        [](Idempotency &on, ClaimRequest with) { return on.recover_one(std::move(with)); },
        [](Idempotency &on, ClaimRequest with, auto done) { on.recover_one_async(std::move(with), std::move(done)); });
}

const remit_claim_view *remit_claim_look(const remit_claim *claim) {
    return claim ? &claim->handle->view : nullptr;
}

int32_t remit_claim_held(const remit_claim *claim) {
    return claim && !claim->instance->forked() && claim->handle->claim->held() ? 1 : 0;
}

remit_status remit_claim_effect_key(remit_claim *claim, const char *step, size_t step_len, remit_id *out_id,
                                    remit_error **out_error) {
    if (out_id) *out_id = {};
    return guard(claim ? claim->instance.get() : nullptr, out_error, [&]() -> Result<void> {
        if (!claim) return misuse("claim", "is NULL");
        if (!out_id) return misuse("out_id", "is NULL");
        REMIT_TRY(const auto name, text(step, step_len, "step"));
        REMIT_TRY(const std::string id, claim->handle->claim->effect_key(name));
        id.copy(out_id->text, sizeof out_id->text - 1);
        return {};
    });
}

remit_status remit_claim_effect_begin(remit_claim *claim, remit_effect effect, const remit_async *async,
                                      remit_error **out_error) {
    return writing(claim, async, out_error, [&](Inputs &) -> Result<ClaimWork> {
        return ClaimWork([what = static_cast<EffectClass>(effect)](Claim &on, Done done) -> Result<void> {
            if (!done) return on.effect_begin(what);
            on.effect_begin_async(what, std::move(done));
            return {};
        });
    });
}

remit_status remit_claim_checkpoint(remit_claim *claim, const char *point, size_t point_len, const void *data,
                                    size_t data_len, const remit_async *async, remit_error **out_error) {
    return writing(claim, async, out_error, [&](Inputs &in) -> Result<ClaimWork> {
        return ClaimWork([name = in.text(point, point_len, "point"),
                          kept = in.optional_bytes(data, data_len, "data")](Claim &on, Done done) -> Result<void> {
            if (!done) return on.checkpoint(name, kept);
            on.checkpoint_async(name, kept, std::move(done));
            return {};
        });
    });
}

remit_status remit_claim_complete(remit_claim *claim, const remit_reply *reply, const remit_statement *statements,
                                  size_t statement_count, const remit_async *async, remit_error **out_error) {
    return writing(claim, async, out_error, [&](Inputs &in) -> Result<ClaimWork> {
        REMIT_TRY(Reply said, read_reply(in, reply));
        REMIT_TRY(auto rows, read_statements(in, statements, statement_count));
        return ClaimWork([said = std::move(said), rows = std::move(rows)](Claim &on, Done done) -> Result<void> {
            if (!done) return on.complete(said, rows);
            on.complete_async(said, rows, std::move(done));
            return {};
        });
    });
}

remit_status remit_claim_complete_sql(remit_claim *claim, const remit_reply *reply, remit_blob **out_json,
                                      remit_error **out_error) {
    if (out_json) *out_json = nullptr;
    return guard(claim ? claim->instance.get() : nullptr, out_error, [&]() -> Result<void> {
        if (!claim) return misuse("claim", "is NULL");
        if (!out_json) return misuse("out_json", "is NULL");
        Inputs in(nullptr);
        REMIT_TRY(const Reply said, read_reply(in, reply));
        REMIT_CHECK(std::move(in).result());
        REMIT_TRY(const auto rows, claim->handle->claim->complete_statements(said));
        set(out_json, to_json(std::span<const HostStatement>(rows)));
        return {};
    });
}

remit_status remit_claim_release(remit_claim *claim, const remit_async *async, remit_error **out_error) {
    return writing(claim, async, out_error, [&](Inputs &) -> Result<ClaimWork> {
        return ClaimWork([](Claim &on, Done done) -> Result<void> {
            if (!done) return on.release();
            on.release_async(std::move(done));
            return {};
        });
    });
}

remit_status remit_claim_http(const remit_claim *claim, int32_t *out_status, remit_blob **out_headers,
                              remit_blob **out_body, remit_error **out_error) {
    clear_http(out_status, out_headers, out_body);
    return guard(claim ? claim->instance.get() : nullptr, out_error, [&]() -> Result<void> {
        if (!claim) return misuse("claim", "is NULL");
        if (!out_status) return misuse("out_status", "is NULL");
        give_http(http_answer(*claim->handle->claim), out_status, out_headers, out_body);
        return {};
    });
}

remit_status remit_error_http(remit_status status, const char *field, size_t field_len, const char *text,
                              size_t text_len, int32_t *out_status, remit_blob **out_headers, remit_blob **out_body,
                              remit_error **out_error) {
    clear_http(out_status, out_headers, out_body);
    return guard(out_error, [&]() -> Result<void> {
        if (status == REMIT_OK) return misuse("status", "is OK");
        if (!out_status) return misuse("out_status", "is NULL");
        REMIT_TRY(const auto where, optional_text(field, field_len, "field"));
        REMIT_TRY(const auto what, optional_text(text, text_len, "text"));
        const Error why{static_cast<Status>(status), std::string(where), std::string(what)};
        give_http(http_answer(why), out_status, out_headers, out_body);
        return {};
    });
}

remit_status remit_canonical_json(const char *json, size_t json_len, const char *include, size_t include_len,
                                  const char *exclude, size_t exclude_len, remit_blob **out_canonical,
                                  remit_error **out_error) {
    if (out_canonical) *out_canonical = nullptr;
    return guard(out_error, [&]() -> Result<void> {
        if (!out_canonical) return misuse("out_canonical", "is NULL");
        REMIT_TRY(const auto whole, text(json, json_len, "json"));
        REMIT_TRY(const auto with, optional_text(include, include_len, "include"));
        REMIT_TRY(const auto without, optional_text(exclude, exclude_len, "exclude"));
        REMIT_TRY(const auto in, texts_from_json(with, "include"));
        REMIT_TRY(const auto out, texts_from_json(without, "exclude"));
        REMIT_TRY(std::string canonical, canonical_json(whole, in, out));
        set(out_canonical, std::move(canonical));
        return {};
    });
}

void remit_claim_free(remit_claim *claim) {
    if (claim && !claim->instance->forked()) delete claim;
}

}  // extern "C"
