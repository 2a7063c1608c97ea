// All SQL text of the room.
#pragma once

#include <remit/port/database.hpp>

namespace remit::idempotency {

#define KEY_COLUMNS                                                                                                    \
    "SELECT id, tenant, space, key_text, operation, fp, fp_alg, state, owner, epoch, lease_until, lease_clock,"        \
    " claim_no, effects, effect, point, progress, doubt, reply_status, reply_headers, reply_body, body_kept,"          \
    " body_len, body_sha256, result_ref, created_us, done_us, expires_us, due_us, life FROM remit_idempotency "

// state: 10 in progress, 20 released, 30 completed, 40 unknown, 50 tombstone. body_kept: 0 nothing, 1 in the row, 2 in
// parts, 3 left out. due_us is when the keeper looks at the row again, 0 for a running key that anybody may take; it
// finds rows, and decides nothing: the lease and expires_us do.
inline constexpr Sql kInsert{
    "INSERT INTO remit_idempotency (tenant, space, key_text, operation, fp, fp_alg, state, owner, epoch, lease_until,"
    " lease_clock, claim_no, effects, effect, point, doubt, reply_status, body_kept, body_len, created_us, done_us,"
    " expires_us, due_us, life) VALUES (?, ?, ?, ?, ?, ?, 10, ?, 1, ?, ?, ?, 0, 0, '', '', 0, 0, 0, ?, 0, 0, ?, 0)"};
inline constexpr Sql kFind{KEY_COLUMNS "WHERE tenant = ? AND space = ? AND key_text = ?"};
// What a replay needs.
inline constexpr Sql kStored{
    "SELECT id, operation, fp, fp_alg, state, owner, epoch, reply_status, reply_headers, reply_body, body_kept,"
    " body_len, body_sha256, result_ref, expires_us FROM remit_idempotency"
    " WHERE tenant = ? AND space = ? AND key_text = ?"};
inline constexpr Sql kById{KEY_COLUMNS "WHERE id = ?"};
inline constexpr Sql kPage{KEY_COLUMNS "WHERE id > ? AND (? = 0 OR tenant = ?) AND (? = 0 OR space = ?)"
                                       " AND (? = 0 OR state = ?) ORDER BY id LIMIT ?"};
inline constexpr Sql kTake{
    "UPDATE remit_idempotency SET owner = ?, epoch = epoch + 1, lease_until = ?, lease_clock = ?,"
    " claim_no = ?, due_us = ? WHERE id = ? AND epoch = ? AND state = 10"};
inline constexpr Sql kTakeUnfenced{"UPDATE remit_idempotency SET owner = ?, lease_until = ?, lease_clock = ?,"
                                   " claim_no = ?, due_us = ? WHERE id = ? AND epoch = ? AND state = 10"};
inline constexpr Sql kRestart{
    "UPDATE remit_idempotency SET state = 10, owner = ?, epoch = epoch + 1, lease_until = ?, lease_clock = ?,"
    " claim_no = ?, due_us = ?, operation = ?, fp = ?, fp_alg = ?, effects = 0, effect = 0, point = '',"
    " progress = NULL, doubt = '', reply_status = 0, reply_headers = NULL, reply_body = NULL, body_kept = 0,"
    " body_len = 0, body_sha256 = NULL, result_ref = NULL, created_us = ?, done_us = 0, expires_us = 0,"
    " life = life + ? WHERE id = ? AND epoch = ? AND state = ?"};
inline constexpr Sql kUnknown{"UPDATE remit_idempotency SET state = 40, owner = '', epoch = epoch + 1, lease_until = 0,"
                              " doubt = ?, due_us = 0 WHERE id = ? AND epoch = ? AND state = 10"};
inline constexpr Sql kRenew{"UPDATE remit_idempotency SET owner = ?, lease_until = ?, lease_clock = ?, due_us = ?"
                            " WHERE id = ? AND epoch = ? AND state = 10"};
inline constexpr Sql kEffect{
    "UPDATE remit_idempotency SET effects = effects + CASE WHEN effect = 0 THEN 1 ELSE 0 END, effect = ?"
    " WHERE id = ? AND epoch = ? AND state = 10 AND (effect = 0 OR effect = ?)"};
inline constexpr Sql kCheckpoint{"UPDATE remit_idempotency SET effect = 0, point = ?, progress = ?"
                                 " WHERE id = ? AND epoch = ? AND state = 10"};
inline constexpr Sql kRelease{
    "UPDATE remit_idempotency SET state = 20, owner = '', lease_until = 0, effect = 0, point = '',"
    " progress = NULL, due_us = ? WHERE id = ? AND epoch = ? AND state = 10 AND effects = 0"};
inline constexpr Sql kLetGo{"UPDATE remit_idempotency SET owner = '', lease_until = 0, due_us = 0"
                            " WHERE id = ? AND epoch = ? AND state = 10"};
inline constexpr Sql kComplete{
    "UPDATE remit_idempotency SET state = 30, owner = '', lease_until = 0, effect = 0, doubt = '', reply_status = ?,"
    " reply_headers = ?, reply_body = ?, body_kept = ?, body_len = ?, body_sha256 = ?, result_ref = ?, done_us = ?,"
    " expires_us = ?, due_us = ? WHERE id = ? AND epoch = ? AND state = ?"};
inline constexpr Sql kCompleteAnyEpoch{
    "UPDATE remit_idempotency SET state = 30, owner = '', lease_until = 0, effect = 0, doubt = '', reply_status = ?,"
    " reply_headers = ?, reply_body = ?, body_kept = ?, body_len = ?, body_sha256 = ?, result_ref = ?, done_us = ?,"
    " expires_us = ?, due_us = ? WHERE id = ? AND epoch >= ? AND state = ?"};
// Like kLetGo for a key in doubt: the effect did not happen, what was done before it stays done.
inline constexpr Sql kResolveRunning{
    "UPDATE remit_idempotency SET state = 10, effect = 0, doubt = '', claim_no = 1, due_us = 0"
    " WHERE id = ? AND epoch = ? AND state = 40"};
inline constexpr Sql kResolveReleased{
    "UPDATE remit_idempotency SET state = 20, owner = '', lease_until = 0, effects = 0, effect = 0, point = '',"
    " progress = NULL, doubt = '', due_us = ? WHERE id = ? AND epoch = ? AND state = 40"};
inline constexpr Sql kPutPart{"INSERT INTO remit_reply_parts (key_row, part, bytes) VALUES (?, ?, ?)"};
inline constexpr Sql kParts{"SELECT bytes FROM remit_reply_parts WHERE key_row = ? ORDER BY part"};
inline constexpr Sql kDropParts{"DELETE FROM remit_reply_parts WHERE key_row = ?"};

inline constexpr Sql kOwners{
    "SELECT DISTINCT owner FROM remit_idempotency WHERE state = 10 AND due_us > 0 AND owner <> ?"};
inline constexpr Sql kOfOwner{
    "SELECT id FROM remit_idempotency WHERE state = 10 AND due_us > 0 AND owner = ? ORDER BY due_us LIMIT ?"};
inline constexpr Sql kLapsed{
    "SELECT id FROM remit_idempotency WHERE state = 10 AND due_us > 0 AND due_us <= ? ORDER BY due_us LIMIT ?"};
inline constexpr Sql kFree{"SELECT id FROM remit_idempotency WHERE state = 10 AND due_us = 0 AND (? = 0 OR tenant = ?)"
                           " AND space = ? ORDER BY id LIMIT ?"};
inline constexpr Sql kExpired{"SELECT id, tenant, space, key_text, body_kept FROM remit_idempotency"
                              " WHERE state = 30 AND due_us <= ? ORDER BY due_us LIMIT ?"};
inline constexpr Sql kOldOfAnyState{"SELECT id, tenant, space, key_text, body_kept FROM remit_idempotency"
                                    " WHERE state < 50 AND due_us <= ? ORDER BY due_us LIMIT ?"};
inline constexpr Sql kBury{"UPDATE remit_idempotency SET state = 50, effect = 0, point = '', progress = NULL,"
                           " reply_headers = NULL, reply_body = NULL, body_kept = 0, result_ref = NULL, due_us = ?"
                           " WHERE id = ? AND state = 30 AND expires_us <= ?"};
inline constexpr Sql kBuryAnyState{"UPDATE remit_idempotency SET state = 50, due_us = ? WHERE id = ? AND due_us <= ?"};
inline constexpr Sql kForgettable{
    "SELECT id FROM remit_idempotency WHERE state = ? AND due_us <= ? ORDER BY due_us LIMIT ?"};
inline constexpr Sql kForget{
    "DELETE FROM remit_idempotency WHERE id = ? AND (state = 20 OR state = 50) AND due_us <= ?"};

inline constexpr Sql kNoEpoch{
    "SELECT key_text FROM remit_idempotency WHERE epoch < 1 OR (state = 10 AND claim_no = 0)"};
inline constexpr Sql kReleasedAfterEffect{"SELECT key_text FROM remit_idempotency WHERE state = 20 AND effects <> 0"};
inline constexpr Sql kReplies{KEY_COLUMNS "WHERE state = 30 AND id > ? ORDER BY id LIMIT ?"};
inline constexpr Sql kUnfinished{
    "SELECT key_text FROM remit_idempotency WHERE (state = 30 AND (done_us = 0 OR expires_us = 0"
    " OR body_sha256 IS NULL)) OR (state IN (10, 40) AND (done_us <> 0 OR expires_us <> 0))"};
inline constexpr Sql kHeldBySettled{"SELECT key_text FROM remit_idempotency WHERE state <> 10 AND owner <> ''"};
inline constexpr Sql kBlindUnknown{
    "SELECT key_text FROM remit_idempotency WHERE state = 40 AND (effects = 0 OR doubt = '')"};

inline constexpr Sql kStatements[] = {kInsert,
                                      kStored,
                                      kFind,
                                      kById,
                                      kPage,
                                      kTake,
                                      kRestart,
                                      kUnknown,
                                      kRenew,
                                      kEffect,
                                      kCheckpoint,
                                      kRelease,
                                      kLetGo,
                                      kComplete,
                                      kResolveReleased,
                                      kResolveRunning,
                                      kPutPart,
                                      kParts,
                                      kDropParts,
                                      kOwners,
                                      kOfOwner,
                                      kLapsed,
                                      kFree,
                                      kExpired,
                                      kBury,
                                      kForgettable,
                                      kForget,
                                      kNoEpoch,
                                      kReleasedAfterEffect,
                                      kReplies,
                                      kUnfinished,
                                      kHeldBySettled,
                                      kBlindUnknown};

inline constexpr const char *kTables[] = {
    ("CREATE TABLE IF NOT EXISTS remit_idempotency (id {id}, tenant {text} NOT NULL, space {text} NOT NULL,"
     " key_text {text} NOT NULL,"
     " operation {text} NOT NULL, fp {bytes} NOT NULL, fp_alg BIGINT NOT NULL, state BIGINT NOT NULL,"
     " owner {text} NOT NULL, epoch BIGINT NOT NULL, lease_until BIGINT NOT NULL, lease_clock {text} NOT NULL,"
     " claim_no BIGINT NOT NULL, effects BIGINT NOT NULL, effect BIGINT NOT NULL, point {text} NOT NULL,"
     " progress {longbytes}, doubt {text} NOT NULL, reply_status BIGINT NOT NULL, reply_headers {longtext},"
     " reply_body {longbytes}, body_kept BIGINT NOT NULL, body_len BIGINT NOT NULL, body_sha256 {bytes},"
     " result_ref {text}, created_us BIGINT NOT NULL, done_us BIGINT NOT NULL, expires_us BIGINT NOT NULL,"
     " due_us BIGINT NOT NULL, life BIGINT NOT NULL, UNIQUE (tenant, space, key_text))"),
    "CREATE INDEX IF NOT EXISTS remit_idempotency_due ON remit_idempotency (state, due_us)",
    "CREATE TABLE IF NOT EXISTS remit_reply_parts (id {id}, key_row BIGINT NOT NULL, part BIGINT NOT NULL,"
    " bytes {longbytes} NOT NULL, UNIQUE (key_row, part))",
};

#undef KEY_COLUMNS

}  // namespace remit::idempotency
