// Faults that tests plant in shipping code, to see that the auditors find them. In a build without REMIT_PLANTED,
// which is every build but one of the tests', REMIT_BUG is false and costs nothing.
#pragma once

#include <cstdint>

namespace remit::core {

enum class Bug : std::int32_t {
    none,
    takeover_unfenced,  // taking a key over leaves its epoch as it is
    one_lifetime,       // the lease ends when the reply would: lease and retention are one
    fingerprint_late,   // the state is looked at before the fingerprint
    stale_completion,   // a completion does not look at the epoch
    purge_running,      // the purge takes whatever is old
    reply_rewritten,    // a replay is not what was stored
};

#ifdef REMIT_PLANTED
extern Bug planted_bug;
#define REMIT_BUG(name) (::remit::core::planted_bug == ::remit::core::Bug::name)
#else
#define REMIT_BUG(name) false
#endif

}  // namespace remit::core
