#include "net/curl/transfer.hpp"

#include <algorithm>

namespace remit::net {
namespace {

// RFC 9110 token.
bool is_token(std::string_view text) {
    constexpr std::string_view kExtra = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               kExtra.find(c) != std::string_view::npos;
    });
}

std::string lowercase(std::string_view text) {
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// One part of a URL, empty when it has none.
std::string part(CURLU *url, CURLUPart which, unsigned flags) {
    char *text = nullptr;
    if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
    std::string out = text;
    curl_free(text);
    return out;
}

}  // namespace

std::string origin_of(std::string_view url) {
    CURLU *parsed = curl_url();
    std::string origin = "(bad url)";
    if (curl_url_set(parsed, CURLUPART_URL, std::string(url).c_str(), 0) == CURLUE_OK)
        origin = part(parsed, CURLUPART_SCHEME, 0) + "://" + part(parsed, CURLUPART_HOST, 0) + ":" +
                 part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    curl_url_cleanup(parsed);
    return origin;
}

Result<void> check_request(const HttpRequest &request) {
    const bool visible = std::all_of(request.url.begin(), request.url.end(),
                                     [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
    const std::string origin = visible ? origin_of(request.url) : "(bad url)";
    if (origin.rfind("http://", 0) != 0 && origin.rfind("https://", 0) != 0)
        return invalid("url", "is not an http or https URL");
    if (!is_token(request.method)) return invalid("method", "is not an HTTP method");
    if (request.timeout_ms < 1) return invalid("timeout_ms", "must be at least 1");
    for (const auto &[name, value] : request.headers) {
        if (!is_token(name)) return invalid("headers", "has a name that is not an HTTP token");
        if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
            return invalid("headers", "has a line break or a zero byte in the value of " + name);
    }
    return {};
}

Transfer::Transfer() : easy_(curl_easy_init()) {}

Transfer::~Transfer() {
    curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
}

Result<void> Transfer::prepare(const HttpRequest &request, const CurlOptions &options, std::int64_t timeout_ms,
                               void *owner) {
    if (easy_ == nullptr) return error(Status::no_memory, "no memory for a transfer");
    curl_easy_reset(easy_);  // the connections stay: they are the multi handle's
    response_ = {};
    taken_ = 0;
    response_max_ = request.response_max;
    repeatable_ = request.effect == EffectClass::pure || request.effect == EffectClass::idempotent;
    sent_ = false;
    too_large_ = false;
    error_[0] = '\0';
    const long time = static_cast<long>(std::min<std::int64_t>(timeout_ms, 24L * 3600 * 1000));
    curl_easy_setopt(easy_, CURLOPT_PRIVATE, owner);
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);  // a name that is still being looked up must not hold cancel up
    curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, time);
    curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, std::min(time, 10'000L));
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy_, CURLOPT_REDIR_PROTOCOLS_STR, "");
    curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set_authorities(options.ca_file);
    curl_easy_setopt(easy_, CURLOPT_PROXY, options.proxy.c_str());
    curl_easy_setopt(easy_, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy_, CURLOPT_USERAGENT, "remit");
    curl_easy_setopt(easy_, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &Transfer::on_request);
    curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
    set_method(request);
    if (!set_headers(request)) return error(Status::no_memory, "no memory for the headers");
    return {};
}

// Of nodes and of a proxy; these only: the folder of others that some builds of libcurl add is left out.
void Transfer::set_authorities(const std::string &file) {
    if (file.empty()) return;
    curl_easy_setopt(easy_, CURLOPT_CAINFO, file.c_str());
    curl_easy_setopt(easy_, CURLOPT_CAPATH, static_cast<char *>(nullptr));
    curl_easy_setopt(easy_, CURLOPT_PROXY_CAINFO, file.c_str());
    curl_easy_setopt(easy_, CURLOPT_PROXY_CAPATH, static_cast<char *>(nullptr));
}

void Transfer::set_method(const HttpRequest &request) {
    if (request.method == "HEAD") {
        curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    } else if (request.method == "POST" || !request.body.empty()) {
        curl_easy_setopt(easy_, CURLOPT_POST, 1L);
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request.body.data());
    } else {
        curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

bool Transfer::set_headers(const HttpRequest &request) {
    curl_slist_free_all(headers_);
    headers_ = nullptr;
    bool typed = false;
    const auto append = [this](const std::string &line) {
        curl_slist *longer = curl_slist_append(headers_, line.c_str());
        if (longer != nullptr) headers_ = longer;
        return longer != nullptr;
    };
    for (const auto &[name, value] : request.headers) {
        typed = typed || lowercase(name) == "content-type";
        if (!append(value.empty() ? name + ";" : name + ": " + value)) return false;
    }
    // Without these libcurl would wait for "100 Continue", and call every body a form.
    if (!append("Expect:") || (!typed && !append("Content-Type:"))) return false;
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
    return true;
}

bool Transfer::take(std::size_t size) {
    taken_ += size;
    too_large_ = too_large_ || taken_ > response_max_;
    return !too_large_;
}

std::size_t Transfer::on_body(char *data, std::size_t, std::size_t size, void *self) {
    auto &transfer = *static_cast<Transfer *>(self);
    if (!transfer.take(size)) return size + 1;  // any other number stops the transfer
    transfer.response_.body.append(data, size);
    return size;
}

std::size_t Transfer::on_header(char *data, std::size_t, std::size_t size, void *self) {
    auto &transfer = *static_cast<Transfer *>(self);
    if (!transfer.take(size)) return size + 1;
    const std::string_view line(data, size);
    const auto colon = line.find(':');
    if (line.rfind("HTTP/", 0) == 0)
        transfer.response_.headers.clear();  // those before were of an interim answer
    else if (colon != std::string_view::npos)
        transfer.response_.headers.emplace_back(lowercase(trim(line.substr(0, colon))), trim(line.substr(colon + 1)));
    return size;
}

// Called when a connection stands and the request is about to go out. Once more means that a kept connection died
// before any answer and libcurl wants to repeat the request by itself: only what may be repeated is.
int Transfer::on_request(void *self, char *, char *, int, int) {
    auto &transfer = *static_cast<Transfer *>(self);
    if (transfer.sent_ && !transfer.repeatable_) return CURL_PREREQFUNC_ABORT;
    transfer.sent_ = true;
    return CURL_PREREQFUNC_OK;
}

Result<HttpResponse> Transfer::finish(CURLcode code, const std::string &origin) {
    if (code == CURLE_OK) {
        long status = 0;
        curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
        response_.status = static_cast<int>(status);
        return std::move(response_);
    }
    std::string text = origin + ": ";
    if (too_large_)
        text += "the answer is larger than " + std::to_string(response_max_) + " bytes";
    else if (code == CURLE_ABORTED_BY_CALLBACK)
        text += "the connection was closed without an answer";
    else
        text += error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
    return error(sent_ ? Status::unknown : Status::network, std::move(text));
}

std::int64_t Transfer::retry_after_s() const {
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &seconds);
    return seconds;
}

long Transfer::new_connections() const {
    long count = 0;
    curl_easy_getinfo(easy_, CURLINFO_NUM_CONNECTS, &count);
    return count;
}

}  // namespace remit::net
