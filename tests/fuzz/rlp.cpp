// Any bytes as RLP: what is read has one spelling only.
#include "fuzz.hpp"

#include "crypto/rlp.hpp"

#include <algorithm>

using namespace remit;
using namespace remit::crypto;

namespace {

void encode(Bytes &out, const RlpItem &item) {
    if (!item.is_list) return rlp_append_bytes(out, item.payload);
    const std::size_t start = out.size();
    const auto items = rlp_items(item);
    if (items.ok())
        for (const RlpItem &inner : *items) encode(out, inner);
    else
        out.insert(out.end(), item.payload.begin(), item.payload.end());
    rlp_close_list(out, start);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto item = rlp_decode({data, size});
    if (!item.ok()) return 0;
    (void)rlp_u256(*item, "x");
    (void)rlp_u64(*item, "x");
    Bytes out;
    encode(out, *item);
    fuzz::must(std::equal(out.begin(), out.end(), item->encoded.begin(), item->encoded.end()));
    return 0;
}
