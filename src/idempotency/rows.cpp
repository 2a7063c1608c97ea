#include "idempotency/rows.hpp"

#include "core/planted.hpp"
#include "idempotency/idempotency.hpp"
#include "idempotency/sql.hpp"

#include <algorithm>
#include <array>

namespace remit::idempotency {

namespace {

constexpr Migration kMigrations[] = {{5, "idempotency", kTables, 1}};

std::string bytes_at(const SqlRow &row, int column) {
    const ByteView bytes = row.blob(column);
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

ByteView bytes_of(std::string_view text) {
    return view(text);
}

// What of a body is kept where.
enum class BodyKept : std::int64_t { nothing = 0, row = 1, parts = 2, left_out = 3 };

BodyKept kept(std::size_t size) {
    if (size == 0) return BodyKept::nothing;
    if (size <= rows::kInlineMax) return BodyKept::row;
    return size <= rows::kKeptMax ? BodyKept::parts : BodyKept::left_out;
}

// Headers as they stand in HTTP: "name: value", one a line. Neither has a line end in it.
std::string headers_text(const std::vector<HttpHeader> &headers) {
    std::string out;
    for (const HttpHeader &header : headers) out.append(header.name).append(": ").append(header.value).append("\n");
    return out;
}

std::vector<HttpHeader> headers_of(std::string_view text) {
    std::vector<HttpHeader> out;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::size_t colon = line.find(": ");
        if (colon != std::string_view::npos)
            out.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
    }
    return out;
}

// Six columns from `first`: headers, body, where it is kept, its length and hash, and the reference.
BodyKept read_reply(const SqlRow &sql, int first, Reply &reply) {
    reply.headers = headers_of(sql.text(first));
    const auto body = static_cast<BodyKept>(sql.integer(first + 2));
    if (body == BodyKept::row) reply.body = bytes_at(sql, first + 1);
    reply.body_omitted = body == BodyKept::left_out;
    reply.body_len = sql.integer(first + 3);
    if (auto hash = fixed_from_bytes<Hash32>(sql.blob(first + 4), "body_sha256")) reply.body_sha256 = *hash;
    reply.result_ref = sql.text(first + 5);
    if (REMIT_BUG(reply_rewritten) && !reply.body.empty()) reply.body.back() = ' ';
    return body;
}

void read_record(const SqlRow &sql, Record &r, BodyKept &body) {
    r.id = sql.integer(0);
    r.tenant = sql.text(1);
    r.space = sql.text(2);
    r.key = sql.text(3);
    r.operation = sql.text(4);
    if (auto hash = fixed_from_bytes<Hash32>(sql.blob(5), "fp")) r.fingerprint.hash = *hash;
    r.fingerprint.alg = static_cast<FingerprintAlg>(sql.integer(6));
    r.state = static_cast<KeyState>(sql.integer(7));
    r.ownership = {std::string(sql.text(8)), sql.integer(9), sql.integer(10), std::string(sql.text(11))};
    r.claim_no = sql.integer(12);
    r.effects = sql.integer(13);
    r.effects_started = r.effects != 0;
    r.effect = static_cast<EffectClass>(sql.integer(14));
    r.point = sql.text(15);
    r.data = bytes_at(sql, 16);
    r.doubt = sql.text(17);
    r.reply.status = static_cast<std::int32_t>(sql.integer(18));
    body = read_reply(sql, 19, r.reply);
    r.created_us = sql.integer(25);
    r.done_us = sql.integer(26);
    r.expires_us = sql.integer(27);
    r.due_us = sql.integer(28);
    r.life = sql.integer(29);
}

void read_stored(const SqlRow &sql, Record &r, BodyKept &body) {
    r.id = sql.integer(0);
    r.operation = sql.text(1);
    if (auto hash = fixed_from_bytes<Hash32>(sql.blob(2), "fp")) r.fingerprint.hash = *hash;
    r.fingerprint.alg = static_cast<FingerprintAlg>(sql.integer(3));
    r.state = static_cast<KeyState>(sql.integer(4));
    r.ownership.owner = sql.text(5);
    r.ownership.epoch = sql.integer(6);
    r.reply.status = static_cast<std::int32_t>(sql.integer(7));
    body = read_reply(sql, 8, r.reply);
    r.expires_us = sql.integer(14);
}

Result<std::shared_ptr<Record>> one(SqlReader &reader, const Sql &sql, SqlParams params,
                                    void (*read)(const SqlRow &, Record &, BodyKept &) = read_record) {
    std::shared_ptr<Record> out;
    BodyKept body = BodyKept::nothing;
    REMIT_CHECK(reader.query(sql, params, [&](const SqlRow &row) {
        out = std::make_shared<Record>();
        read(row, *out, body);
        return false;
    }));
    if (!out || body != BodyKept::parts) return out;
    REMIT_CHECK(reader.query(kParts, {out->id}, [&](const SqlRow &row) {
        out->reply.body += bytes_at(row, 0);
        return true;
    }));
    // Two statements: somebody may have taken it away between them.
    if (static_cast<std::int64_t>(out->reply.body.size()) != out->reply.body_len)
        return error(Status::busy, "the reply has gone meanwhile");
    return out;
}

Result<bool> found_one(Result<std::int64_t> rows) {
    REMIT_TRY(const std::int64_t count, std::move(rows));
    return count == 1;
}

SqlParam nullable_bytes(std::string_view bytes) {
    return bytes.empty() ? SqlParam() : SqlParam(bytes_of(bytes));
}
SqlParam nullable_text(std::string_view text) {
    return text.empty() ? SqlParam() : SqlParam(text);
}

ByteView hash_bytes(const Fingerprint &fingerprint) {
    return fingerprint.alg == FingerprintAlg::none ? ByteView() : ByteView(fingerprint.hash);
}

// The parameters of kComplete. Views into `completion` and `headers`.
std::array<SqlParam, 13> complete_params(const rows::Completion &c, const std::string &headers) {
    const Reply &reply = *c.reply;
    const BodyKept body = kept(reply.body.size());
    return {SqlParam(static_cast<std::int64_t>(reply.status)),
            nullable_text(headers),
            body == BodyKept::row ? SqlParam(bytes_of(reply.body)) : SqlParam(),
            SqlParam(static_cast<std::int64_t>(body)),
            SqlParam(static_cast<std::int64_t>(reply.body.size())),
            SqlParam(c.hash),
            nullable_text(reply.result_ref),
            SqlParam(c.done_us),
            SqlParam(c.expires_us),
            SqlParam(c.expires_us),
            SqlParam(c.id),
            SqlParam(c.epoch),
            SqlParam(static_cast<std::int64_t>(c.from))};
}

std::vector<std::string_view> parts_of(std::string_view body) {
    std::vector<std::string_view> parts;
    if (kept(body.size()) != BodyKept::parts) return parts;
    for (; !body.empty(); body.remove_prefix(std::min(body.size(), rows::kInlineMax)))
        parts.push_back(body.substr(0, rows::kInlineMax));
    return parts;
}

HostValue host_value(const SqlParam &p) {
    const std::string data(static_cast<const char *>(p.data), p.data != nullptr ? p.size : 0);
    switch (p.kind) {
    case SqlParam::Kind::null: return {};
    case SqlParam::Kind::integer: return {HostValue::Kind::integer, p.integer, {}};
    case SqlParam::Kind::text: return {HostValue::Kind::text, 0, data};
    case SqlParam::Kind::blob: return {HostValue::Kind::bytes, 0, data};
    }
    return {};
}

HostStatement host_statement(const Database &database, const Sql &sql, std::span<const SqlParam> params,
                             std::int64_t row_count) {
    HostStatement out{database.text_of(sql), {}, row_count};
    for (const SqlParam &p : params) out.values.push_back(host_value(p));
    return out;
}

}  // namespace

std::span<const Migration> migrations() {
    return kMigrations;
}
std::span<const Sql> statements() {
    return kStatements;
}

namespace rows {

Result<void> insert(SqlTx &tx, const ClaimRequest &request, const Ask &ask, const Lease &lease, std::int64_t utc_us,
                    bool last) {
    const std::array<SqlParam, 12> params = {request.tenant,
                                             request.space,
                                             request.key,
                                             ask.operation,
                                             hash_bytes(ask.fingerprint),
                                             static_cast<std::int64_t>(ask.fingerprint.alg),
                                             lease.owner,
                                             lease.until_us,
                                             lease.clock,
                                             ask.claim_no,
                                             utc_us,
                                             lease.due_us};
    REMIT_CHECK(last ? tx.exec_last(kInsert, std::span<const SqlParam>(params))
                     : tx.exec(kInsert, std::span<const SqlParam>(params)));
    return {};
}

Result<std::shared_ptr<Record>> find(SqlReader &reader, std::string_view tenant, std::string_view space,
                                     std::string_view key) {
    return one(reader, kFind, {tenant, space, key});
}
Result<std::shared_ptr<Record>> stored(SqlReader &reader, std::string_view tenant, std::string_view space,
                                       std::string_view key) {
    return one(reader, kStored, {tenant, space, key}, read_stored);
}
Result<std::shared_ptr<Record>> by_id(SqlReader &reader, std::int64_t id) {
    return one(reader, kById, {id});
}

Result<bool> take(SqlTx &tx, const Record &record, std::int64_t claim_no, const Lease &lease) {
    return found_one(
        tx.exec(REMIT_BUG(takeover_unfenced) ? kTakeUnfenced : kTake,
                {lease.owner, lease.until_us, lease.clock, claim_no, lease.due_us, record.id, record.ownership.epoch}));
}

Result<bool> restart(SqlTx &tx, const Record &record, const Ask &ask, const Lease &lease, std::int64_t utc_us) {
    REMIT_CHECK(tx.exec(kDropParts, {record.id}));
    const int lives = record.state == KeyState::released ? 0 : 1;
    return found_one(
        tx.exec(kRestart, {lease.owner, lease.until_us, lease.clock, ask.claim_no, lease.due_us, ask.operation,
                           hash_bytes(ask.fingerprint), static_cast<std::int64_t>(ask.fingerprint.alg), utc_us, lives,
                           record.id, record.ownership.epoch, static_cast<std::int64_t>(record.state)}));
}

Result<bool> make_unknown(SqlTx &tx, std::int64_t id, std::int64_t epoch, std::string_view doubt) {
    return found_one(tx.exec(kUnknown, {doubt, id, epoch}));
}

Result<bool> renew(SqlTx &tx, std::int64_t id, std::int64_t epoch, const Lease &lease) {
    return found_one(tx.exec(kRenew, {lease.owner, lease.until_us, lease.clock, lease.due_us, id, epoch}));
}

Result<bool> effect_begin(SqlTx &tx, std::int64_t id, std::int64_t epoch, EffectClass effect) {
    return found_one(
        tx.exec_last(kEffect, {static_cast<std::int64_t>(effect), id, epoch, static_cast<std::int64_t>(effect)}));
}

Result<bool> checkpoint(SqlTx &tx, std::int64_t id, std::int64_t epoch, std::string_view point, std::string_view data) {
    return found_one(tx.exec_last(kCheckpoint, {point, nullable_bytes(data), id, epoch}));
}

Result<bool> release(SqlTx &tx, std::int64_t id, std::int64_t epoch, std::int64_t due_us, bool last) {
    return found_one(last ? tx.exec_last(kRelease, {due_us, id, epoch}) : tx.exec(kRelease, {due_us, id, epoch}));
}

Result<bool> let_go(SqlTx &tx, std::int64_t id, std::int64_t epoch) {
    return found_one(tx.exec(kLetGo, {id, epoch}));
}

Result<bool> complete(SqlTx &tx, const Completion &completion, bool last) {
    const auto parts = parts_of(completion.reply->body);
    const std::string headers = headers_text(completion.reply->headers);
    const auto params = complete_params(completion, headers);
    const Sql &sql = REMIT_BUG(stale_completion) ? kCompleteAnyEpoch : kComplete;
    const std::span<const SqlParam> all(params);
    REMIT_TRY(const bool done, found_one(last && parts.empty() ? tx.exec_last(sql, all) : tx.exec(sql, all)));
    std::int64_t number = 0;
    if (done)
        for (const std::string_view part : parts)
            REMIT_CHECK(tx.exec(kPutPart, {completion.id, number++, bytes_of(part)}));
    return done;
}

std::vector<HostStatement> complete_texts(const Database &database, const Completion &completion) {
    const std::string headers = headers_text(completion.reply->headers);
    const auto params = complete_params(completion, headers);
    std::vector<HostStatement> out = {host_statement(database, kComplete, params, 1)};
    std::int64_t number = 0;
    for (const std::string_view part : parts_of(completion.reply->body)) {
        const std::array<SqlParam, 3> values = {completion.id, number++, bytes_of(part)};
        out.push_back(host_statement(database, kPutPart, values, 1));
    }
    return out;
}

Result<bool> resolve_not_done(SqlTx &tx, const Record &record, KeyState to, std::int64_t due_us) {
    if (to == KeyState::in_progress) return found_one(tx.exec(kResolveRunning, {record.id, record.ownership.epoch}));
    return found_one(tx.exec(kResolveReleased, {due_us, record.id, record.ownership.epoch}));
}

Result<std::vector<Record>> page(SqlReader &reader, const KeyFilter &filter, std::int64_t after) {
    std::vector<Record> out;
    REMIT_CHECK(reader.query(kPage,
                             {after, filter.tenant ? 1 : 0, filter.tenant.value_or(""), filter.space ? 1 : 0,
                              filter.space.value_or(""), filter.state ? 1 : 0,
                              static_cast<std::int64_t>(filter.state.value_or(KeyState::in_progress)), filter.limit},
                             [&](const SqlRow &row) {
                                 BodyKept body;
                                 read_record(row, out.emplace_back(), body);
                                 return true;
                             }));
    return out;
}

}  // namespace rows

}  // namespace remit::idempotency
