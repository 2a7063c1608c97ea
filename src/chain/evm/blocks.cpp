#include "chain/evm/blocks.hpp"

#include "chain/evm/reply.hpp"

#include <algorithm>

namespace remit::evm {
namespace {

constexpr int kLooksMax = 3;

// Each transaction of the block has its receipt, and no receipt is of another block. Some chains add receipts of
// their own that belong to no listed transaction.
bool belong(const Header &header, const std::vector<ChainReceipt> &receipts) {
    const bool same_block = std::all_of(receipts.begin(), receipts.end(), [&](const ChainReceipt &receipt) {
        return receipt.block_hash == header.hash && receipt.block_number == header.number;
    });
    if (!same_block || receipts.size() < header.tx_hashes.size()) return false;
    const auto is_of = [](const ChainReceipt &receipt, const Hash32 &hash) { return receipt.tx_hash == hash; };
    if (std::equal(receipts.begin(), receipts.end(), header.tx_hashes.begin(), header.tx_hashes.end(), is_of))
        return true;
    std::vector<Hash32> have;
    for (const ChainReceipt &receipt : receipts) have.push_back(receipt.tx_hash);
    std::vector<Hash32> want = header.tx_hashes;
    std::sort(have.begin(), have.end());
    std::sort(want.begin(), want.end());
    return std::includes(have.begin(), have.end(), want.begin(), want.end());
}

}  // namespace

std::string hash_params(const Hash32 &hash) {
    return "[\"" + to_hex(hash) + "\"]";
}

struct Blocks::Job {
    std::uint64_t number = 0;
    Then then;
    int looks = 0;
    Header header;
};

void Blocks::ask(std::uint64_t number, Then then) {
    auto job = std::make_shared<Job>();
    job->number = number;
    job->then = std::move(then);
    look(job);
}

void Blocks::look(const std::shared_ptr<Job> &job) {
    ++job->looks;
    const std::string number = "[\"" + to_quantity(job->number) + "\"";
    std::vector<RpcCall> calls = {{"eth_getBlockByNumber", number + ",false]", Want::header}};
    if (!no_block_receipts_) calls.push_back({"eth_getBlockReceipts", number + "]", Want::receipts});
    node_.ask(std::move(calls), [this, job](Result<std::vector<Reply>> result) {
        if (!result) return job->then(post_error(std::move(result).error()));
        if (std::holds_alternative<Null>(result->front())) return job->then(ChainAnswer(ChainNoBlock{}));
        auto header = take<Header>(result->front(), "eth_getBlockByNumber");
        if (!header) return job->then(std::move(header).error());
        job->header = std::move(header).value();
        if (job->header.number != job->number) return look_again(job);
        if (job->header.tx_hashes.empty()) return finish(job, {});
        if (result->size() > 1) return read_whole(job, *result);
        read_single(job);
    });
}

void Blocks::read_whole(const std::shared_ptr<Job> &job, std::vector<Reply> &replies) {
    Reply &reply = replies[1];
    if (const auto *refusal = std::get_if<RpcError>(&reply); refusal != nullptr && is_unsupported(*refusal)) {
        no_block_receipts_ = true;
        return read_single(job);
    }
    if (std::holds_alternative<Null>(reply)) return look_again(job);
    auto receipts = take<std::vector<ChainReceipt>>(reply, "eth_getBlockReceipts");
    if (!receipts) return job->then(std::move(receipts).error());
    finish(job, std::move(receipts).value());
}

void Blocks::read_single(const std::shared_ptr<Job> &job) {
    std::vector<RpcCall> calls;
    for (const Hash32 &hash : job->header.tx_hashes)
        calls.push_back({"eth_getTransactionReceipt", hash_params(hash), Want::receipt});
    node_.ask(std::move(calls), [this, job](Result<std::vector<Reply>> result) {
        if (!result) return job->then(post_error(std::move(result).error()));
        std::vector<ChainReceipt> receipts;
        for (Reply &reply : *result) {
            if (std::holds_alternative<Null>(reply)) return look_again(job);
            auto receipt = take<ChainReceipt>(reply, "eth_getTransactionReceipt");
            if (!receipt) return job->then(std::move(receipt).error());
            receipts.push_back(std::move(receipt).value());
        }
        finish(job, std::move(receipts));
    });
}

void Blocks::finish(const std::shared_ptr<Job> &job, std::vector<ChainReceipt> &&receipts) {
    Header &header = job->header;
    if (!belong(header, receipts)) return look_again(job);
    job->then(ChainAnswer(
        ChainBlock{header.number, header.hash, header.parent_hash, header.timestamp_s, std::move(receipts)}));
}

// Header and receipts were of two forks: the chain, or the node behind the address, changed between them.
void Blocks::look_again(const std::shared_ptr<Job> &job) {
    if (job->looks < kLooksMax) return look(job);
    job->then(error(Status::network,
                    "block " + std::to_string(job->number) + ": its header and receipts do not belong together"));
}

}  // namespace remit::evm
