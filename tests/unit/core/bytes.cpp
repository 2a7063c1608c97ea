#include "seeded.hpp"

#include <remit/bytes.hpp>

#include <catch2/catch.hpp>

using namespace remit;

TEST_CASE("core: hex reads back what it wrote, in either case, with and without 0x") {
    test::Seeded random(3);
    for (std::size_t n = 0; n < 200; ++n) {
        Bytes bytes(n);
        random.fill(bytes);
        std::string text = to_hex(bytes);
        REQUIRE(text.size() == 2 + 2 * n);
        REQUIRE(*from_hex(text, "b") == bytes);
        for (auto &c : text)
            if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
        REQUIRE(*from_hex(text, "b") == bytes);
        REQUIRE(*from_hex(std::string_view(text).substr(2), "b") == bytes);
    }
    REQUIRE(to_hex(Bytes{0x00, 0x0f, 0xa5, 0xff}) == "0x000fa5ff");
}

TEST_CASE("core: hex takes sixteen pairs of digits and no other byte") {
    int taken = 0;
    for (int high = 0; high < 256; ++high)
        for (int low = 0; low < 256; ++low) {
            const char pair[2] = {static_cast<char>(high), static_cast<char>(low)};
            taken += from_hex({pair, 2}, "b").ok() ? 1 : 0;
        }
    // 22 digits of either case, squared; and "0x" and "0X", which are no bytes at all.
    REQUIRE(taken == 22 * 22 + 2);
    REQUIRE(from_hex("0x1", "b").error().field == "b");
    REQUIRE(from_hex("0x0x11", "b").status() == Status::invalid);
}

TEST_CASE("core: a hash has exactly 32 bytes and an address 20") {
    const std::string forty(40, 'a');
    REQUIRE(fixed_from_hex<Address>("0x" + forty, "to").ok());
    REQUIRE(fixed_from_hex<Address>(forty, "to").ok());
    REQUIRE(fixed_from_hex<Address>("0x" + forty + "aa", "to").error().field == "to");
    REQUIRE(fixed_from_hex<Address>("0x" + forty.substr(1), "to").status() == Status::invalid);
    REQUIRE(fixed_from_hex<Hash32>(forty, "hash").status() == Status::invalid);
    REQUIRE(fixed_from_bytes<Address>(Bytes(19), "to").status() == Status::invalid);
    REQUIRE(fixed_from_bytes<Address>(Bytes(20), "to")->is_zero());
}
