#include "chain/evm/reply.hpp"

#include <algorithm>
#include <array>

namespace remit::evm {
namespace {

std::string lowercase(std::string_view text) {
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

template <std::size_t N>
bool has_any(std::string_view text, const std::array<std::string_view, N> &parts) {
    const std::string plain = lowercase(text);
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return plain.find(part) != std::string::npos; });
}

constexpr std::array<std::string_view, 8> kNoMethod = {"not supported",   "unsupported",      "does not exist",
                                                       "unknown method",  "method not found", "not available",
                                                       "not implemented", "not allowed"};
// Said of the node's state and load, not of what was asked.
constexpr std::array<std::string_view, 12> kPassing = {
    "rate limit", "ratelimit", "too many requests", "limit exceeded", "timed out",      "timeout",
    "syncing",    "quota",     "compute units",     "unavailable",    "internal error", "header not found"};

bool is_passing(const RpcError &error) {
    return error.code == -32005 || has_any(error.message, kPassing);
}

}  // namespace

bool is_unsupported(const RpcError &error) {
    return error.code == -32601 || error.code == -32602 || error.code == -32004 || has_any(error.message, kNoMethod);
}

Error reply_error(const Reply &reply, std::string_view what) {
    const std::string head = std::string(what) + ": ";
    if (const auto *refusal = std::get_if<RpcError>(&reply))
        return error(is_passing(*refusal) ? Status::network : Status::refused, head + refusal->message);
    if (const auto *unusable = std::get_if<Unusable>(&reply)) return error(Status::network, head + unusable->why);
    if (std::holds_alternative<Null>(reply)) return error(Status::network, head + "the node has none");
    return error(Status::network, head + "the result is not of the kind that was asked for");
}

}  // namespace remit::evm
