#include "chain/evm/sends.hpp"

#include <algorithm>

namespace remit::evm {
namespace {

constexpr std::size_t kUnsortedMax = 32;  // wordings told apart in metrics; the rest share one
constexpr std::size_t kLabelMax = 100;

std::vector<ErrorPattern> builtin(Log &log) {
    auto patterns = parse_patterns(builtin_patterns());
    if (patterns) return std::move(patterns).value();
    log.write(LogLevel::error, "chain.patterns_unreadable", {{"where", patterns.error().field}});
    return {};  // every refusal is then an unknown outcome, which is safe
}

// A wording as the value of a label: numbers and hashes as #, for they would make each text a wording of its own.
std::string wording(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size() && out.size() < kLabelMax; ++at) {
        const char c = text[at];
        const bool digit = c >= '0' && c <= '9';
        if (digit && text.substr(at, 2) == "0x") {
            at = std::min(text.find_first_not_of("0123456789abcdefABCDEF", at + 2), text.size()) - 1;
            out += '#';
        } else if (digit) {
            if (out.empty() || out.back() != '#') out += '#';
        } else {
            out += c >= ' ' && c < 0x7f && c != '"' && c != '\\' ? c : '?';
        }
    }
    return out;
}

std::string label(std::uint64_t chain_id, const char *name, std::string_view value) {
    return "chain=\"" + std::to_string(chain_id) + "\"," + name + "=\"" + std::string(value) + "\"";
}

}  // namespace

struct Sends::Job {
    std::vector<Bytes> raw;
    std::vector<Hash32> hashes;
    Then then;
    ChainSends answers;  // of the posts that are over
};

Sends::Sends(const EvmOptions &options, Node &node, Log &log, core::Metrics &metrics) :
    chain_id_(options.chain_id),
    node_(node),
    log_(log),
    metrics_(metrics),
    classifier_(options.extra_patterns, builtin(log)) {}

void Sends::send(std::vector<Bytes> raw, std::vector<Hash32> hashes, Then then) {
    hashes.resize(raw.size());
    next_post(std::make_shared<Job>(Job{std::move(raw), std::move(hashes), std::move(then), {}}));
}

// Posts follow one another, so that a node that takes calls as they come sees the nonces in order.
void Sends::next_post(const std::shared_ptr<Job> &job) {
    const std::size_t from = job->answers.size();
    if (from == job->raw.size()) {
        for (const ChainSent &sent : job->answers)
            metrics_
                .counter("remit_chain_send_answers_total", "What nodes said of raw transactions",
                         label(chain_id_, "answer", send_answer_name(sent.answer)))
                .add();
        return job->then(std::move(job->answers));
    }
    const std::size_t count = std::min(node_.batch(), job->raw.size() - from);
    std::vector<RpcCall> calls;
    for (std::size_t at = from; at < from + count; ++at)
        calls.push_back({"eth_sendRawTransaction", "[\"" + to_hex(job->raw[at]) + "\"]", Want::hash});
    node_.post_once(std::move(calls), [this, job, count](Result<std::vector<Reply>> result) {
        if (result.status() != Status::refused) note_post(*job, count, std::move(result));
        next_post(job);
    });
}

void Sends::note_post(Job &job, std::size_t count, Result<std::vector<Reply>> &&result) {
    if (!result) {
        const SendAnswer answer = result.status() == Status::busy ? SendAnswer::rate_limited : SendAnswer::unknown;
        for (std::size_t i = 0; i < count; ++i)
            job.answers.push_back({job.hashes[job.answers.size()], answer, result.error().text});
        log_.write(LogLevel::warn, "chain.send_unanswered",
                   {{"chain", chain_id_}, {"transactions", std::uint64_t{count}}, {"why", result.error().text}});
        return stop(job, answer, "not sent, for the post before it was not answered");
    }
    for (const Reply &reply : *result) job.answers.push_back(read(reply, job.hashes[job.answers.size()]));
}

// What is left is not sent: it could only arrive out of order.
void Sends::stop(Job &job, SendAnswer answer, const std::string &why) {
    while (job.answers.size() < job.raw.size()) job.answers.push_back({job.hashes[job.answers.size()], answer, why});
}

ChainSent Sends::read(const Reply &reply, const Hash32 &hash) {
    if (const auto *refusal = std::get_if<RpcError>(&reply)) return sort(*refusal, hash);
    if (const auto *answered = std::get_if<Hash32>(&reply)) {
        if (*answered == hash) return {hash, SendAnswer::accepted, {}};
        log_.write(LogLevel::error, "chain.other_hash",
                   {{"chain", chain_id_}, {"ours", to_hex(hash)}, {"answered", to_hex(*answered)}});
        return {hash, SendAnswer::other_hash, "answered with " + to_hex(*answered)};
    }
    const auto *unusable = std::get_if<Unusable>(&reply);
    return {hash, SendAnswer::unknown, unusable != nullptr ? unusable->why : "the result is null"};
}

ChainSent Sends::sort(const RpcError &error, const Hash32 &hash) {
    auto answer = classifier_.sort(error.message);
    if (!answer && !error.data.empty()) answer = classifier_.sort(error.data);
    if (!answer) note_unsorted(error);
    const bool bare = error.message.empty();
    return {hash, answer.value_or(SendAnswer::unknown), node_.shown(bare ? error.data : error.message)};
}

void Sends::note_unsorted(const RpcError &error) {
    const std::string text = node_.shown(error.message.empty() ? error.data : error.message);
    std::string known = wording(text);
    if (unsorted_.count(known) == 0) {
        if (unsorted_.size() < kUnsortedMax)
            unsorted_.insert(known);
        else
            known = "(others)";
    }
    metrics_
        .counter("remit_chain_unsorted_errors_total", "Refusals whose wording no pattern knows",
                 label(chain_id_, "text", known))
        .add();
    log_.write(LogLevel::warn, "chain.unsorted_error", {{"chain", chain_id_}, {"code", error.code}, {"text", text}});
}

}  // namespace remit::evm
