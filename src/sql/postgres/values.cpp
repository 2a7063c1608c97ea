#include "sql/postgres/values.hpp"

#include <charconv>
#include <cstring>

namespace remit::sql::pg {
namespace {

// PostgreSQL's numbers of its types (pg_type); they never change.
constexpr Oid kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kNumeric = 1700;

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t out = 0;
    for (const char c : bytes) out = out << 8U | static_cast<std::uint8_t>(c);
    return out;
}

// What an aggregate of BIGINTs gives. Digits are base 10,000, the first of weight `weight`; fractions are dropped.
std::int64_t from_numeric(std::string_view bytes) {
    const auto short_at = [&](std::size_t i) {
        return bytes.size() < i + 2 ? 0 : static_cast<std::int16_t>(big_endian(bytes.substr(i, 2)));
    };
    const int digits = short_at(0);
    const int weight = short_at(2);
    const bool negative = static_cast<std::uint16_t>(short_at(4)) == 0x4000U;
    std::int64_t out = 0;
    for (int i = 0; i <= weight; ++i)
        out = out * 10'000 + (i < digits ? short_at(8 + static_cast<std::size_t>(i) * 2) : 0);
    return negative ? -out : out;
}

}  // namespace

std::vector<Oid> types_of(std::span<const SqlParam> params) {
    std::vector<Oid> out;
    for (const SqlParam &p : params) {
        switch (p.kind) {
        case SqlParam::Kind::null: out.push_back(0); break;
        case SqlParam::Kind::integer: out.push_back(kInt8); break;
        case SqlParam::Kind::text: out.push_back(kText); break;
        case SqlParam::Kind::blob: out.push_back(kBytea); break;
        }
    }
    return out;
}

Result<void> check_values(std::span<const SqlParam> params) {
    for (std::size_t i = 0; i < params.size(); ++i)
        if (params[i].kind == SqlParam::Kind::text && params[i].size != 0 &&
            std::memchr(params[i].data, 0, params[i].size) != nullptr)
            return invalid("values[" + std::to_string(i) + "]", "is a text with a zero byte");
    return {};
}

void Values::add(const char *value, std::size_t length, bool binary) {
    values_.push_back(value);
    lengths_.push_back(static_cast<int>(length));
    formats_.push_back(binary ? 1 : 0);
}

void Values::set(std::span<const SqlParam> params, std::span<const Oid> types) {
    values_.clear();
    lengths_.clear();
    formats_.clear();
    numbers_.resize(params.size());
    texts_.clear();
    texts_.reserve(params.size());
    for (std::size_t i = 0; i < params.size(); ++i) {
        const SqlParam &p = params[i];
        const Oid type = i < types.size() ? types[i] : 0;
        const char *data = p.size == 0 ? "" : static_cast<const char *>(p.data);
        char *number = numbers_[i].data();
        switch (p.kind) {
        case SqlParam::Kind::null: add(nullptr, 0, false); break;
        case SqlParam::Kind::blob: add(data, p.size, true); break;
        case SqlParam::Kind::integer:
            if (type == kInt8) {
                for (unsigned b = 0; b < 8; ++b)
                    number[b] = static_cast<char>(static_cast<std::uint64_t>(p.integer) >> (56U - 8U * b));
                add(number, 8, true);
            } else {
                *std::to_chars(number, number + 23, p.integer).ptr = '\0';
                add(number, 0, false);
            }
            break;
        case SqlParam::Kind::text:
            if (type == kText)
                add(data, p.size, true);
            else  // any type that the server found: its text form, which ends with a zero byte
                add(texts_.emplace_back(data, p.size).c_str(), 0, false);
            break;
        }
    }
}

std::int64_t Row::integer(int column) const {
    if (is_null(column)) return 0;
    const std::string_view bytes = text(column);
    switch (PQftype(result_, column)) {
    case kInt8: return static_cast<std::int64_t>(big_endian(bytes));
    case kInt4: return static_cast<std::int32_t>(big_endian(bytes));
    case kInt2: return static_cast<std::int16_t>(big_endian(bytes));
    case kBool: return bytes.empty() ? 0 : bytes[0];
    case kNumeric: return from_numeric(bytes);
    default: break;
    }
    std::int64_t out = 0;
    std::from_chars(bytes.data(), bytes.data() + bytes.size(), out);
    return out;
}

std::string_view Row::text(int column) const {
    const int length = PQgetlength(result_, row_, column);
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(length)};
}

}  // namespace remit::sql::pg
