#include <remit/money.hpp>

#include <catch2/catch.hpp>

#include <limits>

using namespace remit;

namespace {
Money cny(std::int64_t minor) {
    return {minor, {'C', 'N', 'Y'}};
}
}  // namespace

TEST_CASE("core: currencies have the decimals of ISO 4217") {
    REQUIRE(*currency_decimals("CNY") == 2);
    REQUIRE(*currency_decimals("USD") == 2);
    REQUIRE(*currency_decimals("JPY") == 0);
    REQUIRE(*currency_decimals("KWD") == 3);
    REQUIRE(*currency_decimals("CLF") == 4);
    for (const char *code : {"", "CN", "cny", "ABC", "CNYX", "EDA", "XXX"}) {
        INFO(code);
        REQUIRE(currency_decimals(code).status() == Status::invalid);
    }
}

TEST_CASE("core: money text reads and writes exactly") {
    struct Case {
        const char *text, *currency;
        std::int64_t minor;
        const char *written;
    };
    const Case cases[] = {
        {"12.34", "CNY", 1234, "12.34 CNY"},
        {"12.3", "CNY", 1230, "12.30 CNY"},
        {"12", "CNY", 1200, "12.00 CNY"},
        {"0.01", "CNY", 1, "0.01 CNY"},
        {"-0.05", "CNY", -5, "-0.05 CNY"},
        {"0", "CNY", 0, "0.00 CNY"},
        {"500", "JPY", 500, "500 JPY"},
        {"1.234", "KWD", 1234, "1.234 KWD"},
        {"92233720368547758.07", "CNY", std::numeric_limits<std::int64_t>::max(), "92233720368547758.07 CNY"},
        {"-92233720368547758.08", "CNY", std::numeric_limits<std::int64_t>::min(), "-92233720368547758.08 CNY"}};
    for (const auto &c : cases) {
        INFO(c.text);
        const auto money = money_from_text(c.text, c.currency, "amount");
        REQUIRE(money.ok());
        REQUIRE(money->minor == c.minor);
        REQUIRE(to_text(*money) == c.written);
    }
}

TEST_CASE("core: money text that is not exact is refused by field") {
    for (const char *text : {"", "-", "+1", "1.", ".5", "1.234", "1.230", "1e2", "1,00", " 1", "1 ", "01", "--1", "0x1",
                             "92233720368547758.08", "-92233720368547758.09", "99999999999999999999999999"}) {
        INFO(text);
        const auto money = money_from_text(text, "CNY", "amount");
        REQUIRE(money.status() == Status::invalid);
        REQUIRE(money.error().field == "amount");
    }
    REQUIRE(money_from_text("1.5", "JPY", "amount").status() == Status::invalid);
    REQUIRE(money_from_text("1", "???", "amount").error().field == "currency");
}

TEST_CASE("core: money adds within one currency and never overflows") {
    constexpr auto max = std::numeric_limits<std::int64_t>::max();
    constexpr auto min = std::numeric_limits<std::int64_t>::min();
    REQUIRE(*add(cny(5), cny(-7)) == cny(-2));
    REQUIRE(*sub(cny(5), cny(7)) == cny(-2));
    REQUIRE(add(cny(max), cny(1)).status() == Status::invalid);
    REQUIRE(sub(cny(min), cny(1)).status() == Status::invalid);
    REQUIRE(sub(cny(0), cny(min)).status() == Status::invalid);
    REQUIRE(add(cny(1), Money{1, {'U', 'S', 'D'}}).status() == Status::invalid);
}

TEST_CASE("core: token amounts read and write exactly") {
    struct Case {
        const char *text;
        int decimals;
        const char *base, *written;
    };
    const Case cases[] = {
        {"1.5", 6, "1500000", "1.5"},
        {"0.000001", 6, "1", "0.000001"},
        {"1.50000000000", 6, "1500000", "1.5"},
        {"100", 0, "100", "100"},
        {"0", 18, "0", "0"},
        {"0.0", 18, "0", "0"},
        {"100", 18, "100000000000000000000", "100"},
        {"115792089237316195423570985008687907853269984665640564039457.584007913129639935", 18,
         "115792089237316195423570985008687907853269984665640564039457584007913129639935",
         "115792089237316195423570985008687907853269984665640564039457.584007913129639935"},
        {"0.000000000000000000000000000000000001", 36, "1", "0.000000000000000000000000000000000001"}};
    for (const auto &c : cases) {
        INFO(c.text);
        const auto amount = token_amount_from_text(c.text, c.decimals, "amount");
        REQUIRE(amount.ok());
        REQUIRE(to_decimal(amount->base) == c.base);
        REQUIRE(to_text(*amount) == c.written);
    }
    for (const char *text :
         {"", ".", "1.", ".1", "-1", "+1", "1e6", "1.0000001", "1,000", "00", "01.5", "1.5.0", "1 "}) {
        INFO(text);
        const auto amount = token_amount_from_text(text, 6, "amount");
        REQUIRE(amount.status() == Status::invalid);
        REQUIRE(amount.error().field == "amount");
    }
    REQUIRE(token_amount_from_text("1", 37, "amount").error().field == "decimals");
    REQUIRE(token_amount_from_text("1", -1, "amount").error().field == "decimals");
    REQUIRE(token_amount_from_text("115792089237316195423570985008687907853269984665640564039457.584007913129639936",
                                   18, "amount")
                .status() == Status::invalid);
}
