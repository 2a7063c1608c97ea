#include "chain/evm/classify.hpp"
#include "core/json.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>

using namespace remit;
using evm::Classifier;

namespace {

Classifier builtin() {
    auto patterns = evm::parse_patterns(evm::builtin_patterns());
    REQUIRE(patterns.ok());
    return Classifier({}, std::move(patterns).value());
}

using A = SendAnswer;
constexpr std::pair<A, const char *> kTexts[] = {
    {A::known, "transaction already imported"},
    {A::known, "ALREADY_EXISTS: already known"},
    {A::known, "known transaction. transaction with hash 0xab is already in the system"},
    {A::known, "tx already exists in cache"},
    {A::known, "Known transaction: 0x01"},
    {A::nonce_low, "nonce too low: next nonce 8, tx nonce 5"},
    {A::nonce_low, "Transaction nonce too low. Expected nonce to be at least 8 but got 5."},
    {A::nonce_low, "OwnNonceAlreadyUsed"},
    {A::nonce_low, "nonce too low. allowed nonce range: 8 - 108, actual: 5"},
    {A::nonce_low, "nonce 5 too low, expected 8"},
    {A::nonce_low, "invalid transaction nonce"},
    {A::nonce_low, "INTERNAL_ERROR: nonce too low"},
    {A::nonce_high, "nonce too high: tx nonce 9, gapped nonce 8"},
    {A::nonce_high, "nonce too far in future"},
    {A::nonce_high, "An invalid transaction with a lower nonce exists"},
    {A::nonce_high,
     "Nonce too high. Expected nonce to be 8 but got 9. Note that transactions can't be queued when automining."},
    {A::nonce_high, "nonce 9 too high, expected 8"},
    {A::replacement_underpriced, "Replacement transaction underpriced. A gasPrice/maxFeePerGas of at least 2 is "
                                 "necessary to replace the existing transaction with nonce 5."},
    {A::replacement_underpriced, "future transaction tries to replace pending"},
    {A::replacement_underpriced, "INTERNAL_ERROR: could not replace existing tx"},
    {A::replacement_underpriced, "Transaction gas price is too low. There is another transaction with same nonce "
                                 "in the queue. Try increasing the gas price or incrementing the nonce."},
    {A::underpriced, "transaction gas price below minimum: gas tip cap 1, minimum needed 25000000000"},
    {A::underpriced, "FEE_TOO_LOW: underpriced"},
    {A::underpriced, "FeeTooLow, MaxFeePerGas too low."},
    {A::underpriced, "Gas price below configured minimum gas price"},
    {A::underpriced, "gas price too low: 1 wei, use at least tx.gasPrice = 2 wei"},
    {A::base_fee, "max fee per gas less than block base fee"},
    {A::base_fee, "fee cap less than block base fee"},
    {A::base_fee, "Gas price below current base fee"},
    {A::base_fee, "Transaction maxFeePerGas (1) is too low for the next block, which has a baseFeePerGas of 2"},
    {A::insufficient_funds, "INTERNAL_ERROR: insufficient funds"},
    {A::insufficient_funds, "InsufficientFunds, Account balance: 1, cumulative cost: 2"},
    {A::insufficient_funds,
     "insufficient funds for gas * price + value: balance 1, queued cost 2, tx cost 3, overshot 4"},
    {A::insufficient_funds,
     "Sender doesn't have enough funds to send tx. The max upfront cost is: 2 and the sender's balance is: 1."},
    {A::insufficient_funds, "insufficient funds for l1fee + gas * price + value"},
    {A::block_gas, "exceeds block gas limit"},
    {A::block_gas, "exceeds max transaction gas limit"},
    {A::block_gas, "INTERNAL_ERROR: gas limit is too high"},
    {A::block_gas, "Transaction gas limit exceeds block gas limit"},
    {A::block_gas, "Transaction gas limit cap exceeded"},
    {A::block_gas, "gas limit reached"},
    {A::block_gas, "Transaction gas limit is greater than the block gas limit (30000000)"},
    {A::block_gas, "intrinsic gas too high -- tx.gas_limit > env.block.gas_limit"},
    {A::block_gas, "Transaction gas limit is 20000000 and exceeds transaction gas cap of 16777216"},
    {A::intrinsic_gas, "insufficient gas for floor data gas cost: gas 21000, minimum needed 22000"},
    {A::intrinsic_gas, "INTERNAL_ERROR: IntrinsicGas"},
    {A::intrinsic_gas, "Transaction requires at least 21000 gas but got 20000"},
    {A::pool_full, "INTERNAL_ERROR: pending sub-pool is full"},
    {A::pool_full, "account limit exceeded: pooled 16 txs"},
    {A::pool_full, "sequencer pending tx pool full, please try again"},
    {A::reserved, "address already reserved"},
    {A::reserved, "gapped-nonce tx from delegated accounts"},
    {A::reserved, "authority already reserved"},
    {A::reserved, "pending transaction type conflict"},
    {A::reserved, "delegation nonce gap"},
    {A::reserved, "delegation authority has pending transaction"},
    {A::fee_cap, "tx fee (2000000000000000000 wei) exceeds the configured cap (1000000000000000000 wei)"},
    {A::sender, "invalid sender"},
    {A::sender, "invalid chain id for signer"},
    {A::sender, "Trying to send a raw transaction with an invalid chainId. The expected chainId is 31337"},
    {A::sender, "only replay-protected (EIP-155) transactions allowed over RPC"},
    {A::sender, "sender not an eoa"},
    {A::sender, "Wrong chainId"},
    {A::sender, "ChainId is required"},
    {A::sender, "Invalid signature"},
    {A::sender, "Failed to decode transaction"},
    {A::syncing, "node is syncing"},
    {A::rate_limited, "daily request count exceeded, request rate limited"},
    {A::rate_limited, "Too Many Requests"},
    {A::unknown, "Internal error"},
    {A::unknown, "Unknown transaction"},
};

}  // namespace

TEST_CASE("chain_evm: the classifier sorts every line of the catalogue") {
    const std::map<std::string, std::vector<A>> meaning = {
        {"KNOWN", {A::known}},
        {"NONCE_LOW", {A::nonce_low}},
        {"NONCE_HIGH", {A::nonce_high}},
        {"REPL_UNDERPRICED", {A::replacement_underpriced}},
        {"FUNDS", {A::insufficient_funds}},
        {"BLOCK_GAS", {A::block_gas}},
        {"INTRINSIC", {A::intrinsic_gas}},
        {"UNDERPRICED", {A::underpriced, A::base_fee}},
        {"POOL_FULL", {A::pool_full}},
        {"RESERVED", {A::reserved}},
        {"FEE_CAP", {A::fee_cap}},
        {"SENDER", {A::sender}},
        {"SYNC", {A::syncing}},
        {"UNKNOWN_OUTCOME", {A::unknown}},
    };
    const Classifier classifier = builtin();
    std::ifstream file(REMIT_VECTORS "/errors/catalogue.jsonl");
    int lines = 0;
    for (std::string line; std::getline(file, line); ++lines) {
        auto entry = core::Json::parse(line);
        REQUIRE(entry.ok());
        INFO(line);
        const auto answer = classifier.sort(entry->find("message")->text());
        const auto &right = meaning.at(entry->find("cls")->text());
        REQUIRE(answer.has_value());
        CHECK(std::find(right.begin(), right.end(), *answer) != right.end());
    }
    CHECK(lines == 55);
}

TEST_CASE("chain_evm: the classifier knows how nodes of many makes word a refusal") {
    const Classifier classifier = builtin();
    for (const auto &[right, text] : kTexts) {
        INFO(text);
        const auto answer = classifier.sort(text);
        REQUIRE(answer.has_value());
        CHECK(std::string(send_answer_name(*answer)) == send_answer_name(right));
    }
    CHECK(!classifier.sort("the sequencer is having lunch"));
    CHECK(!classifier.sort(""));
}

TEST_CASE("chain_evm: patterns are tried in order, with exclusions, the extra ones first") {
    auto patterns = evm::parse_patterns("# a comment\n\n known | seen | never seen |unseen \nnonce_low|seen\n");
    REQUIRE(patterns.ok());
    REQUIRE(patterns->size() == 2);
    const Classifier classifier({{SendAnswer::pool_full, "Far Seen", {}}, {SendAnswer::sender, "", {}}}, *patterns);
    CHECK(classifier.sort("I have SEEN it") == SendAnswer::known);
    CHECK(classifier.sort("Never seen") == SendAnswer::nonce_low);
    CHECK(classifier.sort("unseen") == SendAnswer::nonce_low);
    CHECK(classifier.sort("far seen") == SendAnswer::pool_full);
    CHECK(!classifier.sort("nothing"));
}

TEST_CASE("chain_evm: a line of patterns that says nothing is refused with its number") {
    CHECK(evm::parse_patterns("known | a\nnonsense | b\n").error().field == "line 2");
    CHECK(evm::parse_patterns("accepted | a").error().field == "line 1");
    CHECK(evm::parse_patterns("other_hash | a").error().field == "line 1");
    CHECK(evm::parse_patterns("\n\nknown |  ").error().field == "line 3");
    CHECK(evm::parse_patterns("known").error().field == "line 1");
}
