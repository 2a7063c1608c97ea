// quickstart.cpp -- answer a request exactly once, although the program is killed between charging and answering.
//
// quickstart FOLDER DATABASE, three times: the first run kills itself once the customer was charged, the second one
// recovers the key and completes it, the third one replays the reply. The database is a file, or postgresql://...
#include <remit/engine.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <unistd.h>

using namespace remit;

static void say(const char *what, const std::string &text) {
    std::printf("%-8s %s\n", what, text.c_str());
    std::fflush(stdout);
}

// A payment gateway that charges once per key, as good ones do.
static bool charge(const std::string &folder, const std::string &key) {
    const int file = ::open((folder + "/charge-" + key).c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file >= 0) ::close(file);
    return file >= 0 || errno != EEXIST;
}

static Result<void> run(const std::string &folder, const std::string &database) {
    EngineOptions options;
    options.database = database;
    options.log_level = "error";
    REMIT_TRY(const auto engine, Engine::open(options));
    REMIT_CHECK(engine->start());  // it renews the claim's lease

    ClaimRequest request;
    request.key = "order-1001";
    request.operation = "POST /orders";
    request.request = R"({"amount":"25.00","currency":"EUR"})";
    request.form = RequestForm::json;
    REMIT_TRY(const auto claim, engine->idempotency().claim(request));

    if (claim->verdict() == Verdict::replay) {
        say("REPLAY", claim->reply().body);
        return {};
    }
    if (claim->verdict() == Verdict::execute) say("EXECUTE", "order 1001, 25.00 EUR");
    if (claim->verdict() == Verdict::recover) say("RECOVER", "its worker died while it charged the customer");
    REMIT_TRY(const std::string key, claim->effect_key("charge"));
    REMIT_CHECK(claim->effect_begin(EffectClass::idempotent));
    const bool fresh = charge(folder, key);
    say("CHARGE", fresh ? "the gateway took 25.00 EUR" : "the gateway knows the key: nothing is taken twice");
    if (claim->verdict() == Verdict::execute) std::raise(SIGKILL);

    // The order's row and the reply are written together, or not at all.
    const bool postgres = database.starts_with("postgres");
    const HostStatement rows[] = {
        {"CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY)", {}, 0},
        {postgres ? "INSERT INTO orders (number) VALUES ($1)" : "INSERT INTO orders (number) VALUES (?)",
         {{HostValue::Kind::integer, 1001, {}}},
         1}};
    Reply reply;
    reply.body = R"({"order":1001,"paid":true})";
    REMIT_CHECK(claim->complete(reply, rows));
    say("DONE", reply.body);
    return {};
}

int main(int argc, char **argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: quickstart FOLDER DATABASE\n");
        return 2;
    }
    const Result<void> done = run(argv[1], argv[2]);
    if (!done) std::fprintf(stderr, "%s: %s\n", done.error().field.c_str(), done.error().text.c_str());
    return done ? 0 : 1;
}
