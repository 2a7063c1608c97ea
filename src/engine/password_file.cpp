#include "engine/password_file.hpp"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

namespace remit::engine {

Result<Secret> read_password_file(const std::string &path, std::string_view field) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return invalid(std::string(field), path + " cannot be read");
    Secret buffer(1024);  // locked and wiped: the password is nowhere else
    std::size_t size = 0;
    ssize_t got = 0;
    while (size < buffer.size() && (got = ::read(fd, buffer.data() + size, buffer.size() - size)) > 0)
        size += static_cast<std::size_t>(got);
    ::close(fd);
    if (got < 0) return invalid(std::string(field), path + " cannot be read");
    const ByteView bytes = buffer.bytes().first(size);
    auto end = std::find(bytes.begin(), bytes.end(), static_cast<std::uint8_t>('\n'));
    if (end == bytes.end() && size == buffer.size()) return invalid(std::string(field), path + " has too long a line");
    if (end != bytes.begin() && *(end - 1) == '\r') --end;
    if (end == bytes.begin()) return invalid(std::string(field), path + " has an empty first line");
    return Secret::from_bytes(bytes.first(static_cast<std::size_t>(end - bytes.begin())));
}

}  // namespace remit::engine
