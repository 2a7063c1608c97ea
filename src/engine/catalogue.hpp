// Administration by name: one table of queries and commands, from which the C ABI, the program, the bindings'
// types and docs/catalogue.md are made.
#pragma once

#include <remit/engine.hpp>

#include <string>
#include <string_view>

namespace remit::engine {

// `json` is an object of parameters, or empty. NotFound for a name that is not in the table; Invalid naming the
// parameter that is missing, unknown, or of another type.
Result<std::string> run_query(Engine &engine, std::string_view name, std::string_view json);
Result<std::string> run_command(Engine &engine, std::string_view name, std::string_view json);

std::string catalogue_json();
std::string catalogue_markdown();

}  // namespace remit::engine
