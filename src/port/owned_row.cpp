#include "port/owned_row.hpp"

namespace remit::port {

Result<Held> take(SqlTx &tx, const OwnedSql &sql, std::int64_t id, std::string_view self, std::int64_t lease_us,
                  std::string_view seen_owner, bool seen_owner_alive) {
    core::Ownership row;
    REMIT_TRY(const auto found, tx.query(sql.read, {id}, [&](const SqlRow &r) {
        row = {std::string(r.text(0)), r.integer(1), r.integer(2), std::string(r.text(3))};
        return false;
    }));
    if (found == 0) return error(Status::not_found, "there is no such row to take");

    // What was learnt of seen_owner says nothing about an owner that came since.
    const bool alive = row.owner == seen_owner ? seen_owner_alive : true;
    const std::int64_t now = tx.lease_now_us();
    if (core::may_take(row, self, now, tx.lease_clock(), alive) == core::TakeVerdict::held)
        return error(Status::busy, "another live process holds it");

    const std::int64_t until = now + lease_us;
    REMIT_TRY(const auto changed, tx.exec(sql.take, {self, until, tx.lease_clock(), id, row.epoch}));
    if (changed != 1) return error(Status::busy, "another process took it first");
    return Held{id, row.epoch + 1, until};
}

Result<void> renew(SqlTx &tx, const OwnedSql &sql, Held &held, std::int64_t lease_us) {
    const std::int64_t until = tx.lease_now_us() + lease_us;
    REMIT_TRY(const auto changed, tx.exec(sql.renew, {until, held.id, held.epoch}));
    if (changed != 1) return error(Status::fenced, "another process took over");
    held.lease_until_us = until;
    return {};
}

Result<void> release(SqlTx &tx, const OwnedSql &sql, const Held &held) {
    REMIT_TRY(const auto changed, tx.exec(sql.release, {held.id, held.epoch}));
    if (changed != 1) return error(Status::fenced, "another process took over");
    return {};
}

}  // namespace remit::port
