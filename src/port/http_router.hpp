// One Http for many users: each has a channel of its own, with tokens of its own, and polls only its own outcomes.
#pragma once

#include <remit/port/http.hpp>

#include <memory>
#include <unordered_map>
#include <vector>

namespace remit::port {

// The Http must outlive the router. Threads: router and channels together are used by one thread at a time,
// except `wake`, which any thread may call.
class HttpRouter {
public:
    explicit HttpRouter(Http &http);
    ~HttpRouter();
    HttpRouter(const HttpRouter &) = delete;
    HttpRouter &operator=(const HttpRouter &) = delete;

    // A new channel; lives as long as the router.
    Http &channel();
    // False while an outcome lies in an inbox, waiting for its user to poll: then do not wait.
    bool idle() const;

private:
    class Channel;
    struct Route {
        Channel *channel = nullptr;
        Token token = 0;
    };
    // Takes what has arrived and puts it into the channels' inboxes.
    void collect(const Channel &poller);

    Http &http_;
    Token next_ = 1;
    std::unordered_map<Token, Route> routes_;
    std::vector<HttpOutcome> arrived_;
    std::vector<std::unique_ptr<Channel>> channels_;
};

}  // namespace remit::port
