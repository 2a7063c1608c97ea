// A real EVM node of our own on a free loopback port, killed when it goes out of scope.
#pragma once

#include "child.hpp"

#include <arpa/inet.h>
#include <cstdlib>
#include <filesystem>
#include <netinet/in.h>
#include <sys/socket.h>

namespace remit::testing {

// Where ./dev setup puts the program; REMIT_ANVIL names another. The program itself and not npm's wrapper, which
// would leave it behind when killed.
inline std::string anvil_program() {
    if (const char *path = std::getenv("REMIT_ANVIL"); path != nullptr && *path != '\0') return path;
#ifdef __aarch64__
    return REMIT_DEPS "/node/node_modules/@foundry-rs/anvil-linux-arm64/bin/anvil";
#else
    return REMIT_DEPS "/node/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil";
#endif
}
inline bool anvil_present() {
    return access(anvil_program().c_str(), X_OK) == 0;
}

class Anvil {
public:
    // The mnemonic's accounts are the well-known ones; chain id 31337 unless the arguments say otherwise.
    explicit Anvil(std::vector<std::string> extra_args = {}) : extra_(std::move(extra_args)) {
        std::string folder = (std::filesystem::temp_directory_path() / "remit-anvil-XXXXXX").string();
        if (mkdtemp(folder.data()) != nullptr) folder_ = folder;
        start(0);
    }
    ~Anvil() {
        stop();
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }
    Anvil(const Anvil &) = delete;
    Anvil &operator=(const Anvil &) = delete;

    bool running() const { return child_.running(); }
    int port() const { return port_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    void stop() { child_.kill(); }
    // On the port it had, so that its users find it again. The chain begins anew unless --state was given.
    void restart() {
        stop();
        start(port_);
    }
    // Holds the node still without ending it: it answers nothing until resumed.
    void pause() { ::kill(child_.pid(), SIGSTOP); }
    void resume() { ::kill(child_.pid(), SIGCONT); }
    // Lets it write its --state file first.
    void stop_gently() { child_.kill(SIGTERM); }

    // The result's JSON, or the whole answer when there is no result; empty when there is no answer.
    std::string rpc(const std::string &method, const std::string &params_json = "[]") const {
        const std::string body =
            R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params_json + "}";
        const std::string answer = post(body);
        const auto at = answer.find(R"("result":)");
        const auto end = answer.rfind('}');
        if (at == std::string::npos || end == std::string::npos) return answer;
        return answer.substr(at + 9, end - at - 9);
    }

private:
    void start(int port) {
        std::vector<std::string> args = {anvil_program(), "--port", std::to_string(port), "--max-persisted-states",
                                         "0"};
        if (!folder_.empty()) args.insert(args.end(), {"--cache-path", folder_});  // else it leaves folders at home
        args.insert(args.end(), extra_.begin(), extra_.end());
        child_ = Child(std::move(args));
        const std::string address = child_.line_after("Listening on 127.0.0.1:");
        if (address.empty()) return child_.kill();
        port_ = std::atoi(address.c_str());
        child_.drain();
    }
    std::string post(const std::string &body) const {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port_));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        std::string answer;
        if (connect(fd, reinterpret_cast<const sockaddr *>(&to), sizeof to) == 0) {
            const std::string text = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                     "Connection: close\r\nContent-Length: " +
                                     std::to_string(body.size()) + "\r\n\r\n" + body;
            std::size_t sent = 0;
            while (sent < text.size()) {
                const ssize_t n = ::send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
                if (n <= 0) break;
                sent += static_cast<std::size_t>(n);
            }
            char block[65536];
            for (ssize_t n; (n = recv(fd, block, sizeof block, 0)) > 0;)
                answer.append(block, static_cast<std::size_t>(n));
        }
        close(fd);
        const auto head = answer.find("\r\n\r\n");
        return head == std::string::npos ? std::string() : answer.substr(head + 4);
    }

    std::vector<std::string> extra_;
    std::string folder_;
    Child child_;
    int port_ = 0;
};

}  // namespace remit::testing
