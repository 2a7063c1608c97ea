#include "crypto/transaction.hpp"

#include "crypto/ecdsa.hpp"
#include "crypto/hash.hpp"
#include "crypto/rlp.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace remit::crypto {
namespace {

constexpr std::uint8_t kType1559 = 0x02;
constexpr std::uint8_t kFirstList = 0xC0;
constexpr std::uint64_t kV = 27, kV155 = 35;
constexpr std::size_t kOverhead = 300;  // more than all fields but the data ever take

void append_to_value_data(Bytes &out, const TxFields &fields) {
    rlp_append_bytes(out, fields.to ? ByteView(*fields.to) : ByteView());
    rlp_append_uint(out, fields.value);
    rlp_append_bytes(out, fields.data);
}

// The fields in the order in which they are signed, without what closes the list.
Bytes begin_1559(const TxFields &fields) {
    Bytes out;
    out.reserve(fields.data.size() + kOverhead);
    out.push_back(kType1559);
    rlp_append_uint(out, fields.chain_id);
    rlp_append_uint(out, fields.nonce);
    rlp_append_uint(out, fields.priority_fee);
    rlp_append_uint(out, fields.max_fee);
    rlp_append_uint(out, fields.gas);
    append_to_value_data(out, fields);
    out.push_back(kFirstList);  // the empty access list
    return out;
}

Bytes begin_legacy(const TxFields &fields) {
    Bytes out;
    out.reserve(fields.data.size() + kOverhead);
    rlp_append_uint(out, fields.nonce);
    rlp_append_uint(out, fields.max_fee);
    rlp_append_uint(out, fields.gas);
    append_to_value_data(out, fields);
    return out;
}

// v of EIP-155, which for a chain id above 2^63 no longer fits 64 bits.
u256 legacy_v(const TxFields &fields, std::uint8_t recovery_id) {
    if (fields.chain_id == 0) return kV + recovery_id;
    return saturating_add(saturating_add(fields.chain_id, fields.chain_id), kV155 + recovery_id);
}

Result<std::optional<Address>> read_to(const RlpItem &item) {
    if (item.is_list) return invalid("to", "must be an address, not a list");
    if (item.payload.empty()) return std::optional<Address>();
    REMIT_TRY(const Address to, fixed_from_bytes<Address>(item.payload, "to"));
    return std::optional<Address>(to);
}

// gas * price must fit 256 bits, or no balance could pay for it.
Result<void> check_fees(const TxFields &fields) {
    if (!mul(fields.gas, fields.max_fee).ok()) return invalid("gas", "times the fee is above 2^256 - 1");
    if (fields.eip1559 && fields.priority_fee > fields.max_fee) return invalid("priority_fee", "is above max_fee");
    // EIP-2681.
    if (fields.nonce == std::numeric_limits<std::uint64_t>::max()) return invalid("nonce", "must be below 2^64 - 1");
    return {};
}

Result<void> read_to_value_data(std::span<const RlpItem> items, TxFields &fields) {
    REMIT_TRY(fields.to, read_to(items[0]));
    REMIT_TRY(fields.value, rlp_u256(items[1], "value"));
    if (items[2].is_list) return invalid("data", "must be bytes, not a list");
    fields.data.assign(items[2].payload.begin(), items[2].payload.end());
    return {};
}

Result<Signature> read_signature(const RlpItem &r, const RlpItem &s, std::uint8_t recovery_id) {
    Signature out;
    REMIT_TRY(const u256 r_value, rlp_u256(r, "r"));
    REMIT_TRY(const u256 s_value, rlp_u256(s, "s"));
    out.r = to_be_bytes(r_value);
    out.s = to_be_bytes(s_value);
    out.recovery_id = recovery_id;
    if (r_value.is_zero()) return invalid("r", "must not be zero");
    if (s_value.is_zero() || !is_low_s(out.s)) return invalid("s", "must be in the lower half of the group order");
    return out;
}

Result<DecodedTx> decode_1559(ByteView raw) {
    REMIT_TRY(const RlpItem list, rlp_decode(raw.subspan(1)));
    REMIT_TRY(const auto items, rlp_items(list));
    if (items.size() != 12) return invalid("raw", "an EIP-1559 transaction has 12 fields");
    DecodedTx out;
    TxFields &fields = out.fields;
    REMIT_TRY(fields.chain_id, rlp_u64(items[0], "chain_id"));
    REMIT_TRY(fields.nonce, rlp_u64(items[1], "nonce"));
    REMIT_TRY(fields.priority_fee, rlp_u256(items[2], "priority_fee"));
    REMIT_TRY(fields.max_fee, rlp_u256(items[3], "max_fee"));
    REMIT_TRY(fields.gas, rlp_u64(items[4], "gas"));
    REMIT_CHECK(read_to_value_data(std::span(items).subspan(5, 3), fields));
    if (!items[8].is_list || !items[8].payload.empty()) return invalid("access_list", "must be empty");
    REMIT_TRY(const std::uint64_t parity, rlp_u64(items[9], "v"));
    if (parity > 1) return invalid("v", "must be 0 or 1");
    REMIT_TRY(out.signature, read_signature(items[10], items[11], static_cast<std::uint8_t>(parity)));
    return out;
}

Result<DecodedTx> decode_legacy(ByteView raw) {
    REMIT_TRY(const RlpItem list, rlp_decode(raw));
    REMIT_TRY(const auto items, rlp_items(list));
    if (items.size() != 9) return invalid("raw", "a legacy transaction has 9 fields");
    DecodedTx out;
    TxFields &fields = out.fields;
    fields.eip1559 = false;
    REMIT_TRY(fields.nonce, rlp_u64(items[0], "nonce"));
    REMIT_TRY(fields.max_fee, rlp_u256(items[1], "gas_price"));
    REMIT_TRY(fields.gas, rlp_u64(items[2], "gas"));
    REMIT_CHECK(read_to_value_data(std::span(items).subspan(3, 3), fields));
    REMIT_TRY(const std::uint64_t v, rlp_u64(items[6], "v"));
    std::uint64_t parity = v - kV;
    if (v >= kV155) {
        fields.chain_id = (v - kV155) / 2;
        if (fields.chain_id == 0) return invalid("v", "names chain id 0");
        parity = (v - kV155) % 2;
    } else if (v != kV && v != kV + 1) {
        return invalid("v", "must be 27, 28 or at least 37");
    }
    REMIT_TRY(out.signature, read_signature(items[7], items[8], static_cast<std::uint8_t>(parity)));
    return out;
}

}  // namespace

Hash32 signing_digest(const TxFields &fields) {
    if (fields.eip1559) {
        Bytes out = begin_1559(fields);
        rlp_close_list(out, 1);
        return keccak256(out);
    }
    Bytes out = begin_legacy(fields);
    if (fields.chain_id != 0) {
        rlp_append_uint(out, fields.chain_id);
        rlp_append_uint(out, std::uint64_t{0});
        rlp_append_uint(out, std::uint64_t{0});
    }
    rlp_close_list(out, 0);
    return keccak256(out);
}

SignedTx assemble(const TxFields &fields, const Signature &signature) {
    SignedTx out;
    out.raw = fields.eip1559 ? begin_1559(fields) : begin_legacy(fields);
    if (fields.eip1559)
        rlp_append_uint(out.raw, std::uint64_t{signature.recovery_id});
    else
        rlp_append_uint(out.raw, legacy_v(fields, signature.recovery_id));
    rlp_append_big_endian(out.raw, signature.r);
    rlp_append_big_endian(out.raw, signature.s);
    rlp_close_list(out.raw, fields.eip1559 ? 1 : 0);
    out.hash = keccak256(out.raw);
    return out;
}

Result<DecodedTx> decode(ByteView raw) {
    if (raw.empty()) return invalid("raw", "is empty");
    if (raw[0] != kType1559 && raw[0] < kFirstList) return invalid("raw", "is of a transaction type not supported");
    REMIT_TRY(DecodedTx out, raw[0] == kType1559 ? decode_1559(raw) : decode_legacy(raw));
    REMIT_CHECK(check_fees(out.fields));
    out.hash = keccak256(raw);
    REMIT_TRY(out.sender, Secp256k1::recover(signing_digest(out.fields), out.signature));
    return out;
}

}  // namespace remit::crypto
