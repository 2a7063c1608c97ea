#include "engine/option_checks.hpp"

#include "core/ids.hpp"
#include "crypto/eip55.hpp"
#include "engine/options.hpp"

#include <remit/money.hpp>

#include <algorithm>
#include <cstdlib>

namespace remit::engine {
namespace {

bool only(std::string_view text, std::string_view extra) {
    return std::all_of(text.begin(), text.end(), [extra](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               extra.find(c) != std::string_view::npos;
    });
}

bool host_fits(std::string_view host) {
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
        return host.size() > 2 &&
               host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    return !host.empty() && host.size() <= 253 && only(host, ".-_");
}

struct Url {
    std::string_view authority, rest;
};

Result<Url> split(std::string_view text, std::string_view field, std::initializer_list<std::string_view> schemes) {
    const std::string name(field);
    if (text.size() > 2048) return invalid(name, "is longer than 2048 bytes");
    if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; }))
        return invalid(name, "has a space or a byte that is not ASCII");
    const auto *scheme = std::ranges::find_if(schemes, [text](std::string_view s) { return text.starts_with(s); });
    if (scheme == schemes.end()) {
        std::string all;
        for (const std::string_view &one : schemes)
            all.append(all.empty() ? "" : &one + 1 == schemes.end() ? " or " : ", ").append(one);
        return invalid(name, "must begin with " + all);
    }
    text.remove_prefix(scheme->size());
    const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
    return Url{text.substr(0, end), text.substr(end)};
}

// Host, and port if there is one.
Result<void> check_authority(std::string_view authority, std::string_view field) {
    const std::size_t colon = authority.rfind(':');
    std::string_view host = authority;
    if (colon != std::string_view::npos && authority.back() != ']') {
        host = authority.substr(0, colon);
        const std::string_view port = authority.substr(colon + 1);
        const bool digits = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos;
        const int number = digits ? std::atoi(std::string(port).c_str()) : 0;
        if (number < 1 || number > 65535) return invalid(std::string(field), "has a port that is not 1 to 65535");
    }
    if (!host_fits(host)) return invalid(std::string(field), "has no usable host name");
    return {};
}

}  // namespace

Result<void> check_path(std::string_view text, std::string_view field) {
    if (text.empty()) return invalid(std::string(field), "must not be empty");
    if (text.size() > 4096 || text.find('\0') != std::string_view::npos)
        return invalid(std::string(field), "is no usable file path");
    return {};
}

// libpq reads the URL when it is opened; here only what is surely no database.
Result<void> check_database(std::string_view text, std::string_view field) {
    REMIT_CHECK(check_path(text, field));
    const bool url = text.substr(0, text.find_first_of("/?@")).ends_with(':') && text.find("://") != text.npos;
    if (url && !is_postgres_url(text))
        return invalid(std::string(field), "must be the path of a file, or begin with postgresql:// or postgres://");
    if (url && !std::ranges::all_of(text, [](char c) { return c > ' ' && c != '\x7f'; }))
        return invalid(std::string(field), "has a space or a control character");
    return {};
}

Result<void> check_schema(std::string_view text, std::string_view field) {
    return core::check_host_text(text, 0, 63, field);
}

Result<void> check_optional_path(std::string_view text, std::string_view field) {
    return text.empty() ? Result<void>() : check_path(text, field);
}

Result<void> check_prefix(std::string_view text, std::string_view field) {
    const bool fits = !text.empty() && text.size() <= 31 && text[0] >= 'a' && text[0] <= 'z' &&
                      std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
                      only(text, "_");
    if (!fits) return invalid(std::string(field), "must be 1 to 31 of a-z, 0-9 and _, beginning with a letter");
    return {};
}

Result<void> check_log_level(std::string_view text, std::string_view field) {
    REMIT_CHECK(log_level_from_text(text, field));
    return {};
}

Result<void> check_name(std::string_view text, std::string_view field) {
    return core::check_host_text(text, 0, 64, field);
}

Result<void> check_symbol(std::string_view text, std::string_view field) {
    if (text.empty()) return invalid(std::string(field), "must be given");
    if (text.size() > 32 || !only(text, "._-"))
        return invalid(std::string(field), "must be 1 to 32 of letters, digits, dot, underscore and hyphen");
    if (text == "native") return invalid(std::string(field), "\"native\" is the name of the chain's own coin");
    return {};
}

Result<void> check_address(std::string_view text, std::string_view field) {
    if (text.empty()) return invalid(std::string(field), "must be given");
    REMIT_TRY(const Address address, crypto::parse_address(text, field));
    if (address.is_zero()) return invalid(std::string(field), "is the zero address");
    return {};
}

Result<void> check_gwei(std::string_view text, std::string_view field) {
    REMIT_CHECK(gwei_to_wei(text, field));
    return {};
}

Result<void> check_rpc(std::string_view text, std::string_view field) {
    if (text.empty()) return invalid(std::string(field), "must be given");
    REMIT_TRY(const Url url, split(text, field, {"http://", "https://"}));
    if (url.authority.find('@') != std::string_view::npos)
        return invalid(std::string(field), "must not carry a user name or password");
    return check_authority(url.authority, field);
}

Result<void> check_proxy(std::string_view text, std::string_view field) {
    if (text.empty()) return {};
    REMIT_TRY(const Url url, split(text, field, {"http://", "https://", "socks5://"}));
    if (!url.rest.empty() && url.rest != "/") return invalid(std::string(field), "must end after host and port");
    return check_authority(url.authority.substr(url.authority.rfind('@') + 1), field);
}

Result<u256> gwei_to_wei(std::string_view text, std::string_view field) {
    REMIT_TRY(const TokenAmount wei, token_amount_from_text(text, 9, field));
    if (wei.base.is_zero()) return invalid(std::string(field), "must be more than zero");
    if (wei.base > u256(1'000'000'000'000'000))
        return invalid(std::string(field), "must be at most 1000000 gwei (is it in wei?)");
    return wei.base;
}

std::string url_origin(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::string_view authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
    return std::string(url.substr(0, begin)).append(authority.substr(authority.rfind('@') + 1));
}

bool is_postgres_url(std::string_view text) {
    return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

std::string shown_database(std::string_view text) {
    if (!is_postgres_url(text)) return std::string(text);
    const std::size_t begin = text.find("://") + 3;
    std::string_view place = text.substr(begin);
    // As libpq reads it: the user and the password end at an @ before the first slash.
    const std::size_t at = place.find_first_of("@/");
    if (at != place.npos && place[at] == '@') place.remove_prefix(at + 1);
    place = place.substr(0, place.find_first_of("?#"));
    const bool clear = place.find('@') == place.npos;  // else a password may have been written without escapes
    return std::string(text.substr(0, begin)).append(clear ? place : "...");
}

EngineOptions without_secrets(EngineOptions options) {
    const auto with_checksum = [](std::string &text) {
        if (const auto address = crypto::parse_address(text, {})) text = crypto::checksum_address(*address);
    };
    options.database = shown_database(options.database);
    options.proxy = url_origin(options.proxy);
    for (ChainOptions &chain : options.chains) {
        chain.rpc = url_origin(chain.rpc);
        for (TokenOptions &token : chain.tokens) with_checksum(token.address);
        for (std::string &sender : chain.senders) with_checksum(sender);
    }
    return options;
}

Result<LogLevel> log_level_from_text(std::string_view text, std::string_view field) {
    if (text == "debug") return LogLevel::debug;
    if (text == "info") return LogLevel::info;
    if (text == "warn") return LogLevel::warn;
    if (text == "error") return LogLevel::error;
    return invalid(std::string(field), "must be debug, info, warn or error");
}

}  // namespace remit::engine
