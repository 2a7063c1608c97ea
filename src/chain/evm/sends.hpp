// Sending raw transactions, in their order, and sorting what the node says of each.
#pragma once

#include "chain/evm/classify.hpp"
#include "chain/evm/node.hpp"

#include <set>

namespace remit::evm {

class Sends {
public:
    using Then = std::function<void(ChainSends)>;

    Sends(const EvmOptions &options, Node &node, Log &log, core::Metrics &metrics);
    void send(std::vector<Bytes> raw, std::vector<Hash32> hashes, Then then);

private:
    struct Job;
    void next_post(const std::shared_ptr<Job> &job);
    void note_post(Job &job, std::size_t count, Result<std::vector<Reply>> &&result);
    void stop(Job &job, SendAnswer answer, const std::string &why);
    ChainSent read(const Reply &reply, const Hash32 &hash);
    ChainSent sort(const RpcError &error, const Hash32 &hash);
    void note_unsorted(const RpcError &error);

    const std::uint64_t chain_id_;
    Node &node_;
    Log &log_;
    core::Metrics &metrics_;
    Classifier classifier_;
    std::set<std::string> unsorted_;  // wordings that have a metric of their own
};

}  // namespace remit::evm
