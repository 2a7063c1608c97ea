// Idempotency keys: a request is executed once per key, whatever arrives how often.
//
// A key belongs to a tenant and a namespace (`space`). The first claim gets the right to work, later ones the reply.
// Whoever works and dies leaves a row from which the next claim goes on, by the class of the effect that was under way.
#pragma once

#include <remit/bytes.hpp>
#include <remit/effect.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace remit {

// What a key means by now. None of them is an error.
enum class Verdict : std::int32_t {
    execute = 1,  // ours, and nothing was done before: do the work
    recover = 2,  // ours, after another died or was given up: go on from its checkpoint, by the class of its effect
    replay = 3,   // done before: the reply is there, byte for byte
    running = 4,  // another works on it: come back after retry_ms
    unknown = 5,  // an effect that cannot be repeated is in doubt: somebody resolves it first
    expired = 6,  // the reply was kept its time and is gone; the key is not used again
};
const char *verdict_name(Verdict verdict) noexcept;

// What a claim does while another works on the key.
enum class InFlight : std::int32_t {
    reject = 0,  // says running
    wait = 1,    // waits up to wait_ms for the outcome, then says running
    attach = 2,  // waits for the outcome as long as it takes (wait_ms, if given, then Timeout)
};

enum class KeyState : std::int32_t { in_progress = 10, released = 20, completed = 30, unknown = 40, tombstone = 50 };
const char *key_state_name(KeyState state) noexcept;

// How request bytes become a fingerprint.
enum class RequestForm : std::int32_t {
    bytes = 0,  // as they are
    json = 1,   // canonical JSON (RFC 8785), so that spelling does not matter
};

struct HttpHeader {
    std::string name;
    std::string value;
    friend bool operator==(const HttpHeader &, const HttpHeader &) = default;
};

// A reply as it is put on record and replayed. Of the headers only Content-Type, Content-Language, Content-Location,
// Content-Encoding, ETag, Last-Modified, Link and Location are kept.
struct Reply {
    std::int32_t status = 200;  // 100 to 599
    std::vector<HttpHeader> headers;
    std::string body;           // bytes
    std::string result_ref;     // where the result can be had if the body is too large to be kept; up to 255 bytes
    bool body_omitted = false;  // out: it was too large; length and hash are those of the original
    std::int64_t body_len = 0;  // out
    Hash32 body_sha256;         // out
};

struct ClaimRequest {
    std::string tenant;     // empty: the empty tenant; up to 255 bytes
    std::string space;      // the namespace: keys of two never meet; up to 255 bytes
    std::string key;        // 1 to 255 visible ASCII characters, compared byte for byte
    std::string operation;  // what the key is for, as "POST /orders"; the same key for another is a mismatch
    std::optional<std::string> request;  // what the key stands for; kept as a SHA-256 only. None: the key alone decides
    RequestForm form = RequestForm::bytes;
    std::vector<std::string> include;  // json: only these paths ("/items/*/sku"); empty: all
    std::vector<std::string> exclude;  // json: not these; members named amount or currency are never left out
    InFlight in_flight = InFlight::reject;
    std::int64_t wait_ms = 0;         // 0: 5,000 for wait, no end for attach; up to 24 h
    std::int64_t lease_ms = 0;        // silence after which others may take over; 0: the engine's; 1,000 to 24 h
    std::int64_t keep_ms = 0;         // how long the reply is kept, from completion; 0: 7 days; 1,000 to 10 years
    bool again_after_expiry = false;  // an expired key executes anew instead of saying expired
};

// A statement of the host's own, run in the transaction that completes a key.
struct HostValue {
    enum class Kind : std::int32_t { null = 0, integer = 1, text = 2, bytes = 3 };
    Kind kind = Kind::null;
    std::int64_t integer = 0;
    std::string data;
};
struct HostStatement {
    std::string sql;  // one statement, as the database wants it: ? on SQLite, $1 on PostgreSQL
    std::vector<HostValue> values;
    std::int64_t row_count = 0;  // exactly so many rows must be found; 0: any number; -1: none
};

// A claimed key: what became of it, and, on execute and recover, the right to work on it. The lease is renewed while
// the object lives and the engine ticks. Destroying one that is not completed gives the key back when no effect was
// started, else leaves it to be taken over. Threads: one at a time. Must not outlive its engine.
class Claim {
public:
    virtual ~Claim() = default;

    virtual Verdict verdict() const = 0;
    virtual const ClaimRequest &request() const = 0;  // of recover_one: what the row knows of it
    virtual std::int64_t epoch() const = 0;           // counts the workers that had the key
    virtual std::int64_t retry_ms() const = 0;        // running: when to come back
    virtual const Reply &reply() const = 0;           // replay
    virtual const std::string &doubt() const = 0;     // unknown: why
    // recover: how far the worker before came, what it kept, and what it had under way.
    virtual const std::string &point() const = 0;
    virtual const std::string &data() const = 0;
    virtual EffectClass effect() const = 0;
    virtual bool effects_started() const = 0;

    // Whether the lease was ours when last heard of: ask before each effect.
    virtual bool held() const = 0;
    // The external id of an effect of this key, the same for every worker: "ek_" and 26 characters.
    virtual Result<std::string> effect_key(std::string_view step) const = 0;

    // Each is durable when it returns; each ends with Fenced when another has taken over, and then verdict() and what
    // belongs to it say what became of the key. Store: nothing was done. StoreLost: the same call again settles it.
    // Misuse when the verdict gives no right to work.
    virtual Result<void> effect_begin(EffectClass effect) = 0;                           // before the effect; not none
    virtual Result<void> checkpoint(std::string_view point, std::string_view data) = 0;  // the effect's result is known
    // The host's statements commit or fail with it: Invalid, Refused or State naming "statements[i]".
    virtual Result<void> complete(const Reply &reply, std::span<const HostStatement> statements = {}) = 0;
    virtual Result<void> release() = 0;  // State once an effect was started

    virtual void effect_begin_async(EffectClass effect, std::function<void(Result<void>)> done) = 0;
    virtual void checkpoint_async(std::string point, std::string data, std::function<void(Result<void>)> done) = 0;
    virtual void complete_async(Reply reply, std::vector<HostStatement> statements,
                                std::function<void(Result<void>)> done) = 0;
    virtual void release_async(std::function<void(Result<void>)> done) = 0;

    // complete() as statements for a transaction of the host's own connection to the same database: each must find
    // the rows it says, else roll back (another took over).
    virtual Result<std::vector<HostStatement>> complete_statements(const Reply &reply) = 0;
};

// A key's record, for people.
struct KeyRecord {
    std::int64_t row = 0;
    std::string tenant, space, key, operation;
    KeyState state = KeyState::in_progress;
    std::string owner;
    std::int64_t epoch = 0;
    bool effects_started = false;
    EffectClass effect = EffectClass::none;
    std::string point;
    std::string doubt;
    std::int32_t reply_status = 0;
    std::int64_t body_len = 0;
    std::int64_t created_us = 0, done_us = 0, expires_us = 0;
};
struct KeyFilter {
    std::optional<std::string> tenant, space;
    std::optional<KeyState> state;
    std::string after;
    std::int32_t limit = 100;  // 1 to 1,000
};
struct KeyPage {
    std::vector<KeyRecord> keys;
    std::string next;
};

// What an HTTP framework answers, whichever it is.
struct HttpAnswer {
    std::int32_t status = 0;  // 0: none, the work is yours
    std::vector<HttpHeader> headers;
    std::string body;
};
// replay: the reply with Idempotent-Replayed: true. running, unknown, expired: 409 with problem+json (RFC 9457),
// running with Retry-After. execute, recover: none.
HttpAnswer http_answer(const Claim &claim);
// Invalid: 400; mismatch: 422; what may be retried and what is not known: 503 with Retry-After; all others: 500.
HttpAnswer http_answer(const Error &error);

// RFC 8785. Invalid for text that is no JSON, has a member twice, or a number that a double cannot hold (an integer
// beyond 2^53, more than 17 digits): such a number would make two requests look alike, so send it as text.
Result<std::string> canonical_json(std::string_view json);
// The same of a part: `include` and `exclude` as in ClaimRequest. Invalid for a path that names an amount or currency
// to leave out; those below a path that is left out stay.
Result<std::string> canonical_json(std::string_view json, std::span<const std::string> include,
                                   std::span<const std::string> exclude);

// Threads: any thread may call any method.
class Idempotency {
public:
    virtual ~Idempotency() = default;

    // Invalid naming the field; Mismatch when the key stands for another request (told before anything of its state);
    // Timeout of attach; Store (do not run the request without); StoreLost (claim again, the record tells); Closed.
    virtual Result<std::unique_ptr<Claim>> claim(ClaimRequest request) = 0;
    virtual void claim_async(ClaimRequest request, std::function<void(Result<std::unique_ptr<Claim>>)> done) = 0;
    // Takes one key whose worker has died or let go after it had started effects; the tenant (empty: any), space,
    // lease_ms and keep_ms of `with` count. NotFound when there is none.
    virtual Result<std::unique_ptr<Claim>> recover_one(ClaimRequest with) = 0;
    virtual void recover_one_async(ClaimRequest with, std::function<void(Result<std::unique_ptr<Claim>>)> done) = 0;

    virtual Result<KeyRecord> show(std::string_view tenant, std::string_view space, std::string_view key) = 0;
    virtual Result<KeyPage> list(const KeyFilter &filter) = 0;
    // A person's or a query's word on an unknown key: completed with this reply; or, without one, that the effect did
    // not happen. Then the next claim executes it, or recovers it from its last checkpoint when there is one. NotFound;
    // State when it is not unknown.
    virtual Result<void> resolve(std::string_view tenant, std::string_view space, std::string_view key,
                                 const std::optional<Reply> &reply, std::string_view actor,
                                 std::string_view reason) = 0;
    // Takes away what has expired, in batches; how many rows. Never what is running or unknown.
    virtual Result<std::int64_t> purge(std::int64_t limit) = 0;
    // One line for each violated invariant of the rows.
    virtual Result<std::vector<std::string>> audit() = 0;
};

}  // namespace remit
