#include "testing/crash_state.hpp"

#include <algorithm>
#include <atomic>

namespace remit::testing {
namespace crash {
namespace {

constexpr std::size_t kSector = 512;
constexpr int kHalf = 5'000;
constexpr int kTorn = 3'000;

enum Level { kNone = 0, kShared = 1, kReserved = 2, kPending = 3, kExclusive = 4 };  // SQLite's numbers

}  // namespace

void apply(Content &content, const Unsynced &change, std::size_t first, std::size_t last) {
    if (change.truncate_to >= 0) {
        content.resize(static_cast<std::size_t>(change.truncate_to));
        return;
    }
    last = std::min(last, change.data.size());
    if (content.size() < change.offset + last) content.resize(change.offset + last);
    std::copy(change.data.begin() + static_cast<std::ptrdiff_t>(first),
              change.data.begin() + static_cast<std::ptrdiff_t>(last),
              content.begin() + static_cast<std::ptrdiff_t>(change.offset + first));
}

std::uint64_t Dice::next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27U) * 0x94d049bb133111ebULL;
    return z ^ z >> 31U;
}

bool Disk::powered_step() {
    if (power.on && die_in > 0 && --die_in == 0) power.on = false;
    return power.on;
}

bool Disk::inject(int of_10_000) {
    const bool fault = dice.chance(of_10_000);
    counts.injected += fault ? 1 : 0;
    return fault;
}

void Disk::make_deletions_durable() {
    std::erase_if(files, [](const auto &file) { return !file.second.exists; });
    for (auto &[name, entry] : files) entry.node->before.reset();
}

void Disk::unlock(Handle &handle, int level) {
    Node &node = *handle.node;
    if (handle.lock <= level) return;
    if (handle.lock == kExclusive) node.exclusive = false;
    if (handle.lock >= kPending) node.pending = false;
    if (handle.lock >= kReserved) node.reserved = false;
    if (level == kNone && handle.lock >= kShared) --node.shared;
    handle.lock = level;
}

void Disk::shm_unlock(Handle &handle, std::size_t first, std::size_t count) {
    if (handle.shm == nullptr) return;
    for (std::size_t i = first; i < first + count && i < kShmSlots; ++i) {
        if (handle.shm_shared[i]) --handle.shm->shared[i];
        if (handle.shm_exclusive[i]) handle.shm->exclusive[i] = false;
        handle.shm_shared[i] = handle.shm_exclusive[i] = false;
    }
}

// Who opens the file when nobody else has it finds no index, and makes it anew from the log.
void Disk::shm_leave(Handle &handle) {
    if (handle.shm == nullptr) return;
    shm_unlock(handle, 0, kShmSlots);
    if (--handle.shm->users == 0 && handle.node->shm == handle.shm) handle.node->shm.reset();
}

// The memory stays while the handle does: a dead connection may still look at it.
void Disk::die(Handle &handle) {
    if (handle.dead) return;
    unlock(handle, kNone);
    shm_leave(handle);
    handle.dead = true;
}

// What the platter holds after the power went: any part of what was not synced.
std::shared_ptr<Node> Disk::survivor(const Node &node) {
    Content content = node.platter;
    for (const Unsynced &change : node.unsynced) {
        if (dice.chance(kHalf)) {
            ++counts.lost_writes;
            continue;
        }
        std::size_t first = 0;
        std::size_t last = change.data.size();
        if (last > kSector && dice.chance(kTorn)) {
            const std::size_t cut = std::min(last, (1 + dice.next() % (last / kSector)) * kSector);
            (dice.chance(kHalf) ? last : first) = cut;
            ++counts.lost_writes;
        }
        apply(content, change, first, last);
    }
    auto out = std::make_shared<Node>();
    out->platter = content;
    out->now = std::move(content);
    out->name_durable = true;
    return out;
}

void Disk::crash() {
    for (Handle *handle : handles) die(*handle);
    for (auto it = files.begin(); it != files.end();) {
        Entry &entry = it->second;
        std::shared_ptr<Node> stays;
        const bool name_stays =
            entry.node->name_durable ? entry.exists || dice.chance(kHalf) : entry.exists && dice.chance(kHalf);
        if (name_stays)
            stays = entry.node;
        else if (entry.node->before != nullptr && dice.chance(kHalf))
            stays = entry.node->before;
        if (stays == nullptr) {
            it = files.erase(it);
            continue;
        }
        entry = {survivor(*stays), true};
        ++it;
    }
    owners.clear();
    ++counts.crashes;
    die_in = 0;
    power.on = true;
}

Result<void> SimulatedLocks::acquire(const std::string &owner) {
    const std::lock_guard lock(disk_.mutex);
    if (!disk_.power.on) return error(Status::store, "power is off");
    disk_.owners[owner] = process_;
    return {};
}

bool SimulatedLocks::alive(std::string_view owner) {
    const std::lock_guard lock(disk_.mutex);
    return !disk_.power.on || disk_.owners.contains(owner);
}

void SimulatedLocks::release(const std::string &owner) {
    const std::lock_guard lock(disk_.mutex);
    disk_.owners.erase(owner);
}

}  // namespace crash

namespace {
std::atomic<std::uint64_t> next_disk{1};
}

struct CrashDisk::State {
    State(std::uint64_t seed, Power &power) : disk(seed, power) {}
    crash::Disk disk;
    std::string name = "remit-crash-" + std::to_string(next_disk++) + "-";
    int next_process = 1;
    std::map<int, std::unique_ptr<crash::Process>> processes;
    std::vector<std::unique_ptr<crash::Process>> dead;

    crash::Process &process(int number) {
        auto &slot = processes[number];
        if (slot == nullptr)
            slot = std::make_unique<crash::Process>(disk, number, name + std::to_string(next_process++));
        return *slot;
    }

    // Its connections may be closed later than it dies, so its file system and its locks stay as long as the disk.
    void bury(std::map<int, std::unique_ptr<crash::Process>>::iterator at) {
        at->second->dead = true;
        dead.push_back(std::move(at->second));
        processes.erase(at);
    }
};

CrashDisk::CrashDisk(std::uint64_t seed, Power &power) : state_(std::make_unique<State>(seed, power)) {}
CrashDisk::~CrashDisk() = default;

const std::string &CrashDisk::vfs(int process) {
    return state_->process(process).vfs_name;
}
sql::OwnerLocks &CrashDisk::locks(int process) {
    return state_->process(process).locks;
}

void CrashDisk::crash() {
    const std::lock_guard lock(state_->disk.mutex);
    state_->disk.crash();
    while (!state_->processes.empty()) state_->bury(state_->processes.begin());
}

void CrashDisk::kill(int process) {
    const std::lock_guard lock(state_->disk.mutex);
    const auto killed = state_->processes.find(process);
    if (killed == state_->processes.end()) return;
    for (crash::Handle *handle : state_->disk.handles)
        if (handle->process == killed->second.get()) state_->disk.die(*handle);
    std::erase_if(state_->disk.owners, [&](const auto &owner) { return owner.second == process; });
    state_->bury(killed);
}

void CrashDisk::kill_owner(std::string_view name) {
    const std::lock_guard lock(state_->disk.mutex);
    state_->disk.owners.erase(std::string(name));
}

void CrashDisk::die_at_op(std::int64_t n) {
    const std::lock_guard lock(state_->disk.mutex);
    state_->disk.die_in = n;
}

CrashDisk::Faults &CrashDisk::faults() {
    return state_->disk.faults;
}

CrashDisk::Counts CrashDisk::counts() const {
    const std::lock_guard lock(state_->disk.mutex);
    return state_->disk.counts;
}

}  // namespace remit::testing
