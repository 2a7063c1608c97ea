#include "cli/csv.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace remit::cli {
namespace {

constexpr std::int64_t kMaxFile = 256LL << 20U;
constexpr std::size_t kMaxRecord = 64U << 10U;
constexpr std::size_t kChunk = 256U << 10U;
constexpr int kEnd = -1;
constexpr int kReadError = -2;

std::int64_t changed_us(const struct stat &about) {
    return static_cast<std::int64_t>(about.st_mtim.tv_sec) * 1'000'000 + about.st_mtim.tv_nsec / 1'000;
}

}  // namespace

Result<CsvFile> CsvFile::open(const std::string &path) {
    CsvFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about {};
    if (file.fd_ < 0 || fstat(file.fd_, &about) != 0)
        return invalid(path, std::string("cannot be read: ") + std::strerror(errno));
    if (!S_ISREG(about.st_mode)) return invalid(path, "is no plain file");
    if (about.st_size > kMaxFile) return invalid(path, "is larger than 256 MiB; split it");
    file.path_ = path;
    file.size_ = about.st_size;
    file.changed_us_ = changed_us(about);
    return file;
}

CsvFile::~CsvFile() {
    if (fd_ >= 0) close(fd_);
}

CsvFile::CsvFile(CsvFile &&other) noexcept :
    fd_(std::exchange(other.fd_, -1)),
    path_(std::move(other.path_)),
    line_(other.line_),
    changed_us_(other.changed_us_),
    size_(other.size_),
    buffer_(std::move(other.buffer_)),
    at_(other.at_),
    record_bytes_(other.record_bytes_),
    started_(other.started_) {}

Result<void> CsvFile::rewind() {
    struct stat about {};
    if (fstat(fd_, &about) != 0 || lseek(fd_, 0, SEEK_SET) != 0)
        return invalid(path_, std::string("cannot be read: ") + std::strerror(errno));
    if (about.st_size != size_ || changed_us(about) != changed_us_)
        return invalid(path_, "was changed while it was read");
    buffer_.clear();
    at_ = 0;
    line_ = 1;
    started_ = false;
    return {};
}

int CsvFile::byte() {
    if (at_ == buffer_.size()) {
        buffer_.resize(kChunk);
        ssize_t got = 0;
        do got = read(fd_, buffer_.data(), buffer_.size());
        while (got < 0 && errno == EINTR);
        at_ = 0;
        buffer_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        if (got <= 0) return got == 0 ? kEnd : kReadError;
    }
    ++record_bytes_;
    return static_cast<unsigned char>(buffer_[at_++]);
}

Error CsvFile::refuse(std::string text) const {
    return invalid("line " + std::to_string(line_), std::move(text));
}

// One cell; `c` is its first character on the way in, and what ended it (',' '\n' or the end) on the way out.
Result<void> CsvFile::cell(std::string &out, int &c) {
    const bool quoted = c == '"';
    bool open = quoted;
    const std::int64_t opened = line_;
    if (quoted) c = byte();
    for (;; c = byte()) {
        if (c == kReadError) return refuse("cannot be read further");
        if (record_bytes_ > kMaxRecord)
            return line_ = opened, refuse("is longer than 64 KiB; this is no table of payouts");
        if (c == 0) return refuse("has a NUL byte; this is no text file");
        if (open) {
            if (c == kEnd) return line_ = opened, refuse("a quote is opened and never closed");
            if (c == '\n') ++line_;
            if (c != '"') {
                out += static_cast<char>(c);
                continue;
            }
            c = byte();
            if (c == '"') {
                out += '"';
                continue;
            }
            open = false;
        }
        if (c == '\r' && (c = byte()) != '\n') return refuse("has a carriage return inside");
        if (c == ',' || c == '\n' || c == kEnd) return {};
        if (quoted) return refuse("has text after a closing quote");
        if (c == '"') return refuse("has a quote inside a cell that is not quoted");
        out += static_cast<char>(c);
    }
}

Result<bool> CsvFile::next(CsvRecord &out) {
    for (;;) {
        out.cells.clear();
        out.line = line_;
        record_bytes_ = 0;
        int c = byte();
        if (!started_) {
            started_ = true;
            if (c == 0xef && byte() == 0xbb && byte() == 0xbf)
                c = byte();
            else if (c == 0xef)
                return refuse("is not UTF-8 text");
        }
        if (c == kEnd) return false;
        do {
            if (!out.cells.empty()) c = byte();
            REMIT_CHECK(cell(out.cells.emplace_back(), c));
        } while (c == ',');
        if (c == '\n') ++line_;
        if (out.cells.size() > 1 || !out.cells[0].empty()) return true;
        if (c == kEnd) return false;
    }
}

}  // namespace remit::cli
