// Values on the wire: parameters as libpq takes them, rows as SqlRow gives them.
#pragma once

#include <remit/port/database.hpp>

#include <libpq-fe.h>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace remit::sql::pg {

struct ResultEnd {
    void operator()(PGresult *result) const noexcept { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultEnd>;

// The types of the parameters as we say them; 0 where the server has to find out.
std::vector<Oid> types_of(std::span<const SqlParam> params);

// Invalid for a text with a zero byte, which PostgreSQL cannot hold.
Result<void> check_values(std::span<const SqlParam> params);

// The arrays that libpq wants. Kept by a connection, so that they are not allocated for each statement.
class Values {
public:
    // `types` are those that the statement was prepared with; without them the server finds all types out.
    void set(std::span<const SqlParam> params, std::span<const Oid> types);
    int count() const { return static_cast<int>(values_.size()); }
    const char *const *values() const { return values_.data(); }
    const int *lengths() const { return lengths_.data(); }
    const int *formats() const { return formats_.data(); }

private:
    void add(const char *value, std::size_t length, bool binary);

    std::vector<const char *> values_;
    std::vector<int> lengths_, formats_;
    std::vector<std::array<char, 24>> numbers_;
    std::vector<std::string> texts_;
};

// A row of a result in binary form.
class Row final : public SqlRow {
public:
    Row(const PGresult *result, int row) : result_(result), row_(row) {}
    bool is_null(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
    std::int64_t integer(int column) const override;
    std::string_view text(int column) const override;
    ByteView blob(int column) const override { return view(text(column)); }

private:
    const PGresult *result_;
    int row_;
};

}  // namespace remit::sql::pg
