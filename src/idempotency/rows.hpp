// The rows of keys: typed reads and writes, and all SQL of the room.
#pragma once

#include "idempotency/step.hpp"

#include <remit/port/database.hpp>

#include <memory>
#include <span>
#include <vector>

namespace remit::idempotency::rows {

// Replies up to kInlineMax stand in the row, up to kKeptMax in parts of kInlineMax; of larger ones only length and
// hash.
inline constexpr std::size_t kInlineMax = 64 * 1024;
inline constexpr std::size_t kKeptMax = 1024 * 1024;

struct Lease {
    std::string_view owner;
    std::int64_t until_us = 0;  // of `clock`
    std::string_view clock;
    std::int64_t due_us = 0;  // UTC: when the keeper looks again
};

// `last`: nothing follows in this transaction. Mismatch when the key is there.
Result<void> insert(SqlTx &tx, const ClaimRequest &request, const Ask &ask, const Lease &lease, std::int64_t utc_us,
                    bool last);
// Null: there is none.
Result<std::shared_ptr<Record>> find(SqlReader &reader, std::string_view tenant, std::string_view space,
                                     std::string_view key);
// The same, but of the record only what a replay needs: operation, fingerprint, state, owner, epoch, reply, expires_us.
Result<std::shared_ptr<Record>> stored(SqlReader &reader, std::string_view tenant, std::string_view space,
                                       std::string_view key);
Result<std::shared_ptr<Record>> by_id(SqlReader &reader, std::int64_t id);

// Each is one conditional update of the row in the epoch that was read; false: it is not so any more.
Result<bool> take(SqlTx &tx, const Record &record, std::int64_t claim_no, const Lease &lease);
Result<bool> restart(SqlTx &tx, const Record &record, const Ask &ask, const Lease &lease, std::int64_t utc_us);
Result<bool> make_unknown(SqlTx &tx, std::int64_t id, std::int64_t epoch, std::string_view doubt);
Result<bool> renew(SqlTx &tx, std::int64_t id, std::int64_t epoch, const Lease &lease);
Result<bool> effect_begin(SqlTx &tx, std::int64_t id, std::int64_t epoch, EffectClass effect);
Result<bool> checkpoint(SqlTx &tx, std::int64_t id, std::int64_t epoch, std::string_view point, std::string_view data);
Result<bool> release(SqlTx &tx, std::int64_t id, std::int64_t epoch, std::int64_t due_us, bool last);
// The worker is gone: anybody may take the key.
Result<bool> let_go(SqlTx &tx, std::int64_t id, std::int64_t epoch);

// `hash` is that of the body.
struct Completion {
    std::int64_t id = 0, epoch = 0;
    KeyState from = KeyState::in_progress;
    const Reply *reply = nullptr;
    Hash32 hash;
    std::int64_t done_us = 0, expires_us = 0;
};
Result<bool> complete(SqlTx &tx, const Completion &completion, bool last);
std::vector<HostStatement> complete_texts(const Database &database, const Completion &completion);
// A person's word that the effect did not happen: released, or in progress for anybody to take.
Result<bool> resolve_not_done(SqlTx &tx, const Record &record, KeyState to, std::int64_t due_us);

Result<std::vector<std::string>> owners(SqlReader &reader, std::string_view self);
Result<std::vector<std::int64_t>> of_owner(SqlReader &reader, std::string_view owner, std::int64_t limit);
Result<std::vector<std::int64_t>> lapsed(SqlReader &reader, std::int64_t utc_us, std::int64_t limit);
Result<std::vector<std::int64_t>> free_to_take(SqlReader &reader, std::string_view tenant, std::string_view space,
                                               std::int64_t limit);

struct Old {
    std::int64_t id = 0;
    std::string tenant, space, key;
    bool parts = false;
};
Result<std::vector<Old>> expired(SqlReader &reader, std::int64_t utc_us, std::int64_t limit);
Result<bool> bury(SqlTx &tx, const Old &old, std::int64_t utc_us, std::int64_t due_us);
Result<std::vector<std::int64_t>> forgettable(SqlReader &reader, std::int64_t utc_us, std::int64_t limit);
Result<bool> forget(SqlTx &tx, std::int64_t id, std::int64_t utc_us);

Result<std::vector<Record>> page(SqlReader &reader, const KeyFilter &filter, std::int64_t after);
Result<std::vector<std::string>> violations(SqlReader &reader);

}  // namespace remit::idempotency::rows
