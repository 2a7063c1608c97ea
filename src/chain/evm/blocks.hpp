// A block with its receipts, all of one fork.
#pragma once

#include "chain/evm/node.hpp"

namespace remit::evm {

class Blocks {
public:
    using Then = std::function<void(Result<ChainAnswer>)>;

    explicit Blocks(Node &node) : node_(node) {}
    void ask(std::uint64_t number, Then then);

private:
    struct Job;
    void look(const std::shared_ptr<Job> &job);
    void read_whole(const std::shared_ptr<Job> &job, std::vector<Reply> &replies);
    void read_single(const std::shared_ptr<Job> &job);
    void finish(const std::shared_ptr<Job> &job, std::vector<ChainReceipt> &&receipts);
    void look_again(const std::shared_ptr<Job> &job);

    Node &node_;
    bool no_block_receipts_ = false;  // the node has no eth_getBlockReceipts
};

// ["0x..."] of a hash.
std::string hash_params(const Hash32 &hash);

}  // namespace remit::evm
