// A node that answers JSON-RPC: posts calls, brings their replies back, keeps its words fit to be shown.
#pragma once

#include "chain/evm/evm.hpp"
#include "chain/evm/rpc.hpp"

#include <functional>
#include <memory>
#include <unordered_map>

namespace remit::evm {

class Node {
public:
    // The replies in the order of the calls; or Network when the request cannot have been acted upon, Busy when the
    // node wants fewer calls (HTTP 429), Unknown for all that may have been acted upon.
    using Then = std::function<void(Result<std::vector<Reply>>)>;

    Node(const EvmOptions &options, Http &http, core::Metrics &metrics);
    ~Node();
    Node(const Node &) = delete;
    Node &operator=(const Node &) = delete;

    // Pure calls, any number: in posts of at most batch() calls, one after another.
    void ask(std::vector<RpcCall> calls, Then then);
    // One post, never made twice, of at most batch() calls. Refused when the node looked at none of them because
    // there were too many: batch() is less from then on.
    void post_once(std::vector<RpcCall> calls, Then then);
    // How many calls a post may have: batch_max, or less once the node has refused as many.
    std::size_t batch() const noexcept { return batch_; }
    // Runs what waited for answers that have arrived.
    void poll();

    // The node's words without control characters and without pieces of the URL, at most 300 bytes.
    std::string shown(std::string_view words) const;

private:
    struct Post {
        std::uint64_t first_id = 0;
        std::vector<RpcCall> calls;
        EffectClass effect = EffectClass::pure;
        Then then;
    };
    struct Batches;
    void next_batch(const std::shared_ptr<Batches> &job);
    void start(std::vector<RpcCall> calls, EffectClass effect, Then then);
    void finish(Post &&post, Result<HttpResponse> &&result);
    Result<Replies> read(const Post &post, Result<HttpResponse> &&result) const;

    const std::string url_;
    const std::int64_t timeout_ms_;
    const std::vector<std::string> secrets_;  // pieces of the URL that may be a key
    Http &http_;
    core::Counter &posts_;
    core::Counter &calls_;
    std::size_t batch_;
    std::uint64_t next_id_ = 1;
    Token next_token_ = 1;
    std::unordered_map<Token, Post> posted_;
    std::vector<HttpOutcome> arrived_;
};

}  // namespace remit::evm
