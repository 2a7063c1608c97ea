// The chain's journal: what changed it, one line each, in order. The chain is deterministic, so that replaying
// the lines makes the same chain again.
#include <remit/testing/evm_chain.hpp>

#include <set>
#include <sstream>

namespace remit::testing {

namespace {

constexpr std::string_view kEnd = " .";  // a line without it was cut by a crash

std::vector<std::string> words_of(const std::string &line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

Result<std::uint64_t> count_from(const std::string &text) {
    REMIT_TRY(const u256 value, u256_from_decimal(text, "journal"));
    if (!value.fits_u64()) return error(Status::corrupt, "a number in the chain's journal is too large");
    return value.low();
}

}  // namespace

void EvmChain::record(const std::string &line) {
    if (replaying_ || !journal_.is_open()) return;
    journal_ << line + std::string(kEnd) + "\n" << std::flush;
}

Result<void> EvmChain::replay(const std::string &line) {
    const std::vector<std::string> word = words_of(line);
    const std::string kind = word.empty() ? "" : word[0];
    if (kind == "tx" && word.size() == 3) {
        REMIT_TRY(const Bytes raw, from_hex(word[1], "journal"));
        REMIT_TRY([[maybe_unused]] const Hash32 hash, submit(raw));
    } else if (kind == "block" && word.size() == 4) {
        REMIT_TRY(const std::uint64_t timestamp, count_from(word[1]));
        mine_one(timestamp, word[2] == "1");
    } else if (kind == "credit" && word.size() == 5) {
        Credit credit;
        REMIT_TRY(credit.token, fixed_from_hex<Address>(word[1], "journal"));
        REMIT_TRY(credit.who, fixed_from_hex<Address>(word[2], "journal"));
        REMIT_TRY(credit.amount, u256_from_decimal(word[3], "journal"));
        give(credit);
    } else if (kind == "external" && word.size() == 5) {
        REMIT_TRY(const Address from, fixed_from_hex<Address>(word[1], "journal"));
        REMIT_TRY(const Address to, fixed_from_hex<Address>(word[2], "journal"));
        REMIT_TRY(const u256 value, u256_from_decimal(word[3], "journal"));
        external_transfer(from, to, value);
    } else if (kind == "drop" && word.size() == 3) {
        REMIT_TRY(const Hash32 hash, fixed_from_hex<Hash32>(word[1], "journal"));
        drop(hash);
    } else if (kind == "reorg" && word.size() >= 4) {
        REMIT_TRY(const std::uint64_t depth, count_from(word[1]));
        std::set<Hash32> dropped;
        for (std::size_t i = 3; i + 1 < word.size(); ++i) {
            REMIT_TRY(const Hash32 hash, fixed_from_hex<Hash32>(word[i], "journal"));
            dropped.insert(hash);
        }
        reorg_now(depth, word[2] == "1", dropped);
    } else {
        return error(Status::corrupt, "the chain's journal has a line that is not understood: " + kind);
    }
    return {};
}

Result<void> EvmChain::open_journal(const std::string &path) {
    std::ifstream in(path);
    replaying_ = true;
    Result<void> outcome;
    for (std::string line; outcome.ok() && std::getline(in, line);)
        if (line.ends_with(kEnd)) outcome = replay(line);
    replaying_ = false;
    REMIT_CHECK(std::move(outcome));
    journal_.open(path, std::ios::app);
    if (!journal_) return error(Status::store, "the chain's journal " + path + " cannot be written");
    journal_ << "\n" << std::flush;  // ends a line that a crash has cut
    next_block_us_ = clock_.elapsed_us() + options_.block_interval_us;
    return {};
}

}  // namespace remit::testing
