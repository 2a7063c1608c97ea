#include "engine/doctor.hpp"

namespace remit::engine {

namespace {

constexpr std::size_t kLatest = 10'000;
constexpr std::size_t kAtOnce = 100;
constexpr std::int64_t kPatienceUs = 30 * kMicrosPerSecond;

// The outcome of the call that was started last; answers to calls that were given up are passed over.
Result<ChainAnswer> outcome_of(Chain &chain, Token token, Http &http, Clock &clock) {
    const std::int64_t until = clock.boot_us() + kPatienceUs;
    std::vector<ChainOutcome> out;
    for (;;) {
        chain.poll(out);
        for (ChainOutcome &outcome : out)
            if (outcome.token == token) return std::move(outcome.result);
        out.clear();
        const std::int64_t left = until - clock.boot_us();
        if (left <= 0) return error(Status::network, "the node did not answer in time");
        http.wait(std::min<std::int64_t>(left / kMicrosPerMs + 1, 100));
    }
}

void compare(const std::vector<Payout> &payouts, std::size_t first, const ChainReceipts &receipts,
             std::vector<std::string> &lines) {
    for (std::size_t i = 0; i < receipts.size() && first + i < payouts.size(); ++i) {
        const Payout &p = payouts[first + i];
        const auto &receipt = receipts[i];
        const std::string name = p.id + " (" + to_hex(*p.tx_hash) + ")";
        if (!receipt)
            lines.push_back(name + " is completed here, and the chain has no receipt of it");
        else if (!receipt->success)
            lines.push_back(name + " is completed here, and reverted on the chain");
        else if (receipt->block_number != p.block_number.value_or(0))
            lines.push_back(name + " is completed here in another block than on the chain");
    }
}

Result<std::vector<Payout>> latest_completed(Payouts &payouts, std::uint64_t chain_id) {
    PayoutFilter filter;
    filter.status = PayoutStatus::completed;
    filter.chain_id = chain_id;
    filter.limit = 1'000;
    std::vector<Payout> all;
    do {
        REMIT_TRY(PayoutPage page, payouts.list(filter));
        for (Payout &p : page.payouts)
            if (p.tx_hash) all.push_back(std::move(p));
        if (all.size() > kLatest) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(kLatest));
        filter.after = page.next;
    } while (!filter.after.empty());
    return all;
}

}  // namespace

Result<std::vector<std::string>> reconcile(Payouts &payouts, Chain &chain, Token &token, Http &http, Clock &clock,
                                           std::uint64_t chain_id) {
    std::vector<std::string> lines;
    chain.identity(++token);
    const auto identity = outcome_of(chain, token, http, clock);
    if (!identity) return std::vector<std::string>{"chain " + std::to_string(chain_id) + ": " + identity.error().text};
    const auto *who = std::get_if<ChainIdentity>(&*identity);
    if (who == nullptr || who->chain_id != chain_id)
        return std::vector<std::string>{"chain " + std::to_string(chain_id) + ": the node is of another chain"};

    REMIT_TRY(const auto completed, latest_completed(payouts, chain_id));
    for (std::size_t first = 0; first < completed.size(); first += kAtOnce) {
        std::vector<Hash32> hashes;
        for (std::size_t i = first; i < std::min(first + kAtOnce, completed.size()); ++i)
            hashes.push_back(*completed[i].tx_hash);
        chain.receipts(++token, std::move(hashes));
        const auto answer = outcome_of(chain, token, http, clock);
        if (!answer) {
            lines.push_back("chain " + std::to_string(chain_id) + ": " + answer.error().text);
            return lines;
        }
        if (const auto *receipts = std::get_if<ChainReceipts>(&*answer)) compare(completed, first, *receipts, lines);
    }
    return lines;
}

}  // namespace remit::engine
