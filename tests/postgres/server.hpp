// A PostgreSQL server of a test's own, which is stopped, killed and started again while work goes on.
#pragma once

#include "../integration/child.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace remit::testing {

// Debian keeps the programs of each version in a folder of their own; the newest.
inline std::string postgres_program(const std::string &name) {
    std::filesystem::path best;
    int newest = 0;
    std::error_code none;
    for (const auto &version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
        const int number = std::atoi(version.path().filename().c_str());
        if (number <= newest || !std::filesystem::exists(version.path() / "bin" / name)) continue;
        newest = number;
        best = version.path() / "bin" / name;
    }
    return newest > 0 ? best.string() : name;
}

class PostgresServer {
public:
    explicit PostgresServer(std::vector<std::string> settings = {}) : settings_(std::move(settings)) {
        std::string folder = (std::filesystem::temp_directory_path() / "remit-server-XXXXXX").string();
        REQUIRE(mkdtemp(folder.data()) != nullptr);
        folder_ = folder;
        own(folder_);
        REQUIRE(run({postgres_program("initdb"), "-D", data(), "-U", "remit", "--auth=trust", "--no-sync", "-E", "UTF8",
                     "--locale=C"}));
        port_ = free_port();
        start();
    }
    // Of another server's files, as they are.
    PostgresServer(const PostgresServer &stopped, std::vector<std::string> settings, const std::string &mark) :
        settings_(std::move(settings)) {
        std::string folder = (std::filesystem::temp_directory_path() / "remit-server-XXXXXX").string();
        REQUIRE(mkdtemp(folder.data()) != nullptr);
        folder_ = folder;
        own(folder_);
        REQUIRE(run({"cp", "-a", stopped.data(), data()}));
        REQUIRE(run({"touch", data() + "/" + mark}));
        port_ = free_port();
        start();
    }
    ~PostgresServer() {
        server_.kill(SIGQUIT);
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    PostgresServer(const PostgresServer &) = delete;
    PostgresServer &operator=(const PostgresServer &) = delete;

    std::string folder() const { return folder_; }
    std::string data() const { return folder_ + "/data"; }
    std::string url(const std::string &rest = "/postgres", const std::string &user = "remit",
                    const std::string &host = "127.0.0.1") const {
        return "postgresql://" + user + "@" + host + ":" + std::to_string(port_) + rest;
    }

    // On the port that it had. A server that was killed leaves its children's memory behind for a moment.
    void start() {
        for (int tries = 0; tries < 200; ++tries) {
            std::vector<std::string> args = as_server();
            args.insert(args.end(),
                        {"--pdeathsig", "KILL", postgres_program("postgres"), "-D", data(), "-p", std::to_string(port_),
                         "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + folder_, "-c",
                         "log_min_messages=fatal", "-c", "recovery_init_sync_method=syncfs"});
            for (const std::string &setting : settings_) args.insert(args.end(), {"-c", setting});
            server_ = Child(args);
            while (waiting()) {
                if (run({postgres_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", std::to_string(port_)})) return;
                std::this_thread::sleep_for(std::chrono::milliseconds(5));  // a process of its own: nothing to wait on
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        FAIL("the server does not start");
    }
    // SIGINT: every client is told and sent away. SIGQUIT: at once, without a word. SIGKILL: as it is.
    void stop(int signal = SIGINT) { server_.kill(signal); }
    // Holds the server and what serves its clients still, and lets it go on.
    void pause() { signal_all(SIGSTOP); }
    void resume() { signal_all(SIGCONT); }

    // Hands a file to the user whom the server runs as.
    static void own(const std::string &path) {
        if (geteuid() == 0) REQUIRE(run_plain({"chown", "-R", "nobody:nogroup", path}));
    }
    static bool run_plain(std::vector<std::string> args) {
        Child child(std::move(args));
        child.drain();
        return child.join() == 0;
    }

private:
    static std::vector<std::string> as_server() {
        if (geteuid() != 0) return {"setpriv"};
        return {"setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"};  // it refuses root
    }
    static bool run(const std::vector<std::string> &command) {
        std::vector<std::string> args = as_server();
        args.push_back("env");
        args.insert(args.end(), command.begin(), command.end());
        return run_plain(std::move(args));
    }
    bool waiting() const {
        siginfo_t info{};
        const auto id = static_cast<id_t>(server_.pid());
        return waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
    }
    static int free_port() {
        const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        REQUIRE(bind(probe, reinterpret_cast<sockaddr *>(&address), length) == 0);
        REQUIRE(getsockname(probe, reinterpret_cast<sockaddr *>(&address), &length) == 0);
        close(probe);
        return ntohs(address.sin_port);
    }
    void signal_all(int signal) const {
        std::vector<pid_t> pids{server_.pid()};
        for (const auto &process : std::filesystem::directory_iterator("/proc")) {
            std::ifstream file(process.path() / "stat");
            std::string pid, name, state, parent;
            if (file >> pid >> name >> state >> parent && parent == std::to_string(server_.pid()))
                pids.push_back(std::atoi(pid.c_str()));
        }
        for (const pid_t pid : pids) ::kill(pid, signal);
    }

    std::vector<std::string> settings_;
    std::string folder_;
    int port_ = 0;
    Child server_;
};

}  // namespace remit::testing
