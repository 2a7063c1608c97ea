#include "history.hpp"

#include "crypto/hash.hpp"

#include <algorithm>
#include <cctype>

namespace remit::simulation::idempotency {

std::string spelt(const Reply &reply) {
    std::string out = std::to_string(reply.status);
    for (const HttpHeader &header : reply.headers) out += "|" + header.name + ": " + header.value;
    out += "|" + reply.result_ref + (reply.body_omitted ? "|omitted|" : "|kept|") + std::to_string(reply.body_len) +
           "|" + to_hex(reply.body_sha256) + "|";
    return out + reply.body;
}

Reply recorded(Reply reply) {
    constexpr std::size_t kKeptMax = 1024 * 1024;
    static const char *const kept[] = {"content-type", "content-language", "content-location", "etag", "last-modified",
                                       "link",         "location"};
    std::erase_if(reply.headers, [](const HttpHeader &header) {
        std::string name = header.name;
        std::ranges::transform(name, name.begin(),
                               [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
        return std::ranges::find(kept, name) == std::end(kept);
    });
    reply.body_len = static_cast<std::int64_t>(reply.body.size());
    reply.body_sha256 = crypto::sha256(view(reply.body));
    reply.body_omitted = reply.body.size() > kKeptMax;
    if (reply.body_omitted) reply.body.clear();
    return reply;
}

}  // namespace remit::simulation::idempotency
