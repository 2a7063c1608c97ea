// Read connections: each read has a snapshot on a connection of its own, and never waits for the writer
// or for another reader. A few idle ones are kept.
#pragma once

#include "sql/sqlite/connection.hpp"

#include <mutex>
#include <vector>

namespace remit::sql {

class Readers {
public:
    explicit Readers(const SqliteOptions &options) : options_(options) {}

    Result<void> read(const SqlReadFn &fn);
    // For a single query: it is a snapshot by itself.
    Result<void> peek(const SqlReadFn &fn);
    // What is wrong with the file, or "ok".
    Result<std::string> integrity_check();
    Result<void> backup(const std::string &path);

private:
    class Snapshot;
    Result<Snapshot> take();
    Result<Snapshot> open();

    const SqliteOptions options_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace remit::sql
