// How a call went, as C++ sees it: made from the one table in status.h.
#pragma once

#include <remit/status.h>

#include <cstdint>
#include <string_view>

namespace remit {

enum class Status : std::int32_t {
#define REMIT_X(c_name, name, number, cls, text) name = number,
    REMIT_STATUS_TABLE(REMIT_X)
#undef REMIT_X
};

// What a caller does about a status; see status.h.
enum class StatusClass : std::int32_t { DONE = 0, FIX = 1, RETRY = 2, ASK = 3, FINAL = 4 };

// The C name without its prefix, as "E_STORE_LOST"; "E_?" for a number not in the table.
std::string_view status_name(Status status) noexcept;
// The meaning as one sentence; empty for a number not in the table.
std::string_view status_text(Status status) noexcept;
// FIX for a number not in the table.
StatusClass status_class(Status status) noexcept;

}  // namespace remit
