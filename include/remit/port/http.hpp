// Port: HTTP, asynchronous. A call is started with a token; its outcome arrives in a later poll.
#pragma once

#include <remit/effect.hpp>
#include <remit/result.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace remit {

// Names one call. Chosen by whoever starts it; unique among the calls under way of one port.
using Token = std::uint64_t;

struct HttpRequest {
    std::string method = "POST";
    std::string url;                                           // http or https, nothing else
    std::vector<std::pair<std::string, std::string>> headers;  // values without CR or LF
    std::string body;
    std::int64_t timeout_ms = 30'000;                // from start to last byte
    std::size_t response_max = 32U << 20U;           // larger answers are an error
    EffectClass effect = EffectClass::at_most_once;  // only pure and idempotent calls are retried below the caller
};

struct HttpResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lowercase
    std::string body;
};

struct HttpOutcome {
    Token token = 0;
    // A response of any HTTP status; Network when no byte of the request can have been acted upon (the
    // connection was never made); Unknown when it may have been; Invalid for a bad request.
    Result<HttpResponse> result;
};

// Threads: one thread at a time, except `wake`, which any thread may call.
class Http {
public:
    virtual ~Http() = default;
    virtual void start(Token token, HttpRequest request) = 0;
    // Moves what has arrived to the end of `out`; never waits.
    virtual void poll(std::vector<HttpOutcome> &out) = 0;
    // Waits until something may have arrived, `wake` is called, or the time is over.
    virtual void wait(std::int64_t timeout_ms) = 0;
    virtual void wake() noexcept = 0;
    // Forgets the call; its outcome does not arrive.
    virtual void cancel(Token token) = 0;
};

}  // namespace remit
