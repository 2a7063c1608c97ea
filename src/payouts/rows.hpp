// The rows of payouts and their attempts: typed reads and writes, and all SQL of the room.
#pragma once

#include "payouts/step.hpp"

#include <remit/payouts.hpp>
#include <remit/port/chain.hpp>
#include <remit/port/database.hpp>

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace remit::payouts {

// A payout as it is accepted.
struct NewPayout {
    std::string payout_id;
    Hash32 request_hash;
    const PayoutRequest *request = nullptr;
    Address token;
    std::string symbol;
    int decimals = 0;
    Address to;
    std::optional<Address> from;
};

// One signed form of a payout's transaction. The bytes never change once stored.
struct Attempt {
    std::int64_t id = 0;
    std::int64_t payout = 0;
    std::int32_t k = 0;
    Bytes raw;
    Hash32 hash;
    std::uint64_t gas = 0;
    u256 max_fee;
    u256 tip;
    std::int32_t posts = 0;
    std::optional<SendAnswer> answer;  // the last one; none: never recorded
    std::string answer_text;
};

// What a mined transaction did for its payee.
enum class Paid : std::int32_t {
    no = 0,     // reverted, or without a Transfer to the payee
    yes = 1,    // status 1 and the Transfer that was promised
    other = 2,  // a Transfer to the payee of another amount: the token took a fee, perhaps
};

// What the workers need of a payout, and what a row keeps beyond the public Payout.
struct Row {
    std::int64_t id = 0;
    Payout payout;
    Hash32 request_hash;
    std::optional<Address> from;
    Hash32 block_hash;
    Paid paid = Paid::no;
};

// Where and how a transaction was mined.
struct Mined {
    Hash32 tx_hash;
    std::uint64_t block_number = 0;
    Hash32 block_hash;
    Paid paid = Paid::no;
    u256 fee_paid;
    std::string reason;  // why not paid
};

namespace rows {

Result<void> insert(SqlTx &tx, const NewPayout &payout, std::int64_t now_us);
Result<std::optional<Row>> by_external(SqlReader &reader, std::string_view tenant, std::string_view external_id);
Result<std::optional<Row>> by_id(SqlReader &reader, std::string_view payout_id);
Result<std::vector<Row>> page(SqlReader &reader, const PayoutFilter &filter, std::int64_t after_row);
// Accepted payouts of the chain that `sender` may pay now, the most urgent first.
Result<std::vector<Row>> pick(SqlReader &reader, std::uint64_t chain_id, const Address &sender, std::int64_t now_us,
                              std::int64_t limit);
// Accepted payouts whose deadline has passed.
Result<std::vector<Row>> overdue(SqlReader &reader, std::uint64_t chain_id, std::int64_t now_us, std::int64_t limit);
// Signed, sent and mined payouts of the lane, by nonce.
Result<std::vector<Row>> open_of_lane(SqlReader &reader, std::uint64_t chain_id, const Address &sender);
// The highest nonce the lane has given to a payout.
Result<std::optional<std::uint64_t>> highest_nonce(SqlReader &reader, std::uint64_t chain_id, const Address &sender);
Result<std::vector<Attempt>> attempts(SqlReader &reader, std::int64_t payout);
// Payouts `sent` or signed since before `before_us`.
Result<std::vector<Row>> stuck(SqlReader &reader, std::int64_t before_us, std::int64_t limit);

// Each moves a row from a state to the next and gives State when the row is not in that state any more.
Result<void> sign(SqlTx &tx, std::int64_t row, const Address &sender, std::uint64_t nonce, const Attempt &attempt,
                  std::int64_t now_us);
Result<void> post(SqlTx &tx, std::int64_t row, std::int64_t now_us);
Result<void> mine(SqlTx &tx, std::int64_t row, PayoutState from, const Mined &mined, std::int64_t now_us);
Result<void> unmine(SqlTx &tx, std::int64_t row);
Result<void> finish(SqlTx &tx, std::int64_t row, PayoutState from, PayoutState to, std::string_view reason,
                    std::int64_t now_us);

Result<void> record_answer(SqlTx &tx, std::int64_t attempt, SendAnswer answer, std::string_view text);
Result<void> set_doubt(SqlTx &tx, std::int64_t row, std::string_view doubt);

struct StateCount {
    std::uint64_t chain_id;
    PayoutState state;
    std::int64_t count;
};
Result<std::vector<StateCount>> count_by_state(SqlReader &reader);
Result<std::int64_t> count_doubtful(SqlReader &reader);
Result<std::int64_t> count_completed_since(SqlReader &reader, std::int64_t since_us);
Result<std::optional<std::int64_t>> oldest_open(SqlReader &reader);
// (to sent, to completed) of the latest completed payouts.
Result<std::vector<std::pair<std::int64_t, std::int64_t>>> latencies(SqlReader &reader, std::int64_t limit);
Result<void> each_fee(SqlReader &reader, const std::function<void(std::uint64_t chain_id, const u256 &fee)> &take);
// One line for each violated invariant of the rows.
Result<std::vector<std::string>> violations(SqlReader &reader);

}  // namespace rows

std::span<const Migration> migrations();
std::span<const Sql> statements();

}  // namespace remit::payouts
