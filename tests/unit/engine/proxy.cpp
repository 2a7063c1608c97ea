// What an opened engine makes of its options: nodes are called through the proxy, and no query shows a secret.
#include <remit/engine.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace remit;

namespace {

// Listens on a loopback port, and reads the first line that is sent to it.
class Listener {
public:
    Listener() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        REQUIRE(bind(fd_, reinterpret_cast<sockaddr *>(&at), size) == 0);
        REQUIRE(listen(fd_, 1) == 0);
        REQUIRE(getsockname(fd_, reinterpret_cast<sockaddr *>(&at), &size) == 0);
        port_ = ntohs(at.sin_port);
    }
    ~Listener() {
        if (peer_ >= 0) close(peer_);
        close(fd_);
    }
    Listener(const Listener &) = delete;
    Listener &operator=(const Listener &) = delete;
    int port() const { return port_; }

    // Takes what has arrived; true once the head of a request is there.
    bool look() {
        pollfd ready{peer_ < 0 ? fd_ : peer_, POLLIN, 0};
        if (poll(&ready, 1, 10) != 1) return false;
        if (peer_ < 0) return peer_ = accept(fd_, nullptr, nullptr), false;
        char buffer[4096];
        const ssize_t got = read(peer_, buffer, sizeof buffer);
        if (got > 0) head.append(buffer, static_cast<std::size_t>(got));
        return head.find("\r\n\r\n") != std::string::npos;
    }
    std::string head;

private:
    int fd_, peer_ = -1, port_ = 0;
};

struct Folder {
    std::string path = "/tmp/remit-engine-XXXXXX";
    Folder() { REQUIRE(mkdtemp(path.data()) != nullptr); }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
};

EngineOptions options_in(const Folder &folder, std::string rpc, std::string proxy) {
    EngineOptions options;
    options.database = folder.path + "/remit.db";
    options.log_level = "error";
    options.proxy = std::move(proxy);
    options.chains.resize(1);
    options.chains[0].id = 1;
    options.chains[0].rpc = std::move(rpc);
    return options;
}

}  // namespace

TEST_CASE("engine: the query config shows no access key and no password") {
    const Folder folder;
    auto engine = Engine::open(
        options_in(folder, "https://node.example/v3/the-access-key", "http://user:hunter2@proxy.example:3128"));
    REQUIRE(engine.ok());
    const auto shown = (*engine)->query("config", "{}");
    REQUIRE(shown.ok());
    CHECK_THAT(*shown, Catch::Contains(R"("rpc":"https://node.example")"));
    CHECK_THAT(*shown, Catch::Contains(R"("proxy":"http://proxy.example:3128")"));
    CHECK_THAT(*shown, !Catch::Contains("the-access-key") && !Catch::Contains("hunter2"));
}

TEST_CASE("engine: nodes are called through the proxy of the options") {
    Listener proxy;
    const Folder folder;
    auto engine = Engine::open(options_in(folder, "http://node.invalid:8545/v3",
                                          "http://user:hunter2@127.0.0.1:" + std::to_string(proxy.port())));
    REQUIRE(engine.ok());
    bool asked = false;
    for (int i = 0; i < 1'000 && !asked; ++i) {
        REQUIRE((*engine)->tick(1'000).ok());
        asked = proxy.look();
    }
    REQUIRE(asked);
    CHECK_THAT(proxy.head, Catch::StartsWith("POST http://node.invalid:8545/v3 HTTP/1.1\r\n"));
    CHECK_THAT(proxy.head, Catch::Contains("Proxy-Authorization: Basic dXNlcjpodW50ZXIy"));
}
