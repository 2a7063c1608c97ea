// Transactions: EIP-1559 (type 2, empty access list) and legacy (EIP-155).
#pragma once

#include <remit/bytes.hpp>
#include <remit/signature.hpp>
#include <remit/u256.hpp>

#include <cstdint>
#include <optional>

namespace remit::crypto {

struct TxFields {
    bool eip1559 = true;
    std::uint64_t chain_id = 0;  // a legacy transaction with 0 has no replay protection; only decode gives one
    std::uint64_t nonce = 0;
    std::uint64_t gas = 0;
    u256 max_fee;               // the gas price of a legacy transaction
    u256 priority_fee;          // not used by a legacy transaction
    std::optional<Address> to;  // empty: creates a contract
    u256 value;
    Bytes data;

    friend bool operator==(const TxFields &, const TxFields &) = default;
};

// What the sender signs.
Hash32 signing_digest(const TxFields &fields);

struct SignedTx {
    Bytes raw;
    Hash32 hash;
};
SignedTx assemble(const TxFields &fields, const Signature &signature);

struct DecodedTx {
    TxFields fields;
    Signature signature;
    Address sender;
    Hash32 hash;
};
// Takes canonical encodings with a valid low-s signature only. Invalid names the field; types other than 2
// and legacy, and access lists that are not empty, are Invalid too.
Result<DecodedTx> decode(ByteView raw);

}  // namespace remit::crypto
