// Payouts: pay many people on a chain, each exactly once.
//
// A payout is named by the host: (tenant, external_id). Enqueueing the same content again returns the
// payout there is; the same id with other content is a mismatch. Whatever crashes, at most one transfer
// for it is ever mined.
//
//   pending    accepted; perhaps signed, not yet given to a node as far as we know
//   sent       a node may have it, until the chain has decided
//   completed  mined with status 1 and the matching Transfer log, on the canonical chain, deep enough
//   failed     refused before a signature existed, or mined and reverted, or its nonce is final for another
//   cancelled  withdrawn while nothing was signed
#pragma once

#include <remit/bytes.hpp>
#include <remit/u256.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace remit {

enum class PayoutStatus : std::int32_t { pending = 1, sent = 2, completed = 3, failed = 4, cancelled = 5 };

// The finer state. The number's tens give the status's order; never renumbered.
enum class PayoutState : std::int32_t {
    accepted = 10,  // pending: nothing is signed
    signed_ = 20,   // pending: nonce, raw bytes and hash are on disk; a crash may have sent them
    sent = 30,      // sent: given to a node; any unclear answer stays here
    mined = 40,     // sent: in a block, not yet deep enough
    completed = 50,
    reverted = 60,  // failed: mined with status 0, or without the Transfer it promised; final
    rejected = 70,  // failed: refused before a signature existed (deadline, cannot be paid)
    replaced = 80,  // failed: another transaction with its nonce is final
    cancelled = 90,
};
const char *payout_status_name(PayoutStatus status) noexcept;
const char *payout_state_name(PayoutState state) noexcept;
PayoutStatus payout_status(PayoutState state) noexcept;

struct PayoutRequest {
    std::string tenant;              // 0 to 255 bytes of UTF-8 without control characters
    std::string external_id;         // 1 to 255 bytes of the same; the host's own number
    std::uint64_t chain_id = 0;      // a configured chain
    std::string token;               // a configured symbol or 0x address; empty or "native": the chain's coin
    std::string to;                  // 0x and 40 digits; all lowercase, all uppercase, or with a right EIP-55 checksum
    u256 amount;                     // base units, at least 1
    std::string from;                // a configured sender; empty: any
    std::int32_t priority = 0;       // higher goes first; -1000 to 1000
    std::int64_t not_before_us = 0;  // UTC; 0: at once
    std::int64_t deadline_us = 0;    // UTC; not signed after it; 0: none
};

struct Payout {
    std::string id;  // "po_..."
    std::string tenant;
    std::string external_id;
    std::uint64_t chain_id = 0;
    std::string token;      // symbol, or "native"
    Address token_address;  // zero for native
    Address to;
    u256 amount;
    int decimals = 0;
    std::int32_t priority = 0;
    PayoutStatus status = PayoutStatus::pending;
    PayoutState state = PayoutState::accepted;
    std::string reason;  // why it failed or waits; empty otherwise
    std::string doubt;   // not empty: its outcome cannot be settled without a person
    std::optional<Address> sender;
    std::optional<std::uint64_t> nonce;
    std::optional<Hash32> tx_hash;  // the latest attempt, or the one that was mined
    std::optional<std::uint64_t> block_number;
    u256 fee_paid;  // gas used times price, once mined
    std::int64_t not_before_us = 0;
    std::int64_t deadline_us = 0;
    std::int64_t created_us = 0;
    std::int64_t sent_us = 0;  // 0: not yet
    std::int64_t mined_us = 0;
    std::int64_t finished_us = 0;
    std::int64_t version = 0;
};

struct PayoutAccepted {
    std::string id;
    bool created = false;  // false: it was there before, with the same content
};

struct PayoutFilter {
    std::string tenant;  // used when by_tenant
    bool by_tenant = false;
    std::optional<PayoutStatus> status;
    std::optional<std::uint64_t> chain_id;
    bool doubtful = false;     // only those with a doubt
    std::string after;         // the cursor of the page before; empty: from the start
    std::int32_t limit = 100;  // 1 to 1000
};
struct PayoutPage {
    std::vector<Payout> payouts;  // in order of acceptance
    std::string next;             // cursor; empty: no more
};

struct PayoutQuantiles {
    std::int64_t mean_us = 0, p50_us = 0, p99_us = 0;
};
struct PayoutReport {
    std::map<std::string, std::int64_t> by_status;  // all five names, also where 0
    std::map<std::string, std::int64_t> by_state;
    std::int64_t doubtful = 0;
    std::int64_t per_minute = 0;  // completions in the last minute
    PayoutQuantiles to_sent;      // from acceptance (or not_before)
    PayoutQuantiles to_completed;
    std::map<std::uint64_t, u256> fees_paid;  // by chain, in wei
    std::int64_t oldest_open_us = 0;          // age; 0: none open
};

struct PayoutFinding {  // one stuck payout, why, and what was done about it
    std::string id;
    std::string why;
    std::string action;
};

// Threads: any thread may call any method.
class Payouts {
public:
    virtual ~Payouts() = default;

    // All or nothing, at most 10,000 in one call; duplicates inside one call are treated as repeats.
    // Errors: Invalid with the field as "[3].amount"; Mismatch naming the external id; Store; StoreLost
    // (enqueue the same again).
    virtual Result<std::vector<PayoutAccepted>> enqueue(std::span<const PayoutRequest> requests) = 0;
    // The same without waiting; `done` runs once, on a thread of the library or inside a tick, and must be short.
    virtual void enqueue_async(std::vector<PayoutRequest> requests,
                               std::function<void(Result<std::vector<PayoutAccepted>>)> done) = 0;
    virtual Result<Payout> get(std::string_view id) = 0;  // NotFound
    virtual Result<Payout> find(std::string_view tenant, std::string_view external_id) = 0;
    // Invalid naming the filter's field; Store.
    virtual Result<PayoutPage> list(const PayoutFilter &filter) = 0;
    // Only while nothing is signed; State otherwise. The actor and reason go into the event.
    virtual Result<void> cancel(std::string_view id, std::string_view actor, std::string_view reason) = 0;
    // A person's word on a payout in doubt: it was not paid and will not be; failed from here on. State when
    // it is not in doubt. Look at the chain first.
    virtual Result<void> resolve(std::string_view id, std::string_view actor, std::string_view reason) = 0;
    // A person's word on a quarantined sender: what the chain shows of it is accepted, and it goes on after it.
    // NotFound; State when it is not quarantined; Invalid.
    virtual Result<void> resume_lane(std::uint64_t chain_id, std::string_view sender, std::string_view actor,
                                     std::string_view reason) = 0;
    // Looks at payouts `sent` for longer than older_than_ms, tells why each waits, and asks for the safe
    // thing: send the same bytes again, read the receipt anew. Never a new transfer.
    virtual Result<std::vector<PayoutFinding>> repair(std::int64_t older_than_ms) = 0;
    virtual Result<PayoutReport> report() = 0;  // Store
    // Violations of the invariants of the rows; empty is good.
    virtual Result<std::vector<std::string>> audit() = 0;
};

}  // namespace remit
