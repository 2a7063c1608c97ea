#include "engine/catalogue.hpp"

#include "engine/catalogue_table.hpp"

#include <algorithm>

namespace remit::engine {

using core::Json;

const Json *Arguments::find(std::string_view name) const {
    const Json *const found = object_.find(name);
    return found && !found->is_null() ? found : nullptr;
}

std::string Arguments::text(std::string_view name) const {
    const Json *const found = find(name);
    return found ? found->text() : std::string();
}

Result<std::int64_t> Arguments::integer(std::string_view name, std::int64_t fallback, std::int64_t min,
                                        std::int64_t max) const {
    const Json *const found = find(name);
    if (!found) return fallback;
    REMIT_TRY(const std::int64_t value, found->as_int(name));
    if (value < min || value > max)
        return invalid(std::string(name), "must be " + std::to_string(min) + " to " + std::to_string(max));
    return value;
}

bool Arguments::flag(std::string_view name) const {
    const Json *const found = find(name);
    return found && found->boolean();
}

namespace {

bool is_of(const Json &value, std::string_view type) {
    switch (value.kind()) {
    case Json::Kind::null: return true;
    case Json::Kind::string: return type == "text";
    case Json::Kind::number: return type == "integer";
    case Json::Kind::boolean: return type == "boolean";
    case Json::Kind::array: return type == "list";
    default: return false;
    }
}

Result<Json> parse(std::string_view json) {
    if (json.empty()) json = "{}";
    REMIT_TRY(Json object, Json::parse(json, "json"));
    if (object.kind() != Json::Kind::object) return invalid("json", "must be an object of parameters");
    return object;
}

Result<void> check(const CatalogueEntry &entry, const Json &object) {
    for (const auto &[name, value] : object.members()) {
        const auto known = std::find_if(entry.parameters.begin(), entry.parameters.end(),
                                        [&name = name](const CatalogueParameter &p) { return p.name == name; });
        if (known == entry.parameters.end()) return invalid(name, std::string("is no parameter of ") + entry.name);
        if (!is_of(value, known->type)) return invalid(name, std::string("must be of type ") + known->type);
    }
    for (const CatalogueParameter &wanted : entry.parameters) {
        const Json *const given = object.find(wanted.name);
        if (wanted.required && (!given || given->is_null())) return invalid(wanted.name, "is required");
    }
    return {};
}

Result<std::string> run(Engine &engine, std::string_view name, std::string_view json, bool changes) {
    const char *const what = changes ? "command" : "query";
    for (const CatalogueEntry &entry : catalogue_entries()) {
        if (entry.name != name || entry.changes != changes) continue;
        REMIT_TRY(Json object, parse(json));
        REMIT_CHECK(check(entry, object));
        return entry.run(engine, Arguments(std::move(object)));
    }
    return Error{Status::not_found, "name", std::string("there is no ") + what + " of that name"};
}

std::string section(const CatalogueEntry &entry) {
    std::string out = "\n### " + std::string(entry.name) + "\n\n" + entry.about + "\n\n";
    if (!entry.parameters.empty()) out += "| parameter | type | |\n|---|---|---|\n";
    for (const CatalogueParameter &p : entry.parameters)
        out +=
            std::string("| `") + p.name + "` | " + p.type + (p.required ? ", required" : "") + " | " + p.about + " |\n";
    return out + (entry.parameters.empty() ? "" : "\n") + "Answers " + entry.answers + "\n";
}

}  // namespace

Result<std::string> run_query(Engine &engine, std::string_view name, std::string_view json) {
    return run(engine, name, json, false);
}

Result<std::string> run_command(Engine &engine, std::string_view name, std::string_view json) {
    return run(engine, name, json, true);
}

std::string catalogue_json() {
    core::JsonWriter json;
    json.begin_array();
    for (const CatalogueEntry &entry : catalogue_entries()) {
        json.begin_object().field("name", entry.name).field("kind", entry.changes ? "command" : "query");
        json.field("about", entry.about).field("answers", entry.answers).key("parameters").begin_array();
        for (const CatalogueParameter &p : entry.parameters) {
            json.begin_object().field("name", p.name).field("type", p.type).field("required", p.required);
            json.field("about", p.about).end_object();
        }
        json.end_array().end_object();
    }
    json.end_array();
    return json.take();
}

std::string catalogue_markdown() {
    std::string out =
        "<!-- Made from src/engine/catalogue_table.cpp; do not edit. -->\n"
        "# Queries and commands\n\n"
        "By name with a JSON object of parameters: `remit_query` and `remit_command` in C, `Engine::query` and\n"
        "`Engine::command` in C++. A parameter that is absent or null has its default. An unknown parameter, one\n"
        "of another type and one that is missing are `E_INVALID` naming it; an unknown name is `E_NOT_FOUND`.\n"
        "Amounts are decimal text of base units, hashes `0x` and lowercase, addresses checksummed, times integer\n"
        "microseconds UTC.\n";
    for (const bool changes : {false, true}) {
        out += changes ? "\n## Commands\n" : "\n## Queries\n";
        for (const CatalogueEntry &entry : catalogue_entries())
            if (entry.changes == changes) out += section(entry);
    }
    return out;
}

}  // namespace remit::engine
