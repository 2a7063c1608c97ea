// What a CrashDisk is made of: files, locks, shared memory, simulated processes. Guarded by one mutex.
#pragma once

#include <remit/testing/crash_disk.hpp>

#include "sql/sqlite/sqlite.hpp"

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace remit::testing::crash {

using Content = std::vector<std::uint8_t>;

// A write or, with truncate_to >= 0, a truncation that was not synced yet.
struct Unsynced {
    std::size_t offset = 0;
    Content data;
    std::int64_t truncate_to = -1;
};

// Any part of the change: bytes [first, last) of a write.
void apply(Content &content, const Unsynced &change, std::size_t first = 0, std::size_t last = SIZE_MAX);

// The index of the write-ahead log: memory that the processes which have the file open share.
inline constexpr std::size_t kShmSlots = 8;
struct SharedMemory {
    std::vector<std::unique_ptr<std::uint8_t[]>> regions;
    std::array<int, kShmSlots> shared{};
    std::array<bool, kShmSlots> exclusive{};
    int users = 0;
};

struct Node {
    Content platter;
    Content now;
    std::vector<Unsynced> unsynced;
    bool name_durable = false;
    std::shared_ptr<Node> before;  // whose name this one took, while that is not durable
    int shared = 0;
    bool reserved = false;
    bool pending = false;
    bool exclusive = false;
    std::shared_ptr<SharedMemory> shm;
};

// A name in the directory; a deletion that is not durable leaves it with exists = false.
struct Entry {
    std::shared_ptr<Node> node;
    bool exists = true;
};

struct Process;

// One open file of one connection.
struct Handle {
    std::shared_ptr<Node> node;
    std::shared_ptr<SharedMemory> shm;
    Process *process = nullptr;
    std::string name;
    bool delete_on_close = false;
    bool dead = false;
    int lock = 0;
    std::array<bool, kShmSlots> shm_shared{};
    std::array<bool, kShmSlots> shm_exclusive{};
};

// SplitMix64.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    bool chance(int of_10_000) { return of_10_000 > 0 && static_cast<int>(next() % 10'000) < of_10_000; }

private:
    std::uint64_t state_;
};

struct Disk {
    Disk(std::uint64_t seed, Power &machine) : dice(seed), power(machine) {}

    Dice dice;
    Power &power;
    CrashDisk::Faults faults;
    CrashDisk::Counts counts;
    std::mutex mutex;
    std::map<std::string, Entry> files;
    std::set<Handle *> handles;
    std::map<std::string, int, std::less<>> owners;  // the process that holds the name
    std::int64_t die_in = 0;
    std::int64_t clock_ms = 1'700'000'000'000;

    // With the mutex held. A write or sync is tried; false when it finds the power off, or turns it off.
    bool powered_step();
    bool inject(int of_10_000);
    void make_deletions_durable();
    void unlock(Handle &handle, int level);
    void shm_unlock(Handle &handle, std::size_t first, std::size_t count);
    void shm_leave(Handle &handle);
    void die(Handle &handle);
    void crash();

private:
    std::shared_ptr<Node> survivor(const Node &node);
};

class SimulatedLocks final : public sql::OwnerLocks {
public:
    SimulatedLocks(Disk &disk, int process) : disk_(disk), process_(process) {}
    Result<void> acquire(const std::string &owner) override;
    bool alive(std::string_view owner) override;
    void release(const std::string &owner) override;

private:
    Disk &disk_;
    int process_;
};

// Registers a VFS whose files are the disk's, for one process; unregisters it when destroyed.
class Vfs;
struct VfsDelete {
    void operator()(Vfs *vfs) const noexcept;
};
using VfsPtr = std::unique_ptr<Vfs, VfsDelete>;
VfsPtr register_vfs(const std::string &name, Process &process);

struct Process {
    Process(Disk &of, int number, const std::string &name) :
        disk(of), vfs_name(name), locks(of, number), vfs(register_vfs(vfs_name, *this)) {}
    Disk &disk;
    bool dead = false;
    std::string vfs_name;
    SimulatedLocks locks;
    VfsPtr vfs;
};

}  // namespace remit::testing::crash
