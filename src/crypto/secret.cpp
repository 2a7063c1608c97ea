// Secrets live on pages of their own: locked, left out of core dumps, wiped before they are given back.
#include <remit/keys.hpp>

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <utility>

namespace remit {

Secret::Secret(std::size_t size) : size_(size) {
    if (size == 0) return;
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t pages = (size + page - 1) / page * page;
    void *memory = mmap(nullptr, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        // Out of mappings, not of memory: an unlocked secret is better than none.
        data_ = static_cast<std::uint8_t *>(::operator new(size));
        std::memset(data_, 0, size);
        return;
    }
    mapped_ = pages;
    data_ = static_cast<std::uint8_t *>(memory);
    // Both may be refused (RLIMIT_MEMLOCK, an old kernel); the secret is still wiped.
    static_cast<void>(mlock(memory, pages));
    static_cast<void>(madvise(memory, pages, MADV_DONTDUMP));
}

Secret::~Secret() {
    if (data_ == nullptr) return;
    OPENSSL_cleanse(data_, size_);
    if (mapped_ != 0)
        munmap(data_, mapped_);
    else
        ::operator delete(data_);
}

// The memory changes hands, so nothing is left behind to wipe.
Secret::Secret(Secret &&other) noexcept :
    data_(std::exchange(other.data_, nullptr)),
    size_(std::exchange(other.size_, 0)),
    mapped_(std::exchange(other.mapped_, 0)) {}

Secret &Secret::operator=(Secret &&other) noexcept {
    Secret taken(std::move(other));  // what was here before goes with it
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    std::swap(mapped_, taken.mapped_);
    return *this;
}

Secret Secret::from_bytes(ByteView bytes) {
    Secret out(bytes.size());
    if (out.data_ != nullptr) std::memcpy(out.data_, bytes.data(), bytes.size());
    return out;
}

Secret Secret::from_text(std::string_view text) {
    return from_bytes(view(text));
}

Secret Secret::copy() const {
    return from_bytes(bytes());
}

}  // namespace remit
