#include <remit/process.hpp>

#include <atomic>
#include <sys/mman.h>
#include <unistd.h>

namespace remit {

namespace {

using Word = std::atomic<long>;
static_assert(Word::is_always_lock_free);

// Null when the kernel cannot wipe on fork (before Linux 4.14).
Word *wiped_on_fork() noexcept {
    const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    void *page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return nullptr;
    if (::madvise(page, size, MADV_WIPEONFORK) == 0) return static_cast<Word *>(page);
    ::munmap(page, size);
    return nullptr;
}

}  // namespace

long process_id() noexcept {
    static Word *const known = wiped_on_fork();
    if (known == nullptr) return ::getpid();
    long id = known->load(std::memory_order_relaxed);
    if (id != 0) return id;
    id = ::getpid();
    known->store(id, std::memory_order_relaxed);
    return id;
}

}  // namespace remit
