#include "wallets/rows.hpp"

#include "wallets/lanes.hpp"

namespace remit::wallets {

namespace rows {

#define LANE_COLUMNS                                                                                                   \
    "id, chain, sender, next_nonce, owner, epoch, lease_until, lease_clock, quarantine, nudge FROM remit_lanes"

constinit const Sql kInsert{"INSERT INTO remit_lanes (chain, sender, next_nonce, owner, epoch, lease_until, "
                            "lease_clock, quarantine, nudge, version)"
                            " VALUES (?, ?, NULL, '', 0, 0, '', '', 0, 0)"};
constinit const Sql kFind{"SELECT " LANE_COLUMNS " WHERE chain = ? AND sender = ?"};
constinit const Sql kAll{"SELECT " LANE_COLUMNS " ORDER BY id"};
constinit const Sql kGuard{"UPDATE remit_lanes SET version = version + 1 WHERE id = ? AND epoch = ?"};
constinit const Sql kAdvance{
    "UPDATE remit_lanes SET next_nonce = ?, version = version + 1 WHERE id = ? AND epoch = ? AND next_nonce = ?"};
constinit const Sql kAdvanceFirst{
    "UPDATE remit_lanes SET next_nonce = ?, version = version + 1 WHERE id = ? AND epoch = ? AND next_nonce IS NULL"};
constinit const Sql kQuarantine{
    "UPDATE remit_lanes SET quarantine = ?, version = version + 1 WHERE id = ? AND epoch = ?"};
constinit const Sql kResume{
    "UPDATE remit_lanes SET quarantine = '', next_nonce = NULL, nudge = nudge + 1, version = version + 1"
    " WHERE chain = ? AND sender = ? AND quarantine <> ''"};
constinit const Sql kNudge{"UPDATE remit_lanes SET nudge = nudge + 1"};
constinit const port::OwnedSql kOwned = REMIT_OWNED_SQL("remit_lanes");

}  // namespace rows

namespace {

constexpr const char *kSchema[] = {
    "CREATE TABLE IF NOT EXISTS remit_lanes (id {id}, chain BIGINT NOT NULL, sender {bytes} NOT NULL, next_nonce "
    "BIGINT,"
    " owner {text} NOT NULL, epoch BIGINT NOT NULL, lease_until BIGINT NOT NULL, lease_clock {text} NOT NULL,"
    " quarantine {longtext} NOT NULL, nudge BIGINT NOT NULL, version BIGINT NOT NULL,"
    " UNIQUE (chain, sender))",
};
constexpr Migration kMigrations[] = {{3, "lanes", kSchema, 1}};

const Sql kStatements[] = {rows::kInsert,       rows::kFind,         rows::kAll,        rows::kGuard,
                           rows::kAdvance,      rows::kAdvanceFirst, rows::kQuarantine, rows::kResume,
                           rows::kNudge,        rows::kOwned.read,   rows::kOwned.take, rows::kOwned.renew,
                           rows::kOwned.release};

}  // namespace

std::span<const Migration> migrations() {
    return kMigrations;
}
std::span<const Sql> statements() {
    return kStatements;
}

}  // namespace remit::wallets
