#include "net/curl/authorities.hpp"
#include "server.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <netinet/in.h>
#include <set>
#include <span>
#include <sys/socket.h>
#include <thread>

using namespace remit;
using testing::Server;

namespace {

struct Net {
    testing::WallClock clock;
    testing::OsRandom random;
    testing::KeptLog log;
    core::Metrics metrics;
    std::unique_ptr<Http> http;
    Token next = 1;

    explicit Net(std::string ca_file = {}, std::string proxy = {}, int per_host_max = 8) {
        auto opened = net::open_curl({.proxy = std::move(proxy),
                                      .ca_file = std::move(ca_file),
                                      .per_host_max = per_host_max,
                                      .retries = 2,
                                      .clock = &clock,
                                      .random = &random,
                                      .log = &log,
                                      .metrics = &metrics});
        REQUIRE(opened.ok());
        http = std::move(opened).value();
    }
    std::vector<HttpOutcome> gather(std::size_t count) {
        std::vector<HttpOutcome> out;
        const std::int64_t limit = clock.boot_us() + 20 * kMicrosPerSecond;
        while (out.size() < count && clock.boot_us() < limit) {
            http->poll(out);
            if (out.size() < count) http->wait(1000);
        }
        REQUIRE(out.size() == count);
        return out;
    }
    Result<HttpResponse> call(HttpRequest request) {
        const Token token = next++;
        http->start(token, std::move(request));
        auto out = gather(1);
        CHECK(out[0].token == token);
        return std::move(out[0].result);
    }
    std::string get(const std::string &url) {
        auto response = call({.method = "GET", .url = url, .headers = {}, .body = {}});
        REQUIRE(response.ok());
        return response->body;
    }
};

HttpRequest request_of(std::string url, EffectClass effect = EffectClass::at_most_once,
                       std::int64_t timeout_ms = 10'000) {
    HttpRequest request;
    request.url = std::move(url);
    request.body = "hello";
    request.effect = effect;
    request.timeout_ms = timeout_ms;
    return request;
}

Status status_of(const Result<HttpResponse> &result) {
    return result.status();
}

std::string header(const HttpResponse &response, std::string_view name) {
    for (const auto &[n, v] : response.headers)
        if (n == name) return v;
    return {};
}

// A port that nobody answers on: bound, and listening or not.
class DeafPort {
public:
    explicit DeafPort(bool listening) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        bind(fd_, reinterpret_cast<const sockaddr *>(&at), size);
        if (listening) listen(fd_, 8);
        getsockname(fd_, reinterpret_cast<sockaddr *>(&at), &size);
        port_ = std::to_string(ntohs(at.sin_port));
    }
    ~DeafPort() { close(fd_); }
    std::string url(const std::string &scheme, const std::string &path = "/") const {
        return scheme + "://127.0.0.1:" + port_ + path;
    }

private:
    int fd_;
    std::string port_;
};

// A certificate of our own for one name, made by openssl in a folder of its own.
class Certificate {
public:
    explicit Certificate(const std::string &name) {
        char folder[] = "/tmp/remit-net-XXXXXX";
        REQUIRE(mkdtemp(folder) != nullptr);
        folder_ = folder;
        testing::Child openssl({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                                "-nodes", "-days", "2", "-keyout", key(), "-out", cert(), "-subj", "/CN=test",
                                "-addext", "subjectAltName=" + name});
        REQUIRE(openssl.join() == 0);
    }
    ~Certificate() {
        unlink(cert().c_str());
        unlink(key().c_str());
        rmdir(folder_.c_str());
    }
    std::string cert() const { return folder_ + "/cert.pem"; }
    std::string key() const { return folder_ + "/key.pem"; }

private:
    std::string folder_;
};

}  // namespace

TEST_CASE("net: a call brings status, headers in lowercase and body, and sends what it was given") {
    Server server;
    Net net;
    HttpRequest request = request_of(server.url("/echo?q=1"));
    request.headers = {{"X-Own", "a b"}, {"X-Empty", ""}};
    auto response = net.call(request);
    REQUIRE(response.ok());
    CHECK(response->status == 200);
    CHECK(header(*response, "x-connection") == "1");
    CHECK(response->body.rfind("POST /echo?q=1\n", 0) == 0);
    CHECK(response->body.find("X-Own\na b\n") != std::string::npos);
    CHECK(response->body.find("X-Empty\n") != std::string::npos);
    CHECK(response->body.find("Expect") == std::string::npos);
    CHECK(response->body.find("urlencoded") == std::string::npos);
    CHECK(response->body.substr(response->body.size() - 7) == "\n\nhello");
    for (const char *method : {"GET", "PUT", "DELETE", "HEAD"}) {
        request.method = method;
        request.body = method == std::string("PUT") ? "x" : "";
        response = net.call(request);
        REQUIRE(response.ok());
        CHECK((method == std::string("HEAD") ? response->body.empty() : response->body.rfind(method, 0) == 0));
    }
}

TEST_CASE("net: one connection serves many calls, one after another") {
    Server server;
    Net net;
    for (int i = 0; i < 20; ++i) CHECK(net.call(request_of(server.url("/echo"))).ok());
    CHECK(net.get(server.url("/connections")) == "1");
}

TEST_CASE("net: 200 calls at once all arrive, over no more connections than allowed") {
    Server server;
    Net net({}, {}, 4);
    for (Token token = 1; token <= 200; ++token) net.http->start(token, request_of(server.url("/echo")));
    std::set<Token> arrived;
    for (const HttpOutcome &outcome : net.gather(200)) {
        CHECK(outcome.result.ok());
        arrived.insert(outcome.token);
    }
    CHECK(arrived.size() == 200);
    CHECK(net.get(server.url("/connections")) == "4");
}

TEST_CASE("net: an answer of any HTTP status is a response, and no redirect is followed") {
    Server server;
    Net net;
    auto response = net.call(request_of(server.url("/status?is=500")));
    REQUIRE(response.ok());
    CHECK(response->status == 500);
    CHECK(response->body == "body of 500");
    response = net.call(request_of(server.url("/redirect"), EffectClass::pure));
    REQUIRE(response.ok());
    CHECK(response->status == 302);
    CHECK(header(*response, "location") == "/echo");
    CHECK(net.get(server.url("/seen?of=/echo")) == "0");
}

TEST_CASE("net: a connection that was never made is Network") {
    Net net;
    CHECK(status_of(net.call(request_of(DeafPort(false).url("http")))) == Status::network);
    CHECK(status_of(net.call(request_of("http://nowhere.invalid/"))) == Status::network);
    DeafPort deaf(true);
    CHECK(status_of(net.call(request_of(deaf.url("https"), EffectClass::at_most_once, 200))) == Status::network);
}

TEST_CASE("net: once the request may be out, every failure is Unknown") {
    Server server;
    Net net;
    DeafPort deaf(true);
    CHECK(status_of(net.call(request_of(deaf.url("http"), EffectClass::at_most_once, 200))) == Status::unknown);
    CHECK(status_of(net.call(request_of(server.url("/drop")))) == Status::unknown);
    CHECK(status_of(net.call(request_of(server.url("/half")))) == Status::unknown);
    const auto before = net.clock.boot_us();
    CHECK(status_of(net.call(request_of(server.url("/silent"), EffectClass::at_most_once, 300))) == Status::unknown);
    CHECK(net.clock.boot_us() - before >= 290'000);
    CHECK(net.clock.boot_us() - before < 5'000'000);
}

TEST_CASE("net: an answer beyond the size that was allowed is an error") {
    Server server;
    Net net;
    HttpRequest request = request_of(server.url("/big?n=200000"));
    request.response_max = 100'000;
    auto result = net.call(request);
    CHECK(result.status() == Status::unknown);
    CHECK(result.error().text.find("larger than 100000 bytes") != std::string::npos);
    request.response_max = 210'000;
    CHECK(net.call(request).ok());
}

TEST_CASE("net: only pure and idempotent calls are made again") {
    Server server;
    Net net;
    const std::string dropped = "/drop-first?n=1";
    const std::string limited = "/status?is=429&n=1";
    for (EffectClass effect : {EffectClass::pure, EffectClass::idempotent}) {
        const std::string mark = "&" + std::to_string(static_cast<int>(effect));
        auto response = net.call(request_of(server.url(dropped + mark), effect));
        REQUIRE(response.ok());
        CHECK(response->body == "at last");
        response = net.call(request_of(server.url(limited + mark), effect));
        REQUIRE(response.ok());
        CHECK(response->status == 200);
    }
    for (EffectClass effect : {EffectClass::queryable, EffectClass::at_most_once}) {
        const std::string mark = "&" + std::to_string(static_cast<int>(effect));
        CHECK(status_of(net.call(request_of(server.url(dropped + mark), effect))) == Status::unknown);
        auto response = net.call(request_of(server.url(limited + mark), effect));
        REQUIRE(response.ok());
        CHECK(response->status == 429);
    }
}

TEST_CASE("net: retries are bounded, wait as Retry-After says, and never outlast the timeout") {
    Server server;
    Net net;
    auto response = net.call(request_of(server.url("/status?is=503"), EffectClass::pure));
    REQUIRE(response.ok());
    CHECK(response->status == 503);
    CHECK(net.get(server.url("/seen?of=/status?is=503")) == "3");
    const auto before = net.clock.boot_us();
    response = net.call(request_of(server.url("/status?is=429&n=1&after=1"), EffectClass::pure));
    REQUIRE(response.ok());
    CHECK(response->status == 200);
    CHECK(net.clock.boot_us() - before >= kMicrosPerSecond);
    response = net.call(request_of(server.url("/status?is=429&n=1&after=30"), EffectClass::pure));
    REQUIRE(response.ok());
    CHECK(response->status == 429);
    response = net.call(request_of(server.url("/status?is=500&n=1"), EffectClass::pure));
    REQUIRE(response.ok());
    CHECK(response->status == 500);
}

TEST_CASE("net: when a kept connection dies, only what may be repeated is repeated") {
    Server server;
    Net net;
    const std::string url = server.url("/drop-reused");
    REQUIRE(net.call(request_of(server.url("/echo"))).ok());
    CHECK(status_of(net.call(request_of(url, EffectClass::at_most_once))) == Status::unknown);
    CHECK(net.get(server.url("/seen?of=/drop-reused")) == "1");
    auto response = net.call(request_of(url, EffectClass::idempotent));
    REQUIRE(response.ok());
    CHECK(response->body == "fresh");
    CHECK(net.get(server.url("/seen?of=/drop-reused")) == "3");
}

TEST_CASE("net: a certificate that nobody vouches for is refused, and taken with its authority") {
    Certificate certificate("IP:127.0.0.1");
    Server server(certificate.cert(), certificate.key());
    Net distrustful;
    auto result = distrustful.call(request_of(server.url("/echo", "https")));
    CHECK(result.status() == Status::network);
    CHECK(result.error().text.find("certificate") != std::string::npos);
    Net trusting(certificate.cert());
    auto response = trusting.call(request_of(server.url("/echo", "https")));
    REQUIRE(response.ok());
    CHECK(response->status == 200);
}

TEST_CASE("net: the authorities are the first file of those known that can be read and is not empty") {
    Certificate certificate("IP:127.0.0.1");
    const std::string present = certificate.cert();
    const char *const paths[] = {"/nowhere/ca.pem", "/dev/null", present.c_str()};
    CHECK(net::first_readable(paths) == present);
    CHECK(net::first_readable(std::span(paths).first(2)).empty());
}

TEST_CASE("net: a certificate for another host is refused") {
    Certificate certificate("DNS:elsewhere.example");
    Server server(certificate.cert(), certificate.key());
    Net net(certificate.cert());
    CHECK(status_of(net.call(request_of(server.url("/echo", "https")))) == Status::network);
}

TEST_CASE("net: the proxy that was asked for is used, and the environment's is not") {
    Certificate certificate("IP:127.0.0.1");
    Server proxy;
    Server origin(certificate.cert(), certificate.key());
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    setenv("no_proxy", "*", 1);
    {
        Net through(certificate.cert(), proxy.url(""));
        CHECK(through.get("http://nowhere.invalid/echo").rfind("GET http://nowhere.invalid/echo\n", 0) == 0);
        CHECK(through.call(request_of(origin.url("/echo", "https"))).ok());
        CHECK(through.get(proxy.url("/seen?of=CONNECT")) == "1");
    }
    unsetenv("no_proxy");
    Net direct;
    CHECK(direct.call(request_of(proxy.url("/echo"))).ok());
    unsetenv("http_proxy");
    unsetenv("https_proxy");
}

TEST_CASE("net: wake from another thread ends a wait") {
    Net net;
    std::thread waker([&] { net.http->wake(); });
    const auto before = net.clock.boot_us();
    net.http->wait(15'000);
    CHECK(net.clock.boot_us() - before < 10 * kMicrosPerSecond);
    waker.join();
}

TEST_CASE("net: a cancelled call brings no outcome, and its token can be used again") {
    Server server;
    Net net;
    net.http->start(7, request_of(server.url("/silent")));
    net.http->start(8, request_of("ftp://127.0.0.1/"));
    std::vector<HttpOutcome> out;
    net.http->cancel(8);
    net.http->poll(out);
    net.http->cancel(7);
    net.http->start(7, request_of(server.url("/echo")));
    out = net.gather(1);
    CHECK(out[0].token == 7);
    CHECK(out[0].result.ok());
    net.http->start(9, request_of(server.url("/status?is=503&after=5"), EffectClass::pure));
    while (net.get(server.url("/seen?of=/status?is=503%26after=5")) != "1") {
    }
    net.http->cancel(9);
}

TEST_CASE("net: bad requests and options are Invalid, naming the field") {
    Net net;
    HttpRequest request = request_of("http://127.0.0.1/");
    const auto field = [&](const HttpRequest &bad) {
        auto result = net.call(bad);
        CHECK(result.status() == Status::invalid);
        return result.ok() ? std::string() : result.error().field;
    };
    for (const char *url :
         {"", "file:///etc/passwd", "ftp://a/", "127.0.0.1", "http://", "http://a b/", "http://a/\r\nX: y"})
        CHECK(field(request_of(url)) == "url");
    request.headers = {{"X-A", "one\r\nX-B: two"}};
    CHECK(field(request) == "headers");
    request.headers = {{"X A", "one"}};
    CHECK(field(request) == "headers");
    request.headers.clear();
    request.method = "GET / HTTP/1.1\r\n";
    CHECK(field(request) == "method");
    request.method = "GET";
    request.timeout_ms = 0;
    CHECK(field(request) == "timeout_ms");

    net::CurlOptions options{.proxy = {},
                             .ca_file = {},
                             .clock = &net.clock,
                             .random = &net.random,
                             .log = &net.log,
                             .metrics = &net.metrics};
    options.ca_file = "/nowhere/ca.pem";
    CHECK(net::open_curl(options).error().field == "ca_file");
    options.ca_file.clear();
    options.per_host_max = 0;
    CHECK(net::open_curl(options).error().field == "per_host_max");
    options.per_host_max = 1;
    options.clock = nullptr;
    CHECK(net::open_curl(options).error().field == "clock");
}

TEST_CASE("net: nothing of a URL but its origin is ever shown") {
    CHECK(net::origin_of("https://user:pw@node.example/v3/key?api=1#x") == "https://node.example:443");
    CHECK(net::origin_of("http://[::1]:8545/") == "http://[::1]:8545");
    CHECK(net::origin_of("no url at all") == "(bad url)");
    Server server;
    Net net;
    DeafPort deaf(false);
    const std::string secret = "/v3/s3cret?key=hunter2";
    auto refused = net.call(request_of("http://me:passw0rd@" + deaf.url("", secret).substr(3), EffectClass::pure));
    auto dropped = net.call(request_of(server.url("/drop?key=hunter2"), EffectClass::pure));
    REQUIRE(!refused.ok());
    REQUIRE(!dropped.ok());
    const std::string shown = refused.error().text + dropped.error().text + net.log.text + net.metrics.text();
    CHECK(shown.find("http://127.0.0.1:") != std::string::npos);
    CHECK(net.log.text.find("http.retry") != std::string::npos);
    for (const char *part : {"s3cret", "hunter2", "passw0rd", "/drop"}) CHECK(shown.find(part) == std::string::npos);
}
