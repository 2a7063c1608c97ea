#include "sql/postgres/server_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace remit::sql::pg {
namespace {

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

// The length of the comment that the text begins with; 0 for none.
std::size_t comment(std::string_view text) {
    if (text.starts_with("--")) return std::min(text.find('\n'), text.size());
    if (!text.starts_with("/*")) return 0;
    int depth = 0;  // PostgreSQL's comments nest
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        const std::string_view two = text.substr(i, 2);
        if (two != "/*" && two != "*/") continue;
        depth += two == "/*" ? 1 : -1;
        ++i;
        if (depth == 0) return i + 1;
    }
    return text.size();
}

// What the text begins with and is copied as it stands: a literal, a quoted name, a comment. 0 for none.
std::size_t opaque(std::string_view text) {
    const char quote = text[0];
    if (quote != '\'' && quote != '"') return comment(text);
    return std::min(text.find(quote, 1), text.size() - 1) + 1;
}

void skip(std::string_view &text) {
    for (;;) {
        while (!text.empty() && blank(text[0])) text.remove_prefix(1);
        const std::size_t n = comment(text);
        if (n == 0) return;
        text.remove_prefix(n);
    }
}

// The next word, in small letters, or the next character when it begins no word.
std::string word(std::string_view &text) {
    skip(text);
    std::string out;
    const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; };
    while (!text.empty() && (out.empty() || (fits(out.back()) && fits(text[0])))) {
        out += static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
        text.remove_prefix(1);
    }
    return out;
}

// Takes the words off the text, if it begins with them.
bool take(std::string_view &text, std::initializer_list<std::string_view> words) {
    std::string_view rest = text;
    for (const std::string_view one : words)
        if (word(rest) != one) return false;
    text = rest;
    return true;
}

std::string_view name(std::string_view text) {
    skip(text);
    const auto *end = std::ranges::find_if(text, [](char c) { return blank(c) || c == '('; });
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

}  // namespace

Numbered with_numbers(std::string_view sql) {
    Numbered out;
    out.text.reserve(sql.size() + 16);
    while (!sql.empty()) {
        if (const std::size_t n = opaque(sql); n != 0) {
            out.text += sql.substr(0, n);
            sql.remove_prefix(n);
            continue;
        }
        if (sql[0] == '?')
            out.text.append("$").append(std::to_string(++out.params));
        else
            out.text += sql[0];
        sql.remove_prefix(1);
    }
    return out;
}

std::optional<std::string_view> insert_table(std::string_view sql) {
    if (!take(sql, {"insert", "into"})) return std::nullopt;
    return name(sql);
}

std::optional<std::string_view> table_with_id(std::string_view ddl) {
    if (!take(ddl, {"create", "table"})) return std::nullopt;
    (void)take(ddl, {"if", "not", "exists"});
    const std::string_view table = name(ddl);
    ddl.remove_prefix(static_cast<std::size_t>(table.data() - ddl.data()) + table.size());
    if (!take(ddl, {"(", "id", "{", "id", "}"})) return std::nullopt;
    return table;
}

std::string quoted(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) out.append(c == '"' ? 2 : 1, c);
    return out + "\"";
}

Result<void> check_host_statement(std::string_view sql) {
    static constexpr std::array<std::string_view, 18> kRefused = {
        "begin",   "start", "commit", "end",     "rollback",   "abort",   "savepoint", "release",  "prepare",
        "execute", "set",   "reset",  "discard", "deallocate", "declare", "copy",      "unlisten", "listen"};
    if (sql.find('\0') != std::string_view::npos) return invalid("sql", "has a zero byte");
    const std::string first = word(sql);
    if (first.empty() || (std::isalpha(static_cast<unsigned char>(first[0])) == 0 && first != "("))
        return invalid("sql", "must be one statement, and begin with its word");
    if (std::ranges::find(kRefused, first) != kRefused.end())
        return invalid("sql", "may not begin with " + first + ": the transaction and the session are not the host's");
    return {};
}

}  // namespace remit::sql::pg
