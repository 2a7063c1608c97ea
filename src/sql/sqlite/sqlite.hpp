// Adapter: the Database port on one SQLite file in WAL mode, synchronous=FULL.
//
// Not for network file systems: neither SQLite's locks nor the owner locks hold there. Never open the
// file with another copy of SQLite inside the same process: closing it drops this one's locks.
#pragma once

#include <remit/port/clock.hpp>
#include <remit/port/database.hpp>
#include <remit/port/log.hpp>
#include <remit/port/random.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace remit::core {
class Metrics;
}

namespace remit::sql {

// Process-lifetime locks that tell whether the owner of a row still lives. Any thread may call any method.
class OwnerLocks {
public:
    virtual ~OwnerLocks() = default;
    // Holds the name until it is released, the process ends, or this object does.
    virtual Result<void> acquire(const std::string &owner) = 0;
    virtual void release(const std::string &owner) = 0;
    // Doubt is true: nothing is taken from an owner that may live.
    virtual bool alive(std::string_view owner) = 0;
};

struct SqliteOptions {
    std::string path;
    std::string prefix = "remit_";  // what stands in place of remit_ in the names of tables and indexes
    std::string vfs;                // empty: the system's
    OwnerLocks *locks = nullptr;    // null: lock files in the folder <path>-owners
    std::int64_t busy_ms = 30'000;  // how long another process's transaction is waited for
    int readers = 4;                // idle read connections that are kept
    Clock *clock = nullptr;
    Random *random = nullptr;
    Log *log = nullptr;
    core::Metrics *metrics = nullptr;
};

// Invalid, field "sqlite", when the SQLite that is linked has the WAL reset bug (before 3.51.3). Store,
// naming the file, when it cannot be opened; Corrupt when it is no database.
Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions &options);

}  // namespace remit::sql
