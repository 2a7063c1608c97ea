// The SQLite side of a CrashDisk: a VFS, and the methods of its files.
#include "testing/crash_state.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <thread>

namespace remit::testing::crash {
namespace {

struct File {
    sqlite3_file base;
    Handle *handle;
};

Handle &handle_of(sqlite3_file *file) {
    return *reinterpret_cast<File *>(file)->handle;
}

// The disk, locked, and whether this handle can still use it.
struct Access {
    explicit Access(Handle &of) : disk(of.process->disk), lock(disk.mutex), usable(disk.power.on && !of.dead) {}
    Disk &disk;
    std::lock_guard<std::mutex> lock;
    bool usable;
};

int close_file(sqlite3_file *file) {
    Handle &h = handle_of(file);
    {
        const Access a(h);
        if (!h.dead) {
            a.disk.unlock(h, SQLITE_LOCK_NONE);
            a.disk.shm_leave(h);
            if (h.delete_on_close) a.disk.files.erase(h.name);
        }
        a.disk.handles.erase(&h);
    }
    delete &h;
    return SQLITE_OK;
}

int read_file(sqlite3_file *file, void *out, int amount, sqlite3_int64 offset) {
    Handle &h = handle_of(file);
    const Access a(h);
    if (!a.usable || a.disk.inject(a.disk.faults.read_error)) return SQLITE_IOERR_READ;
    const Content &now = h.node->now;
    const auto size = static_cast<std::size_t>(amount);
    const std::size_t from = std::min(now.size(), static_cast<std::size_t>(offset));
    const std::size_t have = std::min(now.size() - from, size);
    std::memset(out, 0, size);
    if (have > 0) std::memcpy(out, now.data() + from, have);
    return have < size ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

int write_file(sqlite3_file *file, const void *data, int amount, sqlite3_int64 offset) {
    Handle &h = handle_of(file);
    const Access a(h);
    ++a.disk.counts.writes;
    if (!a.usable || !a.disk.powered_step() || a.disk.inject(a.disk.faults.write_error)) return SQLITE_IOERR_WRITE;
    if (a.disk.inject(a.disk.faults.full)) return SQLITE_FULL;
    const auto *bytes = static_cast<const std::uint8_t *>(data);
    const auto at = static_cast<std::size_t>(offset);
    const auto size = static_cast<std::size_t>(amount);
    Content &now = h.node->now;
    if (now.size() < at + size) now.resize(at + size);
    std::memcpy(now.data() + at, bytes, size);
    h.node->unsynced.push_back({at, Content(bytes, bytes + size), -1});
    return SQLITE_OK;
}

int truncate_file(sqlite3_file *file, sqlite3_int64 size) {
    Handle &h = handle_of(file);
    const Access a(h);
    ++a.disk.counts.writes;
    if (!a.usable || !a.disk.powered_step()) return SQLITE_IOERR_TRUNCATE;
    h.node->now.resize(static_cast<std::size_t>(size));
    h.node->unsynced.push_back({0, {}, size});
    return SQLITE_OK;
}

int sync_file(sqlite3_file *file, int) {
    Handle &h = handle_of(file);
    const Access a(h);
    ++a.disk.counts.syncs;
    if (!a.usable || !a.disk.powered_step() || a.disk.inject(a.disk.faults.sync_error)) return SQLITE_IOERR_FSYNC;
    Node &node = *h.node;
    for (const Unsynced &change : node.unsynced) apply(node.platter, change);
    node.unsynced.clear();
    if (!node.name_durable) {
        node.name_durable = true;
        a.disk.make_deletions_durable();
    }
    return SQLITE_OK;
}

int file_size(sqlite3_file *file, sqlite3_int64 *out) {
    Handle &h = handle_of(file);
    const Access a(h);
    if (!a.usable) return SQLITE_IOERR_FSTAT;
    *out = static_cast<sqlite3_int64>(h.node->now.size());
    return SQLITE_OK;
}

int lock_file(sqlite3_file *file, int want) {
    Handle &h = handle_of(file);
    const Access a(h);
    if (!a.usable) return SQLITE_IOERR_LOCK;
    if (h.lock >= want) return SQLITE_OK;
    if (a.disk.inject(a.disk.faults.busy)) return SQLITE_BUSY;
    Node &n = *h.node;
    if (want == SQLITE_LOCK_SHARED) {
        if (n.exclusive || n.pending) return SQLITE_BUSY;
        ++n.shared;
    } else if (want == SQLITE_LOCK_RESERVED) {
        if (n.reserved) return SQLITE_BUSY;
        n.reserved = true;
    } else {
        if ((n.pending && h.lock < SQLITE_LOCK_PENDING) || (n.reserved && h.lock < SQLITE_LOCK_RESERVED))
            return SQLITE_BUSY;
        n.reserved = n.pending = true;
        h.lock = SQLITE_LOCK_PENDING;
        if (n.shared > 1) return SQLITE_BUSY;
        n.exclusive = true;
    }
    h.lock = want;
    return SQLITE_OK;
}

int unlock_file(sqlite3_file *file, int level) {
    Handle &h = handle_of(file);
    const Access a(h);
    if (!h.dead) a.disk.unlock(h, level);
    return SQLITE_OK;
}

int check_reserved(sqlite3_file *file, int *out) {
    Handle &h = handle_of(file);
    const Access a(h);
    if (!a.usable) return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *out = h.node->reserved ? 1 : 0;
    return SQLITE_OK;
}

int file_control(sqlite3_file *, int, void *) {
    return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file *) {
    return 4096;
}
int characteristics(sqlite3_file *) {
    return 0;
}

int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out) {
    Handle &h = handle_of(file);
    const Access a(h);
    *out = nullptr;
    if (!a.usable) return SQLITE_IOERR_SHMMAP;
    if (h.shm == nullptr) {
        if (h.node->shm == nullptr) h.node->shm = std::make_shared<SharedMemory>();
        h.shm = h.node->shm;
        ++h.shm->users;
    }
    auto &regions = h.shm->regions;
    const auto wanted = static_cast<std::size_t>(region);
    if (wanted >= regions.size() && extend == 0) return SQLITE_OK;
    while (wanted >= regions.size())
        regions.push_back(std::make_unique<std::uint8_t[]>(static_cast<std::size_t>(size)));
    *out = regions[wanted].get();
    return SQLITE_OK;
}

int shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    Handle &h = handle_of(file);
    const Access a(h);
    const auto first = static_cast<std::size_t>(offset);
    const auto slots = static_cast<std::size_t>(count);
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        if (!h.dead) a.disk.shm_unlock(h, first, slots);
        return SQLITE_OK;
    }
    if (!a.usable || h.shm == nullptr) return SQLITE_IOERR_SHMLOCK;
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    if (exclusive && first == 0 && a.disk.inject(a.disk.faults.busy)) return SQLITE_BUSY;
    SharedMemory &shm = *h.shm;
    for (std::size_t i = first; i < first + slots; ++i) {
        if (shm.exclusive[i] && !h.shm_exclusive[i]) return SQLITE_BUSY;
        if (exclusive && shm.shared[i] > (h.shm_shared[i] ? 1 : 0)) return SQLITE_BUSY;
    }
    for (std::size_t i = first; i < first + slots; ++i) {
        if (exclusive) {
            shm.exclusive[i] = h.shm_exclusive[i] = true;
        } else if (!h.shm_shared[i]) {
            ++shm.shared[i];
            h.shm_shared[i] = true;
        }
    }
    return SQLITE_OK;
}

void shm_barrier(sqlite3_file *file) {
    const std::lock_guard lock(handle_of(file).process->disk.mutex);
}

int shm_unmap(sqlite3_file *file, int) {
    Handle &h = handle_of(file);
    const Access a(h);
    if (!h.dead) a.disk.shm_leave(h);
    h.shm.reset();
    return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    2,         close_file,  read_file,      write_file,   truncate_file, sync_file,       file_size,
    lock_file, unlock_file, check_reserved, file_control, sector_size,   characteristics, shm_map,
    shm_lock,  shm_barrier, shm_unmap,      nullptr,      nullptr};

Process &process_of(sqlite3_vfs *vfs) {
    return *static_cast<Process *>(vfs->pAppData);
}

int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    file->pMethods = nullptr;
    Process &process = process_of(vfs);
    Disk &disk = process.disk;
    const std::lock_guard lock(disk.mutex);
    if (!disk.power.on || process.dead) return SQLITE_IOERR;
    std::shared_ptr<Node> node;
    if (name == nullptr) {
        node = std::make_shared<Node>();  // a temporary file
    } else {
        auto found = disk.files.find(name);
        const bool exists = found != disk.files.end() && found->second.exists;
        if (!exists && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
        if (!exists) {
            auto fresh = std::make_shared<Node>();
            if (found != disk.files.end()) fresh->before = found->second.node;
            disk.files[name] = {fresh, true};
        }
        node = disk.files[name].node;
    }
    auto *handle = new Handle;
    handle->node = std::move(node);
    handle->process = &process;
    handle->name = name == nullptr ? "" : name;
    handle->delete_on_close = name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    disk.handles.insert(handle);
    auto *opened = reinterpret_cast<File *>(file);
    opened->handle = handle;
    opened->base.pMethods = &kMethods;
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs *vfs, const char *name, int sync_directory) {
    Disk &disk = process_of(vfs).disk;
    const std::lock_guard lock(disk.mutex);
    ++disk.counts.writes;
    if (process_of(vfs).dead || !disk.powered_step()) return SQLITE_IOERR_DELETE;
    const auto found = disk.files.find(name);
    if (found == disk.files.end() || !found->second.exists) return SQLITE_IOERR_DELETE_NOENT;
    found->second.exists = false;
    if (!found->second.node->name_durable && found->second.node->before == nullptr) disk.files.erase(found);
    if (sync_directory != 0) disk.make_deletions_durable();
    return SQLITE_OK;
}

int access_file(sqlite3_vfs *vfs, const char *name, int, int *out) {
    Disk &disk = process_of(vfs).disk;
    const std::lock_guard lock(disk.mutex);
    if (process_of(vfs).dead || !disk.power.on) return SQLITE_IOERR_ACCESS;
    const auto found = disk.files.find(name);
    *out = found != disk.files.end() && found->second.exists && !found->second.node->now.empty() ? 1 : 0;
    return SQLITE_OK;
}

int full_path(sqlite3_vfs *, const char *name, int size, char *out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs *vfs, int size, char *out) {
    Disk &disk = process_of(vfs).disk;
    const std::lock_guard lock(disk.mutex);
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(disk.dice.next() & 0xffU);
    return size;
}

// Waiting takes the disk's time, not ours.
int sleep_us(sqlite3_vfs *vfs, int us) {
    Disk &disk = process_of(vfs).disk;
    {
        const std::lock_guard lock(disk.mutex);
        disk.clock_ms += us / 1'000;
    }
    std::this_thread::yield();
    return us;
}

int time_ms(sqlite3_vfs *vfs, sqlite3_int64 *out) {
    constexpr sqlite3_int64 kJulianEpochMs = 210'866'760'000'000;
    Disk &disk = process_of(vfs).disk;
    const std::lock_guard lock(disk.mutex);
    *out = disk.clock_ms + kJulianEpochMs;
    return SQLITE_OK;
}

int time_days(sqlite3_vfs *vfs, double *out) {
    constexpr double kMsPerDay = 86'400'000.0;
    sqlite3_int64 ms = 0;
    time_ms(vfs, &ms);
    *out = static_cast<double>(ms) / kMsPerDay;
    return SQLITE_OK;
}

int last_error(sqlite3_vfs *, int, char *) {
    return 0;
}

}  // namespace

class Vfs {
public:
    Vfs(const std::string &name, Process &process) {
        vfs_.iVersion = 2;
        vfs_.szOsFile = sizeof(File);
        vfs_.mxPathname = 512;
        vfs_.zName = name.c_str();
        vfs_.pAppData = &process;
        vfs_.xOpen = open_file;
        vfs_.xDelete = delete_file;
        vfs_.xAccess = access_file;
        vfs_.xFullPathname = full_path;
        vfs_.xRandomness = randomness;
        vfs_.xSleep = sleep_us;
        vfs_.xCurrentTime = time_days;
        vfs_.xGetLastError = last_error;
        vfs_.xCurrentTimeInt64 = time_ms;
        sqlite3_vfs_register(&vfs_, 0);
    }
    ~Vfs() { sqlite3_vfs_unregister(&vfs_); }
    Vfs(const Vfs &) = delete;
    Vfs &operator=(const Vfs &) = delete;

private:
    sqlite3_vfs vfs_{};
};

void VfsDelete::operator()(Vfs *vfs) const noexcept {
    delete vfs;
}

VfsPtr register_vfs(const std::string &name, Process &process) {
    return VfsPtr(new Vfs(name, process));
}

}  // namespace remit::testing::crash
