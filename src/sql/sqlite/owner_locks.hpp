// Owner locks as files: <database>-owners/<owner>, each with an open-file-description lock that the
// operating system drops with the process that holds it.
//
// A child that was forked holds a copy of the lock while it lives (until it execs): the owner counts as alive then, and
// its rows are free only when their leases run out.
#pragma once

#include "sql/sqlite/sqlite.hpp"

namespace remit::sql {

// Makes the folder (0700) and removes the files of owners that are dead.
Result<std::unique_ptr<OwnerLocks>> open_owner_locks(const std::string &database_path);

}  // namespace remit::sql
