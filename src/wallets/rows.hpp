// All SQL of the wallets room.
#pragma once

#include "port/owned_row.hpp"

#include <remit/port/database.hpp>

namespace remit::wallets::rows {

extern const Sql kInsert, kFind, kAll, kGuard, kAdvance, kAdvanceFirst, kQuarantine, kResume, kNudge;
extern const port::OwnedSql kOwned;

}  // namespace remit::wallets::rows
