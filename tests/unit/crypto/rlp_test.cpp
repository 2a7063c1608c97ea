#include "crypto/rlp.hpp"
#include "vectors.hpp"

using namespace remit;
using namespace remit::crypto;
using core::Json;

namespace {

void encode_number(Bytes &out, std::string_view digits) {
    const auto value = u256_from_decimal(digits, "in");
    if (value.ok()) return rlp_append_uint(out, *value);
    REQUIRE(digits == "115792089237316195423570985008687907853269984665640564039457584007913129639936");
    Bytes two_to_256(33);
    two_to_256[0] = 1;
    rlp_append_big_endian(out, two_to_256);
}

void encode(Bytes &out, const Json &in) {
    if (in.kind() == Json::Kind::array) {
        const std::size_t start = out.size();
        for (const auto &item : in.items()) encode(out, item);
        rlp_close_list(out, start);
    } else if (in.kind() == Json::Kind::number) {
        encode_number(out, in.text());
    } else if (in.text().starts_with('#')) {
        encode_number(out, std::string_view(in.text()).substr(1));
    } else {
        rlp_append_bytes(out, view(in.text()));
    }
}

// Whether the whole tree below is sound.
bool sound(const RlpItem &item) {
    if (!item.is_list) return true;
    const auto items = rlp_items(item);
    return items.ok() && std::all_of(items->begin(), items->end(), sound);
}

bool equal(const RlpItem &item, const Json &in) {
    if (in.kind() == Json::Kind::array) {
        const auto items = rlp_items(item);
        return items.ok() && items->size() == in.items().size() &&
               std::equal(items->begin(), items->end(), in.items().begin(), equal);
    }
    Bytes expected;
    encode(expected, in);
    return !item.is_list && std::equal(item.encoded.begin(), item.encoded.end(), expected.begin(), expected.end());
}

}  // namespace

TEST_CASE("crypto: RLP of all public vectors, both ways") {
    std::size_t count = 0;
    const auto document = vectors::load("crypto/rlptest.json");
    for (const auto &[name, test] : document.members()) {
        CAPTURE(name);
        Bytes out;
        encode(out, vectors::at(test, "in"));
        const auto expected = vectors::bytes(test, "out");
        CHECK(out == expected);
        const auto item = rlp_decode(expected);
        REQUIRE(item.ok());
        CHECK(equal(*item, vectors::at(test, "in")));
        ++count;
    }
    REQUIRE(count == 28);
}

TEST_CASE("crypto: all invalid RLP is refused") {
    std::size_t count = 0;
    const auto document = vectors::load("crypto/invalidRLPTest.json");
    for (const auto &[name, test] : document.members()) {
        CAPTURE(name);
        const auto encoded = vectors::bytes(test, "out");
        const auto item = rlp_decode(encoded);
        CHECK_FALSE((item.ok() && sound(*item)));
        ++count;
    }
    REQUIRE(count == 26);
}

TEST_CASE("crypto: RLP numbers have one form") {
    const auto read = [](const char *digits) {
        const auto encoded = vectors::unhex(digits);
        return rlp_u64(*rlp_decode(encoded), "nonce");
    };
    CHECK(*read("80") == 0);
    CHECK(*read("7f") == 127);
    CHECK(*read("88ffffffffffffffff") == ~0ULL);
    CHECK(read("00").error().field == "nonce");         // zero is the empty string
    CHECK(read("820001").status() == Status::invalid);  // a leading zero
    CHECK(read("89010000000000000000").status() == Status::invalid);
    CHECK(read("c0").status() == Status::invalid);
    const auto wide = vectors::unhex("a1" + std::string(66, 'f'));
    CHECK(rlp_u256(*rlp_decode(wide), "value").status() == Status::invalid);
}

TEST_CASE("crypto: an RLP length beyond memory is refused") {
    CHECK_FALSE(rlp_decode(vectors::unhex("bfffffffffffffffff")).ok());
    CHECK_FALSE(rlp_decode(vectors::unhex("ffffffffffffffffff")).ok());
    CHECK_FALSE(rlp_decode({}).ok());
}
