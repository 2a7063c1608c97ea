// Signed transactions, read as a node reads them: canonical RLP, low s, sender recovered. Written apart from
// the encoder that it checks.
#include <remit/testing/evm_chain.hpp>

#include "crypto/hash.hpp"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>

namespace remit::testing {

namespace {

Error refuse(const char *text) {
    return error(Status::refused, text);
}

// One RLP item inside a list: what it holds, and where it ends.
struct Item {
    bool is_list = false;
    ByteView payload;
    std::size_t end = 0;  // offset behind it
};

Result<std::size_t> long_length(ByteView in, std::size_t at, std::size_t width) {
    if (width > 4 || at + width > in.size()) return refuse("rlp: value size exceeds available input length");
    std::size_t size = 0;
    for (std::size_t i = 0; i < width; ++i) size = size << 8 | in[at + i];
    if (in[at] == 0 || size < 56) return refuse("rlp: non-canonical size information");
    return size;
}

Result<Item> read_item(ByteView in, std::size_t at) {
    if (at >= in.size()) return refuse("rlp: too few elements");
    const std::uint8_t head = in[at];
    if (head < 0x80) return Item{false, in.subspan(at, 1), at + 1};
    const bool is_list = head >= 0xc0;
    const std::uint8_t base = is_list ? 0xc0 : 0x80;
    std::size_t start = at + 1;
    std::size_t size = static_cast<std::size_t>(head - base);
    if (size > 55) {
        const std::size_t width = size - 55;
        REMIT_TRY(size, long_length(in, start, width));
        start += width;
    }
    if (size > in.size() - start) return refuse("rlp: value size exceeds available input length");
    if (!is_list && size == 1 && in[start] < 0x80) return refuse("rlp: non-canonical size information");
    return Item{is_list, in.subspan(start, size), start + size};
}

Result<u256> number(const Item &item) {
    if (item.is_list) return refuse("rlp: expected input string or byte");
    if (!item.payload.empty() && item.payload[0] == 0) return refuse("rlp: non-canonical integer (leading zero bytes)");
    if (item.payload.size() > 32) return refuse("rlp: input string too long");
    return u256_from_be_bytes(item.payload, "rlp");
}

Result<std::uint64_t> small(const Item &item) {
    REMIT_TRY(const u256 value, number(item));
    if (!value.fits_u64()) return refuse("rlp: input string too long for uint64");
    return value.low();
}

// The header of a list whose payload has `size` bytes.
Bytes list_header(std::size_t size) {
    if (size < 56) return {static_cast<std::uint8_t>(0xc0 + size)};
    Bytes length;
    for (std::size_t rest = size; rest != 0; rest >>= 8) length.insert(length.begin(), static_cast<std::uint8_t>(rest));
    length.insert(length.begin(), static_cast<std::uint8_t>(0xf7 + length.size()));
    return length;
}

Bytes encode_small(std::uint64_t value) {
    Bytes digits;
    for (; value != 0; value >>= 8) digits.insert(digits.begin(), static_cast<std::uint8_t>(value));
    if (digits.size() == 1 && digits[0] < 0x80) return digits;
    digits.insert(digits.begin(), static_cast<std::uint8_t>(0x80 + digits.size()));
    return digits;
}

Result<Address> recover(const Hash32 &digest, const Item &r, const Item &s, std::uint64_t parity) {
    REMIT_TRY(const u256 r_value, number(r));
    REMIT_TRY(const u256 s_value, number(s));
    u256 half;  // of the group order
    half.words = {0xdfe92f46681b20a0ULL, 0x5d576e7357a4501dULL, ~0ULL, 0x7fffffffffffffffULL};
    if (parity > 1 || r_value.is_zero() || s_value.is_zero() || s_value > half) return refuse("invalid sender");
    std::array<std::uint8_t, 64> compact{};
    const auto r_bytes = to_be_bytes(r_value), s_bytes = to_be_bytes(s_value);
    std::copy(r_bytes.begin(), r_bytes.end(), compact.begin());
    std::copy(s_bytes.begin(), s_bytes.end(), compact.begin() + 32);

    const secp256k1_context *context = secp256k1_context_static;
    secp256k1_ecdsa_recoverable_signature signature;
    secp256k1_pubkey key;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, compact.data(),
                                                            static_cast<int>(parity)) != 1 ||
        secp256k1_ecdsa_recover(context, &key, &signature, digest.bytes.data()) != 1)
        return refuse("invalid sender");
    std::array<std::uint8_t, 65> point{};
    std::size_t size = point.size();
    secp256k1_ec_pubkey_serialize(context, point.data(), &size, &key, SECP256K1_EC_UNCOMPRESSED);
    const Hash32 hash = crypto::keccak256(ByteView(point).subspan(1));
    Address out;
    std::copy(hash.bytes.begin() + 12, hash.bytes.end(), out.bytes.begin());
    return out;
}

Result<void> take_target(SimTransaction &tx, const Item &to, const Item &data) {
    if (to.is_list || data.is_list) return refuse("rlp: expected input string or byte");
    if (!to.payload.empty()) {
        Result<Address> target = fixed_from_bytes<Address>(to.payload, "to");
        if (!target) return refuse("rlp: input string too short for common.Address");
        tx.to = *target;
    }
    tx.data.assign(data.payload.begin(), data.payload.end());
    return {};
}

// The list's items; `ends` of each is an offset into the list's payload.
Result<std::vector<Item>> read_list(ByteView in, std::size_t count, ByteView &payload) {
    REMIT_TRY(const Item list, read_item(in, 0));
    if (!list.is_list) return refuse("rlp: expected input list");
    if (list.end != in.size()) return refuse("rlp: input contains more than one value");
    payload = list.payload;
    std::vector<Item> items;
    for (std::size_t at = 0; at < payload.size(); at = items.back().end) {
        REMIT_TRY(Item item, read_item(payload, at));
        items.push_back(item);
    }
    if (items.size() < count) return refuse("rlp: too few elements");
    if (items.size() > count) return refuse("rlp: input list has too many elements");
    return items;
}

// EIP-1559: 2, then chain, nonce, tip, max fee, gas, to, value, data, access list, parity, r, s.
Result<void> decode_dynamic(ByteView raw, std::uint64_t chain_id, SimTransaction &tx) {
    ByteView payload;
    REMIT_TRY(const std::vector<Item> item, read_list(raw.subspan(1), 12, payload));
    REMIT_TRY(const std::uint64_t chain, small(item[0]));
    if (chain != chain_id) return refuse("invalid sender: invalid chain id for signer");
    REMIT_TRY(tx.nonce, small(item[1]));
    REMIT_TRY(tx.tip, number(item[2]));
    REMIT_TRY(tx.max_fee, number(item[3]));
    REMIT_TRY(tx.gas, small(item[4]));
    REMIT_CHECK(take_target(tx, item[5], item[7]));
    REMIT_TRY(tx.value, number(item[6]));
    if (!item[8].is_list) return refuse("rlp: expected input list for types.AccessList");
    REMIT_TRY(const std::uint64_t parity, small(item[9]));
    Bytes signed_part{2};
    const Bytes header = list_header(item[8].end);
    signed_part.insert(signed_part.end(), header.begin(), header.end());
    signed_part.insert(signed_part.end(), payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(item[8].end));
    REMIT_TRY(tx.from, recover(crypto::keccak256(signed_part), item[10], item[11], parity));
    tx.type = 2;
    return {};
}

// EIP-155: nonce, gas price, gas, to, value, data, v, r, s.
Result<void> decode_legacy(ByteView raw, std::uint64_t chain_id, SimTransaction &tx) {
    ByteView payload;
    REMIT_TRY(const std::vector<Item> item, read_list(raw, 9, payload));
    REMIT_TRY(tx.nonce, small(item[0]));
    REMIT_TRY(tx.max_fee, number(item[1]));
    tx.tip = tx.max_fee;
    REMIT_TRY(tx.gas, small(item[2]));
    REMIT_CHECK(take_target(tx, item[3], item[5]));
    REMIT_TRY(tx.value, number(item[4]));
    REMIT_TRY(const std::uint64_t v, small(item[6]));
    if (v == 27 || v == 28) return refuse("only replay-protected (EIP-155) transactions allowed over RPC");
    if (v != 35 + 2 * chain_id && v != 36 + 2 * chain_id) return refuse("invalid sender: invalid chain id for signer");
    Bytes body(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(item[5].end));
    const Bytes chain = encode_small(chain_id);
    body.insert(body.end(), chain.begin(), chain.end());
    body.insert(body.end(), {0x80, 0x80});
    Bytes signed_part = list_header(body.size());
    signed_part.insert(signed_part.end(), body.begin(), body.end());
    REMIT_TRY(tx.from, recover(crypto::keccak256(signed_part), item[7], item[8], v - 35 - 2 * chain_id));
    return {};
}

}  // namespace

Result<SimTransaction> decode_transaction(ByteView raw, std::uint64_t chain_id) {
    if (raw.empty()) return refuse("typed transaction too short");
    SimTransaction tx;
    if (raw[0] >= 0xc0)
        REMIT_CHECK(decode_legacy(raw, chain_id, tx));
    else if (raw[0] == 2)
        REMIT_CHECK(decode_dynamic(raw, chain_id, tx));
    else
        return refuse("transaction type not supported");
    tx.raw.assign(raw.begin(), raw.end());
    tx.hash = crypto::keccak256(raw);
    return tx;
}

}  // namespace remit::testing
