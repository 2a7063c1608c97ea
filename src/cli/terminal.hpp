// The terminal and the signals: questions, passwords without echo, and being told to stop.
#pragma once

#include <remit/keys.hpp>
#include <remit/result.hpp>

#include <cstdint>
#include <string>

namespace remit::cli {

bool output_is_terminal() noexcept;
bool can_ask() noexcept;                    // a person sees our question and can answer
bool ask_yes(const std::string &question);  // "y" or "yes"
Result<Secret> ask_secret(const std::string &prompt);

// From construction SIGINT, SIGTERM and SIGHUP arrive here only; made before any thread is, so that all
// threads leave them alone.
class StopSignals {
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals &) = delete;
    StopSignals &operator=(const StopSignals &) = delete;
    // Waits at most so long; true when told to stop.
    bool wait_ms(std::int64_t timeout_ms);
    // From here on one more of them ends the process at once, with 128 + its number. What was under way
    // goes on from the database at the next start.
    void next_one_ends();
};

}  // namespace remit::cli
