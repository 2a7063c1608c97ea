#include "wallets/lanes.hpp"

#include "wallets/rows.hpp"

namespace remit::wallets {

namespace {

Lane read_lane(const SqlRow &row) {
    Lane lane;
    lane.id = row.integer(0);
    lane.chain_id = static_cast<std::uint64_t>(row.integer(1));
    if (auto sender = fixed_from_bytes<Address>(row.blob(2), "sender")) lane.sender = *sender;
    if (!row.is_null(3)) lane.next_nonce = static_cast<std::uint64_t>(row.integer(3));
    lane.ownership = {std::string(row.text(4)), row.integer(5), row.integer(6), std::string(row.text(7))};
    lane.quarantine = row.text(8);
    lane.nudge = row.integer(9);
    return lane;
}

Result<void> fenced_unless(const Result<std::int64_t> &found) {
    if (!found) return found.error();
    if (*found != 1) return error(Status::fenced, "another process has taken over the lane");
    return {};
}

}  // namespace

Result<std::optional<Lane>> find_lane(SqlReader &reader, std::uint64_t chain_id, const Address &sender) {
    std::optional<Lane> lane;
    REMIT_CHECK(reader.query(rows::kFind, {chain_id, sender}, [&](const SqlRow &row) {
        lane = read_lane(row);
        return false;
    }));
    return lane;
}

Result<Lane> open_lane(SqlTx &tx, std::uint64_t chain_id, const Address &sender) {
    REMIT_TRY(auto found, find_lane(tx, chain_id, sender));
    if (found) return *std::move(found);
    REMIT_CHECK(tx.exec(rows::kInsert, {chain_id, sender}));
    REMIT_TRY(auto made, find_lane(tx, chain_id, sender));
    if (!made) return error(Status::corrupt, "a lane that was just made is not there");
    return *std::move(made);
}

Result<std::vector<Lane>> all_lanes(SqlReader &reader) {
    std::vector<Lane> lanes;
    REMIT_CHECK(reader.query(rows::kAll, {}, [&](const SqlRow &row) {
        lanes.push_back(read_lane(row));
        return true;
    }));
    return lanes;
}

Result<port::Held> take_lane(SqlTx &tx, const Lane &seen, bool alive, std::string_view self, std::int64_t lease_us) {
    return port::take(tx, rows::kOwned, seen.id, self, lease_us, seen.ownership.owner, alive);
}

Result<void> renew_lane(SqlTx &tx, port::Held &held, std::int64_t lease_us) {
    return port::renew(tx, rows::kOwned, held, lease_us);
}

Result<void> release_lane(SqlTx &tx, const port::Held &held) {
    return port::release(tx, rows::kOwned, held);
}

Result<void> guard_lane(SqlTx &tx, const port::Held &held) {
    return fenced_unless(tx.exec(rows::kGuard, {held.id, held.epoch}));
}

Result<void> advance_nonce(SqlTx &tx, const port::Held &held, std::optional<std::uint64_t> expected,
                           std::uint64_t next) {
    if (expected) return fenced_unless(tx.exec(rows::kAdvance, {next, held.id, held.epoch, *expected}));
    return fenced_unless(tx.exec(rows::kAdvanceFirst, {next, held.id, held.epoch}));
}

Result<void> quarantine_lane(SqlTx &tx, const port::Held &held, std::string_view reason) {
    return fenced_unless(tx.exec(rows::kQuarantine, {reason, held.id, held.epoch}));
}

Result<void> resume_lane(SqlTx &tx, std::uint64_t chain_id, const Address &sender) {
    REMIT_TRY(auto found, find_lane(tx, chain_id, sender));
    if (!found) return error(Status::not_found, "there is no such lane");
    REMIT_TRY(auto rows_found, tx.exec(rows::kResume, {chain_id, sender}));
    if (rows_found != 1) return error(Status::state, "the lane is not quarantined");
    return {};
}

Result<void> nudge_lanes(SqlTx &tx) {
    REMIT_CHECK(tx.exec(rows::kNudge, {}));
    return {};
}

}  // namespace remit::wallets
