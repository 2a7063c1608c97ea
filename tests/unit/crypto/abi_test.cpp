#include "crypto/abi.hpp"
#include "crypto/hash.hpp"
#include "vectors.hpp"

using namespace remit;
using namespace remit::crypto;

namespace {

std::string selector(std::string_view signature) {
    return to_hex(ByteView(keccak256(view(signature))).first(4));
}
std::string word(const char *digits) {
    return std::string(64 - std::string_view(digits).size(), '0') + digits;
}

Hash32 topic_of(const Address &address) {
    Hash32 topic;
    std::copy(address.bytes.begin(), address.bytes.end(), topic.bytes.begin() + 12);
    return topic;
}

}  // namespace

TEST_CASE("crypto: the calls have the selectors of their signatures") {
    CHECK(to_hex(abi_decimals()) == selector("decimals()"));
    CHECK(to_hex(abi_symbol()) == selector("symbol()"));
    CHECK(to_hex(abi_balance_of({})).substr(0, 10) == selector("balanceOf(address)"));
    CHECK(to_hex(abi_transfer({}, 0)).substr(0, 10) == selector("transfer(address,uint256)"));
    CHECK(transfer_topic() == keccak256(view("Transfer(address,address,uint256)")));
}

TEST_CASE("crypto: words are those of the public ABI vectors") {
    const auto document = vectors::load("crypto/abi_basic.json");
    REQUIRE(document.members().size() == 3);
    const auto &single = vectors::at(document, "SingleInteger");
    CHECK(*abi_decode_uint256(vectors::bytes(single, "result"), "x") == u256(98127491));

    // (uint256, address) there, (address, uint256) in transfer.
    const auto &pair = vectors::at(document, "IntegerAndAddress");
    const auto address = vectors::fixed<Address>(vectors::at(pair, "args").items()[1].text());
    const std::string expected = vectors::text(pair, "result");
    CHECK(to_hex(abi_transfer(address, 324124)).substr(10) == expected.substr(64) + expected.substr(0, 64));
    CHECK(to_hex(abi_balance_of(address)).substr(10) == expected.substr(64));
}

TEST_CASE("crypto: a returned number is one word") {
    CHECK(*abi_decode_uint256(Bytes(32, 0xFF), "balance") == u256::max());
    CHECK(abi_decode_uint256({}, "balance").status() == Status::invalid);
    CHECK(abi_decode_uint256(Bytes(64), "balance").status() == Status::invalid);
}

TEST_CASE("crypto: a symbol is a string or a bytes32") {
    const auto decode = [](const std::string &digits) { return abi_decode_symbol(vectors::unhex(digits), "symbol"); };
    const std::string mkr = "4d4b520000000000000000000000000000000000000000000000000000000000";
    const std::string usdt = word("20") + word("4") + "55534454" + std::string(56, '0');
    REQUIRE(decode(mkr).ok());
    CHECK(*decode(mkr) == "MKR");
    REQUIRE(decode(usdt).ok());
    CHECK(*decode(usdt) == "USDT");
    CHECK_FALSE(decode("").ok());
    CHECK_FALSE(decode(word("0")).ok());                                      // empty
    CHECK_FALSE(decode(word("40") + word("4") + word("0")).ok());             // an offset elsewhere
    CHECK_FALSE(decode(word("20") + word("21") + word("0")).ok());            // longer than what is there
    CHECK_FALSE(decode(word("20") + std::string(64, 'f') + word("0")).ok());  // far longer
    CHECK_FALSE(decode("0a" + mkr.substr(2)).ok());                           // not printable
    CHECK_FALSE(decode("4d00" + mkr.substr(0, 60)).ok());                     // text after the end
}

TEST_CASE("crypto: a Transfer log is taken to the letter only") {
    const auto from = vectors::fixed<Address>("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");
    const auto to = vectors::fixed<Address>("0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359");
    const Bytes data = vectors::unhex(word("0f4240"));
    const std::vector<Hash32> good = {transfer_topic(), topic_of(from), topic_of(to)};
    const auto log = parse_transfer(good, data);
    REQUIRE(log.has_value());
    CHECK(log->from == from);
    CHECK(log->to == to);
    CHECK(log->amount == u256(1'000'000));

    CHECK_FALSE(parse_transfer({}, data).has_value());
    CHECK_FALSE(parse_transfer(std::span(good).first(2), data).has_value());
    CHECK_FALSE(parse_transfer(good, Bytes(31)).has_value());
    CHECK_FALSE(parse_transfer(good, Bytes(64)).has_value());
    auto bad = good;
    bad.push_back({});  // as ERC-721
    CHECK_FALSE(parse_transfer(bad, data).has_value());
    for (std::size_t topic : {0U, 1U, 2U}) {
        bad = good;
        bad[topic].bytes[11] ^= 1;
        CHECK_FALSE(parse_transfer(bad, data).has_value());
    }
}
