#include "seeded.hpp"

#include <remit/u256.hpp>

#include <boost/multiprecision/cpp_int.hpp>
#include <catch2/catch.hpp>

using boost::multiprecision::cpp_int;
using remit::u256;

namespace {

cpp_int to_cpp(const u256 &v) {
    cpp_int out = 0;
    for (std::size_t i = 4; i-- > 0;) out = (out << 64) + v.words[i];
    return out;
}

const cpp_int kLimit = cpp_int(1) << 256;

// Few, many and edge bits alike: random words of which some are all zeros or all ones, cut to a random width.
u256 random_u256(remit::test::Seeded &random) {
    u256 v;
    const std::size_t words = random.below(5);
    for (std::size_t i = 0; i < words; ++i) {
        const auto shape = random.below(4);
        v.words[i] = shape == 0 ? 0 : shape == 1 ? ~0ULL : random.next() >> random.below(64);
    }
    return v;
}

void check_equal(const remit::Result<u256> &got, const cpp_int &want) {
    const bool fits = want >= 0 && want < kLimit;
    REQUIRE(got.ok() == fits);
    if (fits)
        REQUIRE(to_cpp(*got) == want);
    else
        REQUIRE(got.status() == remit::Status::invalid);
}

}  // namespace

TEST_CASE("core: u256 arithmetic agrees with Boost on random operands") {
    remit::test::Seeded random(20261120);
    for (int i = 0; i < 20'000; ++i) {
        const u256 a = random_u256(random);
        const u256 b = random_u256(random);
        const cpp_int x = to_cpp(a);
        const cpp_int y = to_cpp(b);
        check_equal(add(a, b), x + y);
        check_equal(sub(a, b), x - y);
        check_equal(mul(a, b), x * y);
        if (y == 0)
            REQUIRE(div(a, b).status() == remit::Status::invalid);
        else
            check_equal(div(a, b), x / y);
        REQUIRE(to_cpp(saturating_add(a, b)) == (x + y < kLimit ? cpp_int(x + y) : cpp_int(kLimit - 1)));
        REQUIRE(to_cpp(saturating_sub(a, b)) == (x > y ? cpp_int(x - y) : cpp_int(0)));
        REQUIRE((a < b) == (x < y));
        REQUIRE((a == b) == (x == y));
    }
}

TEST_CASE("core: u256 text agrees with Boost and reads back") {
    remit::test::Seeded random(7);
    for (int i = 0; i < 5'000; ++i) {
        const u256 v = random_u256(random);
        const std::string decimal = remit::to_decimal(v);
        REQUIRE(decimal == to_cpp(v).str());
        REQUIRE(*remit::u256_from_decimal(decimal, "n") == v);
        const std::string quantity = remit::to_quantity(v);
        std::string hex = to_cpp(v).str(0, std::ios_base::hex);
        for (auto &c : hex) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        REQUIRE(quantity == "0x" + hex);
        REQUIRE(*remit::u256_from_quantity(quantity, "n") == v);
        const auto bytes = remit::to_be_bytes(v);
        REQUIRE(*remit::u256_from_be_bytes(bytes, "n") == v);
    }
}

TEST_CASE("core: u256 decimal text keeps to its limits") {
    const std::string max = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    REQUIRE(*remit::u256_from_decimal(max, "n") == u256::max());
    REQUIRE(remit::to_decimal(u256::max()) == max);
    REQUIRE(remit::to_decimal(u256()) == "0");
    REQUIRE(remit::to_decimal(u256(10'000'000'000'000'000'000U)) == "10000000000000000000");
    const char *bad[] = {"",
                         "00",
                         "01",
                         "010",
                         "0x10",
                         "+1",
                         "-1",
                         " 1",
                         "1 ",
                         "1.0",
                         "1e3",
                         "1_000",
                         "1,0",
                         "\xd9\xa1",
                         "115792089237316195423570985008687907853269984665640564039457584007913129639936",
                         "999999999999999999999999999999999999999999999999999999999999999999999999999999",
                         "1000000000000000000000000000000000000000000000000000000000000000000000000000000"};
    for (const char *text : bad) {
        INFO(text);
        const auto got = remit::u256_from_decimal(text, "amount");
        REQUIRE(got.status() == remit::Status::invalid);
        REQUIRE(got.error().field == "amount");
    }
}

TEST_CASE("core: u256 quantities take leading zeros and refuse the rest") {
    REQUIRE(remit::to_quantity(u256()) == "0x0");
    REQUIRE(*remit::u256_from_quantity("0x0", "n") == u256());
    REQUIRE(*remit::u256_from_quantity("0x000ff", "n") == u256(255));
    REQUIRE(*remit::u256_from_quantity("0xfF", "n") == u256(255));
    REQUIRE(*remit::u256_from_quantity("0x" + std::string(64, 'f'), "n") == u256::max());
    const std::string too_long = "0x" + std::string(65, '0');
    for (const std::string text : {"", "0x", "0", "ff", "0Xff", "0xg", "0x0x1", "0x 1", too_long.c_str()}) {
        INFO(text);
        REQUIRE(remit::u256_from_quantity(text, "n").status() == remit::Status::invalid);
    }
    // An 0x in the very place where the padding ends.
    REQUIRE(remit::u256_from_quantity("0x0x" + std::string(62, '1'), "n").status() == remit::Status::invalid);
    REQUIRE(remit::u256_from_be_bytes(std::vector<std::uint8_t>(33), "n").status() == remit::Status::invalid);
    REQUIRE(*remit::u256_from_be_bytes(std::vector<std::uint8_t>{1, 0}, "n") == u256(256));
}
