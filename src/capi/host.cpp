#include "capi/host.hpp"

#include "capi/guard.hpp"

#include <remit/json.hpp>

#include <algorithm>

namespace remit::capi {
namespace {

constexpr std::size_t kSignatureSize = 65;

// What the signer's asker is told when there are no signatures.
Error refusal(remit_work_outcome outcome, ByteView reason) {
    std::string text(reason.begin(), reason.end());
    switch (outcome) {
    case REMIT_WORK_FAILED: return {Status::refused, {}, text.empty() ? "the host's signer refused" : text};
    case REMIT_WORK_PASS: return {Status::not_found, {}, "the host has no such key"};
    default: return {Status::unknown, {}, text.empty() ? "the host's signer did not say" : text};
    }
}

Result<std::vector<Signature>> signatures(ByteView answer, std::size_t count) {
    if (answer.size() != count * kSignatureSize) return invalid("answer", "must be 65 bytes for each digest");
    std::vector<Signature> all(count);
    for (std::size_t i = 0; i < count; ++i) {
        const ByteView one = answer.subspan(i * kSignatureSize, kSignatureSize);
        std::copy_n(one.begin(), 32, all[i].r.begin());
        std::copy_n(one.begin() + 32, 32, all[i].s.begin());
        all[i].recovery_id = one[64];
        if (all[i].recovery_id > 1) return invalid("answer", "has a recovery id that is not 0 or 1");
    }
    return all;
}

std::string sign_work(const Address &who, const std::vector<Hash32> &digests) {
    std::string json = R"({"work":"sign","address":")" + to_hex(who) + R"(","digests":[)";
    for (const Hash32 &digest : digests) json += '"' + to_hex(digest) + "\",";
    if (!digests.empty()) json.pop_back();
    return json + "]}";
}

}  // namespace

void HostLog::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) noexcept {
    guard_quiet([&] {
        if (queue_->forked() || queue_->full_of_log()) return;
        Items node(1);
        Item &item = node.front();
        item.kind = REMIT_ITEM_LOG;
        item.tag = tag_;
        item.status = static_cast<remit_status>(level);
        item.payload = to_json(std::span<const LogField>(fields.begin(), fields.size()));
        item.error_text = event;
        queue_->push(std::move(node));
    });
}

HostSigner::HostSigner(std::shared_ptr<Queue> queue, std::uint64_t tag, std::vector<Address> addresses) :
    queue_(std::move(queue)), tag_(tag), addresses_(std::move(addresses)) {}

void HostSigner::sign(Token token, const Address &who, std::vector<Hash32> digests) {
    Item item;
    item.kind = REMIT_ITEM_WORK;
    item.tag = tag_;
    item.payload = sign_work(who, digests);
    const auto answer = [box = std::weak_ptr(box_), token, count = digests.size()](remit_work_outcome outcome,
                                                                                   ByteView given) -> Result<void> {
        const auto waiting = box.lock();
        if (!waiting) return error(Status::fenced, "the engine that asked is closed");
        Result<std::vector<Signature>> result = refusal(outcome, given);
        if (outcome == REMIT_WORK_DONE) {
            REMIT_TRY(result, signatures(given, count));
        }
        std::lock_guard lock(waiting->mutex);
        waiting->answered.push_back({token, std::move(result)});
        return {};
    };
    queue_->offer(std::move(item), answer);
}

void HostSigner::poll(std::vector<SignOutcome> &out) {
    std::lock_guard lock(box_->mutex);
    std::move(box_->answered.begin(), box_->answered.end(), std::back_inserter(out));
    box_->answered.clear();
}

}  // namespace remit::capi
