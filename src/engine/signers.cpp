#include "engine/signers.hpp"

#include "crypto/ecdsa.hpp"

#include <remit/u256.hpp>

#include <algorithm>

namespace remit::engine {

namespace {

// n - s, where n is the order of secp256k1's group.
constexpr u256 kOrder = [] {
    u256 n;
    n.words = {0xBFD25E8CD0364141ULL, 0xBAAEDCE6AF48A03BULL, 0xFFFFFFFFFFFFFFFEULL, 0xFFFFFFFFFFFFFFFFULL};
    return n;
}();

Result<Signature> checked(const Address &who, const Hash32 &digest, Signature signature) {
    if (!crypto::is_low_s(signature.s)) {
        REMIT_TRY(const u256 s, u256_from_be_bytes(signature.s, "s"));
        REMIT_TRY(const u256 low, sub(kOrder, s));
        signature.s = to_be_bytes(low);
    }
    const std::uint8_t told = signature.recovery_id & 1U;  // mostly right: tried first
    for (const std::uint8_t id : {told, static_cast<std::uint8_t>(told ^ 1U)}) {
        signature.recovery_id = id;
        const auto found = crypto::Secp256k1::recover(digest, signature);
        if (found && *found == who) return signature;
    }
    return error(Status::refused, "the signer's signature is not of the address that was asked for");
}

Result<std::vector<Signature>> checked(const Address &who, const std::vector<Hash32> &digests,
                                       const std::vector<Signature> &given) {
    if (given.size() != digests.size())
        return error(Status::refused, "the signer gave another number of signatures than asked for");
    std::vector<Signature> good;
    for (std::size_t i = 0; i < given.size(); ++i) {
        REMIT_TRY(const Signature signature, checked(who, digests[i], given[i]));
        good.push_back(signature);
    }
    return good;
}

}  // namespace

std::vector<Address> Signers::addresses() {
    auto all = vault_.addresses();
    if (host_ != nullptr)
        for (const Address &address : host_->addresses())
            if (std::ranges::find(all, address) == all.end()) all.push_back(address);
    return all;
}

bool Signers::is_hosts(const Address &who) {
    if (host_ == nullptr) return false;
    const auto own = host_->addresses();
    return std::ranges::find(own, who) != own.end();
}

void Signers::start(Channel &channel, Token token, const Address &who, std::vector<Hash32> digests) {
    // One question for an address at a time: an older one has been given up.
    std::erase_if(asked_,
                  [&](const auto &entry) { return entry.second.channel == &channel && entry.second.who == who; });
    const Token ours = ++next_;
    const bool hosts = is_hosts(who);
    asked_[ours] = {&channel, token, who, hosts ? digests : std::vector<Hash32>{}};
    (hosts ? *host_ : vault_).sign(ours, who, std::move(digests));
}

void Signers::collect() {
    std::vector<SignOutcome> arrived;
    vault_.poll(arrived);
    if (host_ != nullptr) host_->poll(arrived);
    for (SignOutcome &outcome : arrived) {
        const auto entry = asked_.find(outcome.token);
        if (entry == asked_.end()) continue;  // late: nobody waits for it
        const Asked &asked = entry->second;
        if (outcome.result && !asked.digests.empty()) {
            auto good = checked(asked.who, asked.digests, *outcome.result);
            if (good)
                outcome.result = *std::move(good);
            else
                outcome.result = std::move(good).error();
        }
        asked.channel->inbox_.push_back({asked.token, std::move(outcome.result)});
        asked_.erase(entry);
    }
}

void Signers::Channel::poll(std::vector<SignOutcome> &out) {
    all_.collect();
    for (SignOutcome &outcome : inbox_) out.push_back(std::move(outcome));
    inbox_.clear();
}

}  // namespace remit::engine
