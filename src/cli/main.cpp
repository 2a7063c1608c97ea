// remit: pay, watch and mend from the command line. docs/cli.md.
#include "cli/session.hpp"
#include "cli/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace remit;
using namespace remit::cli;

using Words = std::vector<std::string>;

// `remit help VERB` is `remit VERB --help`.
Words words_of(int argc, char **argv) {
    Words words(argv + std::min(argc, 1), argv + argc);
    if (words.empty() || words.front() != "help") return words;
    words.erase(words.begin());
    words.emplace_back("--help");
    return words;
}

// The word that stands where a verb belongs and is none; empty: there is no such.
std::string mistyped_verb(CLI::App *at, const Words &words) {
    for (std::size_t i = 0; i < words.size() && at->get_require_subcommand_min() > 0; ++i) {
        if (words[i] == "-c" || words[i] == "--config")
            ++i;
        else if (!words[i].starts_with('-')) {
            const auto found = at->get_subcommands([&](CLI::App *verb) { return verb->check_name(words[i]); });
            if (found.empty()) return words[i];
            at = found.front();
        }
    }
    return {};
}

int finish(const Session &session, Result<Exit> result) {
    if (!result) session.out.error(result.error());
    const Exit code = result ? *result : exit_of(result.status());
    // A result that nobody could read is no success, unless the reader had enough of it.
    return static_cast<int>(!session.out.flush() && code == Exit::ok ? Exit::internal : code);
}

}  // namespace

int main(int argc, char **argv) {
    CLI::App app("Answers requests once per key, and pays many people on a chain, each exactly once.", "remit");
    Session session;
    Action chosen;
    bool no_color = false;
    app.add_option("-c,--config", session.config, "Configuration file (REMIT_CONFIG; remit.json)")->type_name("FILE");
    app.add_flag("--json", session.out.json, "Print one JSON document");
    app.add_flag("--no-color", no_color, "Print without colors (as NO_COLOR)");
    app.set_version_flag("--version", REMIT_VERSION);
    app.fallthrough();
    app.require_subcommand(1);
    add_init(app, chosen);
    add_config(app, chosen);
    add_keys(app, chosen);
    add_payout(app, chosen);
    add_idempotency(app, chosen);
    add_run(app, chosen);
    add_events(app, chosen);
    add_care(app, chosen);
    const Words words = words_of(argc, argv);
    try {
        app.parse(Words(words.rbegin(), words.rend()));  // it takes them from the back
    } catch (const CLI::Success &help) {                 // CLI11 tells of --help and of wrong words by exceptions
        return app.exit(help);
    } catch (const CLI::ParseError &wrong) {
        session.out.json = std::ranges::find(words, "--json") != words.end();
        const std::string verb = mistyped_verb(&app, words);
        const std::string what = verb.empty() ? wrong.what() : "there is no verb '" + verb + "'";
        session.out.error(invalid({}, what + " (see remit --help)"));
        return static_cast<int>(Exit::usage);
    }
    session.out.color = !no_color && std::getenv("NO_COLOR") == nullptr && !session.out.json && output_is_terminal();
    return finish(session, chosen(session));
}
