// What a claim means, decided from the record alone: pure, no I/O.
#pragma once

#include "core/lease.hpp"

#include <remit/idempotency.hpp>

namespace remit::idempotency {

// How a fingerprint was made. Those of two ways cannot be compared.
enum class FingerprintAlg : std::int64_t { none = 0, sha256 = 1, sha256_jcs = 2 };

struct Fingerprint {
    FingerprintAlg alg = FingerprintAlg::none;
    Hash32 hash;
};

// Invalid when the request is no JSON and should be, or a path is wrong.
Result<Fingerprint> fingerprint_of(const ClaimRequest &request);

// The row of a key, all of it.
struct Record {
    std::int64_t id = 0;
    std::string tenant, space, key, operation;
    Fingerprint fingerprint;
    KeyState state = KeyState::in_progress;
    core::Ownership ownership;
    std::int64_t claim_no = 0;  // random, of the claim that has it: tells whether a doubtful commit was done
    std::int64_t effects = 0;   // how many were begun
    bool effects_started = false;
    EffectClass effect = EffectClass::none;  // under way
    std::string point, data, doubt;
    Reply reply;
    std::int64_t created_us = 0, done_us = 0, expires_us = 0, due_us = 0;
    std::int64_t life = 0;  // grows when an expired key is used anew: its effects are others then
};

struct Ask {
    std::string_view operation;
    Fingerprint fingerprint;
    std::int64_t claim_no = 0;
    bool again_after_expiry = false;
};

enum class Decision : std::int32_t {
    mismatch,      // another request
    ours,          // this very claim has it already: an earlier try was done after all
    running,       // its worker lives
    take,          // its worker does not: epoch + 1, recover
    make_unknown,  // the same within an at_most_once effect: epoch + 1, unknown
    execute,       // released, or expired and wanted anew: epoch + 1, from the start
    replay,
    expired,
    unknown,
};

// `owner_alive` counts for an owner other than `self`; a claim of our own process is held by its lease.
Decision decide(const Record &record, const Ask &ask, std::string_view self, bool owner_alive,
                std::int64_t lease_now_us, std::string_view lease_clock, std::int64_t utc_us);

// Whether the worker of a running key is gone: dead, let go, or silent beyond its lease.
bool abandoned(const core::Ownership &ownership, std::string_view self, bool owner_alive, std::int64_t lease_now_us,
               std::string_view lease_clock);

}  // namespace remit::idempotency
