// The form of each text field of the options. All are Invalid naming `field`.
#pragma once

#include <remit/result.hpp>

#include <string_view>

namespace remit::engine {

using TextCheck = Result<void> (*)(std::string_view text, std::string_view field);

Result<void> check_path(std::string_view text, std::string_view field);
Result<void> check_database(std::string_view text, std::string_view field);  // a path, or PostgreSQL's URL
Result<void> check_schema(std::string_view text, std::string_view field);    // empty: none
Result<void> check_optional_path(std::string_view text, std::string_view field);
Result<void> check_prefix(std::string_view text, std::string_view field);
Result<void> check_log_level(std::string_view text, std::string_view field);
Result<void> check_name(std::string_view text, std::string_view field);
Result<void> check_symbol(std::string_view text, std::string_view field);
Result<void> check_address(std::string_view text, std::string_view field);
Result<void> check_gwei(std::string_view text, std::string_view field);
Result<void> check_rpc(std::string_view text, std::string_view field);
Result<void> check_proxy(std::string_view text, std::string_view field);  // empty: none

}  // namespace remit::engine
