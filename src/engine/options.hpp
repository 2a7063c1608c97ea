// What the engine and the program need of the options beside include/remit/engine.hpp.
#pragma once

#include <remit/engine.hpp>
#include <remit/u256.hpp>

#include <string>
#include <string_view>

namespace remit::engine {

// "1.5" is 1500000000 wei. At most nine decimals, at least 1 wei, at most 1,000,000 gwei: a fee given in
// wei by mistake is far above it.
Result<u256> gwei_to_wei(std::string_view text, std::string_view field);

// The URL's scheme, host and port. The rest may carry an access key or a password and is never shown.
std::string url_origin(std::string_view url);
// Whether the option `database` is a URL of PostgreSQL, and no path.
bool is_postgres_url(std::string_view text);
// The option `database` as it may be shown: of a URL the hosts and the database's name.
std::string shown_database(std::string_view text);
// The options as they may be shown: of each URL the origin only, every address with its checksum.
EngineOptions without_secrets(EngineOptions options);

Result<LogLevel> log_level_from_text(std::string_view text, std::string_view field);

}  // namespace remit::engine
