// What the tests of the net room need: a server to talk to, real time and randomness, a log that is kept.
#pragma once

#include "../../integration/child.hpp"
#include "net/curl/curl_http.hpp"

#include <chrono>
#include <mutex>
#include <random>

namespace remit::testing {

class WallClock final : public Clock {
public:
    std::int64_t utc_us() noexcept override { return boot_us(); }
    std::int64_t boot_us() noexcept override {
        return std::chrono::duration_cast<std::chrono::microseconds>(
                   std::chrono::steady_clock::now().time_since_epoch())
            .count();
    }
    const std::string &boot_id() noexcept override { return id_; }

private:
    std::string id_ = "boot";
};

class OsRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) noexcept override {
        for (std::uint8_t &b : out) b = static_cast<std::uint8_t>(device_());
    }

private:
    std::random_device device_;
};

class KeptLog final : public Log {
public:
    void write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) noexcept override {
        text.append(event);
        for (const LogField &field : fields) text.append(" ").append(field.name).append("=").append(field.value);
        text += '\n';
    }
    std::string text;
};

class Server {
public:
    explicit Server(const std::string &cert = {}, const std::string &key = {}) :
        child_(cert.empty() ? std::vector<std::string>{"node", script()}
                            : std::vector<std::string>{"node", script(), cert, key}),
        port_(child_.line_after("port ")) {}
    std::string url(const std::string &path, const std::string &scheme = "http") const {
        return scheme + "://127.0.0.1:" + port_ + path;
    }
    const std::string &port() const { return port_; }

private:
    static std::string script() { return REMIT_SOURCE "/tests/unit/net/server.js"; }
    Child child_;
    std::string port_;
};

}  // namespace remit::testing
