// Numbers, amounts, addresses: what is read is written as it stood, but for what is not canonical.
#include "fuzz.hpp"

#include "crypto/eip55.hpp"

#include <remit/money.hpp>

using namespace remit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const int decimals = data[0] % 37;
    const auto text = fuzz::text_of(data + 1, size - 1);
    if (const auto value = u256_from_decimal(text, "x"); value.ok()) fuzz::must(to_decimal(*value) == text);
    if (const auto value = u256_from_quantity(text, "x"); value.ok()) {
        const auto again = u256_from_quantity(to_quantity(*value), "x");
        fuzz::must(again.ok() && *again == *value);
    }
    if (const auto amount = token_amount_from_text(text, decimals, "x"); amount.ok()) {
        const auto again = token_amount_from_text(to_text(*amount), decimals, "x");
        fuzz::must(again.ok() && *again == *amount);
    }
    if (const auto bytes = from_hex(text, "x"); bytes.ok()) {
        const auto again = from_hex(to_hex(*bytes), "x");
        fuzz::must(again.ok() && *again == *bytes);
    }
    if (const auto address = crypto::parse_address(text, "x"); address.ok()) {
        const auto again = crypto::parse_address(crypto::checksum_address(*address), "x");
        fuzz::must(again.ok() && *again == *address);
    }
    return 0;
}
