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
    for (std::uint8_t id = 0; id < 2; ++id) {
        signature.recovery_id = id;
        const auto found = crypto::Secp256k1::recover(digest, signature);
        if (found && *found == who) return signature;
    }
    return error(Status::refused, "the signer's signature is not of the address that was asked for");
}

}  // namespace

std::vector<Address> Signers::addresses() {
    auto all = vault_.addresses();
    if (host_ != nullptr)
        for (const Address &address : host_->addresses())
            if (std::ranges::find(all, address) == all.end()) all.push_back(address);
    return all;
}

void Signers::sign(Token token, const Address &who, std::vector<Hash32> digests) {
    if (host_ != nullptr) {
        const auto own = host_->addresses();
        if (std::ranges::find(own, who) != own.end()) {
            asked_[token] = {who, digests};
            return host_->sign(token, who, std::move(digests));
        }
    }
    vault_.sign(token, who, std::move(digests));
}

void Signers::poll(std::vector<SignOutcome> &out) {
    vault_.poll(out);
    if (host_ == nullptr) return;
    std::vector<SignOutcome> given;
    host_->poll(given);
    for (SignOutcome &outcome : given) {
        const auto asked = asked_.find(outcome.token);
        if (asked == asked_.end()) continue;  // late: nobody waits for it
        if (outcome.result && outcome.result->size() != asked->second.digests.size())
            outcome.result = error(Status::refused, "the signer gave another number of signatures than asked for");
        if (outcome.result)
            for (std::size_t i = 0; i < outcome.result->size(); ++i) {
                auto good = checked(asked->second.who, asked->second.digests[i], (*outcome.result)[i]);
                if (!good) {
                    outcome.result = std::move(good).error();
                    break;
                }
                (*outcome.result)[i] = *good;
            }
        asked_.erase(asked);
        out.push_back(std::move(outcome));
    }
}

}  // namespace remit::engine
