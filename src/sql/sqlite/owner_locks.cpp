#include "sql/sqlite/owner_locks.hpp"

#include "core/ids.hpp"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace remit::sql {
namespace {

constexpr std::string_view kKind = "own";

Error io_error(const std::string &path) {
    return error(Status::store, path + ": " + std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
}

// Owners lock for writing; who looks locks for reading, so that two who look at once do not take each
// other for the owner.
bool lock_file(int fd, short type) {
    struct flock whole = {};
    whole.l_type = type;
    whole.l_whence = SEEK_SET;
    return ::fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

constexpr int kTries = 1'000;  // of a millisecond: who looks at the file is gone by then

class FileLocks final : public OwnerLocks {
public:
    explicit FileLocks(std::string folder) : folder_(std::move(folder)) {}
    ~FileLocks() override {
        for (const Held &held : held_) drop(held);
    }

    void release(const std::string &owner) override {
        const std::lock_guard lock(mutex_);
        const std::string path = folder_ + "/" + owner;
        for (const Held &held : held_)
            if (held.path == path) drop(held);
        std::erase_if(held_, [&](const Held &held) { return held.path == path; });
    }

    Result<void> acquire(const std::string &owner) override {
        const std::string path = folder_ + "/" + owner;
        const std::lock_guard lock(mutex_);
        for (int i = 0; i < kTries; ++i) {
            const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
            if (fd < 0) return io_error(path);
            struct stat status = {};
            const bool locked = lock_file(fd, F_WRLCK);
            if (locked && ::fstat(fd, &status) == 0 && status.st_nlink > 0) {
                held_.push_back({fd, path});
                return {};
            }
            ::close(fd);  // a sweep looks at it, or took it away between our open and our lock
            if (!locked) ::usleep(1'000);
        }
        return error(Status::busy, path + ": another process holds this owner name");
    }

    bool alive(std::string_view owner) override {
        if (!core::is_id(owner, kKind)) return true;
        const std::string path = folder_ + "/" + std::string(owner);
        const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        if (fd < 0) return errno != ENOENT || ::access(folder_.c_str(), R_OK | X_OK) != 0;
        const bool dead = lock_file(fd, F_RDLCK);
        if (dead) ::unlink(path.c_str());
        ::close(fd);
        return !dead;
    }

    void sweep() {
        DIR *folder = ::opendir(folder_.c_str());
        if (folder == nullptr) return;
        std::vector<std::string> names;
        while (const dirent *entry = ::readdir(folder))
            names.emplace_back(entry->d_name);  // NOLINT(concurrency-mt-unsafe)
        ::closedir(folder);
        for (const std::string &name : names) alive(name);
    }

private:
    struct Held {
        int fd;
        std::string path;
    };
    static void drop(const Held &held) {
        ::unlink(held.path.c_str());
        ::close(held.fd);
    }

    std::string folder_;
    std::mutex mutex_;
    std::vector<Held> held_;
};

}  // namespace

Result<std::unique_ptr<OwnerLocks>> open_owner_locks(const std::string &database_path) {
    const std::string folder = database_path + "-owners";
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return io_error(folder);
    auto locks = std::make_unique<FileLocks>(folder);
    locks->sweep();
    return std::unique_ptr<OwnerLocks>(std::move(locks));
}

}  // namespace remit::sql
