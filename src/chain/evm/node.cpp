#include "chain/evm/node.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace remit::evm {
namespace {

constexpr std::size_t kShownMax = 300;
constexpr std::size_t kSecretMin = 6;  // shorter pieces of a URL are no keys, and occur in any text
constexpr std::size_t kAnswerMax = 64U << 20U;

// The pieces of a URL that may be a key: all but scheme, host and port.
std::vector<std::string> pieces_of(std::string_view url) {
    const auto scheme = url.find("://");
    std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
    const auto slash = std::min(rest.find_first_of("/?#"), rest.size());
    const auto at = rest.substr(0, slash).rfind('@');
    std::string text(at == std::string_view::npos ? std::string_view() : rest.substr(0, at));
    text.append("/").append(rest.substr(slash));
    std::vector<std::string> pieces;
    for (std::size_t from = 0; from < text.size();) {
        const auto end = std::min(text.find_first_of("/?#&=:", from), text.size());
        if (end - from >= kSecretMin) pieces.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return pieces;
}

// The node takes no batch, or none of that size.
bool is_batch_refusal(const Reply &reply) {
    const auto *refusal = std::get_if<RpcError>(&reply);
    if (refusal == nullptr) return false;
    return refusal->code == -32600 || refusal->message.find("batch") != std::string::npos ||
           refusal->message.find("Batch") != std::string::npos;
}

std::string label(std::uint64_t chain_id) {
    return "chain=\"" + std::to_string(chain_id) + "\"";
}

}  // namespace

Node::Node(const EvmOptions &options, Http &http, core::Metrics &metrics) :
    url_(options.url),
    timeout_ms_(options.timeout_ms),
    secrets_(pieces_of(options.url)),
    http_(http),
    posts_(metrics.counter("remit_chain_posts_total", "HTTP posts to the node", label(options.chain_id))),
    calls_(metrics.counter("remit_chain_calls_total", "JSON-RPC calls in these posts", label(options.chain_id))),
    batch_(std::max<std::size_t>(1, options.batch_max)) {}

Node::~Node() {
    for (const auto &[token, post] : posted_) http_.cancel(token);
}

void Node::start(std::vector<RpcCall> calls, EffectClass effect, Then then) {
    HttpRequest request;
    request.url = url_;
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    request.body = rpc_body(next_id_, calls);
    request.timeout_ms = timeout_ms_;
    request.response_max = kAnswerMax;
    request.effect = effect;
    posts_.add();
    calls_.add(static_cast<std::int64_t>(calls.size()));
    const Token token = next_token_++;
    const std::uint64_t first_id = std::exchange(next_id_, next_id_ + calls.size());
    posted_.emplace(token, Post{first_id, std::move(calls), effect, std::move(then)});
    http_.start(token, std::move(request));
}

void Node::post_once(std::vector<RpcCall> calls, Then then) {
    start(std::move(calls), EffectClass::queryable, std::move(then));
}

struct Node::Batches {
    std::vector<RpcCall> calls;
    Then then;
    std::vector<Reply> replies;
};

void Node::ask(std::vector<RpcCall> calls, Then then) {
    if (!calls.empty() && calls.size() <= batch_) return start(std::move(calls), EffectClass::pure, std::move(then));
    next_batch(std::make_shared<Batches>(Batches{std::move(calls), std::move(then), {}}));
}

void Node::next_batch(const std::shared_ptr<Batches> &job) {
    const std::size_t from = job->replies.size();
    if (from == job->calls.size()) return job->then(std::move(job->replies));
    const auto first = job->calls.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = static_cast<std::ptrdiff_t>(std::min(batch_, job->calls.size() - from));
    start({first, first + count}, EffectClass::pure, [this, job](Result<std::vector<Reply>> result) {
        if (!result) return job->then(std::move(result));
        job->replies.insert(job->replies.end(), std::make_move_iterator(result->begin()),
                            std::make_move_iterator(result->end()));
        next_batch(job);
    });
}

void Node::poll() {
    std::vector<HttpOutcome> arrived;
    http_.poll(arrived);
    for (HttpOutcome &outcome : arrived) {
        const auto at = posted_.find(outcome.token);
        if (at == posted_.end()) continue;
        Post post = std::move(at->second);
        posted_.erase(at);
        finish(std::move(post), std::move(outcome.result));
    }
}

void Node::finish(Post &&post, Result<HttpResponse> &&result) {
    Result<Replies> replies = read(post, std::move(result));
    if (!replies) return post.then(std::move(replies).error());
    if (replies->refused_whole && post.calls.size() > 1 && is_batch_refusal(replies->each.front())) {
        batch_ = std::max<std::size_t>(1, std::min(batch_, post.calls.size()) / 2);
        if (post.effect == EffectClass::pure) return ask(std::move(post.calls), std::move(post.then));
        return post.then(error(Status::refused, "the node takes no batch of this size"));
    }
    post.then(std::move(replies->each));
}

Result<Replies> Node::read(const Post &post, Result<HttpResponse> &&result) const {
    if (!result)
        return error(result.status() == Status::unknown ? Status::unknown : Status::network,
                     shown(result.error().text));
    if (result->status == 429) return error(Status::busy, "the node answered HTTP 429");
    if (result->status < 200 || result->status > 299)
        return error(Status::unknown, "the node answered HTTP " + std::to_string(result->status));
    std::vector<Want> wants;
    for (const RpcCall &call : post.calls) wants.push_back(call.want);
    auto replies = read_replies(result->body, post.first_id, wants);
    if (!replies) return error(Status::unknown, std::move(replies).error().text);
    return replies;
}

std::string Node::shown(std::string_view words) const {
    std::string out(words);
    for (const std::string &secret : secrets_)
        for (std::size_t at = 0; (at = out.find(secret, at)) != std::string::npos; at += 3)
            out.replace(at, secret.size(), "***");
    for (char &c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    if (out.size() > kShownMax) {
        std::size_t end = kShownMax;  // not in the middle of a character
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0U) == 0x80U) --end;
        out.resize(end);
    }
    return out;
}

}  // namespace remit::evm
