#include "crypto/hash.hpp"
#include "crypto/keccak.hpp"
#include "vectors.hpp"

using namespace remit;
using namespace remit::crypto;

TEST_CASE("crypto: the Keccak sponge gives the SHA3-256 of all 256 known answers") {
    std::size_t count = 0;
    const auto kats = vectors::load("crypto/sha3_256_kats.json");
    for (const auto &kat : kats.items()) {
        const auto bits = vectors::integer(kat, "length");
        REQUIRE(bits % 8 == 0);
        const auto message = vectors::bytes(kat, "message");
        const auto digest = keccak_sponge(ByteView(message).first(static_cast<std::size_t>(bits / 8)), kSha3Padding);
        CHECK(ByteView(digest).size() == 32);
        CHECK(digest == vectors::fixed<Hash32>(vectors::text(kat, "digest")));
        ++count;
    }
    REQUIRE(count == 256);
}

TEST_CASE("crypto: keccak256 pads as Ethereum does, at every place of a block") {
    CHECK(to_hex(keccak256({})) == "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    CHECK(to_hex(keccak256(view("abc"))) == "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    CHECK(to_hex(keccak256(view("Transfer(address,address,uint256)"))) ==
          "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
    // One byte short of a block (both padding bits in one byte), a block, one more.
    CHECK(to_hex(keccak256(Bytes(135, 'a'))) == "0x34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446");
    CHECK(to_hex(keccak256(Bytes(136, 'a'))) == "0xa6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e");
    CHECK(to_hex(keccak256(Bytes(137, 'a'))) == "0xd869f639c7046b4929fc92a4d988a8b22c55fbadb802c0c66ebcd484f1915f39");
}

TEST_CASE("crypto: sha256") {
    CHECK(to_hex(sha256({})) == "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256(view("abc"))) == "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

namespace {

// A tag may be cut short; an invalid one must differ in what is left.
template <class Mac>
void run_wycheproof(const char *file, Mac mac, std::size_t valid, std::size_t invalid) {
    std::size_t good = 0, bad = 0;
    const auto document = vectors::load(file);
    for (const auto &group : vectors::at(document, "testGroups").items()) {
        for (const auto &test : vectors::at(group, "tests").items()) {
            const auto tag = vectors::bytes(test, "tag");
            const auto made = mac(vectors::bytes(test, "key"), vectors::bytes(test, "msg"));
            const bool same = equal_secret(ByteView(made).first(tag.size()), tag);
            CAPTURE(vectors::text(test, "tcId"));
            CHECK(same == (vectors::text(test, "result") == "valid"));
            ++(same ? good : bad);
        }
    }
    REQUIRE(good == valid);
    REQUIRE(bad == invalid);
}

}  // namespace

TEST_CASE("crypto: hmac_sha256 passes Wycheproof") {
    run_wycheproof("crypto/hmac_sha256_test.json", hmac_sha256, 66, 108);
}

TEST_CASE("crypto: hmac_sha512 passes Wycheproof") {
    run_wycheproof("crypto/hmac_sha512_test.json", hmac_sha512, 66, 108);
}

TEST_CASE("crypto: an empty key is a key of its own") {
    CHECK(to_hex(hmac_sha256({}, {})) == "0xb613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("crypto: secrets are equal byte for byte and in length") {
    CHECK(equal_secret({}, {}));
    CHECK(equal_secret(view("abc"), view("abc")));
    CHECK_FALSE(equal_secret(view("abc"), view("abd")));
    CHECK_FALSE(equal_secret(view("abc"), view("ab")));
}

TEST_CASE("crypto: wiping leaves zeros") {
    Bytes secret = {1, 2, 3};
    wipe(secret);
    CHECK(secret == Bytes{0, 0, 0});
}
