// Any body as the answer of a node to one call, and to three.
#include "fuzz.hpp"

#include "chain/evm/rpc.hpp"

#include <array>

using namespace remit;
using namespace remit::evm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const auto want = static_cast<Want>(data[0] % 10);
    const auto body = fuzz::text_of(data + 1, size - 1);
    const std::array<Want, 3> wants = {want, Want::hash, want};
    for (const std::size_t count : {1U, 3U}) {
        const auto replies = read_replies(body, 1, std::span(wants).first(count));
        if (replies.ok()) fuzz::must(replies->each.size() == count);
    }
    return 0;
}
