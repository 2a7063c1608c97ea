// What an HTTP framework answers. Draft-ietf-httpapi-idempotency-key-header-07 for 400, 409 and 422; RFC 9457 for the
// form.
#include <remit/idempotency.hpp>

#include "core/json.hpp"

#include <algorithm>

namespace remit {

namespace {

HttpAnswer problem(int status, std::string_view type, std::string_view title, std::string_view detail,
                   std::int64_t retry_ms = 0) {
    HttpAnswer out;
    out.status = status;
    out.headers.push_back({"Content-Type", "application/problem+json"});
    if (retry_ms > 0) out.headers.push_back({"Retry-After", std::to_string((retry_ms + 999) / 1'000)});
    core::JsonWriter json;
    json.begin_object().field("type", "urn:remit:problem:" + std::string(type)).field("title", title);
    json.field("status", status).field("detail", detail).end_object();
    out.body = json.take();
    return out;
}

constexpr std::int64_t kStoreRetryMs = 1'000;

bool of_the_body(std::string_view name) {
    constexpr std::string_view kOfTheBody[] = {
        "content-type", "content-encoding", "content-language", "content-location", "etag", "last-modified"};
    std::string lower(name);
    for (char &c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return std::ranges::find(kOfTheBody, lower) != std::end(kOfTheBody);
}

// A body that was too large to keep: where it is had, and how to know it.
HttpAnswer left_out(const Reply &reply) {
    HttpAnswer out;
    out.status = reply.status;
    for (const HttpHeader &header : reply.headers)
        if (!of_the_body(header.name)) out.headers.push_back(header);
    out.headers.push_back({"Content-Type", "application/json"});
    if (!reply.result_ref.empty()) out.headers.push_back({"Content-Location", reply.result_ref});
    core::JsonWriter json;
    json.begin_object().field("body_omitted", true).field("body_len", reply.body_len);
    json.field("body_sha256", to_hex(reply.body_sha256)).field("result", reply.result_ref).end_object();
    out.body = json.take();
    return out;
}

HttpAnswer replayed(const Reply &reply) {
    HttpAnswer out;
    if (reply.body_omitted) {
        out = left_out(reply);
    } else {
        out.status = reply.status;
        out.headers = reply.headers;
        out.body = reply.body;
    }
    out.headers.push_back({"Idempotent-Replayed", "true"});
    return out;
}

}  // namespace

HttpAnswer http_answer(const Claim &claim) {
    switch (claim.verdict()) {
    case Verdict::execute:
    case Verdict::recover: return {};
    case Verdict::replay: return replayed(claim.reply());
    case Verdict::running:
        return problem(409, "idempotency-key-in-use", "The request is being worked on",
                       "A request with this idempotency key is under way; come back for its result.", claim.retry_ms());
    case Verdict::unknown:
        return problem(409, "idempotency-key-indeterminate", "The outcome is not known",
                       "An earlier request with this idempotency key was interrupted, and whether it took effect is not"
                       " known yet. It is not repeated; it has to be resolved first.");
    case Verdict::expired:
        return problem(409, "idempotency-key-expired", "The idempotency key has expired",
                       "The request was done; its response is not kept any more. Use a new key for a new request.");
    }
    return {};
}

HttpAnswer http_answer(const Error &error) {
    switch (error.status) {
    case Status::invalid:
        return problem(400, error.field == "key" ? "idempotency-key-invalid" : "invalid-request",
                       error.field == "key" ? "The idempotency key is missing or malformed"
                                            : "The request is malformed",
                       error.field.empty() ? error.text : error.field + " " + error.text);
    case Status::mismatch:
        return problem(422, "idempotency-key-reused", "The idempotency key was used for another request",
                       "Use a new key for a new request, or repeat the first one unchanged.");
    default: break;
    }
    const StatusClass cls = status_class(error.status);
    if (cls == StatusClass::RETRY || cls == StatusClass::ASK || error.status == Status::fenced)
        return problem(503, "idempotency-unavailable", "The request was not run",
                       "Its idempotency key could not be recorded; send the same request again.", kStoreRetryMs);
    return problem(500, "internal", "Internal error", "The request could not be processed.");
}

}  // namespace remit
