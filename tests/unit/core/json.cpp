#include "core/json.hpp"
#include "seeded.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using remit::Status;
using remit::core::Json;
using remit::core::JsonWriter;
using namespace std::string_view_literals;

namespace {

// The tree as text again: what was read, and nothing lost.
void write(JsonWriter &out, const Json &json) {
    switch (json.kind()) {
    case Json::Kind::null: out.null(); break;
    case Json::Kind::boolean: out.value(json.boolean()); break;
    case Json::Kind::number: out.raw(json.text()); break;
    case Json::Kind::string: out.value(json.text()); break;
    case Json::Kind::array:
        out.begin_array();
        for (const auto &item : json.items()) write(out, item);
        out.end_array();
        break;
    case Json::Kind::object:
        out.begin_object();
        for (const auto &[name, value] : json.members()) {
            out.key(name);
            write(out, value);
        }
        out.end_object();
    }
}

std::string again(std::string_view text) {
    const auto json = Json::parse(text);
    if (!json.ok()) return json.error().text;
    JsonWriter out;
    write(out, *json);
    return out.take();
}

// Printable ones, two spaces apart.
constexpr std::string_view kNotJson =
    R"~(nul  nulls  True  tru e  undefined  NaN  Infinity  -Infinity  'a'  01  -  -01  +1  1.  .5  1e  1e+  0x10  1_0
1 2  1,2  1]  1],[2  [1]]  ]  }  [  {  [1  [1,  [1,]  [,1]  [1 2]  [1,,2]  [[1]  [1]2  []{}  {"a"}  {"a":}
{"a":1,}  {,}  {a:1}  {1:1}  {"a" 1}  {"a":1 "b":2}  {"a":1  {"a":1]  [1}  {"a":1}}  {"a"::1}  {[]:1}  "  "a
"\"  "\x"  "\u12"  "\u123g"  "\ud800"  "\ud800\u0041"  "\udc00"  /**/1  1//  [1,2  [[[  ]]]  {"a":[}
["a" "b"]  ["a":1]  truefalse  [true false]  [null null]  "a"b  ["a"b]  [1"a"])~";
constexpr std::string_view kNotJsonBytes[] = {""sv,
                                              " "sv,
                                              "\"\n\""sv,
                                              "\"\t\""sv,
                                              "\"\0\""sv,
                                              "\"\x80\""sv,
                                              "\"\xc3\""sv,
                                              "\"\xed\xa0\x80\""sv,
                                              "\"\xf5\x80\x80\x80\""sv,
                                              "\xef\xbb\xbf{}"sv,
                                              "[1]\xff"sv,
                                              "1\0"sv,
                                              "[1]\0"sv};

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("core: JSON reads every kind of value, numbers as they are written") {
    for (const char *text : {"null", "true", "false", "0", "-0", "12345678901234567890123456789012345678901234567890",
                             "-1.50e+10", "1E400", "0.1e-7", "\"\"", "\"a\"", "[]", "{}",
                             "[null,true,false,1,\"x\",[],{}]", R"({"a":{"b":[1,2,{"c":null}]},"":0})"}) {
        INFO(text);
        REQUIRE(again(text) == text);
        REQUIRE(again("  \r\n\t" + std::string(text) + " \n ") == text);
    }
    REQUIRE(again(R"( { "a" : [ 1 , 2 ] , "b" : "\u00e9\ud83d\ude00\/\b\f" } )") ==
            "{\"a\":[1,2],\"b\":\"\xc3\xa9\xf0\x9f\x98\x80/\\u0008\\u000c\"}");
    REQUIRE(Json::parse(R"("\u0000")")->text() == std::string(1, '\0'));
}

TEST_CASE("core: JSON that is not JSON is refused") {
    std::vector<std::string_view> bad(std::begin(kNotJsonBytes), std::end(kNotJsonBytes));
    for (std::size_t at = 0; at < kNotJson.size();) {
        const std::size_t end = std::min({kNotJson.find("  ", at), kNotJson.find('\n', at), kNotJson.size()});
        bad.push_back(kNotJson.substr(at, end - at));
        at = end < kNotJson.size() && kNotJson[end] == ' ' ? end + 2 : end + 1;
    }
    REQUIRE(bad.size() == 87);
    for (const auto text : bad) {
        INFO(text);
        const auto got = Json::parse(text, "body");
        REQUIRE(got.status() == Status::invalid);
        REQUIRE(got.error().field == "body");
    }
}

TEST_CASE("core: JSON refuses a name given twice, in small and large objects, whatever its spelling") {
    REQUIRE(Json::parse(R"({"a":1,"b":2,"a":3})").status() == Status::invalid);
    REQUIRE(Json::parse(R"({"a":1,"\u0061":2})").status() == Status::invalid);
    REQUIRE(Json::parse(R"([{"a":1},{"a":1}])").ok());
    std::string large = "{";
    for (int i = 0; i < 500; ++i) large += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    REQUIRE(Json::parse(large + "\"z\":0}").ok());
    REQUIRE(Json::parse(large + "\"k250\":0}").status() == Status::invalid);
}

TEST_CASE("core: JSON is read to 64 levels and no further") {
    REQUIRE(Json::parse(nested(64)).ok());
    REQUIRE(Json::parse(nested(65)).status() == Status::invalid);
    REQUIRE(Json::parse(nested(100'000)).status() == Status::invalid);
    std::string objects;
    for (int i = 0; i < 70; ++i) objects += "{\"a\":";
    REQUIRE(Json::parse(objects + "1" + std::string(70, '}')).status() == Status::invalid);
}

TEST_CASE("core: damaged JSON never reads outside its text, and what is taken can be written and read again") {
    const std::string good =
        R"({"id":7,"result":[{"hash":"0xab\u00e9\n","logs":[],"n":-1.5e3,"ok":true,"x":null}],"e":{"a":["b"]}})";
    remit::test::Seeded random(64);
    int taken = 0;
    for (int i = 0; i < 30'000; ++i) {
        std::string text = good;
        for (std::size_t n = 1 + random.below(3); n-- > 0;) {
            const std::size_t at = random.below(text.size());
            const std::size_t what = random.below(4);
            constexpr std::string_view marks = "{}[]\",:\\u0 1ntf\xc3\xff";
            if (what == 0)
                text.erase(at, 1 + random.below(8));
            else if (what == 1)
                text.insert(at, 1, marks[random.below(marks.size())]);
            else if (what == 2)
                text[at] = marks[random.below(marks.size())];
            else
                text.resize(at);
            if (text.empty()) break;
        }
        const auto json = Json::parse(text);
        if (!json.ok()) continue;
        ++taken;
        JsonWriter out;
        write(out, *json);
        REQUIRE(again(out.text()) == out.text());
    }
    REQUIRE(taken > 100);
    REQUIRE(taken < 15'000);
}

TEST_CASE("core: typed reads name the field they refuse") {
    const auto json =
        *Json::parse(R"({"i":-9223372036854775808,"big":9223372036854775808,"f":1.0,"e":1e3,"s":"12","t":true,
        "wei":115792089237316195423570985008687907853269984665640564039457584007913129639935,"lead":"012","n":null})");
    REQUIRE(*json.find("i")->as_int("i") == INT64_MIN);
    for (const char *name : {"big", "f", "e", "s", "t", "n"}) {
        INFO(name);
        const auto got = json.find(name)->as_int(name);
        REQUIRE(got.status() == Status::invalid);
        REQUIRE(got.error().field == name);
    }
    REQUIRE(*json.find("s")->as_string("s") == "12");
    REQUIRE(json.find("i")->as_string("i").error().field == "i");
    REQUIRE(*json.find("t")->as_bool("t"));
    REQUIRE(json.find("s")->as_bool("s").status() == Status::invalid);
    REQUIRE(*json.find("wei")->as_u256("wei") == remit::u256::max());
    REQUIRE(*json.find("s")->as_u256("s") == remit::u256(12));
    for (const char *name : {"f", "e", "t", "n", "lead", "i"}) {
        INFO(name);
        REQUIRE(json.find(name)->as_u256(name).error().field == name);
    }
    REQUIRE(json.find("absent") == nullptr);
    REQUIRE(json.find("s")->find("x") == nullptr);
}

TEST_CASE("core: the JSON writer puts commas and escapes where they belong") {
    JsonWriter out;
    out.begin_object().field("a", 1).key("b").begin_array().value("x").null().value(true).begin_object().end_object();
    out.end_array()
        .field("c", std::string("\"\\\n\r\t\x01\x7f\xc3\xa9"))
        .field("d", std::uint64_t{18446744073709551615U});
    out.key("e").raw("[1]").field("f\n", INT64_MIN).end_object();
    REQUIRE(out.text() == "{\"a\":1,\"b\":[\"x\",null,true,{}],\"c\":\"\\\"\\\\\\n\\r\\t\\u0001\x7f\xc3\xa9\","
                          "\"d\":18446744073709551615,\"e\":[1],\"f\\n\":-9223372036854775808}");
    REQUIRE(Json::parse(out.text()).ok());
}

TEST_CASE("core: the JSON writer turns bytes that are not UTF-8 into U+FFFD") {
    JsonWriter out;
    out.value(std::string("a\xff\xc3\xa9\xe2\x82\"\xf0\x9f\x92\xb0\xed\xa0\x80"));
    REQUIRE(Json::parse(out.text()).ok());
    REQUIRE(out.text() == "\"a\\ufffd\xc3\xa9\\ufffd\\ufffd\\\"\xf0\x9f\x92\xb0\\ufffd\\ufffd\\ufffd\"");
}

TEST_CASE("core: every text survives being written and read") {
    remit::test::Seeded random(5);
    for (int i = 0; i < 3'000; ++i) {
        std::string text;
        for (std::size_t n = random.below(80); n-- > 0;) text += static_cast<char>(random.below(128));
        JsonWriter out;
        out.value(text);
        REQUIRE(Json::parse(out.text())->text() == text);
    }
}
