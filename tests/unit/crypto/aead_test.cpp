#include "crypto/aead.hpp"
#include "vectors.hpp"

using namespace remit;
using namespace remit::crypto;

namespace {

// Seals and opens one vector; true when it did what the vector says.
bool runs(Aead &aead, const core::Json &test) {
    const auto key = vectors::bytes(test, "key"), iv = vectors::bytes(test, "iv"), aad = vectors::bytes(test, "aad"),
               message = vectors::bytes(test, "msg"), tag = vectors::bytes(test, "tag");
    Bytes expected = vectors::bytes(test, "ct");
    const bool valid = vectors::text(test, "result") == "valid";
    expected.insert(expected.end(), tag.begin(), tag.end());
    Bytes opened(expected.size() - kGcmTag, 0xAA);
    const auto result = aead.open(key, iv, aad, expected, opened);
    if (!valid) return result.status() == Status::wrong_key && opened == Bytes(opened.size());
    Bytes sealed(message.size() + kGcmTag);
    return result.ok() && opened == message && aead.seal(key, iv, aad, message, sealed).ok() && sealed == expected;
}

}  // namespace

TEST_CASE("crypto: AES-256-GCM passes Wycheproof, one context for all") {
    Aead aead;
    std::size_t run = 0, other_sizes = 0;
    const auto document = vectors::load("crypto/aes_gcm_test.json");
    for (const auto &group : vectors::at(document, "testGroups").items()) {
        const bool ours = vectors::integer(group, "keySize") == 256 && vectors::integer(group, "ivSize") == 96 &&
                          vectors::integer(group, "tagSize") == 128;
        for (const auto &test : vectors::at(group, "tests").items()) {
            CAPTURE(vectors::text(test, "tcId"));
            if (ours) CHECK(runs(aead, test));
            ++(ours ? run : other_sizes);
        }
    }
    REQUIRE(run == 66);
    REQUIRE(other_sizes == 250);  // other keys and nonces are refused: the next test
}

TEST_CASE("crypto: AES-256-GCM refuses other lengths") {
    Aead aead;
    Bytes out(16 + kGcmTag);
    const Bytes key(32), nonce(12), plain(16);
    CHECK(aead.seal(Bytes(16), nonce, {}, plain, out).status() == Status::misuse);
    CHECK(aead.seal(key, Bytes(16), {}, plain, out).status() == Status::misuse);
    CHECK(aead.seal(key, nonce, {}, Bytes(17), out).status() == Status::misuse);
    CHECK(aead.open(key, nonce, {}, Bytes(15), {}).status() == Status::misuse);
    CHECK(aead.seal(key, nonce, {}, plain, out).ok());
}

TEST_CASE("crypto: AES-256-GCM binds what was authenticated and forgets the key between calls") {
    Aead aead;
    const Bytes key(32, 7), nonce(12, 1), plain = {1, 2, 3};
    Bytes sealed(plain.size() + kGcmTag), opened(plain.size());
    REQUIRE(aead.seal(key, nonce, view("row 1"), plain, sealed).ok());
    CHECK(aead.open(key, nonce, view("row 2"), sealed, opened).status() == Status::wrong_key);
    CHECK(aead.open(Bytes(32), nonce, view("row 1"), sealed, opened).status() == Status::wrong_key);
    REQUIRE(aead.open(key, nonce, view("row 1"), sealed, opened).ok());
    CHECK(opened == plain);
}

TEST_CASE("crypto: AES-128-CTR, both ways") {
    // NIST SP 800-38A, F.5.1.
    const auto key = vectors::unhex("2b7e151628aed2a6abf7158809cf4f3c");
    const auto counter = vectors::unhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    const auto plain = vectors::unhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    Bytes out(plain.size());
    REQUIRE(aes_128_ctr(key, counter, plain, out).ok());
    CHECK(to_hex(out) == "0x874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
    Bytes back(plain.size());
    REQUIRE(aes_128_ctr(key, counter, out, back).ok());
    CHECK(back == plain);
    CHECK(aes_128_ctr(Bytes(32), counter, plain, out).status() == Status::misuse);
}
