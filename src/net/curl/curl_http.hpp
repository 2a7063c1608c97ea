// The Http port over libcurl's multi interface.
#pragma once

#include "core/metrics.hpp"

#include <remit/port/clock.hpp>
#include <remit/port/http.hpp>
#include <remit/port/log.hpp>
#include <remit/port/random.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace remit::net {

struct CurlOptions {
    std::string proxy;       // of all calls; empty: none. The environment's proxy is never taken.
    std::string ca_file;     // PEM of the only authorities that are trusted; empty: the system's
    int per_host_max = 8;    // connections to one host at a time; 1 to 1000. Further calls wait for one of them.
    int retries = 2;         // of pure and idempotent calls, within their timeout; 0 to 10
    Clock *clock = nullptr;  // borrowed, as all of these; must be given
    Random *random = nullptr;
    Log *log = nullptr;
    core::Metrics *metrics = nullptr;
};

// Keeps connections alive; checks the server's certificate and name; follows no redirect; speaks HTTP/1.1.
// Pure and idempotent calls are made again after a transport error and after 429, 502, 503 and 504, with backoff
// or as Retry-After says, while their timeout lasts. Others are never made twice, not even by the library below.
// Invalid naming the option.
Result<std::unique_ptr<Http>> open_curl(const CurlOptions &options);

// "scheme://host:port": all of a URL that may be shown, for the rest can hold an API key. "(bad url)" when it is none.
std::string origin_of(std::string_view url);

}  // namespace remit::net
