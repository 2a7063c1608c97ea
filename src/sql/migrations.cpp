#include "sql/migrations.hpp"

#include <algorithm>

namespace remit::sql {
namespace {

constexpr std::string_view kTable = "remit_migrations";
constexpr std::string_view kCreate =
    "CREATE TABLE IF NOT EXISTS remit_migrations (number BIGINT NOT NULL PRIMARY KEY,"
    " name {text} NOT NULL, applied_us BIGINT NOT NULL, oldest_reader BIGINT NOT NULL)";
constexpr Sql kApplied{"SELECT number, oldest_reader FROM remit_migrations ORDER BY number"};
constexpr Sql kIsApplied{"SELECT number FROM remit_migrations WHERE number = ?"};
constexpr Sql kRecord{"INSERT INTO remit_migrations (number, name, applied_us, oldest_reader) VALUES (?, ?, ?, ?)"};

constexpr Sql kStatements[] = {kApplied, kIsApplied, kRecord};

struct Applied {
    std::vector<std::int64_t> numbers;
    std::int64_t oldest_reader = 0;
    bool has(std::int64_t number) const { return std::ranges::binary_search(numbers, number); }
};

Result<Applied> applied(const Schema &schema) {
    Applied out;
    REMIT_CHECK(schema.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(const bool there, schema.has_table(reader, with_prefix(kTable, schema.prefix)));
        if (!there) return {};
        auto seen = reader.query(kApplied, SqlParams{}, [&](const SqlRow &row) {
            out.numbers.push_back(row.integer(0));
            out.oldest_reader = std::max(out.oldest_reader, row.integer(1));
            return true;
        });
        return seen.ok() ? Result<void>() : seen.error();
    }));
    return out;
}

Result<void> check_steps(std::span<const Migration> steps) {
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (steps[i].number != static_cast<std::int32_t>(i + 1))
            return error(Status::broken, "migration " + std::string(steps[i].name) + " is out of order");
    return {};
}

// Newer when a step says that a library as old as this one cannot work on the schema.
Result<Applied> compatible(const Schema &schema, std::span<const Migration> steps) {
    REMIT_CHECK(check_steps(steps));
    REMIT_TRY(Applied found, applied(schema));
    const std::int64_t ours = steps.empty() ? 0 : steps.back().number;
    if (found.oldest_reader > ours)
        return error(Status::newer, "the database needs a library that knows step " +
                                        std::to_string(found.oldest_reader) + " of its schema; this one knows " +
                                        std::to_string(ours));
    return found;
}

Result<void> apply(const Schema &schema, const Migration &step) {
    return schema.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_TRY(const std::string create, in_dialect(kCreate, schema.dialect));
        REMIT_CHECK(schema.run(tx, with_prefix(create, schema.prefix)));
        REMIT_TRY(const std::int64_t there, tx.SqlReader::query(kIsApplied, {step.number}, nullptr));
        if (there > 0) return {};
        for (const char *sql : step.sql) {
            REMIT_TRY(const std::string text, in_dialect(sql, schema.dialect));
            REMIT_CHECK(schema.run(tx, with_prefix(text, schema.prefix)));
        }
        REMIT_CHECK(tx.exec(kRecord, {step.number, step.name, schema.clock.utc_us(), step.oldest_reader}));
        return {};
    });
}

// On one line, with what runs of blanks there are outside literals as one.
std::string one_line(std::string_view sql) {
    std::string out;
    bool literal = false;
    for (const char c : sql) {
        if (c == '\'') literal = !literal;
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (literal || !blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    while (!out.empty() && (out.back() == ' ' || out.back() == ';')) out.pop_back();
    return out + ";\n";
}

}  // namespace

std::string_view migrations_table() {
    return kCreate;
}
std::span<const Sql> statements() {
    return kStatements;
}

Result<void> migrate(const Schema &schema, std::span<const Migration> steps, MigrateMode mode) {
    REMIT_TRY(const Applied found, compatible(schema, steps));
    if (mode == MigrateMode::manual) return {};
    for (const Migration &step : steps) {
        if (found.has(step.number)) continue;
        if (mode == MigrateMode::check)
            return error(Status::state, "the schema lacks step " + std::to_string(step.number) + " (" + step.name +
                                            "); run the migrations");
        REMIT_CHECK(apply(schema, step));
    }
    return {};
}

Result<std::string> migration_plan(const Schema &schema, std::span<const Migration> steps) {
    REMIT_TRY(const Applied found, compatible(schema, steps));
    std::string out;
    for (const Migration &step : steps) {
        if (found.has(step.number)) continue;
        if (out.empty() && found.numbers.empty()) {
            REMIT_TRY(const std::string create, in_dialect(kCreate, schema.dialect));
            out += one_line(create);
        }
        for (const char *sql : step.sql) {
            REMIT_TRY(const std::string text, in_dialect(sql, schema.dialect));
            out += one_line(text);
        }
        out += "INSERT INTO remit_migrations (number, name, applied_us, oldest_reader) VALUES (" +
               std::to_string(step.number) + ", '" + step.name + "', " + std::to_string(schema.clock.utc_us()) + ", " +
               std::to_string(step.oldest_reader) + ");\n";
    }
    return with_prefix(out, schema.prefix);
}

}  // namespace remit::sql
