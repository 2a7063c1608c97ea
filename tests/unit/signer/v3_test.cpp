#include "../crypto/vectors.hpp"

#include "crypto/ecdsa.hpp"
#include "signer/keystore/v3.hpp"

#include <remit/testing/random.hpp>

using namespace remit;
using signer::read_v3;
using signer::write_v3;

namespace {

// The vectors hold each file as a JSON object in the middle of others; this writes one out again.
void write(core::JsonWriter &out, const core::Json &value) {
    switch (value.kind()) {
    case core::Json::Kind::object:
        out.begin_object();
        for (const auto &[name, member] : value.members()) write(out.key(name), member);
        out.end_object();
        break;
    case core::Json::Kind::string: out.value(value.text()); break;
    default: out.raw(value.text());
    }
}

std::string text_of(const core::Json &value) {
    core::JsonWriter out;
    write(out, value);
    return out.take();
}

std::string light() {
    return vectors::read_text("keystore/geth_very_light_scrypt.json");
}

std::string changed(const std::string &from, const std::string &to) {
    std::string out = light();
    const auto at = out.find(from);
    REQUIRE(at != std::string::npos);
    return out.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("signer: the key files of geth's tests open, scrypt and pbkdf2, short keys too") {
    std::size_t count = 0;
    const auto document = vectors::load("keystore/geth_v3_test_vector.json");
    for (const auto &[name, test] : document.members()) {
        CAPTURE(name);
        const auto file = text_of(vectors::at(test, "json"));
        const auto opened = read_v3(file, Secret::from_text(vectors::text(test, "password")));
        REQUIRE(opened.ok());
        const std::string expected = vectors::text(test, "priv");
        CHECK(to_hex(opened->key.bytes()) == "0x" + std::string(64 - expected.size(), '0') + expected);
        CHECK_FALSE(opened->address.has_value());
        CHECK(read_v3(file, Secret::from_text("wrong")).status() == Status::wrong_key);
        ++count;
    }
    REQUIRE(count == 4);
}

TEST_CASE("signer: a file with an address and an empty password") {
    const auto opened = read_v3(light(), Secret());
    REQUIRE(opened.ok());
    testing::SimRandom random(1);
    REQUIRE(opened->address.has_value());
    CHECK(*crypto::Secp256k1(random).address_of(opened->key) == *opened->address);
    CHECK(to_hex(*opened->address) == "0x45dea0fb0bba44f4fcf290bba71fd57d7117cbb8");
}

TEST_CASE("signer: what is written reads back, and is different each time") {
    testing::SimRandom random(7);
    const crypto::Secp256k1 curve(random);
    const auto key = vectors::secret("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d");
    const auto address = *curve.address_of(key);
    const auto file = write_v3(key, address, Secret::from_text("pass"), {1024, 8, 1}, random);
    REQUIRE(file.ok());
    const auto opened = read_v3(*file, Secret::from_text("pass"));
    REQUIRE(opened.ok());
    CHECK(to_hex(opened->key.bytes()) == to_hex(key.bytes()));
    CHECK(opened->address == address);
    CHECK(read_v3(*file, Secret::from_text("Pass")).status() == Status::wrong_key);
    CHECK(file->find("7a28b5ba57c5") == std::string::npos);
    CHECK(*write_v3(key, address, Secret::from_text("pass"), {1024, 8, 1}, random) != *file);
    CHECK(write_v3(Secret(32), address, Secret::from_text("pass"), {1024, 8, 1}, random).error().field == "key");
    CHECK(write_v3(key, address, Secret::from_text("pass"), {1000, 8, 1}, random).error().field ==
          "crypto.kdfparams.n");
}

TEST_CASE("signer: a key file that is not right is refused by the name of what is wrong") {
    const auto field = [](const std::string &file) {
        const auto opened = read_v3(file, Secret());
        REQUIRE(opened.status() == Status::invalid);
        return opened.error().field;
    };
    CHECK(field("[]") == "key file");
    CHECK(field("{") == "key file");
    CHECK(field("{}") == "version");
    CHECK(field(changed("\"version\":3", "\"version\":1")) == "version");
    CHECK(field(changed("\"crypto\"", "\"cripto\"")) == "crypto");
    CHECK(field(changed("aes-128-ctr", "aes-256-ctr")) == "crypto.cipher");
    CHECK(field(changed("dc4926b4", "")) == "crypto.cipherparams.iv");
    CHECK(field(changed("\"ciphertext\":\"b87781948a", "\"ciphertext\":\"xx7781948a")) == "crypto.ciphertext");
    CHECK(field(changed("\"ciphertext\":\"", "\"ciphertext\":\"00")) == "crypto.ciphertext");
    CHECK(field(changed("\"mac\":\"39", "\"mac\":\"")) == "crypto.mac");
    CHECK(field(changed("\"kdf\":\"scrypt\"", "\"kdf\":\"argon2\"")) == "crypto.kdf");
    CHECK(field(changed("\"kdf\":\"scrypt\"", "\"kdf\":\"pbkdf2\"")) == "crypto.kdfparams.prf");
    CHECK(field(changed("\"dklen\":32", "\"dklen\":16")) == "crypto.kdfparams.dklen");
    CHECK(field(changed("\"n\":2,", "\"n\":3,")) == "crypto.kdfparams.n");
    CHECK(field(changed("\"n\":2,", "\"n\":2097152,")) == "crypto.kdfparams.n");  // 2 GiB
    CHECK(field(changed("\"n\":2,", "\"n\":1e9,")) == "crypto.kdfparams.n");
    CHECK(field(changed("\"n\":2,", "\"n\":-2,")) == "crypto.kdfparams.n");
    CHECK(field(changed("\"p\":1", "\"p\":4294967295")) == "crypto.kdfparams.p");
    CHECK(field(changed("\"r\":8", "\"r\":0")) == "crypto.kdfparams.r");
    CHECK(field(changed("\"r\":8", "\"r\":4294967295")) == "crypto.kdfparams.n");
    CHECK(field(changed("\"address\":\"45", "\"address\":\"")) == "address");
}

TEST_CASE("signer: a key file that was changed does not open") {
    CHECK(read_v3(changed("b87781948a", "b87781948b"), Secret()).status() == Status::wrong_key);
    CHECK(read_v3(changed("\"mac\":\"39", "\"mac\":\"38"), Secret()).status() == Status::wrong_key);
    CHECK(read_v3(changed("\"salt\":\"00", "\"salt\":\"01"), Secret()).status() == Status::wrong_key);
}
