#include <remit/testing/network.hpp>

#include <algorithm>
#include <limits>

namespace remit::testing {

namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

std::string_view origin_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    return url.substr(0, url.find('/', scheme + 3));
}

// The first JSON-RPC method that the body names, else the HTTP method and path.
std::string site_of(const HttpRequest &request) {
    const std::string_view body = request.body;
    constexpr std::string_view kName = "\"method\"";
    if (std::size_t at = body.find(kName); at != std::string_view::npos) {
        at = body.find('"', at + kName.size());
        const std::size_t end = at == std::string_view::npos ? at : body.find('"', at + 1);
        if (end != std::string_view::npos) return std::string(body.substr(at + 1, end - at - 1));
    }
    const std::size_t path = origin_of(request.url).size();
    return request.method + " " + (path < request.url.size() ? request.url.substr(path) : "/");
}

Error lost(const char *text) {
    return error(Status::unknown, text);
}

}  // namespace

const char *sim_fault_name(SimFault fault) noexcept {
    switch (fault) {
    case SimFault::none: return "none";
    case SimFault::refused: return "refused";
    case SimFault::request_lost: return "request_lost";
    case SimFault::answer_lost: return "answer_lost";
    case SimFault::truncated: return "truncated";
    case SimFault::http_500: return "http_500";
    case SimFault::http_500_late: return "http_500_late";
    case SimFault::http_429: return "http_429";
    case SimFault::duplicated: return "duplicated";
    case SimFault::delayed: return "delayed";
    case SimFault::crash_before: return "crash_before";
    case SimFault::crash_after: return "crash_after";
    }
    return "?";
}

SimNetwork::SimNetwork(SimClock &clock, Power &power, std::uint64_t seed) :
    clock_(clock), power_(power), random_(seed) {}

void SimNetwork::attach(const std::string &origin, SimServer &server) {
    servers_[origin] = &server;
}
void SimNetwork::detach(const std::string &origin) {
    servers_.erase(origin);
}

void SimNetwork::note(const Call &call, std::string_view what) {
    if (!trace_) return;
    trace_("net #" + std::to_string(call.order) + " " + call.site + " " + std::string(what));
}

SimFault SimNetwork::draw() {
    std::uint64_t at = random_.range(10'000);
    const std::pair<std::uint32_t, SimFault> rates[] = {
        {rates_.refused, SimFault::refused},         {rates_.request_lost, SimFault::request_lost},
        {rates_.answer_lost, SimFault::answer_lost}, {rates_.truncated, SimFault::truncated},
        {rates_.http_500, SimFault::http_500},       {rates_.http_500_late, SimFault::http_500_late},
        {rates_.http_429, SimFault::http_429},       {rates_.duplicated, SimFault::duplicated},
        {rates_.delayed, SimFault::delayed},
    };
    for (const auto &[rate, fault] : rates) {
        if (at < rate) return fault;
        at -= rate;
    }
    return SimFault::none;
}

void SimNetwork::start(Token token, HttpRequest request) {
    if (!power_.on) return;
    Call call;
    call.token = token;
    call.order = ++started_;
    call.site = site_of(request);
    call.request = std::move(request);
    SimSiteCount &count = sites_[call.site];
    ++count.calls;
    if (hook_) call.fault = hook_(call.request, call.site, count.calls);
    if (call.fault == SimFault::none) call.fault = draw();
    if (call.fault != SimFault::none) ++count.faults[call.fault];
    note(call, call.fault == SimFault::none ? "start" : sim_fault_name(call.fault));

    if (call.fault == SimFault::crash_before || call.fault == SimFault::crash_after) {
        bool refused = false;
        if (call.fault == SimFault::crash_after) static_cast<void>(serve(call.request, refused));
        power_.on = false;
        return;
    }
    const std::int64_t now = clock_.elapsed_us();
    const std::int64_t there = random_.between(rates_.latency_min_us, rates_.latency_max_us);
    const std::int64_t back = random_.between(rates_.latency_min_us, rates_.latency_max_us);
    call.gives_up_us = now + std::max<std::int64_t>(call.request.timeout_ms, 1) * kMicrosPerMs;
    call.arrives_us = now + there;
    if (call.fault == SimFault::delayed) call.arrives_us += random_.between(0, rates_.delay_us);
    if (call.fault == SimFault::request_lost) call.arrives_us = kNever;
    call.answers_us = call.arrives_us == kNever ? kNever : call.arrives_us + back;
    if (call.fault == SimFault::answer_lost || call.answers_us > call.gives_up_us) call.answers_us = call.gives_up_us;
    call.result = lost("the answer did not come in time");
    calls_.push_back(std::move(call));
}

HttpResponse SimNetwork::serve(const HttpRequest &request, bool &refused) {
    const auto server = servers_.find(origin_of(request.url));
    refused = server == servers_.end();
    return refused ? HttpResponse{} : server->second->handle(request);
}

// The request reaches the server (or finds none). Nothing the server says is heard after the deadline.
void SimNetwork::arrive(Call &call) {
    call.arrived = true;
    bool refused = call.fault == SimFault::refused;
    HttpResponse response;
    if (call.fault == SimFault::http_500)
        response.status = 500;
    else if (call.fault == SimFault::http_429)
        response.status = 429;
    else if (!refused)
        response = serve(call.request, refused);
    if (call.fault == SimFault::duplicated && !refused) response = serve(call.request, refused);
    if (call.fault == SimFault::http_500_late && !refused) response = {500, {}, "internal error"};
    if (call.fault == SimFault::truncated) response.body.resize(response.body.size() / 2);
    if (call.fault == SimFault::answer_lost || call.answers_us >= call.gives_up_us) return;
    if (refused)
        call.result = error(Status::network, "connection refused");
    else if (response.body.size() > call.request.response_max)
        call.result = lost("the answer is too large");
    else
        call.result = std::move(response);
}

void SimNetwork::run_due() {
    const std::int64_t now = clock_.elapsed_us();
    while (true) {
        Call *first = nullptr;
        for (Call &call : calls_) {
            if (call.arrived || call.arrives_us > now) continue;
            if (first == nullptr || call.arrives_us < first->arrives_us) first = &call;
        }
        if (first == nullptr) break;
        arrive(*first);
    }
    std::erase_if(calls_,
                  [](const Call &call) { return !call.listening && (call.arrived || call.arrives_us == kNever); });
}

void SimNetwork::poll(std::vector<HttpOutcome> &out) {
    if (!power_.on) return;
    run_due();
    const std::int64_t now = clock_.elapsed_us();
    std::vector<Call *> ready;
    for (Call &call : calls_)
        if (call.listening && call.answers_us <= now) ready.push_back(&call);
    std::stable_sort(ready.begin(), ready.end(),
                     [](const Call *a, const Call *b) { return a->answers_us < b->answers_us; });
    for (Call *call : ready) {
        note(*call, call->result.ok() ? "answered" : call->result.error().text);
        out.push_back({call->token, std::move(call->result)});
        call->listening = false;
    }
    if (!ready.empty()) run_due();
}

void SimNetwork::wait(std::int64_t timeout_ms) {
    if (on_wait_) on_wait_(timeout_ms);
}

void SimNetwork::cancel(Token token) {
    for (Call &call : calls_)
        if (call.listening && call.token == token) call.listening = false;
    run_due();
}

std::int64_t SimNetwork::next_due_us() const noexcept {
    std::int64_t next = kNever;
    for (const Call &call : calls_) {
        if (!call.arrived) next = std::min(next, call.arrives_us);
        if (call.listening) next = std::min(next, call.answers_us);
    }
    return next;
}

void SimNetwork::power_lost() {
    for (Call &call : calls_) {
        call.listening = false;
        if (!call.arrived && random_.chance(5'000)) call.arrives_us = kNever;
    }
    run_due();
}

}  // namespace remit::testing
