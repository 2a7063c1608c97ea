// init, config check.
#include "cli/session.hpp"
#include "core/json.hpp"
#include "engine/options.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace remit::cli {
namespace {

constexpr std::string_view kSample = R"({
  "database": "remit.db",
  "log_level": "info",
  "chains": [
    {
      "id": 1,
      "name": "ethereum",
      "rpc": "http://127.0.0.1:8545",
      "confirmations": 20,
      "max_fee_gwei": "500",
      "tokens": [
        {
          "symbol": "USDT",
          "address": "0xdAC17F958D2ee523a2206206994597C13D831ec7",
          "decimals": 6
        }
      ]
    }
  ]
}
)";

Result<void> write_new_file(const std::string &path, std::string_view text) {
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST) return Error{Status::state, path, "exists already; nothing was changed"};
    if (fd < 0) return invalid(path, std::string("cannot be written: ") + std::strerror(errno));
    const bool whole = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int reason = errno;
    close(fd);
    if (!whole) return invalid(path, std::string("cannot be written: ") + std::strerror(reason));
    return {};
}

Result<Exit> init(Session &session) {
    const std::string path = session.config_path();
    REMIT_CHECK(write_new_file(path, kSample));
    REMIT_TRY(const EngineOptions *options, session.options());
    REMIT_CHECK(session.engine());
    if (session.out.json) {
        core::JsonWriter doc;
        doc.begin_object()
            .field("config", path)
            .field("database", engine::shown_database(options->database))
            .end_object();
        session.out.line(doc.text());
        return Exit::ok;
    }
    session.out.line("Wrote " + path + " and made the database " + engine::shown_database(options->database) + ".");
    session.out.line("Next: set the chain and its tokens in " + path +
                     ", then `remit keys new`, `remit payout import FILE.csv`, `remit run`.");
    return Exit::ok;
}

Result<Exit> check(Session &session) {
    REMIT_TRY(const EngineOptions *configured, session.options());
    const EngineOptions shown = engine::without_secrets(*configured);
    if (session.out.json) {
        session.out.line(to_json(shown));
        return Exit::ok;
    }
    session.out.line(session.config_path() + ": ok, database " + shown.database);
    std::vector<std::vector<std::string>> rows = {{"CHAIN", "NAME", "NODE", "CONFIRMATIONS", "TOKENS", "SENDERS"}};
    for (const ChainOptions &chain : shown.chains) {
        std::string tokens;
        for (const TokenOptions &token : chain.tokens) tokens += (tokens.empty() ? "" : " ") + token.symbol;
        rows.push_back({std::to_string(chain.id), chain.name, chain.rpc, std::to_string(chain.confirmations), tokens,
                        chain.senders.empty() ? "every key" : std::to_string(chain.senders.size())});
    }
    if (shown.chains.empty())
        session.out.line("No chain is configured: nothing can be paid.");
    else
        session.out.table("rllrll", rows);
    return Exit::ok;
}

}  // namespace

void add_init(CLI::App &app, Action &chosen) {
    CLI::App *verb = app.add_subcommand("init", "Write a sample configuration and make the database");
    verb->callback([&chosen] { chosen = init; });
}

void add_config(CLI::App &app, Action &chosen) {
    CLI::App *noun = app.add_subcommand("config", "The configuration");
    noun->require_subcommand(1);
    CLI::App *verb = noun->add_subcommand("check", "Check every field and show what is in force");
    verb->callback([&chosen] { chosen = check; });
}

}  // namespace remit::cli
