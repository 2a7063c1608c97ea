#include "port/http_router.hpp"

#include <catch2/catch.hpp>
#include <map>

using namespace remit;

namespace {

// Holds what is under way until told to answer.
class HeldHttp final : public Http {
public:
    void start(Token token, HttpRequest request) override { under_way[token] = std::move(request.url); }
    void poll(std::vector<HttpOutcome> &out) override {
        for (HttpOutcome &outcome : answers) out.push_back(std::move(outcome));
        answers.clear();
    }
    void wait(std::int64_t) override { ++waits; }
    void wake() noexcept override { ++wakes; }
    void cancel(Token token) override { under_way.erase(token); }
    void answer_all() {
        for (auto &[token, url] : under_way) {
            HttpResponse response;
            response.body = url;
            answers.push_back({token, std::move(response)});
        }
        under_way.clear();
    }

    std::map<Token, std::string> under_way;
    std::vector<HttpOutcome> answers;
    int waits = 0;
    int wakes = 0;
};

HttpRequest to(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    return request;
}

}  // namespace

TEST_CASE("port: channels of a router use the same tokens without meeting") {
    HeldHttp http;
    port::HttpRouter router(http);
    Http &a = router.channel();
    Http &b = router.channel();
    a.start(1, to("a1"));
    b.start(1, to("b1"));
    a.start(2, to("a2"));
    http.answer_all();
    std::vector<HttpOutcome> out;
    b.poll(out);
    REQUIRE(out.size() == 1);
    CHECK(out[0].token == 1);
    CHECK(out[0].result->body == "b1");
    CHECK(!router.idle());
    CHECK(http.wakes == 1);
    a.wait(1000);
    CHECK(http.waits == 0);
    out.clear();
    a.poll(out);
    REQUIRE(out.size() == 2);
    CHECK(out[0].result->body == "a1");
    CHECK(out[1].result->body == "a2");
    CHECK(router.idle());
    a.wait(1000);
    CHECK(http.waits == 1);
    CHECK(http.wakes == 1);
    b.wake();
    CHECK(http.wakes == 2);
}

TEST_CASE("port: a cancelled call of a channel brings nothing, whether under way or already in its inbox") {
    HeldHttp http;
    port::HttpRouter router(http);
    Http &a = router.channel();
    Http &b = router.channel();
    a.start(1, to("a1"));
    a.cancel(1);
    CHECK(http.under_way.empty());
    a.start(1, to("again"));
    a.start(2, to("a2"));
    http.answer_all();
    std::vector<HttpOutcome> out;
    b.poll(out);
    CHECK(out.empty());
    a.cancel(2);
    a.poll(out);
    REQUIRE(out.size() == 1);
    CHECK(out[0].result->body == "again");
}

TEST_CASE("port: a router that goes cancels what its channels had under way") {
    HeldHttp http;
    {
        port::HttpRouter router(http);
        router.channel().start(1, to("a"));
        CHECK(http.under_way.size() == 1);
    }
    CHECK(http.under_way.empty());
}
