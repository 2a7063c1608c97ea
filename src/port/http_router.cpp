#include "port/http_router.hpp"

#include <algorithm>
#include <iterator>

namespace remit::port {

class HttpRouter::Channel final : public Http {
public:
    explicit Channel(HttpRouter &router) : router_(router) {}

    void start(Token token, HttpRequest request) override {
        const Token ours = router_.next_++;
        router_.routes_[ours] = {this, token};
        under_way_[token] = ours;
        router_.http_.start(ours, std::move(request));
    }
    void poll(std::vector<HttpOutcome> &out) override {
        router_.collect(*this);
        out.insert(out.end(), std::make_move_iterator(inbox_.begin()), std::make_move_iterator(inbox_.end()));
        inbox_.clear();
    }
    void wait(std::int64_t timeout_ms) override {
        if (router_.idle()) router_.http_.wait(timeout_ms);
    }
    void wake() noexcept override { router_.http_.wake(); }
    void cancel(Token token) override {
        std::erase_if(inbox_, [&](const HttpOutcome &outcome) { return outcome.token == token; });
        const auto it = under_way_.find(token);
        if (it == under_way_.end()) return;
        router_.http_.cancel(it->second);
        router_.routes_.erase(it->second);
        under_way_.erase(it);
    }
    bool empty() const { return inbox_.empty(); }
    void arrive(Token token, Result<HttpResponse> result) {
        under_way_.erase(token);
        inbox_.push_back({token, std::move(result)});
    }

private:
    HttpRouter &router_;
    std::unordered_map<Token, Token> under_way_;
    std::vector<HttpOutcome> inbox_;
};

HttpRouter::HttpRouter(Http &http) : http_(http) {}

HttpRouter::~HttpRouter() {
    for (const auto &[token, route] : routes_) http_.cancel(token);
}

Http &HttpRouter::channel() {
    return *channels_.emplace_back(std::make_unique<Channel>(*this));
}

bool HttpRouter::idle() const {
    return std::all_of(channels_.begin(), channels_.end(), [](const auto &channel) { return channel->empty(); });
}

void HttpRouter::collect(const Channel &poller) {
    bool for_others = false;
    http_.poll(arrived_);
    for (HttpOutcome &outcome : arrived_) {
        const auto it = routes_.find(outcome.token);
        if (it == routes_.end()) continue;
        const Route route = it->second;
        routes_.erase(it);
        route.channel->arrive(route.token, std::move(outcome.result));
        for_others = for_others || route.channel != &poller;
    }
    arrived_.clear();
    if (for_others) http_.wake();  // whoever waits on the Http itself would sleep on what lies here
}

}  // namespace remit::port
