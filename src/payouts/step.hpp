// The life of one payout as a pure table: (state, event) -> state. Nothing here reads or writes.
//
//   accepted --sign--> signed_ --post--> sent --mine--> mined --finalize_ok-----> completed
//      |                  |                ^              |  \--finalize_reverted-> reverted
//      |                  |                \---unmine-----/
//      |                  \--mine--> mined (a crash hid that it was posted)
//      |--refuse--> rejected        signed_, sent or mined --replace--> replaced (a person's word on a payout in
//      \--cancel--> cancelled                                            doubt, never ours)
//
// What a crash leaves, and who goes on (every row is read again; no memory is needed):
//   crash after                          on disk                 whoever takes the lane
//   enqueue, before its commit           nothing                 the host enqueues the same again
//   enqueue's commit                     accepted                signs it
//   signing, before the batch's commit   accepted, old nonce     signs anew: those signatures never left
//   the batch's commit, before the post  signed_, raw bytes      posts the same bytes
//   the post, before its outcome         signed_, raw bytes      posts the same bytes: "already known" is fine
//   a post whose answer was lost         signed_ or sent         the same; receipts are asked too
//   mined, before it is recorded         signed_ or sent         receipts by hash find it
//   the record that it is mined          mined                   waits for depth, asks the receipt again
//   final, before its event is read      completed, event row    the event is delivered at least once
#pragma once

#include <remit/payouts.hpp>

#include <optional>

namespace remit::payouts {

enum class Step : std::int32_t { sign, post, mine, unmine, finalize_ok, finalize_reverted, refuse, cancel, replace };

// Where the step leads; nothing when it is not possible from there.
std::optional<PayoutState> next_state(PayoutState from, Step step) noexcept;
const char *step_name(Step step) noexcept;

}  // namespace remit::payouts
