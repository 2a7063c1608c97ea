// A disk in memory for SQLite that loses what was not synced, tears, refuses and dies, by seed.
//
// The model: a file is what is on the platter and a list of writes and truncations since its last sync. A
// crash keeps any subset of that list, each write torn at 512-byte sectors. A new file's name is durable
// with its first sync, which makes earlier deletions durable too; shared memory is gone after a crash.
// It promises SQLite nothing more (no atomic writes, no power-safe overwrite).
//
// Any number of disks may live at once; each registers SQLite file systems (VFS) of its own. Connections
// may be on several threads; faults are repeatable only with one. All databases on a disk must be closed
// before it is destroyed. After power is off, or the process was killed, closing them changes nothing.
#pragma once

#include <remit/testing/power.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace remit::sql {
class OwnerLocks;
}

namespace remit::testing {

class CrashDisk {
public:
    // Chances in 10,000 for each operation. They apply while power is on.
    struct Faults {
        int write_error = 0;
        int sync_error = 0;
        int read_error = 0;
        int full = 0;
        int busy = 0;
    };
    struct Counts {
        std::int64_t writes = 0;  // writes, truncations and deletions that were tried
        std::int64_t syncs = 0;
        std::int64_t injected = 0;
        std::int64_t crashes = 0;
        std::int64_t lost_writes = 0;  // dropped by crashes, whole or in part
    };

    CrashDisk(std::uint64_t seed, Power &power);
    ~CrashDisk();
    CrashDisk(const CrashDisk &) = delete;
    CrashDisk &operator=(const CrashDisk &) = delete;

    // The VFS and the owner locks of one simulated process of this machine: of a new one, under a new VFS
    // name, when the last of that number died. What a dead one had open stays dead.
    const std::string &vfs(int process = 0);
    sql::OwnerLocks &locks(int process = 0);

    // The machine loses power and comes up again: every process of it is gone, files are what the model
    // leaves of them. Power is on afterwards.
    void crash();
    // The process dies as by kill -9: its locks are free, its connections are dead, what it wrote stays.
    void kill(int process);
    // Only the owner's lock goes.
    void kill_owner(std::string_view name);

    // Turns power off at the n-th write or sync from now, which is not done; 0 forgets it.
    void die_at_op(std::int64_t n);
    Faults &faults();
    Counts counts() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace remit::testing
