#include "crypto/kdf.hpp"
#include "vectors.hpp"

using namespace remit;
using namespace remit::crypto;

TEST_CASE("crypto: PBKDF2-HMAC-SHA256 passes Wycheproof") {
    std::size_t count = 0;
    const auto document = vectors::load("crypto/pbkdf2_hmacsha256_test.json");
    for (const auto &group : vectors::at(document, "testGroups").items()) {
        for (const auto &test : vectors::at(group, "tests").items()) {
            CAPTURE(vectors::text(test, "tcId"));
            REQUIRE(vectors::text(test, "result") == "valid");
            const auto key =
                pbkdf2_sha256(vectors::secret(vectors::text(test, "password")), vectors::bytes(test, "salt"),
                              static_cast<std::uint64_t>(vectors::integer(test, "iterationCount")),
                              static_cast<std::size_t>(vectors::integer(test, "dkLen")));
            REQUIRE(key.ok());
            CHECK(to_hex(key->bytes()) == "0x" + vectors::text(test, "dk"));
            ++count;
        }
    }
    REQUIRE(count == 60);
}

TEST_CASE("crypto: scrypt gives the answers of RFC 7914") {
    const auto derive = [](const char *password, const char *salt, ScryptCost cost) {
        const auto key = scrypt(Secret::from_text(password), view(salt), cost, 64);
        REQUIRE(key.ok());
        return to_hex(key->bytes());
    };
    CHECK(derive("", "", {16, 1, 1}) ==
          "0x77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e"
          "0d3628cf35e20c38d18906");
    CHECK(derive("password", "NaCl", {1024, 8, 16}) ==
          "0xfdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a"
          "83ee6d8360cbdfa2cc0640");
    CHECK(derive("pleaseletmein", "SodiumChloride", {16384, 8, 1}) ==
          "0x7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d"
          "651e40dfcf017b45575887");
}

TEST_CASE("crypto: costs without sense or measure are refused by name, before any work") {
    const auto field = [](ScryptCost cost) {
        const auto key = scrypt(Secret::from_text("x"), {}, cost, 32);
        return key.ok() ? std::string() : key.error().field;
    };
    CHECK(field({0, 8, 1}) == "n");
    CHECK(field({1, 8, 1}) == "n");
    CHECK(field({1000, 8, 1}) == "n");
    CHECK(field({1ULL << 21, 8, 1}) == "n");  // 2 GiB
    CHECK(field({1ULL << 63, 4294967295U, 4294967295U}) == "n");
    CHECK(field({2, 0, 1}) == "r");
    CHECK(field({2, 8, 0}) == "p");
    CHECK(field({2, 8, 4294967295U}) == "p");
    CHECK(field({1ULL << 18, 8, 1000}) == "p");  // minutes
    CHECK(pbkdf2_sha256(Secret::from_text("x"), {}, 0, 32).error().field == "c");
    CHECK(pbkdf2_sha256(Secret::from_text("x"), {}, 1ULL << 40, 32).error().field == "c");
    CHECK(pbkdf2_sha256(Secret::from_text("x"), {}, 1, 0).error().field == "dklen");
    CHECK(scrypt_memory({1U << 18, 8, 1}) >= 256ULL << 20);
    CHECK(scrypt_memory({1ULL << 63, 4294967295U, 1}) == ~0ULL);
}
