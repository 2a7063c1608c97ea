// keys new, import, list.
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "crypto/eip55.hpp"
#include "engine/password_file.hpp"
#include "engine/time_text.hpp"

#include <remit/json.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace remit::cli {
namespace {

constexpr std::size_t kMaxKeyFile = 64U << 10U;

struct KeyArguments {
    std::string label;
    std::string file;
    std::string password_file;
};

Exit show(const Session &session, std::span<const KeyInfo> keys) {
    if (session.out.json) {
        session.out.line(keys.size() == 1 ? to_json(keys[0]) : to_json(keys));
        return Exit::ok;
    }
    std::vector<std::vector<std::string>> rows = {{"ADDRESS", "LABEL", "CREATED", "ID"}};
    for (const KeyInfo &key : keys)
        rows.push_back({crypto::checksum_address(key.address), key.label,
                        engine::utc_text(key.created_us).substr(0, 19) + "Z", key.id});
    session.out.table("llll", rows);
    return Exit::ok;
}

Result<Exit> make(Session &session, const KeyArguments &arguments) {
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_CHECK(session.unlock());
    REMIT_TRY(const KeyInfo key, engine->keys().create(arguments.label));
    return show(session, {&key, 1});
}

// The whole of a key file, in memory that is wiped. "-" is stdin.
Result<Secret> read_key_file(const std::string &path) {
    const int fd = path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return invalid("FILE", path + " cannot be read: " + std::strerror(errno));
    Secret buffer(kMaxKeyFile);
    std::size_t size = 0;
    ssize_t got = 0;
    while (size < kMaxKeyFile && (got = read(fd, buffer.data() + size, kMaxKeyFile - size)) > 0)
        size += static_cast<std::size_t>(got);
    const int reason = errno;
    if (fd != STDIN_FILENO) close(fd);
    if (got < 0) return invalid("FILE", path + " cannot be read: " + std::strerror(reason));
    if (size == kMaxKeyFile) return invalid("FILE", "is larger than a key file ever is");
    const auto space = [](std::uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
    const std::uint8_t *first = std::find_if_not(buffer.data(), buffer.data() + size, space);
    const std::uint8_t *end = buffer.data() + size;
    while (end > first && space(end[-1])) --end;
    if (first == end) return invalid("FILE", "is empty");
    return Secret::from_bytes({first, end});
}

Result<Secret> file_password(const KeyArguments &arguments) {
    if (!arguments.password_file.empty())
        return engine::read_password_file(arguments.password_file, "--file-password-file");
    if (const char *given = std::getenv("REMIT_FILE_PASSWORD"); given != nullptr && *given != '\0')
        return Secret::from_text(given);
    if (can_ask() && arguments.file != "-") return ask_secret("Password of the key file: ");
    return Error{Status::wrong_key, "REMIT_FILE_PASSWORD",
                 "the key file needs its own password: set this, or "
                 "--file-password-file, or run on a terminal"};
}

Result<KeyInfo> import_text(Keys &keys, const Secret &text, const KeyArguments &arguments) {
    const std::string_view characters(reinterpret_cast<const char *>(text.bytes().data()), text.size());
    if (characters.front() == '{') {
        REMIT_TRY(const Secret password, file_password(arguments));
        return keys.import_v3(characters, password, arguments.label);
    }
    Secret key(32);
    if (!from_hex_into(characters, {key.data(), key.size()}, "FILE").ok())
        return invalid("FILE", "is neither a Web3 Secret Storage file nor 64 hexadecimal digits");
    return keys.import_raw(key, arguments.label);
}

Result<Exit> import(Session &session, const KeyArguments &arguments) {
    REMIT_TRY(const Secret text, read_key_file(arguments.file));
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_CHECK(session.unlock());
    REMIT_TRY(const KeyInfo key, import_text(engine->keys(), text, arguments));
    return show(session, {&key, 1});
}

Result<Exit> list(Session &session) {
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_TRY(const auto keys, engine->keys().list());
    if (session.out.json) {
        session.out.line("{\"keys\":" + to_json(std::span<const KeyInfo>(keys)) + "}");
        return Exit::ok;
    }
    return show(session, keys);
}

}  // namespace

void add_keys(CLI::App &app, Action &chosen) {
    CLI::App *noun = app.add_subcommand("keys", "Keys that pay");
    noun->require_subcommand(1);
    auto arguments = std::make_shared<KeyArguments>();
    CLI::App *verb = noun->add_subcommand("new", "Make a key; the first one sets the store's password");
    verb->add_option("--label", arguments->label, "A name for people");
    verb->callback([&chosen, arguments] { chosen = [arguments](Session &s) { return make(s, *arguments); }; });
    verb = noun->add_subcommand("import", "Take a key from a Web3 Secret Storage file or from hexadecimal digits");
    verb->add_option("FILE", arguments->file, "The file; - is stdin")->required();
    verb->add_option("--label", arguments->label, "A name for people");
    verb->add_option("--file-password-file", arguments->password_file, "Holds the key file's own password");
    verb->callback([&chosen, arguments] { chosen = [arguments](Session &s) { return import(s, *arguments); }; });
    verb = noun->add_subcommand("list", "Show the keys' addresses; needs no password");
    verb->callback([&chosen] { chosen = list; });
}

}  // namespace remit::cli
