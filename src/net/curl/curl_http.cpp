#include "net/curl/curl_http.hpp"

#include "core/backoff.hpp"
#include "net/curl/authorities.hpp"
#include "net/curl/transfer.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <unordered_map>

namespace remit::net {
namespace {

struct Call {
    Token token = 0;
    HttpRequest request;
    std::string origin;
    std::int64_t started_us = 0;
    std::int64_t deadline_us = 0;
    int attempt = 0;
    std::unique_ptr<Transfer> transfer;  // null while it waits for its next attempt
};

class CurlHttp final : public Http {
public:
    CurlHttp(const CurlOptions &options, CURLM *multi) : options_(options), multi_(multi) {
        curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(options_.per_host_max));
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(4 * options_.per_host_max));
    }
    ~CurlHttp() override {
        for (auto &[token, call] : calls_)
            if (call->transfer) curl_multi_remove_handle(multi_, call->transfer->easy());
        calls_.clear();
        idle_.clear();
        curl_multi_cleanup(multi_);
        curl_global_cleanup();
    }
    void start(Token token, HttpRequest request) override;
    void poll(std::vector<HttpOutcome> &out) override;
    void wait(std::int64_t timeout_ms) override;
    void wake() noexcept override { curl_multi_wakeup(multi_); }
    void cancel(Token token) override;

private:
    void begin(Call &call);
    void begin_due();
    void settle(Call &call, CURLcode code);
    void rest(Call &call);
    bool again(Call &call, const Result<HttpResponse> &result, std::int64_t retry_after_s);
    void answer(Call &call, Result<HttpResponse> result);

    const CurlOptions options_;
    const core::Backoff backoff_{100'000, 5'000'000};
    CURLM *multi_;
    std::unordered_map<Token, std::unique_ptr<Call>> calls_;
    std::multimap<std::int64_t, Token> due_;       // next attempts, by boot time
    std::vector<std::unique_ptr<Transfer>> idle_;  // for reuse
    std::vector<HttpOutcome> done_;
};

void CurlHttp::start(Token token, HttpRequest request) {
    if (auto checked = check_request(request); !checked) return done_.push_back({token, std::move(checked).error()});
    auto [at, fresh] = calls_.try_emplace(token);
    if (!fresh) return done_.push_back({token, invalid("token", "is of a call that is under way")});
    at->second = std::make_unique<Call>();
    Call &call = *at->second;
    call.token = token;
    call.request = std::move(request);
    call.origin = origin_of(call.request.url);
    call.started_us = options_.clock->boot_us();
    call.deadline_us = call.started_us + call.request.timeout_ms * kMicrosPerMs;
    begin(call);
}

void CurlHttp::begin(Call &call) {
    ++call.attempt;
    if (idle_.empty()) {
        call.transfer = std::make_unique<Transfer>();
    } else {
        call.transfer = std::move(idle_.back());
        idle_.pop_back();
    }
    const std::int64_t left_ms =
        std::max<std::int64_t>(1, (call.deadline_us - options_.clock->boot_us()) / kMicrosPerMs);
    auto prepared = call.transfer->prepare(call.request, options_, left_ms, &call);
    if (prepared && curl_multi_add_handle(multi_, call.transfer->easy()) != CURLM_OK)
        prepared = error(Status::network, "the transfer could not be started");
    if (prepared) return;
    call.transfer.reset();
    answer(call, std::move(prepared).error());
}

void CurlHttp::begin_due() {
    const std::int64_t now = options_.clock->boot_us();
    while (!due_.empty() && due_.begin()->first <= now) {
        const Token token = due_.begin()->second;
        due_.erase(due_.begin());
        begin(*calls_.at(token));
    }
}

void CurlHttp::poll(std::vector<HttpOutcome> &out) {
    begin_due();
    int running = 0;
    if (const CURLMcode code = curl_multi_perform(multi_, &running); code != CURLM_OK)
        options_.log->write(LogLevel::error, "http.perform_failed", {{"why", curl_multi_strerror(code)}});
    int left = 0;
    while (const CURLMsg *message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;  // the message goes with the handle
        void *owner = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
        settle(*static_cast<Call *>(owner), code);
    }
    out.insert(out.end(), std::make_move_iterator(done_.begin()), std::make_move_iterator(done_.end()));
    done_.clear();
}

void CurlHttp::settle(Call &call, CURLcode code) {
    Result<HttpResponse> result = call.transfer->finish(code, call.origin);
    const std::int64_t retry_after_s = call.transfer->retry_after_s();
    options_.metrics->counter("remit_http_connections_total", "Connections made").add(call.transfer->new_connections());
    rest(call);
    if (!again(call, result, retry_after_s)) answer(call, std::move(result));
}

void CurlHttp::rest(Call &call) {
    curl_multi_remove_handle(multi_, call.transfer->easy());
    if (idle_.size() < static_cast<std::size_t>(options_.per_host_max)) idle_.push_back(std::move(call.transfer));
    call.transfer.reset();
}

// Whether the call is made once more, and then when.
bool CurlHttp::again(Call &call, const Result<HttpResponse> &result, std::int64_t retry_after_s) {
    const bool repeatable = call.request.effect == EffectClass::pure || call.request.effect == EffectClass::idempotent;
    if (!repeatable || call.attempt > options_.retries) return false;
    const int status = result ? result.value().status : 0;
    if (status != 0 && status != 429 && status != 502 && status != 503 && status != 504) return false;
    std::int64_t delay_us = backoff_.delay_us(call.attempt, *options_.random);
    if ((status == 429 || status == 503) && retry_after_s > 0)
        delay_us = std::max(delay_us, std::min<std::int64_t>(retry_after_s, 86'400) * kMicrosPerSecond);
    const std::int64_t due_us = options_.clock->boot_us() + delay_us;
    if (due_us >= call.deadline_us) return false;
    due_.emplace(due_us, call.token);
    options_.metrics->counter("remit_http_retries_total", "Calls made again after no or a passing answer").add();
    options_.log->write(LogLevel::debug, "http.retry",
                        {{"origin", call.origin},
                         {"attempt", call.attempt},
                         {"why", result ? "HTTP " + std::to_string(status) : result.error().text}});
    return true;
}

void CurlHttp::answer(Call &call, Result<HttpResponse> result) {
    const char *outcome = result ? "response" : result.status() == Status::network ? "network" : "unknown";
    options_.metrics
        ->counter("remit_http_calls_total", "HTTP calls by outcome",
                  "origin=\"" + call.origin + "\",outcome=\"" + outcome + "\"")
        .add();
    options_.metrics->histogram("remit_http_seconds", "Time of HTTP calls, retries included")
        .observe(options_.clock->boot_us() - call.started_us);
    if (!result)
        options_.log->write(LogLevel::debug, "http.failed", {{"outcome", outcome}, {"why", result.error().text}});
    done_.push_back({call.token, std::move(result)});
    calls_.erase(call.token);
}

void CurlHttp::wait(std::int64_t timeout_ms) {
    if (!done_.empty()) return;
    if (!due_.empty()) {
        const std::int64_t until_us = due_.begin()->first - options_.clock->boot_us();
        timeout_ms = std::min(timeout_ms, std::max<std::int64_t>(0, (until_us + kMicrosPerMs - 1) / kMicrosPerMs));
    }
    const auto limit = static_cast<std::int64_t>(std::numeric_limits<int>::max());
    curl_multi_poll(multi_, nullptr, 0, static_cast<int>(std::clamp<std::int64_t>(timeout_ms, 0, limit)), nullptr);
}

void CurlHttp::cancel(Token token) {
    std::erase_if(done_, [token](const HttpOutcome &outcome) { return outcome.token == token; });
    const auto at = calls_.find(token);
    if (at == calls_.end()) return;
    if (at->second->transfer) rest(*at->second);
    std::erase_if(due_, [token](const auto &entry) { return entry.second == token; });
    calls_.erase(at);
}

}  // namespace

Result<std::unique_ptr<Http>> open_curl(const CurlOptions &options) {
    if (options.clock == nullptr) return invalid("clock", "must be given");
    if (options.random == nullptr) return invalid("random", "must be given");
    if (options.log == nullptr) return invalid("log", "must be given");
    if (options.metrics == nullptr) return invalid("metrics", "must be given");
    if (options.per_host_max < 1 || options.per_host_max > 1000)
        return invalid("per_host_max", "must be between 1 and 1000");
    if (options.retries < 0 || options.retries > 10) return invalid("retries", "must be between 0 and 10");
    if (!options.ca_file.empty() && !std::ifstream(options.ca_file).is_open())
        return invalid("ca_file", "cannot be read");
    if (options.proxy.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
        return invalid("proxy", "has a line break or a zero byte");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) return error(Status::no_memory, "libcurl could not be set up");
    CURLM *multi = curl_multi_init();
    if (multi == nullptr) {
        curl_global_cleanup();
        return error(Status::no_memory, "libcurl could not be set up");
    }
    CurlOptions whole = options;
    if (whole.ca_file.empty()) whole.ca_file = system_authorities();
    return std::unique_ptr<Http>(std::make_unique<CurlHttp>(whole, multi));
}

}  // namespace remit::net
