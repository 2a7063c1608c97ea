#include "capi/call.hpp"

#include <remit/json.hpp>
#include <remit/payouts.h>

#include <algorithm>
#include <cstring>

using namespace remit;
using namespace remit::capi;

static_assert(sizeof(remit_payout_request) == 128, "grows at the end only");
static_assert(sizeof(remit_payout_accepted) == 48, "fixed for ever");

namespace {

constexpr std::size_t kRequestsMax = 10'000;

Result<Answer> answer(Result<Payout> read) {
    REMIT_TRY(const Payout payout, std::move(read));
    return Answer{static_cast<std::int32_t>(payout.status), to_json(payout)};
}

Result<Answer> answer(Result<std::vector<PayoutAccepted>> taken) {
    REMIT_TRY(const auto accepted, std::move(taken));
    return Answer{0, to_json(std::span<const PayoutAccepted>(accepted))};
}

Result<PayoutRequest> read_request(const remit_payout_request &given) {
    PayoutRequest request;
    const auto take = [](std::string &out, Result<std::string_view> read) -> Result<void> {
        REMIT_TRY(out, std::move(read));
        return {};
    };
    REMIT_CHECK(take(request.external_id, text(given.external_id, given.external_id_len, "external_id")));
    REMIT_CHECK(take(request.token, optional_text(given.token, given.token_len, "token")));
    REMIT_CHECK(take(request.to, text(given.to, given.to_len, "to")));
    REMIT_CHECK(take(request.tenant, optional_text(given.tenant, given.tenant_len, "tenant")));
    REMIT_CHECK(take(request.from, optional_text(given.from, given.from_len, "from")));
    REMIT_TRY(const auto amount, text(given.amount, given.amount_len, "amount"));
    REMIT_TRY(request.amount, u256_from_decimal(amount, "amount"));
    request.chain_id = given.chain_id;
    request.priority = given.priority;
    request.not_before_us = given.not_before_us;
    request.deadline_us = given.deadline_us;
    return request;
}

// The array's stride is the struct_size of its first element.
Result<std::vector<PayoutRequest>> read_requests(const remit_payout_request *given, std::size_t count) {
    if (!given) return misuse("requests", "is NULL");
    if (count == 0 || count > kRequestsMax) return misuse("request_count", "is not 1 to 10,000");
    std::vector<PayoutRequest> requests;
    requests.reserve(count);
    const auto *const raw = reinterpret_cast<const char *>(given);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string at = "[" + std::to_string(i) + "]";
        const auto *const element = reinterpret_cast<const remit_payout_request *>(raw + i * given->struct_size);
        REMIT_TRY(const remit_payout_request whole, read_options(element, at.c_str()));
        if (whole.struct_size != given->struct_size) return misuse(at.c_str(), "has another struct_size than [0]");
        Result<PayoutRequest> request = read_request(whole);
        if (!request) return Error{request.status(), at + "." + request.error().field, request.error().text};
        requests.push_back(std::move(*request));
    }
    return requests;
}

remit_payout_accepted shown(const PayoutAccepted &accepted) {
    remit_payout_accepted out{};
    std::copy_n(accepted.id.data(), std::min(accepted.id.size(), sizeof out.id.text - 1), out.id.text);
    out.created = accepted.created ? 1 : 0;
    return out;
}

std::shared_ptr<Outcome> promise(std::shared_ptr<Queue> queue, const remit_async *async) {
    return std::make_shared<Outcome>(std::move(queue), async->tag);
}

}  // namespace

extern "C" {

remit_status remit_payout_enqueue(remit_engine *engine, const remit_payout_request *requests, size_t request_count,
                                  const remit_async *async, remit_payout_accepted *out_accepted,
                                  remit_error **out_error) {
    Instance *const instance = instance_of(engine);
    return guard(instance, out_error, [&]() -> Result<void> {
        if (!instance) return misuse("engine", "is NULL");
        REMIT_TRY(auto queue, queue_of(async, "async"));
        REMIT_TRY(auto wanted, read_requests(requests, request_count));
        Payouts &payouts = instance->engine->payouts();
        if (queue) {
            payouts.enqueue_async(std::move(wanted),
                                  [instance, outcome = promise(std::move(queue), async)](auto taken) {
                                      outcome->set(guard_job(*instance, [&] { return answer(std::move(taken)); }));
                                  });
            return {};
        }
        if (!out_accepted) return misuse("out_accepted", "is NULL");
        std::fill_n(out_accepted, request_count, remit_payout_accepted{});
        REMIT_TRY(const auto accepted, payouts.enqueue(wanted));
        std::transform(accepted.begin(), accepted.end(), out_accepted, shown);
        return {};
    });
}

remit_status remit_payout_get(remit_engine *engine, const char *id, size_t id_len, const remit_async *async,
                              remit_payout_status *out_status, remit_blob **out_payout, remit_error **out_error) {
    const Call made{
        .engine = engine, .async = async, .out_error = out_error, .out_text = out_payout, .out_i32 = out_status};
    return call(made, [&](Inputs &in) {
        return [which = in.text(id, id_len, "id")](Engine &on) { return answer(on.payouts().get(which)); };
    });
}

remit_status remit_payout_find(remit_engine *engine, const char *tenant, size_t tenant_len, const char *external_id,
                               size_t external_id_len, const remit_async *async, remit_payout_status *out_status,
                               remit_blob **out_payout, remit_error **out_error) {
    const Call made{
        .engine = engine, .async = async, .out_error = out_error, .out_text = out_payout, .out_i32 = out_status};
    return call(made, [&](Inputs &in) {
        return [whose = in.optional_text(tenant, tenant_len, "tenant"),
                name = in.text(external_id, external_id_len, "external_id")](Engine &on) {
            return answer(on.payouts().find(whose, name));
        };
    });
}

remit_status remit_payout_wait(remit_engine *engine, const char *id, size_t id_len, remit_payout_status status,
                               int64_t timeout_ms, const remit_async *async, remit_payout_status *out_status,
                               remit_blob **out_payout, remit_error **out_error) {
    const Call made{
        .engine = engine, .async = async, .out_error = out_error, .out_text = out_payout, .out_i32 = out_status};
    if (!async) made.clear();
    Instance *const instance = instance_of(engine);
    return guard(instance, out_error, [&]() -> Result<void> {
        if (!instance) return misuse("engine", "is NULL");
        REMIT_TRY(auto queue, queue_of(async, "async"));
        Inputs in(async);
        std::string which = in.text(id, id_len, "id");
        in.not_negative(timeout_ms, "timeout_ms");
        in.check(status >= REMIT_PAYOUT_PENDING && status <= REMIT_PAYOUT_CANCELLED, "status",
                 "is no REMIT_PAYOUT_ value");
        REMIT_CHECK(std::move(in).result());
        const auto until = static_cast<PayoutStatus>(status);
        if (queue) {
            auto outcome = promise(std::move(queue), async);
            instance->engine->wait_async(std::move(which), until, timeout_ms, [instance, outcome](Result<Payout> read) {
                outcome->set(guard_job(*instance, [&] { return answer(std::move(read)); }));
            });
            return {};
        }
        REMIT_TRY(Answer waited, answer(instance->engine->wait(which, until, timeout_ms)));
        made.give(std::move(waited));
        return {};
    });
}

remit_status remit_payout_cancel(remit_engine *engine, const char *id, size_t id_len, const char *actor,
                                 size_t actor_len, const char *reason, size_t reason_len, const remit_async *async,
                                 remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error}, [&](Inputs &in) {
        return [which = in.text(id, id_len, "id"), who = in.text(actor, actor_len, "actor"),
                why = in.optional_text(reason, reason_len, "reason")](Engine &on) {
            return done(on.payouts().cancel(which, who, why));
        };
    });
}

}  // extern "C"
