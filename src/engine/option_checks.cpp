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

}  // namespace

Result<void> check_path(std::string_view text, std::string_view field) {
    if (text.empty()) return invalid(std::string(field), "must not be empty");
    if (text.size() > 4096 || text.find('\0') != std::string_view::npos)
        return invalid(std::string(field), "is no usable file path");
    return {};
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
    const std::string name(field);
    if (text.empty()) return invalid(name, "must be given");
    if (text.size() > 2048) return invalid(name, "is longer than 2048 bytes");
    const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
    if (!std::all_of(text.begin(), text.end(), visible))
        return invalid(name, "has a space or a byte that is not ASCII");
    const std::size_t scheme = text.substr(0, 7) == "http://" ? 7 : text.substr(0, 8) == "https://" ? 8 : 0;
    if (scheme == 0) return invalid(name, "must begin with http:// or https://");
    std::string_view rest = text.substr(scheme);
    std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.find('@') != std::string_view::npos) return invalid(name, "must not carry a user name or password");
    const std::size_t colon = authority.rfind(':');
    std::string_view host = authority;
    if (colon != std::string_view::npos && authority.back() != ']') {
        host = authority.substr(0, colon);
        const std::string_view port = authority.substr(colon + 1);
        const bool digits = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos;
        const int number = digits ? std::atoi(std::string(port).c_str()) : 0;
        if (number < 1 || number > 65535) return invalid(name, "has a port that is not 1 to 65535");
    }
    if (!host_fits(host)) return invalid(name, "has no usable host name");
    return {};
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
    const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
    return std::string(url.substr(0, url.find_first_of("/?#", host)));
}

Result<LogLevel> log_level_from_text(std::string_view text, std::string_view field) {
    if (text == "debug") return LogLevel::debug;
    if (text == "info") return LogLevel::info;
    if (text == "warn") return LogLevel::warn;
    if (text == "error") return LogLevel::error;
    return invalid(std::string(field), "must be debug, info, warn or error");
}

}  // namespace remit::engine
