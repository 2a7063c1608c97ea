// remit: pay, watch and mend from the command line. docs/cli.md.
#include "cli/session.hpp"
#include "cli/terminal.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>

namespace {

using namespace remit;
using namespace remit::cli;

// --json is looked for by hand where the command line could not be understood.
bool asks_json(int argc, char **argv) {
    for (int i = 1; i < argc; ++i)
        if (std::string_view(argv[i]) == "--json") return true;
    return false;
}

int finish(const Session &session, Result<Exit> result) {
    if (!result) session.out.error(result.error());
    const Exit code = result ? *result : exit_of(result.status());
    // A result that nobody could read is no success, unless the reader had enough of it.
    return static_cast<int>(!session.out.flush() && code == Exit::ok ? Exit::internal : code);
}

}  // namespace

int main(int argc, char **argv) {
    CLI::App app("Pays many people on a chain, each exactly once.", "remit");
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
    add_run(app, chosen);
    add_events(app, chosen);
    add_care(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success &help) {  // CLI11 tells of --help and of wrong words by exceptions
        return app.exit(help);
    } catch (const CLI::ParseError &wrong) {
        session.out.json = asks_json(argc, argv);
        session.out.error(invalid({}, std::string(wrong.what()) + " (see remit --help)"));
        return static_cast<int>(Exit::usage);
    }
    session.out.color = !no_color && std::getenv("NO_COLOR") == nullptr && !session.out.json && output_is_terminal();
    return finish(session, chosen(session));
}
