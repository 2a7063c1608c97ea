// Lanes: one sender on one chain, written by one process at a time.
//
//   free --take--> ours --release / process ends--> free
//   ours --another takes (we died, or our lease ran out)--> theirs     every write of ours is then Fenced
//
// A lane hands out nonces: consecutive, each once. `next_nonce` moves in the transaction that stores what is
// signed with the nonces, so that a crash can neither lose one nor use one twice.
//
// Quarantined means: the chain shows transactions of the sender that are not ours (another user of the key,
// or a database restored from a backup). Nothing new is signed until a person has looked.
#pragma once

#include "core/lease.hpp"
#include "port/owned_row.hpp"

#include <remit/port/database.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace remit::wallets {

struct Lane {
    std::int64_t id = 0;
    std::uint64_t chain_id = 0;
    Address sender;
    std::optional<std::uint64_t> next_nonce;  // none: never used, the chain's count decides
    core::Ownership ownership;
    std::string quarantine;  // the reason; empty: not quarantined
    std::int64_t nudge = 0;  // grows when somebody asks for everything to be looked at anew
};

// The lane of this chain and sender, made when there is none.
Result<Lane> open_lane(SqlTx &tx, std::uint64_t chain_id, const Address &sender);
Result<std::optional<Lane>> find_lane(SqlReader &reader, std::uint64_t chain_id, const Address &sender);
Result<std::vector<Lane>> all_lanes(SqlReader &reader);

// Busy while another live process has it. `alive`: whether seen.ownership.owner lives, asked beforehand.
Result<port::Held> take_lane(SqlTx &tx, const Lane &seen, bool alive, std::string_view self, std::int64_t lease_us);
Result<void> renew_lane(SqlTx &tx, port::Held &held, std::int64_t lease_us);
Result<void> release_lane(SqlTx &tx, const port::Held &held);

// First statement of every transaction that works on the lane's rows: Fenced when it is ours no more.
Result<void> guard_lane(SqlTx &tx, const port::Held &held);
// Guard and move next_nonce from `expected` to `next`. Fenced when it is not at `expected`.
Result<void> advance_nonce(SqlTx &tx, const port::Held &held, std::optional<std::uint64_t> expected,
                           std::uint64_t next);
Result<void> quarantine_lane(SqlTx &tx, const port::Held &held, std::string_view reason);
// A person's decision, from any process: what is on the chain is accepted, next_nonce goes to at least `nonce`.
// NotFound; State when the lane is not quarantined.
Result<void> resume_lane(SqlTx &tx, std::uint64_t chain_id, const Address &sender);
Result<void> nudge_lanes(SqlTx &tx);

std::span<const Migration> migrations();
std::span<const Sql> statements();

}  // namespace remit::wallets
