#include "crypto/ecdsa.hpp"
#include "crypto/hash.hpp"
#include "crypto/transaction.hpp"
#include "vectors.hpp"

#include <map>

using namespace remit;
using namespace remit::crypto;

namespace {

class FixedRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) noexcept override { std::fill(out.begin(), out.end(), std::uint8_t{7}); }
};

u256 decimal(const core::Json &object, std::string_view name) {
    auto value = vectors::at(object, name).as_u256(name);
    REQUIRE(value.ok());
    return *value;
}

std::optional<Address> to_of(const core::Json &object) {
    const auto &to = vectors::at(object, "to");
    if (to.is_null() || to.text().empty()) return std::nullopt;
    return vectors::fixed<Address>(to.text());
}

// What a block asks beyond the transaction's own form: gas for its bytes (Shanghai's rule for creation).
std::uint64_t intrinsic_gas(const TxFields &fields) {
    std::uint64_t gas = fields.to ? 21'000 : 53'000;
    for (const auto byte : fields.data) gas += byte == 0 ? 4 : 16;
    return fields.to ? gas : gas + (fields.data.size() + 31) / 32 * 2;
}

}  // namespace

TEST_CASE("crypto: transactions signed by ethers are made byte for byte, and read back") {
    FixedRandom random;
    const Secp256k1 curve(random);
    std::map<bool, std::size_t> count;
    const auto document = vectors::load("crypto/ethers_transactions.json");
    for (const auto &test : document.items()) {
        TxFields fields;
        fields.eip1559 = vectors::at(test, "eip1559").boolean();
        fields.chain_id = decimal(test, "chain_id").low();
        fields.nonce = decimal(test, "nonce").low();
        fields.gas = decimal(test, "gas").low();
        fields.max_fee = decimal(test, "max_fee");
        fields.priority_fee = decimal(test, "priority_fee");
        fields.to = to_of(test);
        fields.value = decimal(test, "value");
        fields.data = vectors::bytes(test, "data");
        const auto digest = signing_digest(fields);
        CHECK(to_hex(digest) == vectors::text(test, "digest"));
        const auto signature = curve.sign(vectors::secret(vectors::text(test, "key")), digest);
        REQUIRE(signature.ok());
        const auto tx = assemble(fields, *signature);
        CHECK(to_hex(tx.raw) == vectors::text(test, "raw"));
        CHECK(to_hex(tx.hash) == vectors::text(test, "hash"));

        const auto decoded = decode(tx.raw);
        REQUIRE(decoded.ok());
        CHECK(decoded->fields == fields);
        CHECK(decoded->hash == tx.hash);
        CHECK(decoded->sender == vectors::fixed<Address>(vectors::text(test, "sender")));
        CHECK(decoded->signature.s == signature->s);
        ++count[fields.eip1559];
    }
    REQUIRE(count[true] == 40);
    REQUIRE(count[false] == 20);
}

TEST_CASE("crypto: the EIP-155 vectors recover to their senders") {
    std::size_t count = 0;
    const auto document = vectors::load("crypto/eip155_vitalik_vectors.json");
    for (const auto &test : document.items()) {
        const auto raw = vectors::bytes(test, "rlp");
        const auto decoded = decode(raw);
        REQUIRE(decoded.ok());
        CHECK(decoded->fields.chain_id == 1);
        CHECK(decoded->sender == vectors::fixed<Address>(vectors::text(test, "sender")));
        CHECK(assemble(decoded->fields, decoded->signature).raw == raw);
        ++count;
    }
    REQUIRE(count == 10);
}

TEST_CASE("crypto: the oldest published transactions, from before EIP-155") {
    FixedRandom random;
    const Secp256k1 curve(random);
    std::size_t count = 0, low = 0;
    const auto document = vectors::load("crypto/txtest.json");
    for (const auto &test : document.items()) {
        TxFields fields;
        fields.eip1559 = false;
        fields.nonce = decimal(test, "nonce").low();
        fields.max_fee = decimal(test, "gasprice");
        fields.gas = decimal(test, "startgas").low();
        fields.to = to_of(test);
        fields.value = decimal(test, "value");
        fields.data = vectors::bytes(test, "data");
        const auto sender = curve.address_of(vectors::secret(vectors::text(test, "key")));
        REQUIRE(sender.ok());

        // The signatures are of before RFC 6979 and EIP-2: one is taken, one has its s in the high half.
        const auto raw = vectors::bytes(test, "signed");
        const auto decoded = decode(raw);
        if (decoded.ok()) {
            CHECK(decoded->fields == fields);
            CHECK(decoded->sender == *sender);
            CHECK(assemble(fields, decoded->signature).raw == raw);
            ++low;
        } else {
            CHECK(decoded.error().field == "s");
        }
        ++count;
    }
    REQUIRE(count == 2);
    REQUIRE(low == 1);
}

TEST_CASE("crypto: the transaction tests of Ethereum, as of the newest fork that each one names") {
    std::map<std::string, std::size_t> count;
    const auto document = vectors::load("crypto/ethereum_transaction_tests.json");
    for (const auto &test : document.items()) {
        CAPTURE(vectors::text(test, "name"));
        ++count[vectors::text(test, "fork")];
        const auto raw = vectors::bytes(test, "txbytes");
        const auto decoded = decode(raw);
        if (!raw.empty() && raw[0] == 0x01) {  // EIP-2930: not a type that we send
            CHECK_FALSE(decoded.ok());
            ++count["access lists"];
        } else if (test.find("exception") == nullptr) {
            REQUIRE(decoded.ok());
            CHECK(to_hex(decoded->hash) == vectors::text(test, "hash"));
            CHECK(decoded->sender == vectors::fixed<Address>(vectors::text(test, "sender")));
            CHECK(assemble(decoded->fields, decoded->signature).raw == raw);
            CHECK(u256(intrinsic_gas(decoded->fields)) ==
                  *u256_from_quantity(vectors::text(test, "intrinsicGas"), "gas"));
            ++count["valid"];
        } else if (decoded.ok()) {
            // What remains for the chain's side to refuse: another chain's id, and gas below the minimum.
            const auto &fields = decoded->fields;
            const bool other_chain = fields.chain_id > 1;
            CHECK((other_chain || fields.gas < intrinsic_gas(fields)));
            CAPTURE(fields.chain_id);
            CHECK(vectors::text(test, "exception") == (other_chain ? "TransactionException.INVALID_CHAINID"
                                                                   : "TransactionException.INTRINSIC_GAS_TOO_LOW"));
            ++count[other_chain ? "other chain" : "too little gas"];
        } else {
            CHECK(decoded.status() == Status::invalid);
            CHECK_FALSE(decoded.error().field.empty());
            ++count["refused"];
        }
    }
    REQUIRE(document.items().size() == 199);
    const std::map<std::string, std::size_t> expected = {{"Cancun", 138},       {"Shanghai", 59},   {"London", 2},
                                                         {"valid", 42},         {"refused", 130},   {"other chain", 18},
                                                         {"too little gas", 2}, {"access lists", 7}};
    REQUIRE(count == expected);
}

TEST_CASE("crypto: a signed transaction that was touched is refused or has another sender and hash") {
    FixedRandom random;
    const Secp256k1 curve(random);
    const auto key = vectors::secret("c85ef7d79691fe79573b1a7064c19c1a9819ebdbd1faaab1a8ec92344438aaf4");
    TxFields fields;
    fields.chain_id = 31337;
    fields.nonce = 7;
    fields.gas = 60'000;
    fields.max_fee = 2'000'000'000;
    fields.priority_fee = 1'000'000'000;
    fields.to = Address{};
    fields.data = Bytes(68, 0xAB);
    const auto tx = assemble(fields, *curve.sign(key, signing_digest(fields)));
    const auto sender = *curve.address_of(key);
    REQUIRE(decode(tx.raw)->sender == sender);
    for (std::size_t i = 0; i < tx.raw.size(); ++i) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes touched = tx.raw;
            touched[i] = static_cast<std::uint8_t>(touched[i] ^ (1U << bit));
            const auto decoded = decode(touched);
            if (decoded.ok()) CHECK((decoded->sender != sender && decoded->hash != tx.hash));
        }
        CHECK_FALSE(decode(ByteView(tx.raw).first(i)).ok());
    }
}

TEST_CASE("crypto: an access list with something in it is refused by name") {
    FixedRandom random;
    const Secp256k1 curve(random);
    TxFields fields;
    fields.chain_id = 1;
    const auto tx = assemble(fields, *curve.sign(vectors::secret(std::string(62, '0') + "01"), signing_digest(fields)));
    REQUIRE(decode(tx.raw).ok());
    // 0x02, list prefix, then nine items; the list of one empty string in place of the empty one.
    Bytes raw = tx.raw;
    const auto list = std::find(raw.begin() + 3, raw.end(), std::uint8_t{0xC0});
    REQUIRE(list != raw.end());
    *list = 0xC1;
    raw.insert(std::find(raw.begin() + 3, raw.end(), std::uint8_t{0xC1}) + 1, std::uint8_t{0x80});
    raw[2] = static_cast<std::uint8_t>(raw[2] + 1);
    const auto refused = decode(raw);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().field == "access_list");
}
