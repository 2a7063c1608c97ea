#include "payouts/rows.hpp"

namespace remit::payouts {

namespace {

#define PAYOUT_COLUMNS                                                                                                 \
    "SELECT id, payout_id, tenant, external_id, request_hash, chain, token, symbol, decimals, recipient,"              \
    " amount, from_sender, rank_no, not_before, deadline, state, reason, doubt, sender, nonce, tx_hash,"               \
    " block_number, block_hash, paid, fee_paid, created_us, sent_us, mined_us, finished_us, version"                   \
    " FROM remit_payouts "

constexpr Sql kInsert{
    "INSERT INTO remit_payouts (payout_id, tenant, external_id, request_hash, chain, token, symbol, decimals,"
    " recipient, amount, from_sender, rank_no, not_before, deadline, state, reason, doubt, sender, nonce, tx_hash,"
    " block_number, block_hash, paid, fee_paid, created_us, sent_us, mined_us, finished_us, version)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 10, '', '', NULL, NULL, NULL, NULL, NULL, 0, '0', ?, 0, 0, 0, "
    "0)"};
constexpr Sql kByExternal{PAYOUT_COLUMNS "WHERE tenant = ? AND external_id = ?"};
constexpr Sql kById{PAYOUT_COLUMNS "WHERE payout_id = ?"};
constexpr Sql kPage{PAYOUT_COLUMNS
                    "WHERE id > ? AND state >= ? AND state <= ? AND (? = 0 OR chain = ?) AND (? = 0 OR tenant = ?)"
                    " AND (? = 0 OR doubt <> '') ORDER BY id LIMIT ?"};
constexpr Sql kPick{PAYOUT_COLUMNS
                    "WHERE chain = ? AND state = 10 AND not_before <= ? AND (from_sender IS NULL OR from_sender = ?)"
                    " ORDER BY rank_no, id LIMIT ?"};
constexpr Sql kOverdue{PAYOUT_COLUMNS
                       "WHERE chain = ? AND state = 10 AND deadline > 0 AND deadline <= ? ORDER BY id LIMIT ?"};
constexpr Sql kOpenOfLane{PAYOUT_COLUMNS "WHERE chain = ? AND state IN (20, 30, 40) AND sender = ? ORDER BY nonce"};
constexpr Sql kHighestNonce{"SELECT MAX(nonce) FROM remit_payouts WHERE chain = ? AND sender = ?"};
constexpr Sql kStuck{PAYOUT_COLUMNS "WHERE state IN (20, 30) AND signed_us <= ? ORDER BY id LIMIT ?"};
constexpr Sql kSign{"UPDATE remit_payouts SET state = 20, sender = ?, nonce = ?, tx_hash = ?, signed_us = ?,"
                    " version = version + 1 WHERE id = ? AND state = 10"};
constexpr Sql kPost{
    "UPDATE remit_payouts SET state = 30, sent_us = ?, version = version + 1 WHERE id = ? AND state = 20"};
constexpr Sql kMine{
    "UPDATE remit_payouts SET state = 40, doubt = '', tx_hash = ?, block_number = ?, block_hash = ?, paid = ?,"
    " fee_paid = ?, reason = ?, mined_us = ?, sent_us = CASE WHEN sent_us = 0 THEN ? ELSE sent_us END,"
    " version = version + 1 WHERE id = ? AND state = ?"};
constexpr Sql kUnmine{
    "UPDATE remit_payouts SET state = 30, doubt = '', block_number = NULL, block_hash = NULL, paid = 0,"
    " fee_paid = '0', reason = '', mined_us = 0, version = version + 1 WHERE id = ? AND state = 40"};
constexpr Sql kFinish{"UPDATE remit_payouts SET state = ?, reason = ?, doubt = '', finished_us = ?,"
                      " version = version + 1 WHERE id = ? AND state = ?"};
constexpr Sql kDoubt{
    "UPDATE remit_payouts SET doubt = ?, version = version + 1 WHERE id = ? AND state IN (20, 30, 40)"};

constexpr Sql kInsertAttempt{"INSERT INTO remit_attempts (payout, k, raw, hash, gas, max_fee, tip, signed_us, posts,"
                             " answer, answer_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, -1, '')"};
constexpr Sql kAttempts{"SELECT id, payout, k, raw, hash, gas, max_fee, tip, posts, answer, answer_text"
                        " FROM remit_attempts WHERE payout = ? ORDER BY k"};
constexpr Sql kAnswer{"UPDATE remit_attempts SET posts = posts + 1, answer = ?, answer_text = ? WHERE id = ?"};

constexpr Sql kCountByState{"SELECT chain, state, COUNT(*) FROM remit_payouts GROUP BY chain, state"};
constexpr Sql kCountDoubtful{"SELECT COUNT(*) FROM remit_payouts WHERE state IN (20, 30, 40) AND doubt <> ''"};
constexpr Sql kCountCompleted{"SELECT COUNT(*) FROM remit_payouts WHERE state = 50 AND finished_us >= ?"};
constexpr Sql kOldestOpen{"SELECT MIN(created_us) FROM remit_payouts WHERE state IN (10, 20, 30, 40)"};
constexpr Sql kLatencies{"SELECT created_us, not_before, sent_us, finished_us FROM remit_payouts WHERE state = 50"
                         " ORDER BY id DESC LIMIT ?"};
constexpr Sql kFees{"SELECT chain, fee_paid FROM remit_payouts WHERE state IN (50, 60)"};

constexpr Sql kUnsignedBeyondAccepted{
    "SELECT payout_id FROM remit_payouts WHERE state IN (20, 30, 40, 50, 60) AND (sender IS NULL OR nonce IS NULL)"};
constexpr Sql kNoAttempt{"SELECT p.payout_id FROM remit_payouts p LEFT JOIN remit_attempts a ON a.payout = p.id"
                         " WHERE p.state IN (20, 30, 40, 50, 60) AND a.id IS NULL"};
constexpr Sql kSignedThoughRefused{"SELECT p.payout_id FROM remit_payouts p JOIN remit_attempts a ON a.payout = p.id"
                                   " WHERE p.state IN (10, 70, 90)"};
constexpr Sql kUnprovenFinal{"SELECT payout_id FROM remit_payouts WHERE (state = 50 AND paid <> 1)"
                             " OR (state IN (40, 50, 60) AND (block_number IS NULL OR block_hash IS NULL))"};
constexpr Sql kForeignHash{"SELECT p.payout_id FROM remit_payouts p LEFT JOIN remit_attempts a"
                           " ON a.payout = p.id AND a.hash = p.tx_hash WHERE p.state IN (40, 50, 60) AND a.id IS NULL"};

std::optional<Hash32> hash_at(const SqlRow &row, int column) {
    if (row.is_null(column)) return std::nullopt;
    if (auto hash = fixed_from_bytes<Hash32>(row.blob(column), "hash")) return *hash;
    return std::nullopt;
}

std::optional<Address> address_at(const SqlRow &row, int column) {
    if (row.is_null(column)) return std::nullopt;
    if (auto address = fixed_from_bytes<Address>(row.blob(column), "address")) return *address;
    return std::nullopt;
}

u256 amount_at(const SqlRow &row, int column) {
    auto amount = u256_from_decimal(row.text(column), "amount");
    return amount ? *amount : u256{};
}

Row read_row(const SqlRow &sql) {
    Row row;
    Payout &p = row.payout;
    row.id = sql.integer(0);
    p.id = sql.text(1);
    p.tenant = sql.text(2);
    p.external_id = sql.text(3);
    row.request_hash = hash_at(sql, 4).value_or(Hash32{});
    p.chain_id = static_cast<std::uint64_t>(sql.integer(5));
    p.token_address = address_at(sql, 6).value_or(Address{});
    p.token = sql.text(7);
    p.decimals = static_cast<int>(sql.integer(8));
    p.to = address_at(sql, 9).value_or(Address{});
    p.amount = amount_at(sql, 10);
    row.from = address_at(sql, 11);
    p.priority = static_cast<std::int32_t>(-sql.integer(12));
    p.not_before_us = sql.integer(13);
    p.deadline_us = sql.integer(14);
    p.state = static_cast<PayoutState>(sql.integer(15));
    p.status = payout_status(p.state);
    p.reason = sql.text(16);
    p.doubt = sql.text(17);
    p.sender = address_at(sql, 18);
    if (!sql.is_null(19)) p.nonce = static_cast<std::uint64_t>(sql.integer(19));
    p.tx_hash = hash_at(sql, 20);
    if (!sql.is_null(21)) p.block_number = static_cast<std::uint64_t>(sql.integer(21));
    row.block_hash = hash_at(sql, 22).value_or(Hash32{});
    row.paid = static_cast<Paid>(sql.integer(23));
    p.fee_paid = amount_at(sql, 24);
    p.created_us = sql.integer(25);
    p.sent_us = sql.integer(26);
    p.mined_us = sql.integer(27);
    p.finished_us = sql.integer(28);
    p.version = sql.integer(29);
    return row;
}

Result<std::vector<Row>> read_rows(SqlReader &reader, const Sql &sql, SqlParams params) {
    std::vector<Row> rows;
    REMIT_CHECK(reader.query(sql, params, [&](const SqlRow &row) {
        rows.push_back(read_row(row));
        return true;
    }));
    return rows;
}

Result<std::optional<Row>> read_one(SqlReader &reader, const Sql &sql, SqlParams params) {
    REMIT_TRY(auto found, read_rows(reader, sql, params));
    if (found.empty()) return std::optional<Row>{};
    return std::optional<Row>(std::move(found.front()));
}

Result<std::int64_t> read_int(SqlReader &reader, const Sql &sql, SqlParams params) {
    std::int64_t value = 0;
    REMIT_CHECK(reader.query(sql, params, [&](const SqlRow &row) {
        value = row.integer(0);
        return false;
    }));
    return value;
}

// The row must have been in the state that the statement asks for.
Result<void> moved(const Result<std::int64_t> &found) {
    if (!found) return found.error();
    if (*found != 1) return error(Status::state, "the payout is not in the state it was in");
    return {};
}

struct StateRange {
    std::int64_t low, high;
};

StateRange states_of(std::optional<PayoutStatus> status) {
    if (!status) return {0, 99};
    switch (*status) {
    case PayoutStatus::pending: return {10, 20};
    case PayoutStatus::sent: return {30, 40};
    case PayoutStatus::completed: return {50, 50};
    case PayoutStatus::failed: return {60, 80};
    case PayoutStatus::cancelled: return {90, 90};
    }
    return {0, 99};
}

}  // namespace

namespace rows {

Result<void> insert(SqlTx &tx, const NewPayout &p, std::int64_t now_us) {
    const PayoutRequest &r = *p.request;
    REMIT_CHECK(tx.exec(kInsert, {p.payout_id, r.tenant, r.external_id, p.request_hash, r.chain_id, p.token, p.symbol,
                                  p.decimals, p.to, to_decimal(r.amount), p.from ? SqlParam(*p.from) : SqlParam(),
                                  -r.priority, r.not_before_us, r.deadline_us, now_us}));
    return {};
}

Result<std::optional<Row>> by_external(SqlReader &reader, std::string_view tenant, std::string_view external_id) {
    return read_one(reader, kByExternal, {tenant, external_id});
}

Result<std::optional<Row>> by_id(SqlReader &reader, std::string_view payout_id) {
    return read_one(reader, kById, {payout_id});
}

Result<std::vector<Row>> page(SqlReader &reader, const PayoutFilter &filter, std::int64_t after_row) {
    const StateRange states = states_of(filter.status);
    return read_rows(reader, kPage,
                     {after_row, states.low, states.high, filter.chain_id ? 1 : 0, filter.chain_id.value_or(0),
                      filter.by_tenant ? 1 : 0, filter.tenant, filter.doubtful ? 1 : 0, filter.limit});
}

Result<std::vector<Row>> pick(SqlReader &reader, std::uint64_t chain_id, const Address &sender, std::int64_t now_us,
                              std::int64_t limit) {
    return read_rows(reader, kPick, {chain_id, now_us, sender, limit});
}

Result<std::vector<Row>> overdue(SqlReader &reader, std::uint64_t chain_id, std::int64_t now_us, std::int64_t limit) {
    return read_rows(reader, kOverdue, {chain_id, now_us, limit});
}

Result<std::vector<Row>> open_of_lane(SqlReader &reader, std::uint64_t chain_id, const Address &sender) {
    return read_rows(reader, kOpenOfLane, {chain_id, sender});
}

Result<std::optional<std::uint64_t>> highest_nonce(SqlReader &reader, std::uint64_t chain_id, const Address &sender) {
    std::optional<std::uint64_t> nonce;
    REMIT_CHECK(reader.query(kHighestNonce, {chain_id, sender}, [&](const SqlRow &row) {
        if (!row.is_null(0)) nonce = static_cast<std::uint64_t>(row.integer(0));
        return false;
    }));
    return nonce;
}

Result<std::vector<Attempt>> attempts(SqlReader &reader, std::int64_t payout) {
    std::vector<Attempt> found;
    REMIT_CHECK(reader.query(kAttempts, {payout}, [&](const SqlRow &row) {
        Attempt a;
        a.id = row.integer(0);
        a.payout = row.integer(1);
        a.k = static_cast<std::int32_t>(row.integer(2));
        const ByteView raw = row.blob(3);
        a.raw.assign(raw.begin(), raw.end());
        a.hash = hash_at(row, 4).value_or(Hash32{});
        a.gas = static_cast<std::uint64_t>(row.integer(5));
        a.max_fee = amount_at(row, 6);
        a.tip = amount_at(row, 7);
        a.posts = static_cast<std::int32_t>(row.integer(8));
        if (row.integer(9) >= 0) a.answer = static_cast<SendAnswer>(row.integer(9));
        a.answer_text = row.text(10);
        found.push_back(std::move(a));
        return true;
    }));
    return found;
}

Result<std::vector<Row>> stuck(SqlReader &reader, std::int64_t before_us, std::int64_t limit) {
    return read_rows(reader, kStuck, {before_us, limit});
}

Result<void> sign(SqlTx &tx, std::int64_t row, const Address &sender, std::uint64_t nonce, const Attempt &a,
                  std::int64_t now_us) {
    REMIT_CHECK(moved(tx.exec(kSign, {sender, nonce, a.hash, now_us, row})));
    REMIT_CHECK(
        tx.exec(kInsertAttempt, {row, a.k, a.raw, a.hash, a.gas, to_decimal(a.max_fee), to_decimal(a.tip), now_us}));
    return {};
}

Result<void> post(SqlTx &tx, std::int64_t row, std::int64_t now_us) {
    return moved(tx.exec(kPost, {now_us, row}));
}

Result<void> mine(SqlTx &tx, std::int64_t row, PayoutState from, const Mined &m, std::int64_t now_us) {
    return moved(
        tx.exec(kMine, {m.tx_hash, m.block_number, m.block_hash, static_cast<std::int64_t>(m.paid),
                        to_decimal(m.fee_paid), m.reason, now_us, now_us, row, static_cast<std::int64_t>(from)}));
}

Result<void> unmine(SqlTx &tx, std::int64_t row) {
    return moved(tx.exec(kUnmine, {row}));
}

Result<void> finish(SqlTx &tx, std::int64_t row, PayoutState from, PayoutState to, std::string_view reason,
                    std::int64_t now_us) {
    return moved(
        tx.exec(kFinish, {static_cast<std::int64_t>(to), reason, now_us, row, static_cast<std::int64_t>(from)}));
}

Result<void> record_answer(SqlTx &tx, std::int64_t attempt, SendAnswer answer, std::string_view text) {
    REMIT_CHECK(tx.exec(kAnswer, {static_cast<std::int64_t>(answer), text, attempt}));
    return {};
}

Result<void> set_doubt(SqlTx &tx, std::int64_t row, std::string_view doubt) {
    return moved(tx.exec(kDoubt, {doubt, row}));
}

Result<std::vector<StateCount>> count_by_state(SqlReader &reader) {
    std::vector<StateCount> counts;
    REMIT_CHECK(reader.query(kCountByState, {}, [&](const SqlRow &row) {
        counts.push_back(
            {static_cast<std::uint64_t>(row.integer(0)), static_cast<PayoutState>(row.integer(1)), row.integer(2)});
        return true;
    }));
    return counts;
}

Result<std::int64_t> count_doubtful(SqlReader &reader) {
    return read_int(reader, kCountDoubtful, {});
}

Result<std::int64_t> count_completed_since(SqlReader &reader, std::int64_t since_us) {
    return read_int(reader, kCountCompleted, {since_us});
}

Result<std::optional<std::int64_t>> oldest_open(SqlReader &reader) {
    std::optional<std::int64_t> oldest;
    REMIT_CHECK(reader.query(kOldestOpen, {}, [&](const SqlRow &row) {
        if (!row.is_null(0)) oldest = row.integer(0);
        return false;
    }));
    return oldest;
}

Result<std::vector<std::pair<std::int64_t, std::int64_t>>> latencies(SqlReader &reader, std::int64_t limit) {
    std::vector<std::pair<std::int64_t, std::int64_t>> all;
    REMIT_CHECK(reader.query(kLatencies, {limit}, [&](const SqlRow &row) {
        const std::int64_t from = std::max(row.integer(0), row.integer(1));
        all.emplace_back(row.integer(2) - from, row.integer(3) - from);
        return true;
    }));
    return all;
}

Result<void> each_fee(SqlReader &reader, const std::function<void(std::uint64_t, const u256 &)> &take) {
    REMIT_CHECK(reader.query(kFees, {}, [&](const SqlRow &row) {
        take(static_cast<std::uint64_t>(row.integer(0)), amount_at(row, 1));
        return true;
    }));
    return {};
}

Result<std::vector<std::string>> violations(SqlReader &reader) {
    struct Invariant {
        const Sql &sql;
        const char *text;
    };
    const Invariant invariants[] = {
        {kUnsignedBeyondAccepted, "is past accepted without a sender and nonce"},
        {kNoAttempt, "is past accepted without stored bytes"},
        {kSignedThoughRefused, "has stored bytes although it was never signed"},
        {kUnprovenFinal, "is mined or final without the proof"},
        {kForeignHash, "was mined under a hash that is none of its attempts'"},
    };
    std::vector<std::string> lines;
    for (const Invariant &invariant : invariants)
        REMIT_CHECK(reader.query(invariant.sql, {}, [&](const SqlRow &row) {
            lines.push_back(std::string(row.text(0)) + " " + invariant.text);
            return true;
        }));
    return lines;
}

}  // namespace rows

namespace {

constexpr const char *kSchema[] = {
    "CREATE TABLE IF NOT EXISTS remit_payouts (id {id}, payout_id {text} NOT NULL UNIQUE, tenant {text} NOT NULL,"
    " external_id {text} NOT NULL, request_hash {bytes} NOT NULL, chain BIGINT NOT NULL, token {bytes} NOT NULL,"
    " symbol {text} NOT NULL, decimals INTEGER NOT NULL, recipient {bytes} NOT NULL, amount {text} NOT NULL,"
    " from_sender {bytes}, rank_no BIGINT NOT NULL, not_before BIGINT NOT NULL, deadline BIGINT NOT NULL,"
    " state INTEGER NOT NULL, reason {longtext} NOT NULL, doubt {longtext} NOT NULL, sender {bytes}, nonce BIGINT,"
    " tx_hash {bytes}, block_number BIGINT, block_hash {bytes}, paid INTEGER NOT NULL, fee_paid {text} NOT NULL,"
    " created_us BIGINT NOT NULL, signed_us BIGINT, sent_us BIGINT NOT NULL, mined_us BIGINT NOT NULL,"
    " finished_us BIGINT NOT NULL, version BIGINT NOT NULL,"
    " UNIQUE (tenant, external_id), UNIQUE (chain, sender, nonce))",
    "CREATE INDEX IF NOT EXISTS remit_payouts_due ON remit_payouts (chain, state, rank_no, id)",
    "CREATE TABLE IF NOT EXISTS remit_attempts (id {id}, payout BIGINT NOT NULL, k INTEGER NOT NULL, raw {longbytes} "
    "NOT NULL,"
    " hash {bytes} NOT NULL UNIQUE, gas BIGINT NOT NULL, max_fee {text} NOT NULL, tip {text} NOT NULL,"
    " signed_us BIGINT NOT NULL, posts INTEGER NOT NULL, answer INTEGER NOT NULL, answer_text {longtext} NOT NULL,"
    " UNIQUE (payout, k))",
};
constexpr Migration kMigrations[] = {{4, "payouts", kSchema, 1}};

constexpr Sql kStatements[] = {kInsert,
                               kByExternal,
                               kById,
                               kPage,
                               kPick,
                               kOverdue,
                               kOpenOfLane,
                               kHighestNonce,
                               kStuck,
                               kSign,
                               kPost,
                               kMine,
                               kUnmine,
                               kFinish,
                               kDoubt,
                               kInsertAttempt,
                               kAttempts,
                               kAnswer,
                               kCountByState,
                               kCountDoubtful,
                               kCountCompleted,
                               kOldestOpen,
                               kLatencies,
                               kFees,
                               kUnsignedBeyondAccepted,
                               kNoAttempt,
                               kSignedThoughRefused,
                               kUnprovenFinal,
                               kForeignHash};

}  // namespace

std::span<const Migration> migrations() {
    return kMigrations;
}
std::span<const Sql> statements() {
    return kStatements;
}

}  // namespace remit::payouts
