// A simulated network behind the Http port: seeded latencies, faults by rate or by exact choice, counters
// for each call site. Repeatable from the seed, because time is a SimClock.
#pragma once

#include <remit/port/http.hpp>
#include <remit/testing/clock.hpp>
#include <remit/testing/power.hpp>
#include <remit/testing/random.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace remit::testing {

// The other end of a connection.
class SimServer {
public:
    virtual ~SimServer() = default;
    virtual HttpResponse handle(const HttpRequest &request) = 0;
};

// What happens to one request. "Handled" means that the server acted upon it.
enum class SimFault : std::int32_t {
    none = 0,
    refused,        // not handled; Network
    request_lost,   // not handled; Unknown after the timeout
    answer_lost,    // handled; Unknown after the timeout
    truncated,      // handled; half of the answer arrives as if it were whole
    http_500,       // not handled; status 500
    http_500_late,  // handled; status 500 all the same
    http_429,       // not handled; status 429
    duplicated,     // handled twice; the second answer arrives
    delayed,        // handled after `delay_us` (which may be after the timeout)
    crash_before,   // the power goes off before the request leaves
    crash_after,    // handled; the power goes off before the answer
};
const char *sim_fault_name(SimFault fault) noexcept;

// How often each happens, out of 10,000 calls, where no hook decides. crash_* only ever come from a hook.
struct SimRates {
    std::uint32_t refused = 0, request_lost = 0, answer_lost = 0, truncated = 0, http_500 = 0, http_500_late = 0,
                  http_429 = 0, duplicated = 0, delayed = 0;
    std::int64_t latency_min_us = 1'000, latency_max_us = 30'000;
    std::int64_t delay_us = 20'000'000;  // at most
};

struct SimSiteCount {
    std::uint64_t calls = 0;
    std::map<SimFault, std::uint64_t> faults;  // those that happened
};

// Decides about the nth call (from 1) of a site: a JSON-RPC method (of a batch: its first), else "GET /path".
// `none` leaves it to the rates.
using SimHook = std::function<SimFault(const HttpRequest &request, std::string_view site, std::uint64_t nth)>;

class SimNetwork final : public Http {
public:
    // Borrowed; must outlive the network.
    SimNetwork(SimClock &clock, Power &power, std::uint64_t seed);

    // Requests to "http://host:port" go to this server (borrowed). Without one they are refused.
    void attach(const std::string &origin, SimServer &server);
    void detach(const std::string &origin);
    void set_rates(const SimRates &rates) { rates_ = rates; }
    void set_hook(SimHook hook) { hook_ = std::move(hook); }
    // Called with a line about each call and each fault.
    void set_trace(std::function<void(std::string_view)> trace) { trace_ = std::move(trace); }
    // Called by wait() with the time that may pass; without it wait() returns at once.
    void set_on_wait(std::function<void(std::int64_t timeout_ms)> on_wait) { on_wait_ = std::move(on_wait); }

    const std::map<std::string, SimSiteCount, std::less<>> &sites() const noexcept { return sites_; }
    // When something is due next, on the clock's elapsed time; INT64_MAX: nothing is under way.
    std::int64_t next_due_us() const noexcept;
    // Lets requests arrive whose time has come. poll() does it too; the world does it while nobody polls.
    void run_due();
    // The client is gone: no answer is of use to anyone. Requests on the wire arrive or are lost, by seed.
    void power_lost();

    void start(Token token, HttpRequest request) override;
    void poll(std::vector<HttpOutcome> &out) override;
    // Advances nothing by itself: see set_on_wait.
    void wait(std::int64_t timeout_ms) override;
    void wake() noexcept override {}
    void cancel(Token token) override;

private:
    struct Call {
        Token token = 0;
        std::uint64_t order = 0;
        HttpRequest request;
        SimFault fault = SimFault::none;
        std::string site;
        std::int64_t arrives_us = 0;
        std::int64_t answers_us = 0;
        std::int64_t gives_up_us = 0;
        bool arrived = false;
        bool listening = true;  // somebody waits for the outcome
        Result<HttpResponse> result{HttpResponse{}};
    };
    SimFault draw();
    void arrive(Call &call);
    HttpResponse serve(const HttpRequest &request, bool &refused);
    void note(const Call &call, std::string_view what);

    SimClock &clock_;
    Power &power_;
    SimRandom random_;
    SimRates rates_;
    SimHook hook_;
    std::function<void(std::string_view)> trace_;
    std::function<void(std::int64_t)> on_wait_;
    std::map<std::string, SimServer *, std::less<>> servers_;
    std::map<std::string, SimSiteCount, std::less<>> sites_;
    std::vector<Call> calls_;
    std::uint64_t started_ = 0;
};

}  // namespace remit::testing
