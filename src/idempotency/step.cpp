#include "idempotency/step.hpp"

#include "core/canonical.hpp"
#include "core/planted.hpp"
#include "crypto/hash.hpp"

namespace remit::idempotency {

Result<Fingerprint> fingerprint_of(const ClaimRequest &request) {
    if (!request.request) return Fingerprint{};
    if (request.form == RequestForm::bytes)
        return Fingerprint{FingerprintAlg::sha256, crypto::sha256(view(*request.request))};
    REMIT_TRY(const std::string canonical,
              core::canonical_json(*request.request, request.include, request.exclude, "request"));
    return Fingerprint{FingerprintAlg::sha256_jcs, crypto::sha256(view(canonical))};
}

namespace {

bool same_request(const Record &record, const Ask &ask) {
    if (record.operation != ask.operation) return false;
    const bool both = record.fingerprint.alg != FingerprintAlg::none && ask.fingerprint.alg != FingerprintAlg::none;
    return !both || (record.fingerprint.alg == ask.fingerprint.alg && record.fingerprint.hash == ask.fingerprint.hash);
}

}  // namespace

bool abandoned(const core::Ownership &ownership, std::string_view self, bool owner_alive, std::int64_t lease_now_us,
               std::string_view lease_clock) {
    const bool alive = ownership.owner == self || owner_alive;
    return core::may_take(ownership, {}, lease_now_us, lease_clock, alive) != core::TakeVerdict::held;
}

Decision decide(const Record &record, const Ask &ask, std::string_view self, bool owner_alive,
                std::int64_t lease_now_us, std::string_view lease_clock, std::int64_t utc_us) {
    const bool late = REMIT_BUG(fingerprint_late) && record.state == KeyState::completed;
    if (!late && !same_request(record, ask)) return Decision::mismatch;
    switch (record.state) {
    case KeyState::in_progress:
        if (record.claim_no == ask.claim_no) return Decision::ours;
        if (!abandoned(record.ownership, self, owner_alive, lease_now_us, lease_clock)) return Decision::running;
        return record.effect == EffectClass::at_most_once ? Decision::make_unknown : Decision::take;
    case KeyState::released: return Decision::execute;
    case KeyState::completed:
        if (utc_us < record.expires_us) return Decision::replay;
        [[fallthrough]];
    case KeyState::tombstone: return ask.again_after_expiry ? Decision::execute : Decision::expired;
    case KeyState::unknown: return Decision::unknown;
    }
    return Decision::unknown;
}

}  // namespace remit::idempotency
