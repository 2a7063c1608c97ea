// One attempt of one call: an easy handle, what it gathers, and how its end is read.
#pragma once

#include "net/curl/curl_http.hpp"

#include <array>
#include <curl/curl.h>

namespace remit::net {

// Invalid naming what is wrong; nothing of the URL is in the text.
Result<void> check_request(const HttpRequest &request);

class Transfer {
public:
    Transfer();
    ~Transfer();
    Transfer(const Transfer &) = delete;
    Transfer &operator=(const Transfer &) = delete;

    CURL *easy() const noexcept { return easy_; }
    // The request must stay where it is until finish. `owner` comes back as CURLINFO_PRIVATE.
    Result<void> prepare(const HttpRequest &request, const CurlOptions &options, std::int64_t timeout_ms, void *owner);
    // What became of it; `origin` is put before error texts.
    Result<HttpResponse> finish(CURLcode code, const std::string &origin);
    // Seconds of Retry-After, 0 when there was none.
    std::int64_t retry_after_s() const;
    long new_connections() const;

private:
    static std::size_t on_body(char *data, std::size_t, std::size_t size, void *self);
    static std::size_t on_header(char *data, std::size_t, std::size_t size, void *self);
    static int on_request(void *self, char *, char *, int, int);
    bool take(std::size_t size);
    void set_authorities(const std::string &file);
    void set_method(const HttpRequest &request);
    bool set_headers(const HttpRequest &request);

    CURL *easy_;
    curl_slist *headers_ = nullptr;
    HttpResponse response_;
    std::size_t taken_ = 0;
    std::size_t response_max_ = 0;
    bool repeatable_ = false;
    bool sent_ = false;
    bool too_large_ = false;
    std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace remit::net
