#include <remit/testing/network.hpp>

#include <catch2/catch.hpp>

using namespace remit;
using namespace remit::testing;

namespace {

class Echo final : public SimServer {
public:
    int handled = 0;
    HttpResponse handle(const HttpRequest &request) override {
        ++handled;
        return {200, {}, "echo " + request.body};
    }
};

struct Scene {
    SimClock clock;
    Power power;
    Echo server;
    SimNetwork network{clock, power, 7};
    std::vector<HttpOutcome> outcomes;

    Scene() { network.attach("http://a", server); }
    void send(Token token, std::string body, std::string url = "http://a/x") {
        HttpRequest request;
        request.url = std::move(url);
        request.body = std::move(body);
        request.timeout_ms = 1'000;
        network.start(token, std::move(request));
    }
    void run() {
        network.poll(outcomes);
        while (network.next_due_us() != INT64_MAX) {
            clock.advance_us(network.next_due_us() - clock.elapsed_us());
            network.poll(outcomes);
        }
    }
    void fault_once(SimFault fault) {
        network.set_hook([fault](const HttpRequest &, std::string_view, std::uint64_t nth) {
            return nth == 1 ? fault : SimFault::none;
        });
    }
};

}  // namespace

TEST_CASE("testing: answers arrive later, each once, in order of time") {
    Scene scene;
    for (Token token = 1; token <= 20; ++token) scene.send(token, std::to_string(token));
    scene.network.poll(scene.outcomes);
    CHECK(scene.outcomes.empty());
    std::int64_t before = 0;
    std::size_t seen = 0;
    while (scene.network.next_due_us() != INT64_MAX) {
        CHECK(scene.network.next_due_us() >= before);
        before = scene.network.next_due_us();
        scene.clock.advance_us(before - scene.clock.elapsed_us());
        scene.network.poll(scene.outcomes);
        CHECK(scene.outcomes.size() >= seen);
        seen = scene.outcomes.size();
    }
    REQUIRE(scene.outcomes.size() == 20);
    bool shuffled = false;
    for (std::size_t i = 0; i < 20; ++i) {
        CHECK(scene.outcomes[i].result->body == "echo " + std::to_string(scene.outcomes[i].token));
        shuffled = shuffled || scene.outcomes[i].token != i + 1;
    }
    CHECK(shuffled);
}

TEST_CASE("testing: each network fault does what it says") {
    struct Case {
        SimFault fault;
        int handled;
        Status status;
        int http;
    };
    const Case c =
        GENERATE(Case{SimFault::refused, 0, Status::network, 0}, Case{SimFault::request_lost, 0, Status::unknown, 0},
                 Case{SimFault::answer_lost, 1, Status::unknown, 0}, Case{SimFault::http_500, 0, Status::ok, 500},
                 Case{SimFault::http_500_late, 1, Status::ok, 500}, Case{SimFault::http_429, 0, Status::ok, 429},
                 Case{SimFault::duplicated, 2, Status::ok, 200}, Case{SimFault::truncated, 1, Status::ok, 200});
    Scene scene;
    scene.fault_once(c.fault);
    scene.send(1, "body");
    scene.run();
    REQUIRE(scene.outcomes.size() == 1);
    CHECK(scene.server.handled == c.handled);
    CHECK(scene.outcomes[0].result.status() == c.status);
    if (c.status == Status::ok) CHECK(scene.outcomes[0].result->status == c.http);
    if (c.fault == SimFault::truncated) CHECK(scene.outcomes[0].result->body == "echo");
    if (c.status == Status::unknown) CHECK(scene.clock.elapsed_us() == 1'000'000);  // told at the timeout
    CHECK(scene.network.sites().find("POST /x")->second.faults.at(c.fault) == 1);
}

TEST_CASE("testing: a delayed request may act after its caller gave up") {
    Scene scene;
    SimRates rates;
    rates.delayed = 10'000;
    scene.network.set_rates(rates);
    for (Token token = 1; token <= 8; ++token) scene.send(token, "x");
    scene.clock.advance_us(1'000'000);
    scene.network.poll(scene.outcomes);
    CHECK(scene.outcomes.size() == 8);
    CHECK(scene.server.handled < 8);
    scene.run();
    CHECK(scene.server.handled == 8);
    CHECK(scene.outcomes.size() == 8);
}

TEST_CASE("testing: the power goes off before or after a call, and nothing is heard then") {
    const bool before = GENERATE(true, false);
    Scene scene;
    scene.fault_once(before ? SimFault::crash_before : SimFault::crash_after);
    scene.send(1, "x");
    CHECK_FALSE(scene.power.on);
    CHECK(scene.server.handled == (before ? 0 : 1));
    scene.send(2, "y");
    scene.run();
    CHECK(scene.outcomes.empty());
    CHECK(scene.server.handled == (before ? 0 : 1));
}

TEST_CASE("testing: what was on the wire when the power went off arrives or is lost, unheard") {
    Scene scene;
    for (Token token = 1; token <= 40; ++token) scene.send(token, "x");
    scene.power.on = false;
    scene.network.power_lost();
    scene.power.on = true;
    scene.run();
    CHECK(scene.outcomes.empty());
    CHECK(scene.server.handled > 5);
    CHECK(scene.server.handled < 35);
}

TEST_CASE("testing: call sites are named by the JSON-RPC method, of a batch by its first") {
    Scene scene;
    scene.send(1, R"([{"id":1,"method":"eth_a","params":[]},{"id":2,"method":"eth_b"}])");
    scene.send(2, R"({"method" : "eth_b"})");
    scene.send(3, "", "http://nobody/path");
    scene.run();
    CHECK(scene.network.sites().find("eth_a")->second.calls == 1);
    CHECK(scene.network.sites().find("eth_b")->second.calls == 1);
    REQUIRE(scene.outcomes.size() == 3);
    for (const HttpOutcome &outcome : scene.outcomes)
        if (outcome.token == 3) CHECK(outcome.result.status() == Status::network);
}

TEST_CASE("testing: a cancelled call is not heard of") {
    Scene scene;
    scene.send(1, "x");
    scene.send(2, "y");
    scene.network.cancel(1);
    scene.run();
    REQUIRE(scene.outcomes.size() == 1);
    CHECK(scene.outcomes[0].token == 2);
}

TEST_CASE("testing: the clock's three times move as they should") {
    SimClock clock(5'000'000);
    clock.advance_us(10);
    clock.jump_utc_us(-3'000'000);
    CHECK(clock.utc_us() == 2'000'010);
    CHECK(clock.boot_us() == 10);
    const std::string boot = clock.boot_id();
    clock.reboot();
    clock.advance_us(5);
    CHECK(clock.boot_us() == 5);
    CHECK(clock.boot_id() != boot);
    CHECK(clock.elapsed_us() == 15);
}

TEST_CASE("testing: randomness repeats from its seed") {
    SimRandom a(9), b(9), c(10);
    std::array<std::uint8_t, 13> x{}, y{}, z{};
    a.fill(x);
    b.fill(y);
    c.fill(z);
    CHECK(x == y);
    CHECK(x != z);
    for (int i = 0; i < 1'000; ++i) {
        const std::int64_t v = a.between(-2, 3);
        CHECK((v >= -2 && v <= 3));
    }
    CHECK_FALSE(a.chance(0));
    CHECK(a.chance(10'000));
}
