#include "crypto/eip55.hpp"
#include "vectors.hpp"

#include <algorithm>
#include <cctype>

using namespace remit;
using namespace remit::crypto;

namespace {

std::string cased(std::string text, int (*change)(int)) {
    std::transform(text.begin() + 2, text.end(), text.begin() + 2,
                   [&](char c) { return static_cast<char>(change(c)); });
    return text;
}

}  // namespace

TEST_CASE("crypto: EIP-55 checksums of the published addresses") {
    std::size_t count = 0;
    const auto document = vectors::load("crypto/eip55_checksums.json");
    for (const auto &item : document.items()) {
        const std::string &text = item.text();
        const auto parsed = parse_address(text, "to");
        REQUIRE(parsed.ok());
        CHECK(checksum_address(*parsed) == text);
        CHECK(*parse_address(cased(text, std::tolower), "to") == *parsed);
        CHECK(*parse_address(cased(text, std::toupper), "to") == *parsed);

        // One letter in the other case is noticed, and the right spelling told.
        std::string wrong = text;
        const auto letter = std::find_if(wrong.begin() + 2, wrong.end(), [](char c) { return std::isalpha(c) != 0; });
        *letter = static_cast<char>(*letter ^ 0x20);
        const auto refused = parse_address(wrong, "payouts[3].to");
        REQUIRE(refused.status() == Status::invalid);
        CHECK(refused.error().field == "payouts[3].to");
        CHECK(refused.error().text.find(text) != std::string::npos);
        ++count;
    }
    REQUIRE(count == 4);
}

TEST_CASE("crypto: what is no address is refused") {
    const std::string good = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";
    CHECK(parse_address(good, "to").ok());
    for (const std::string &bad : {std::string(), std::string("0x"), good.substr(2), good + "0", good.substr(0, 41),
                                   "0X" + good.substr(2), good.substr(0, 41) + "g", " " + good})
        CHECK(parse_address(bad, "to").status() == Status::invalid);
    CHECK(parse_address("0x0000000000000000000000000000000000000000", "to").ok());
}
