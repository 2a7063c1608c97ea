#include "engine/signers.hpp"

#include "crypto/ecdsa.hpp"

#include <catch2/catch.hpp>
#include <remit/testing/keys.hpp>

using namespace remit;
using engine::Signers;

namespace {

Hash32 digest(std::uint8_t n) {
    Hash32 d;
    d.bytes.fill(n);
    return d;
}

// A host's signer that gives what the test tells it to.
class Scripted final : public Signer {
public:
    explicit Scripted(testing::SimSigner &keys) : keys_(keys) {}
    std::vector<Address> addresses() override { return keys_.addresses(); }
    void sign(Token token, const Address &who, std::vector<Hash32> digests) override {
        std::vector<Signature> made;
        for (const Hash32 &d : digests) made.push_back(*keys_.sign_now(who, d));
        if (spoil) spoil(made);
        ready_.push_back({token, std::move(made)});
    }
    void poll(std::vector<SignOutcome> &out) override {
        for (auto &outcome : ready_) out.push_back(std::move(outcome));
        ready_.clear();
    }
    std::function<void(std::vector<Signature> &)> spoil;

private:
    testing::SimSigner &keys_;
    std::vector<SignOutcome> ready_;
};

}  // namespace

TEST_CASE("engine: two chains with equal tokens each get their own signatures") {
    testing::SimSigner keys(1, 1);
    Signers signers(keys, nullptr);
    Signer &one = signers.channel();
    Signer &two = signers.channel();
    const Address who = keys.addresses()[0];
    one.sign(7, who, {digest(1)});
    two.sign(7, who, {digest(2)});
    std::vector<SignOutcome> out;
    two.poll(out);
    REQUIRE(out.size() == 1);
    CHECK(crypto::Secp256k1::recover(digest(2), out[0].result->front()).value() == who);
    out.clear();
    one.poll(out);
    REQUIRE(out.size() == 1);
    CHECK(out[0].token == 7);
    CHECK(crypto::Secp256k1::recover(digest(1), out[0].result->front()).value() == who);
}

TEST_CASE("engine: a host signer's signatures are normalised, and checked before anybody stores them") {
    testing::SimSigner vault(1, 1), hsm(2, 1), stranger(3, 1);
    Scripted host(hsm);
    Signers signers(vault, &host);
    Signer &channel = signers.channel();
    CHECK(channel.addresses().size() == 2);
    const Address who = hsm.addresses()[0];
    const auto ask = [&] {
        channel.sign(1, who, {digest(9)});
        std::vector<SignOutcome> out;
        channel.poll(out);
        REQUIRE(out.size() == 1);
        return std::move(out[0].result);
    };
    host.spoil = [](std::vector<Signature> &made) { made[0].recovery_id ^= 1; };
    CHECK(crypto::Secp256k1::recover(digest(9), ask()->front()).value() == who);
    host.spoil = [](std::vector<Signature> &made) { made.push_back(made[0]); };
    CHECK(ask().status() == Status::refused);
    host.spoil = [&](std::vector<Signature> &made) {
        made[0] = *stranger.sign_now(stranger.addresses()[0], digest(9));
    };
    CHECK(ask().status() == Status::refused);
}
