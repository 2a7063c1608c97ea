// A table in a text file, as RFC 4180 has it: commas, quotes, CRLF or LF, UTF-8 with or without a mark.
// Read as a stream; a record is at most 64 KiB, a file 256 MiB.
#pragma once

#include <remit/result.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace remit::cli {

struct CsvRecord {
    std::int64_t line = 0;  // where it begins; the first line is 1
    std::vector<std::string> cells;
};

class CsvFile {
public:
    // Invalid when it cannot be read or is too large.
    static Result<CsvFile> open(const std::string &path);
    ~CsvFile();
    CsvFile(CsvFile &&other) noexcept;
    CsvFile &operator=(CsvFile &&) = delete;
    CsvFile(const CsvFile &) = delete;
    CsvFile &operator=(const CsvFile &) = delete;

    // The next record into `out`; false at the end. Lines without a character are passed over. The error's field
    // is "line N".
    Result<bool> next(CsvRecord &out);
    // From the start again. Invalid when the file was changed since it was opened.
    Result<void> rewind();

private:
    explicit CsvFile(int fd) : fd_(fd) {}
    int byte();  // -1: end, -2: read error
    Result<void> cell(std::string &out, int &c);
    Error refuse(std::string text) const;

    int fd_ = -1;
    std::string path_;
    std::int64_t line_ = 1;
    std::int64_t changed_us_ = 0;  // when the file was changed last, as we opened it
    std::int64_t size_ = 0;
    std::string buffer_;
    std::size_t at_ = 0;
    std::size_t record_bytes_ = 0;
    bool started_ = false;
};

}  // namespace remit::cli
