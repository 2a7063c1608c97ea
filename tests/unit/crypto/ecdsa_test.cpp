#include "crypto/ecdsa.hpp"
#include "crypto/hash.hpp"
#include "vectors.hpp"

using namespace remit;
using namespace remit::crypto;

namespace {

class CountingRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) noexcept override {
        for (auto &byte : out) byte = ++last_;
    }

private:
    std::uint8_t last_ = 0;
};

void run_wycheproof(const char *file, HighS high_s, std::size_t valid, std::size_t invalid) {
    std::size_t good = 0, bad = 0;
    const auto document = vectors::load(file);
    for (const auto &group : vectors::at(document, "testGroups").items()) {
        const auto key = vectors::bytes(vectors::at(group, "publicKey"), "uncompressed");
        for (const auto &test : vectors::at(group, "tests").items()) {
            const auto digest = sha256(vectors::bytes(test, "msg"));
            const bool verified = verify_der(key, digest, vectors::bytes(test, "sig"), high_s);
            CAPTURE(vectors::text(test, "tcId"), vectors::text(test, "comment"));
            CHECK(verified == (vectors::text(test, "result") == "valid"));
            ++(verified ? good : bad);
        }
    }
    REQUIRE(good == valid);
    REQUIRE(bad == invalid);
}

constexpr const char *kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

}  // namespace

TEST_CASE("crypto: ECDSA with any s passes Wycheproof") {
    run_wycheproof("crypto/ecdsa_secp256k1_sha256_test.json", HighS::normalize, 168, 308);
}

TEST_CASE("crypto: ECDSA with low s only passes Wycheproof") {
    run_wycheproof("crypto/ecdsa_secp256k1_sha256_bitcoin_test.json", HighS::refuse, 162, 301);
}

TEST_CASE("crypto: the published keys have their addresses and sign recoverably") {
    CountingRandom random;
    const Secp256k1 curve(random);
    std::size_t count = 0;
    const auto document = vectors::load("crypto/keyaddrtest.json");
    for (const auto &test : document.items()) {
        const auto key = vectors::secret(vectors::text(test, "key"));
        const auto address = vectors::fixed<Address>(vectors::text(test, "addr"));
        CHECK(to_hex(keccak256(view(vectors::text(test, "seed")))) == "0x" + vectors::text(test, "key"));
        REQUIRE(curve.address_of(key).ok());
        CHECK(*curve.address_of(key) == address);

        const auto made = curve.sign(key, keccak256({}));
        REQUIRE(made.ok());
        CHECK(is_low_s(made->s));
        CHECK(*Secp256k1::recover(keccak256({}), *made) == address);
        ++count;
    }
    REQUIRE(count == 2);
}

TEST_CASE("crypto: signatures are RFC 6979's, however the context is blinded") {
    CountingRandom random;
    Secp256k1 curve(random);
    const auto key = vectors::secret("0000000000000000000000000000000000000000000000000000000000000001");
    const auto digest = sha256(view("Satoshi Nakamoto"));
    const auto first = curve.sign(key, digest);
    REQUIRE(first.ok());
    CHECK(to_hex(first->r) == "0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8");
    CHECK(to_hex(first->s) == "0x2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5");
    curve.randomize(random);
    const auto second = curve.sign(key, digest);
    REQUIRE(second.ok());
    CHECK(first->r == second->r);
    CHECK(first->s == second->s);
}

TEST_CASE("crypto: keys outside [1, n) are refused") {
    CountingRandom random;
    const Secp256k1 curve(random);
    const auto refused = [&](const Secret &key) {
        return Secp256k1::check_key(key).status() == Status::invalid &&
               curve.sign(key, Hash32{}).status() == Status::invalid &&
               curve.address_of(key).status() == Status::invalid;
    };
    CHECK(refused(Secret(32)));
    CHECK(refused(vectors::secret(kOrder)));
    CHECK(refused(Secret()));
    CHECK(refused(Secret(31)));
    CHECK(refused(Secret(33)));
    CHECK(Secp256k1::check_key(Secret(32)).error().field == "key");
    auto last = vectors::secret(kOrder);
    --last.data()[31];
    CHECK(Secp256k1::check_key(last).ok());
}

TEST_CASE("crypto: what is no signature recovers to nobody") {
    Signature signature;
    CHECK(Secp256k1::recover(Hash32{}, signature).status() == Status::invalid);  // r = s = 0
    signature.r[31] = signature.s[31] = 1;
    signature.recovery_id = 4;
    CHECK(Secp256k1::recover(Hash32{}, signature).status() == Status::invalid);
    CHECK_FALSE(verify_der({}, Hash32{}, {}, HighS::refuse));
}

TEST_CASE("crypto: s is low up to half the order") {
    const auto s = [](const char *digits) { return vectors::fixed<Hash32>(digits).bytes; };
    CHECK(is_low_s(s("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0")));
    CHECK_FALSE(is_low_s(s("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1")));
}
