// Our statements as PostgreSQL reads them, and what a host's statement may not begin with.
#pragma once

#include <remit/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace remit::sql::pg {

// ? becomes $1, $2, ... outside literals, quoted names and comments.
struct Numbered {
    std::string text;
    int params = 0;
};
Numbered with_numbers(std::string_view sql);

// The table that an INSERT writes, as it stands in the text; nothing for another statement.
std::optional<std::string_view> insert_table(std::string_view sql);
// The table that a CREATE TABLE makes with an identity column `id`; nothing for another statement.
std::optional<std::string_view> table_with_id(std::string_view ddl);

// "name" as an identifier, whatever it holds.
std::string quoted(std::string_view name);

// Invalid, field "sql": empty, with a zero byte, or about transactions, sessions or prepared statements.
Result<void> check_host_statement(std::string_view sql);

}  // namespace remit::sql::pg
