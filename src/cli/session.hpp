// One run of the program: its global options, the configuration, the open engine.
#pragma once

#include "cli/exit.hpp"
#include "cli/output.hpp"

#include <remit/engine.hpp>

#include <functional>
#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace remit::cli {

class Session {
public:
    Session();
    ~Session();
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    Output out;
    std::string config;                   // path; empty: REMIT_CONFIG, else remit.json
    LogLevel least_log = LogLevel::warn;  // `run` shows more
    bool only_look = false;               // the engine pays from nobody, whatever it is ticked
    bool bar = false;                     // a progress line stands on the terminal: log lines go over it

    std::string config_path() const;
    // The configuration file, then the environment.
    Result<const EngineOptions *> options();
    // Opens the engine on the first call. Nothing is locked, unlocked or started by it.
    Result<Engine *> engine();
    Clock &clock() noexcept { return *clock_; }
    // REMIT_PASSWORD, the password file, or a prompt; then unlocks the key store.
    Result<void> unlock();
    void close();

private:
    Result<Secret> password(bool twice);

    std::unique_ptr<EngineOptions> options_;
    std::unique_ptr<Clock> clock_;
    std::unique_ptr<Log> file_log_, log_;
    std::unique_ptr<Engine> engine_;
};

// A chain's node as it may be shown, and what is wrong with it, without the node's address once more.
std::string node_of(const EngineOptions &options, std::uint64_t chain_id);
std::string problem_of(const ChainHealth &chain);

// What the command line asks for. Set by the verb that was given.
using Action = std::function<Result<Exit>(Session &)>;

// Each adds its verbs.
void add_init(CLI::App &app, Action &chosen);
void add_config(CLI::App &app, Action &chosen);
void add_keys(CLI::App &app, Action &chosen);
void add_payout(CLI::App &app, Action &chosen);
void add_idempotency(CLI::App &app, Action &chosen);
void add_run(CLI::App &app, Action &chosen);
void add_events(CLI::App &app, Action &chosen);
void add_care(CLI::App &app, Action &chosen);
// The verb `payout import`, below its noun.
void add_import(CLI::App &payout, Action &chosen);

}  // namespace remit::cli
