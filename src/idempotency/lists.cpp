// Finding rows: whose worker is gone, whose time is over, what breaks an invariant.
#include "idempotency/rows.hpp"

#include "core/planted.hpp"
#include "crypto/hash.hpp"
#include "idempotency/sql.hpp"

namespace remit::idempotency::rows {

namespace {

Result<std::vector<std::int64_t>> ids(SqlReader &reader, const Sql &sql, SqlParams params) {
    std::vector<std::int64_t> out;
    REMIT_CHECK(reader.query(sql, params, [&](const SqlRow &row) {
        out.push_back(row.integer(0));
        return true;
    }));
    return out;
}

Result<bool> found_one(Result<std::int64_t> rows) {
    REMIT_TRY(const std::int64_t count, std::move(rows));
    return count == 1;
}

constexpr std::int64_t kInParts = 2;  // body_kept

}  // namespace

Result<std::vector<std::string>> owners(SqlReader &reader, std::string_view self) {
    std::vector<std::string> out;
    REMIT_CHECK(reader.query(kOwners, {self}, [&](const SqlRow &row) {
        out.emplace_back(row.text(0));
        return true;
    }));
    return out;
}

Result<std::vector<std::int64_t>> of_owner(SqlReader &reader, std::string_view owner, std::int64_t limit) {
    return ids(reader, kOfOwner, {owner, limit});
}
Result<std::vector<std::int64_t>> lapsed(SqlReader &reader, std::int64_t utc_us, std::int64_t limit) {
    return ids(reader, kLapsed, {utc_us, limit});
}
Result<std::vector<std::int64_t>> free_to_take(SqlReader &reader, std::string_view tenant, std::string_view space,
                                               std::int64_t limit) {
    return ids(reader, kFree, {tenant.empty() ? 0 : 1, tenant, space, limit});
}

Result<std::vector<Old>> expired(SqlReader &reader, std::int64_t utc_us, std::int64_t limit) {
    std::vector<Old> out;
    REMIT_CHECK(
        reader.query(REMIT_BUG(purge_running) ? kOldOfAnyState : kExpired, {utc_us, limit}, [&](const SqlRow &row) {
            out.push_back({row.integer(0), std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3)),
                           row.integer(4) == kInParts});
            return true;
        }));
    return out;
}

Result<bool> bury(SqlTx &tx, const Old &old, std::int64_t utc_us, std::int64_t due_us) {
    REMIT_TRY(const bool done,
              found_one(tx.exec(REMIT_BUG(purge_running) ? kBuryAnyState : kBury, {due_us, old.id, utc_us})));
    if (done && old.parts) REMIT_CHECK(tx.exec(kDropParts, {old.id}));
    return done;
}

Result<std::vector<std::int64_t>> forgettable(SqlReader &reader, std::int64_t utc_us, std::int64_t limit) {
    std::vector<std::int64_t> out;
    for (const KeyState state : {KeyState::released, KeyState::tombstone}) {
        const std::int64_t left = limit - static_cast<std::int64_t>(out.size());
        if (left <= 0) break;
        REMIT_TRY(const auto some, ids(reader, kForgettable, {static_cast<std::int64_t>(state), utc_us, left}));
        out.insert(out.end(), some.begin(), some.end());
    }
    return out;
}

Result<bool> forget(SqlTx &tx, std::int64_t id, std::int64_t utc_us) {
    return found_one(tx.exec(kForget, {id, utc_us}));
}

namespace {

Result<void> each_key(SqlReader &reader, const Sql &sql, std::string_view what, std::vector<std::string> &lines) {
    auto seen = reader.query(sql, SqlParams{}, [&](const SqlRow &row) {
        lines.push_back("key '" + std::string(row.text(0)) + "' " + std::string(what));
        return true;
    });
    return seen.ok() ? Result<void>() : std::move(seen).error();
}

// I3, some rows at a time.
Result<void> check_replies(SqlReader &reader, std::vector<std::string> &lines) {
    constexpr std::int64_t kSome = 200;
    std::int64_t after = 0;
    for (std::int64_t seen = kSome; seen == kSome;) {
        std::vector<std::int64_t> rows;
        REMIT_TRY(seen, reader.query(kReplies, {after, kSome}, [&](const SqlRow &row) {
            rows.push_back(row.integer(0));
            return true;
        }));
        for (const std::int64_t id : rows) {
            REMIT_TRY(const auto record, by_id(reader, id));
            if (!record || record->state != KeyState::completed || record->reply.body_omitted) continue;
            if (crypto::sha256(view(record->reply.body)) != record->reply.body_sha256)
                lines.push_back("key '" + record->key + "' has a reply that is not the one recorded");
        }
        if (!rows.empty()) after = rows.back();
    }
    return {};
}

}  // namespace

Result<std::vector<std::string>> violations(SqlReader &reader) {
    std::vector<std::string> lines;
    REMIT_CHECK(each_key(reader, kNoEpoch, "runs without an epoch or a claim", lines));
    REMIT_CHECK(each_key(reader, kReleasedAfterEffect, "was given back after an effect", lines));
    REMIT_CHECK(each_key(reader, kUnfinished, "has times that do not fit its state", lines));
    REMIT_CHECK(each_key(reader, kHeldBySettled, "is settled and has an owner", lines));
    REMIT_CHECK(each_key(reader, kBlindUnknown, "is unknown without an effect or a reason", lines));
    REMIT_CHECK(check_replies(reader, lines));
    return lines;
}

}  // namespace remit::idempotency::rows
