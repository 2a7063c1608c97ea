// What the program's exit codes mean. docs/cli.md shows the same table.
#pragma once

#include <remit/status.hpp>

namespace remit::cli {

enum class Exit : int {
    ok = 0,
    usage = 2,    // the command line is wrong
    refused = 3,  // the configuration or the input is refused; nothing was done
    not_found = 4,
    conflict = 5,   // the id stands for other content, the thing exists, or its state forbids it
    store = 6,      // the database cannot be used
    network = 7,    // no node answers, or not as it should
    unknown = 8,    // it may have been done: look before doing it again
    locked = 9,     // no password, or a wrong one
    busy = 10,      // another process holds it
    findings = 11,  // doctor or repair found something
    internal = 70,
};

constexpr Exit exit_of(Status status) noexcept {
    switch (status) {
    case Status::ok: return Exit::ok;
    case Status::invalid: return Exit::refused;
    case Status::not_found: return Exit::not_found;
    case Status::mismatch:
    case Status::state: return Exit::conflict;
    case Status::store:
    case Status::newer:
    case Status::corrupt: return Exit::store;
    case Status::network:
    case Status::refused: return Exit::network;
    case Status::store_lost:
    case Status::timeout:
    case Status::unknown: return Exit::unknown;
    case Status::wrong_key: return Exit::locked;
    case Status::busy:
    case Status::fenced:
    case Status::closed: return Exit::busy;
    case Status::misuse:
    case Status::broken:
    case Status::forked:
    case Status::no_memory: break;
    }
    return Exit::internal;
}

}  // namespace remit::cli
