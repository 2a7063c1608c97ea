// The SQL of owned rows (core/lease.hpp), written once. A table has columns id, owner, epoch, lease_until,
// lease_clock, and gets its statements by REMIT_OWNED_SQL("remit_lanes").
#pragma once

#include "core/lease.hpp"

#include <remit/port/database.hpp>

namespace remit::port {

struct OwnedSql {
    Sql read, take, renew, release;
};
#define REMIT_OWNED_SQL(table)                                                                                         \
    ::remit::port::OwnedSql {                                                                                          \
        {"SELECT owner, epoch, lease_until, lease_clock FROM " table " WHERE id = ?"},                                 \
            {"UPDATE " table                                                                                           \
             " SET owner = ?, epoch = epoch + 1, lease_until = ?, lease_clock = ? WHERE id = ? AND epoch = ?"},        \
            {"UPDATE " table " SET lease_until = ? WHERE id = ? AND epoch = ?"}, {                                     \
            "UPDATE " table " SET owner = '', lease_until = 0 WHERE id = ? AND epoch = ?"                              \
        }                                                                                                              \
    }

// A row that is ours.
struct Held {
    std::int64_t id = 0;
    std::int64_t epoch = 0;
    std::int64_t lease_until_us = 0;
};

// Takes the row, or Busy while another live owner holds it. `owner_alive` was asked of `seen_owner`
// before the transaction (it may touch files); when the row's owner has changed since, Busy.
Result<Held> take(SqlTx &tx, const OwnedSql &sql, std::int64_t id, std::string_view self, std::int64_t lease_us,
                  std::string_view seen_owner, bool seen_owner_alive);
// Fenced when another has taken it.
Result<void> renew(SqlTx &tx, const OwnedSql &sql, Held &held, std::int64_t lease_us);
Result<void> release(SqlTx &tx, const OwnedSql &sql, const Held &held);

}  // namespace remit::port
