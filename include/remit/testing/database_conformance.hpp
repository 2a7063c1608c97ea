// What any Database adapter must keep, tried on a database of the caller's.
#pragma once

#include <remit/port/database.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace remit::testing {

// What the kit needs: a way to open the same database again, each time with an owner of its own. The kit makes tables
// remit_conformance_... and host_conformance in it, by migrations that begin with number 1.
struct DatabaseBench {
    std::function<Result<std::unique_ptr<Database>>()> open;
    int threads = 6;  // that write at once
    int rounds = 40;  // of each
};

// The promises that are broken, in words; empty is good. Reads and writes from several threads.
std::vector<std::string> database_conformance(DatabaseBench &bench);

}  // namespace remit::testing
