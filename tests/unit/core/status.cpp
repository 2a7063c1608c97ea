#include <remit/result.hpp>

#include <catch2/catch.hpp>

#include <set>

using namespace remit;

TEST_CASE("core: the status table is whole: every code has one name, one class, one sentence") {
    std::set<std::int32_t> numbers;
    std::set<std::string_view> names;
#define REMIT_X(c_name, name, number, cls, text)                                                                       \
    REQUIRE(static_cast<std::int32_t>(Status::name) == (number));                                                      \
    REQUIRE(status_name(Status::name) == #c_name);                                                                     \
    REQUIRE(status_class(Status::name) == StatusClass::cls);                                                           \
    REQUIRE(status_text(Status::name).ends_with('.'));                                                                 \
    REQUIRE(numbers.insert(number).second);                                                                            \
    REQUIRE(names.insert(#c_name).second);
    REMIT_STATUS_TABLE(REMIT_X)
#undef REMIT_X
    REQUIRE(*numbers.begin() == 1 - static_cast<std::int32_t>(numbers.size()));  // no gap down from 0
    REQUIRE(status_name(static_cast<Status>(77)) == "E_?");
    REQUIRE(status_text(static_cast<Status>(77)).empty());
    REQUIRE(status_class(static_cast<Status>(77)) == StatusClass::FIX);
}

TEST_CASE("core: a result carries a value or an error through REMIT_TRY and REMIT_CHECK") {
    const auto half = [](int n) -> Result<int> {
        if (n % 2 != 0) return invalid("n", "is odd");
        return n / 2;
    };
    const auto quarter = [&](int n) -> Result<std::string> {
        REMIT_TRY(const int h, half(n));
        REMIT_CHECK(half(h));
        return std::to_string(h / 2);
    };
    REQUIRE(*quarter(12) == "3");
    REQUIRE(quarter(6).error().field == "n");
    REQUIRE(quarter(5).status() == Status::invalid);
    REQUIRE(quarter(12).status() == Status::ok);
}
