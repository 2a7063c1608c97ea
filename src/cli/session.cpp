#include "cli/session.hpp"

#include "cli/terminal.hpp"
#include "engine/options.hpp"
#include "engine/password_file.hpp"
#include "engine/system_ports.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

namespace remit::cli {
namespace {

class OverBar final : public Log {
public:
    OverBar(Log &log, const bool &bar) : log_(log), bar_(bar) {}
    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) noexcept override {
        constexpr std::string_view clear = "\r\x1b[K";
        if (bar_) [[maybe_unused]]
            const ssize_t wrote = ::write(STDERR_FILENO, clear.data(), clear.size());
        log_.write(level, event, fields);
    }

private:
    Log &log_;
    const bool &bar_;
};

}  // namespace

Session::Session() : clock_(engine::system_clock()) {}
Session::~Session() = default;

std::string Session::config_path() const {
    if (!config.empty()) return config;
    const char *named = std::getenv("REMIT_CONFIG");
    return named != nullptr && *named != '\0' ? named : "remit.json";
}

Result<const EngineOptions *> Session::options() {
    if (options_) return options_.get();
    const std::string path = config_path();
    auto read = engine_options_from_file(path);
    if (read.status() == Status::not_found)
        return invalid(path, read.error().text + "; `remit init` writes one, --config names another");
    if (!read) {
        Error error = std::move(read).error();
        if (error.field != path) error.text += " (in " + path + ")";
        return error;
    }
    REMIT_CHECK(
        engine_options_from_environment(*read, [](const char *name) -> const char * { return std::getenv(name); }));
    options_ = std::make_unique<EngineOptions>(*std::move(read));
    return options_.get();
}

Result<Engine *> Session::engine() {
    if (engine_) return engine_.get();
    REMIT_TRY(const EngineOptions *configured, options());
    EngineOptions options = *configured;
    options.password_file.clear();  // unlocking is a verb's to ask for: it takes a second and 256 MiB
    // A sender that nobody has the key of: no lane is taken, so a process that pays is never in our way or we in its.
    if (only_look)
        for (ChainOptions &chain : options.chains) chain.senders = {"0x0000000000000000000000000000000000000001"};
    REMIT_TRY(const LogLevel level, engine::log_level_from_text(options.log_level, "log_level"));
    file_log_ = engine::fd_log(STDERR_FILENO, std::max(level, least_log), *clock_);
    log_ = std::make_unique<OverBar>(*file_log_, bar);
    EnginePorts ports;
    ports.log = log_.get();
    REMIT_TRY(engine_, Engine::open(std::move(options), std::move(ports)));
    return engine_.get();
}

Result<Secret> Session::password(bool twice) {
    if (const char *given = std::getenv("REMIT_PASSWORD"); given != nullptr && *given != '\0')
        return Secret::from_text(given);
    if (!options_->password_file.empty()) return engine::read_password_file(options_->password_file, "password_file");
    if (!can_ask())
        return Error{Status::wrong_key, "password",
                     "the key store is locked: set REMIT_PASSWORD or password_file, or run on a terminal"};
    REMIT_TRY(Secret first, ask_secret(twice ? "New password of the key store: " : "Password of the key store: "));
    if (!twice) return first;
    REMIT_TRY(const Secret second, ask_secret("The same again: "));
    if (first.size() != second.size() || std::memcmp(first.bytes().data(), second.bytes().data(), first.size()) != 0)
        return Error{Status::wrong_key, "password", "the two are not the same"};
    return first;
}

Result<void> Session::unlock() {
    REMIT_TRY(Engine *const engine, this->engine());
    REMIT_TRY(const auto known, engine->keys().list());
    REMIT_TRY(const Secret secret, password(known.empty()));
    auto unlocked = engine->keys().unlock(secret, options_->unlock_ms * kMicrosPerMs);
    if (unlocked.status() == Status::wrong_key)
        return Error{Status::wrong_key, "password", "is not the key store's password"};
    return unlocked;
}

void Session::close() {
    engine_.reset();
}

std::string node_of(const EngineOptions &options, std::uint64_t chain_id) {
    for (const ChainOptions &chain : options.chains)
        if (chain.id == chain_id) return engine::url_origin(chain.rpc);
    return {};
}

std::string problem_of(const ChainHealth &chain) {
    const bool has_node = chain.problem.starts_with("http://") || chain.problem.starts_with("https://");
    const std::size_t end = has_node ? chain.problem.find(": ") : std::string::npos;
    return end == std::string::npos ? chain.problem : chain.problem.substr(end + 2);
}

}  // namespace remit::cli
