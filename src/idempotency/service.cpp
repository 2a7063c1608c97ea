// The host's face of the room.
#include "idempotency/claims.hpp"

#include "core/canonical.hpp"
#include "core/ids.hpp"

#include <algorithm>

namespace remit {

const char *verdict_name(Verdict verdict) noexcept {
    switch (verdict) {
    case Verdict::execute: return "execute";
    case Verdict::recover: return "recover";
    case Verdict::replay: return "replay";
    case Verdict::running: return "running";
    case Verdict::unknown: return "unknown";
    case Verdict::expired: return "expired";
    }
    return "?";
}

const char *key_state_name(KeyState state) noexcept {
    switch (state) {
    case KeyState::in_progress: return "in_progress";
    case KeyState::released: return "released";
    case KeyState::completed: return "completed";
    case KeyState::unknown: return "unknown";
    case KeyState::tombstone: return "tombstone";
    }
    return "?";
}

Result<std::string> canonical_json(std::string_view json) {
    return core::canonical_json(json, {}, {});
}

Result<std::string> canonical_json(std::string_view json, std::span<const std::string> include,
                                   std::span<const std::string> exclude) {
    return core::canonical_json(json, include, exclude);
}

namespace idempotency {

namespace {

constexpr std::int64_t kKeepUs = 7LL * 86'400 * kMicrosPerSecond;
constexpr std::int64_t kRecoverLook = 16;

KeyRecord shown(Record &&record) {
    KeyRecord out;
    out.row = record.id;
    out.tenant = std::move(record.tenant);
    out.space = std::move(record.space);
    out.key = std::move(record.key);
    out.operation = std::move(record.operation);
    out.state = record.state;
    out.owner = std::move(record.ownership.owner);
    out.epoch = record.ownership.epoch;
    out.effects_started = record.effects_started;
    out.effect = record.effect;
    out.point = std::move(record.point);
    out.doubt = std::move(record.doubt);
    out.reply_status = record.reply.status;
    out.body_len = record.reply.body_len;
    out.created_us = record.created_us;
    out.done_us = record.done_us;
    out.expires_us = record.expires_us;
    return out;
}

Error no_such_key(std::string_view key) {
    return Error{Status::not_found, "key", "there is no key '" + std::string(key) + "'"};
}

class Desk final : public Service {
public:
    explicit Desk(const Ports &ports) : ports_(ports), claims_(std::make_shared<Claims>(ports)) {}

    Result<std::unique_ptr<Claim>> claim(ClaimRequest request) override {
        REMIT_TRY(const auto call, claims_->prepare(std::move(request)));
        return claims_->claim(call);
    }

    void claim_async(ClaimRequest request, std::function<void(Result<std::unique_ptr<Claim>>)> done) override {
        auto call = claims_->prepare(std::move(request));
        if (!call) return done(std::move(call).error());
        (*call)->done = std::move(done);
        claims_->claim_async(*std::move(call));
    }

    Result<std::unique_ptr<Claim>> recover_one(ClaimRequest with) override {
        REMIT_TRY(const auto rows, abandoned_rows(with));
        for (const std::int64_t row : rows) {
            REMIT_TRY(const auto call, claims_->prepare_recovery(with));
            call->row = row;
            auto claim = claims_->claim(call);
            if (claim.status() == Status::not_found || (claim && (*claim)->verdict() != Verdict::recover)) continue;
            return claim;
        }
        return error(Status::not_found, "there is no key to recover");
    }

    void recover_one_async(ClaimRequest with, std::function<void(Result<std::unique_ptr<Claim>>)> done) override {
        done(recover_one(std::move(with)));
    }

    Result<KeyRecord> show(std::string_view tenant, std::string_view space, std::string_view key) override {
        std::shared_ptr<Record> record;
        REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
            REMIT_TRY(record, rows::find(reader, tenant, space, key));
            return {};
        }));
        if (!record) return no_such_key(key);
        return shown(std::move(*record));
    }

    Result<KeyPage> list(const KeyFilter &filter) override;
    Result<void> resolve(std::string_view tenant, std::string_view space, std::string_view key,
                         const std::optional<Reply> &reply, std::string_view actor, std::string_view reason) override;
    Result<std::int64_t> purge(std::int64_t limit) override {
        if (limit < 1 || limit > 100'000) return invalid("limit", "must be from 1 to 100000");
        return claims_->purge(limit);
    }
    Result<std::vector<std::string>> audit() override {
        std::vector<std::string> lines;
        REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
            REMIT_TRY(lines, rows::violations(reader));
            return {};
        }));
        return lines;
    }

    Result<bool> tick() override {
        bool progressed = false;
        for (const auto part :
             {&Claims::renew, &Claims::settle_doubts, &Claims::answer_waiting, &Claims::sweep, &Claims::purge_due}) {
            REMIT_TRY(const bool did, (*claims_.*part)());
            progressed |= did;
        }
        return progressed;
    }
    std::int64_t next_due_us() const override { return claims_->next_due_us(); }
    void close(const Error &why) override { claims_->close(why); }

private:
    // A sweep first: an owner that has just died is seen at once.
    Result<std::vector<std::int64_t>> abandoned_rows(const ClaimRequest &with) {
        REMIT_CHECK(claims_->sweep_now());
        std::vector<std::int64_t> rows;
        REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
            REMIT_TRY(rows, rows::free_to_take(reader, with.tenant, with.space, kRecoverLook));
            return {};
        }));
        return rows;
    }

    Ports ports_;
    std::shared_ptr<Claims> claims_;
};

Result<KeyPage> Desk::list(const KeyFilter &filter) {
    if (filter.limit < 1 || filter.limit > 1000) return invalid("limit", "must be from 1 to 1000");
    std::int64_t after = 0;
    for (const char c : filter.after) {
        if (c < '0' || c > '9' || filter.after.size() > 18) return invalid("after", "is not a cursor of this list");
        after = after * 10 + (c - '0');
    }
    std::vector<Record> found;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(found, rows::page(reader, filter, after));
        return {};
    }));
    KeyPage page;
    if (found.size() == static_cast<std::size_t>(filter.limit)) page.next = std::to_string(found.back().id);
    for (Record &record : found) page.keys.push_back(shown(std::move(record)));
    return page;
}

Result<void> Desk::resolve(std::string_view tenant, std::string_view space, std::string_view key,
                           const std::optional<Reply> &reply, std::string_view actor, std::string_view reason) {
    REMIT_CHECK(core::check_host_text(actor, 1, 255, "actor"));
    REMIT_CHECK(core::check_host_text(reason, 1, 1000, "reason"));
    std::optional<Reply> ready;
    if (reply) {
        REMIT_TRY(ready, checked(*reply));
    }
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_TRY(auto record, rows::find(tx, tenant, space, key));
        if (!record) return no_such_key(key);
        if (record->state != KeyState::unknown)
            return Error{Status::state, "key",
                         std::string("the key is ") + key_state_name(record->state) + ", not unknown"};
        const std::int64_t utc = ports_.clock.utc_us();
        // What a checkpoint says was done is not done again: then the next worker goes on from there.
        const bool begun = record->effects > 1 || !record->point.empty() || !record->data.empty();
        const KeyState to = ready ? KeyState::completed : begun ? KeyState::in_progress : KeyState::released;
        Result<bool> done(false);
        if (ready)
            done = rows::complete(tx,
                                  {record->id, record->ownership.epoch, KeyState::unknown, &*ready, ready->body_sha256,
                                   utc, utc + kKeepUs},
                                  false);
        else
            done = rows::resolve_not_done(tx, *record, to, utc + kKeepUs);
        REMIT_TRY(const bool found, std::move(done));
        if (!found) return error(Status::store, "the key has changed meanwhile; look again");
        record->state = to;
        return claims_->tell(tx, *record, "idempotency.resolved", actor, reason);
    }));
    claims_->settled(tenant, space, key);
    return {};
}

}  // namespace

std::unique_ptr<Service> make_idempotency(const Ports &ports) {
    return std::make_unique<Desk>(ports);
}

}  // namespace idempotency

}  // namespace remit
