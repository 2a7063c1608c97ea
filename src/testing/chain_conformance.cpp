#include <remit/testing/chain_conformance.hpp>

#include <algorithm>
#include <map>

namespace remit::testing {

namespace {

// Starts calls, waits for their outcomes, and remembers what was broken.
class Check {
public:
    explicit Check(ChainBench &bench) : bench_(bench) {}

    Token token() { return ++last_; }
    void that(bool holds, std::string promise) {
        if (!holds) broken_.push_back(std::move(promise));
    }
    // The answer to one call, if it came, once, and is of kind T.
    template <class T>
    std::optional<T> answer(const char *call, Token token) {
        const std::optional<Result<ChainAnswer>> outcome = wait(call, token);
        if (!outcome) return std::nullopt;
        that(outcome->ok(), std::string(call) + " fails: " + (outcome->ok() ? "" : outcome->error().text));
        if (!outcome->ok()) return std::nullopt;
        const T *value = std::get_if<T>(&outcome->value());
        that(value != nullptr, std::string(call) + " answers another question");
        return value == nullptr ? std::nullopt : std::optional(*value);
    }
    std::optional<Result<ChainAnswer>> wait(const char *call, Token token) {
        for (int i = 0; i < bench_.steps_max && !got_.contains(token); ++i) {
            collect();
            if (!got_.contains(token)) bench_.step();
        }
        const auto at = got_.find(token);
        that(at != got_.end(), std::string(call) + " has no outcome");
        if (at == got_.end()) return std::nullopt;
        return at->second;
    }
    std::vector<std::string> broken() { return std::move(broken_); }

private:
    void collect() {
        std::vector<ChainOutcome> out;
        bench_.chain.poll(out);
        for (ChainOutcome &outcome : out) {
            that(outcome.token != 0 && outcome.token <= last_, "an outcome has a token that was never given");
            that(got_.try_emplace(outcome.token, std::move(outcome.result)).second, "a call has two outcomes");
        }
    }

    ChainBench &bench_;
    Token last_ = 0;
    std::map<Token, Result<ChainAnswer>> got_;
    std::vector<std::string> broken_;
};

Hash32 no_hash() {
    Hash32 out;
    out.bytes.fill(0x5a);
    return out;
}

void check_reading(Check &check, ChainBench &bench) {
    Token token = check.token();
    bench.chain.identity(token);
    if (const auto who = check.answer<ChainIdentity>("identity", token)) {
        check.that(who->chain_id == bench.chain_id, "identity tells another chain id");
        check.that(!who->client.empty(), "identity tells no client");
    }
    bench.chain.head(token = check.token());
    const auto head = check.answer<ChainHead>("head", token);
    if (!head) return;
    bench.chain.block(token = check.token(), head->number);
    if (const auto block = check.answer<ChainBlock>("block", token)) {
        check.that(block->number == head->number, "block tells another number than asked");
        check.that(block->hash == head->hash, "block and head disagree about the hash");
        check.that(block->timestamp_s == head->timestamp_s, "block and head disagree about the time");
    }
    bench.chain.block(token = check.token(), head->number + 1'000'000);
    static_cast<void>(check.answer<ChainNoBlock>("block beyond the head", token));
    const Token code = check.token(), none = check.token();
    bench.chain.code(code, bench.token);
    bench.chain.code(none, bench.stranger);
    if (const auto size = check.answer<ChainCode>("code", code))
        check.that(size->size > 0, "code: a contract has none");
    if (const auto size = check.answer<ChainCode>("code", none))
        check.that(size->size == 0, "code: an account has some");
    bench.chain.receipts(token = check.token(), {no_hash(), no_hash()});
    if (const auto receipts = check.answer<ChainReceipts>("receipts", token))
        check.that(receipts->size() == 2 && !(*receipts)[0] && !(*receipts)[1], "receipts: an unknown hash has one");
    bench.chain.known(token = check.token(), {no_hash()});
    if (const auto known = check.answer<ChainKnown>("known", token))
        check.that(known->known == std::vector<bool>{false}, "known: an unknown hash is known");
}

void check_estimates(Check &check, ChainBench &bench) {
    const Token plain = check.token(), absurd = check.token();
    bench.chain.estimate_gas(plain, {bench.sender, bench.stranger, u256(1), {}});
    Bytes transfer{0xa9, 0x05, 0x9c, 0xbb};  // of more than there is
    transfer.resize(4 + 32, 0);
    std::copy(bench.stranger.bytes.begin(), bench.stranger.bytes.end(), transfer.end() - 20);
    transfer.resize(4 + 64, 0x7f);
    bench.chain.estimate_gas(absurd, {bench.sender, bench.token, u256(), transfer});
    if (const auto gas = check.answer<ChainGas>("estimate_gas", plain))
        check.that(gas->gas >= 21'000 && gas->gas < 60'000, "estimate_gas of a plain transfer is not near 21000");
    const auto refused = check.wait("estimate_gas", absurd);
    check.that(!refused || refused->status() == Status::refused, "estimate_gas of a reverting call is not Refused");
}

std::optional<ChainAccount> account(Check &check, ChainBench &bench) {
    const Token token = check.token();
    bench.chain.account(token, bench.sender, {bench.token});
    return check.answer<ChainAccount>("account", token);
}

std::optional<ChainSends> send(Check &check, ChainBench &bench, std::vector<ChainBench::Signed> transactions) {
    std::vector<Bytes> raw;
    std::vector<Hash32> hashes;
    for (ChainBench::Signed &tx : transactions) {
        raw.push_back(std::move(tx.raw));
        hashes.push_back(tx.hash);
    }
    const Token token = check.token();
    bench.chain.send(token, raw, hashes);
    auto sends = check.answer<ChainSends>("send", token);
    check.that(!sends || sends->size() == raw.size(), "send answers another number of transactions");
    if (!sends || sends->size() != raw.size()) return std::nullopt;
    for (std::size_t i = 0; i < hashes.size(); ++i)
        check.that((*sends)[i].hash == hashes[i], "send's answers are not in the order given");
    return sends;
}

void expect(Check &check, const ChainSent &sent, SendAnswer wanted, const char *when) {
    check.that(sent.answer == wanted, std::string("send ") + when + " is " + send_answer_name(sent.answer) + ", not " +
                                          send_answer_name(wanted) + ": " + sent.text);
}

std::optional<ChainReceipt> receipt(Check &check, ChainBench &bench, const Hash32 &hash) {
    const Token token = check.token();
    bench.chain.receipts(token, {no_hash(), hash});
    const auto receipts = check.answer<ChainReceipts>("receipts", token);
    if (!receipts || receipts->size() != 2) return std::nullopt;
    check.that(!(*receipts)[0], "receipts are not in the order asked");
    return (*receipts)[1];
}

void check_mined(Check &check, ChainBench &bench, const Hash32 &hash, std::uint64_t nonce) {
    const auto got = receipt(check, bench, hash);
    check.that(got.has_value(), "receipts: a mined transaction has none");
    if (!got) return;
    check.that(got->success && got->tx_hash == hash, "receipts: it is of another transaction, or failed");
    check.that(got->gas_used >= 21'000 && !got->effective_gas_price.is_zero(), "receipts: no gas or no price");
    Token token = check.token();
    bench.chain.block(token, got->block_number);
    if (const auto block = check.answer<ChainBlock>("block", token)) {
        check.that(block->hash == got->block_hash, "block and receipt disagree about the hash");
        check.that(std::any_of(block->receipts.begin(), block->receipts.end(),
                               [&](const ChainReceipt &r) { return r.tx_hash == hash; }),
                   "block leaves a receipt out");
    }
    const Token before = check.token(), after = check.token();
    bench.chain.account_at(before, bench.sender, got->block_number - 1);
    bench.chain.account_at(after, bench.sender, got->block_number);
    if (const auto then = check.answer<ChainAccount>("account_at", before))
        check.that(then->nonce_latest <= nonce, "account_at an earlier block counts a later transaction");
    if (const auto then = check.answer<ChainAccount>("account_at", after))
        check.that(then->nonce_latest > nonce, "account_at does not count the block's transaction");
}

void check_sending(Check &check, ChainBench &bench, const ChainFees &fees) {
    const auto before = account(check, bench);
    if (!before) return;
    check.that(!before->native.is_zero(), "account: the sender has no coin");
    check.that(before->tokens.size() == 1 && !before->tokens[0].is_zero(), "account: the sender has none of the token");
    const std::uint64_t nonce = before->nonce_latest;
    Result<ChainBench::Signed> first = bench.sign(nonce, u256(1), fees);
    Result<ChainBench::Signed> second = bench.sign(nonce + 1, u256(2), fees);
    Result<ChainBench::Signed> absurd = bench.sign(nonce + 2, u256::max(), fees);
    check.that(first.ok() && second.ok() && absurd.ok(), "the bench cannot sign");
    if (!first.ok() || !second.ok() || !absurd.ok()) return;

    const ChainBench::Signed garbage{{0x02, 0xc0}, no_hash()};
    const auto sends = send(check, bench, {*first, garbage, *second, *absurd});
    if (sends) {
        expect(check, (*sends)[0], SendAnswer::accepted, "of a good transaction");
        check.that((*sends)[1].answer != SendAnswer::accepted, "send of garbage is accepted");
        expect(check, (*sends)[2], SendAnswer::accepted, "after garbage");
        expect(check, (*sends)[3], SendAnswer::insufficient_funds, "of more than there is");
    }
    if (const auto again = send(check, bench, {*first})) expect(check, (*again)[0], SendAnswer::known, "again");
    const Token token = check.token();
    bench.chain.known(token, {first->hash, no_hash()});
    if (const auto known = check.answer<ChainKnown>("known", token))
        check.that(known->known == std::vector<bool>{true, false}, "known does not tell pooled from unknown");
    check.that(!receipt(check, bench, first->hash).has_value(), "receipts: a pooled transaction has one");
    bench.mine();
    check_mined(check, bench, first->hash, nonce);
    check_mined(check, bench, second->hash, nonce + 1);
    if (const auto late = send(check, bench, {*first})) expect(check, (*late)[0], SendAnswer::nonce_low, "once mined");
    if (const auto after = account(check, bench))
        check.that(after->nonce_latest == nonce + 2, "account: the count is wrong");
}

}  // namespace

std::vector<std::string> chain_conformance(ChainBench &bench) {
    Check check(bench);
    check_reading(check, bench);
    check_estimates(check, bench);
    const Token token = check.token();
    bench.chain.fees(token);
    if (const auto fees = check.answer<ChainFees>("fees", token)) {
        check.that(!fees->priority_fee.is_zero(), "fees: nothing to tip");
        check_sending(check, bench, *fees);
    }
    return check.broken();
}

}  // namespace remit::testing
