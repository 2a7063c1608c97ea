#include <remit/testing/keys.hpp>
#include <remit/testing/random.hpp>

#include "crypto/ecdsa.hpp"

#include <algorithm>

namespace remit::testing {

struct SimSigner::Keyring {
    explicit Keyring(std::uint64_t seed) : random(seed), curve(random) {}
    SimRandom random;
    crypto::Secp256k1 curve;
    std::vector<std::pair<Address, Secret>> keys;

    const Secret *find(const Address &who) const {
        const auto at = std::find_if(keys.begin(), keys.end(), [&](const auto &key) { return key.first == who; });
        return at == keys.end() ? nullptr : &at->second;
    }
};

SimSigner::SimSigner(std::uint64_t seed, std::size_t count) : keyring_(std::make_unique<Keyring>(seed)) {
    while (keyring_->keys.size() < count) {
        Secret key(32);
        keyring_->random.fill({key.data(), key.size()});
        Result<Address> address = keyring_->curve.address_of(key);
        if (address) keyring_->keys.emplace_back(*address, std::move(key));
    }
}

SimSigner::~SimSigner() = default;

std::vector<Address> SimSigner::addresses() {
    std::vector<Address> out;
    for (const auto &key : keyring_->keys) out.push_back(key.first);
    return out;
}

Result<Secret> SimSigner::key_of(const Address &who) const {
    const Secret *key = keyring_->find(who);
    if (key == nullptr) return error(Status::not_found, "no key for " + to_hex(who));
    return key->copy();
}

Result<Signature> SimSigner::sign_now(const Address &who, const Hash32 &digest) const {
    const Secret *key = keyring_->find(who);
    if (key == nullptr) return error(Status::not_found, "no key for " + to_hex(who));
    return keyring_->curve.sign(*key, digest);
}

void SimSigner::sign(Token token, const Address &who, std::vector<Hash32> digests) {
    std::vector<Signature> signatures;
    for (const Hash32 &digest : digests) {
        Result<Signature> signature = sign_now(who, digest);
        if (!signature) {
            ready_.push_back({token, signature.error()});
            return;
        }
        signatures.push_back(*signature);
    }
    ready_.push_back({token, std::move(signatures)});
}

void SimSigner::poll(std::vector<SignOutcome> &out) {
    std::move(ready_.begin(), ready_.end(), std::back_inserter(out));
    ready_.clear();
}

void SimSigner::power_lost() {
    ready_.clear();
}

}  // namespace remit::testing
