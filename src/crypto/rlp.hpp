// RLP, the encoding of Ethereum's transactions. Reading is strict: only the one canonical form is taken.
#pragma once

#include <remit/bytes.hpp>
#include <remit/u256.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace remit::crypto {

// All append to `out`; reserve it once and nothing else is allocated.
void rlp_append_bytes(Bytes &out, ByteView value);
void rlp_append_uint(Bytes &out, std::uint64_t value);
void rlp_append_uint(Bytes &out, const u256 &value);
void rlp_append_big_endian(Bytes &out, ByteView number);  // any width; leading zeros go
// Makes a list of all that was appended from `start` on.
void rlp_close_list(Bytes &out, std::size_t start);

// One item of an encoding; views into it.
struct RlpItem {
    bool is_list = false;
    ByteView payload;  // the bytes of a string, the encoded items of a list
    ByteView encoded;  // the whole item with its prefix
};

// Exactly one item, with nothing after it. A list's own items are not looked at yet.
Result<RlpItem> rlp_decode(ByteView encoded);
// The items of a list, one level down. Invalid for a string.
Result<std::vector<RlpItem>> rlp_items(const RlpItem &list);
// A string's number: no leading zero, at most 32 (8) bytes.
Result<u256> rlp_u256(const RlpItem &item, std::string_view field);
Result<std::uint64_t> rlp_u64(const RlpItem &item, std::string_view field);

}  // namespace remit::crypto
