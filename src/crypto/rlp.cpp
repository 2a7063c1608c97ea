#include "crypto/rlp.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace remit::crypto {
namespace {

constexpr std::uint8_t kString = 0x80, kList = 0xC0;
constexpr std::size_t kShort = 55;  // the longest payload whose length stands in the prefix itself

using Prefix = std::array<std::uint8_t, 9>;

// Writes the prefix of a payload and gives its length.
std::size_t make_prefix(Prefix &out, std::uint8_t kind, std::size_t length) noexcept {
    if (length <= kShort) {
        out[0] = static_cast<std::uint8_t>(kind + length);
        return 1;
    }
    const auto width = static_cast<std::size_t>((std::bit_width(length) + 7) / 8);
    out[0] = static_cast<std::uint8_t>(kind + kShort + width);
    for (std::size_t i = 0; i < width; ++i) out[1 + i] = static_cast<std::uint8_t>(length >> (8 * (width - 1 - i)));
    return 1 + width;
}

Error malformed(const char *text) {
    return invalid("rlp", text);
}

// The length that stands in `width` bytes after the prefix.
Result<std::size_t> long_length(ByteView in, std::size_t width) {
    if (in.size() < 1 + width) return malformed("ends within a length");
    if (in[1] == 0) return malformed("has a length with a leading zero");
    std::size_t length = 0;
    for (std::size_t i = 1; i <= width; ++i) length = length << 8 | in[i];
    if (length <= kShort) return malformed("has a long form where the short one belongs");
    return length;
}

// The first item of `in`.
Result<RlpItem> first_item(ByteView in) {
    if (in.empty()) return malformed("is empty");
    const std::uint8_t prefix = in[0];
    if (prefix < kString) return RlpItem{false, in.first(1), in.first(1)};
    const bool is_list = prefix >= kList;
    const std::size_t short_length = static_cast<std::size_t>(prefix - (is_list ? kList : kString));
    std::size_t head = 1, length = short_length;
    if (short_length > kShort) {
        head += short_length - kShort;
        REMIT_TRY(length, long_length(in, short_length - kShort));
    }
    if (length > in.size() - head) return malformed("ends within an item");
    const RlpItem item{is_list, in.subspan(head, length), in.first(head + length)};
    if (!is_list && length == 1 && item.payload[0] < kString)
        return malformed("has a prefix before a byte that needs none");
    return item;
}

}  // namespace

void rlp_append_bytes(Bytes &out, ByteView value) {
    if (value.size() != 1 || value[0] >= kString) {
        Prefix prefix;
        const std::size_t size = make_prefix(prefix, kString, value.size());
        out.insert(out.end(), prefix.begin(), prefix.begin() + static_cast<std::ptrdiff_t>(size));
    }
    out.insert(out.end(), value.begin(), value.end());
}

void rlp_append_big_endian(Bytes &out, ByteView number) {
    const auto first = std::ranges::find_if(number, [](std::uint8_t b) { return b != 0; });
    rlp_append_bytes(out, number.subspan(static_cast<std::size_t>(first - number.begin())));
}

void rlp_append_uint(Bytes &out, const u256 &value) {
    rlp_append_big_endian(out, to_be_bytes(value));
}

void rlp_append_uint(Bytes &out, std::uint64_t value) {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    rlp_append_big_endian(out, bytes);
}

void rlp_close_list(Bytes &out, std::size_t start) {
    Prefix prefix;
    const std::size_t size = make_prefix(prefix, kList, out.size() - start);
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(start), prefix.begin(),
               prefix.begin() + static_cast<std::ptrdiff_t>(size));
}

Result<RlpItem> rlp_decode(ByteView encoded) {
    REMIT_TRY(const RlpItem item, first_item(encoded));
    if (item.encoded.size() != encoded.size()) return malformed("goes on after its item");
    return item;
}

Result<std::vector<RlpItem>> rlp_items(const RlpItem &list) {
    if (!list.is_list) return malformed("has a string where a list belongs");
    std::vector<RlpItem> items;
    for (ByteView rest = list.payload; !rest.empty();) {
        REMIT_TRY(const RlpItem item, first_item(rest));
        rest = rest.subspan(item.encoded.size());
        items.push_back(item);
    }
    return items;
}

Result<u256> rlp_u256(const RlpItem &item, std::string_view field) {
    if (item.is_list) return invalid(std::string(field), "must be a number, not a list");
    if (item.payload.size() > 32) return invalid(std::string(field), "is above 2^256 - 1");
    if (!item.payload.empty() && item.payload[0] == 0) return invalid(std::string(field), "has a leading zero");
    return u256_from_be_bytes(item.payload, field);
}

Result<std::uint64_t> rlp_u64(const RlpItem &item, std::string_view field) {
    REMIT_TRY(const u256 value, rlp_u256(item, field));
    if (!value.fits_u64()) return invalid(std::string(field), "is above 2^64 - 1");
    return value.low();
}

}  // namespace remit::crypto
