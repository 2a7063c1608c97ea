// One row of the catalogue, and the parameters as its function reads them.
#pragma once

#include "core/json.hpp"

#include <remit/engine.hpp>

#include <span>

namespace remit::engine {

struct CatalogueParameter {
    const char *name;
    const char *type;  // "text", "integer", "boolean", "list"
    bool required;
    const char *about;
};

// The parameters of one call: an object whose members are those of the row, of the right kinds.
class Arguments {
public:
    explicit Arguments(core::Json object) : object_(std::move(object)) {}

    // Absent and null give the fallback. The kinds were checked before.
    std::string text(std::string_view name) const;
    Result<std::int64_t> integer(std::string_view name, std::int64_t fallback, std::int64_t min,
                                 std::int64_t max) const;
    bool flag(std::string_view name) const;
    const core::Json *find(std::string_view name) const;

private:
    core::Json object_;
};

struct CatalogueEntry {
    const char *name;
    bool changes;  // a command; else a query
    const char *about;
    const char *answers;
    std::span<const CatalogueParameter> parameters;
    Result<std::string> (*run)(Engine &, const Arguments &);
};

std::span<const CatalogueEntry> catalogue_entries();

}  // namespace remit::engine
