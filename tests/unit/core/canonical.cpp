#include "core/canonical.hpp"
#include "core/json.hpp"
#include "seeded.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace std::string_literals;
using remit::Status;
using remit::core::canonical_json;
using remit::core::JsonWriter;
using remit::test::Seeded;

namespace {

using Paths = std::vector<std::string>;

std::string canonical(std::string_view text, const Paths &include = {}, const Paths &exclude = {}) {
    const auto out = canonical_json(text, include, exclude);
    return out.ok() ? *out : "Invalid: " + out.error().field + " " + out.error().text;
}

bool refused(std::string_view text, const char *field = "json") {
    const auto out = canonical_json(text);
    return !out.ok() && out.status() == Status::invalid && out.error().field == field && !out.error().text.empty();
}

}  // namespace

TEST_CASE("core: canonical JSON gives the documents of RFC 8785") {
    // Section 3.2.2 and 3.2.4.
    CHECK(canonical(R"({
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    })") == R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
            R"("string":"€$\u000f\nA'B\"\\\\\"/"})");
    // Section 3.2.3: by UTF-16 units, a letter of the supplementary planes before one of U+E000 and above.
    CHECK(canonical(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
        "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"})") ==
          "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
          "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"\xf0\x9f\x98\x80\":\"Emoji: Grinning "
          "Face\","
          "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
    CHECK(canonical(R"("\u0000\u0001\b\t\n\u000b\f\r\u001f\u007f\u2028")") ==
          "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\xe2\x80\xa8\"");
    CHECK(canonical(" [ ] ") == "[]");
    CHECK(canonical(R"({"b":{"d":1,"c":{}},"a":[{"z":0,"y":0}],"":0,"ab":0})") ==
          R"({"":0,"a":[{"y":0,"z":0}],"ab":0,"b":{"c":{},"d":1}})");
}

TEST_CASE("core: canonical JSON writes numbers as RFC 8785's appendix B has them") {
    const std::pair<const char *, const char *> table[] = {
        {"0", "0"},
        {"-0", "0"},
        {"-0.0e5", "0"},
        {"5e-324", "5e-324"},
        {"-5e-324", "-5e-324"},
        {"1.7976931348623157e+308", "1.7976931348623157e+308"},
        {"-1.7976931348623157e308", "-1.7976931348623157e+308"},
        {"9007199254740992", "9007199254740992"},
        {"-9007199254740992", "-9007199254740992"},
        {"295147905179352830000", "295147905179352830000"},
        {"9.999999999999997e22", "9.999999999999997e+22"},
        {"1e23", "1e+23"},
        {"1.0000000000000001e23", "1.0000000000000001e+23"},
        {"999999999999999700000", "999999999999999700000"},
        {"999999999999999900000", "999999999999999900000"},
        {"1e21", "1e+21"},
        {"9.999999999999997e-7", "9.999999999999997e-7"},
        {"0.000001", "0.000001"},
        {"0.0000001", "1e-7"},
        {"333333333.3333332", "333333333.3333332"},
        {"333333333.33333325", "333333333.33333325"},
        {"333333333.3333333", "333333333.3333333"},
        {"333333333.33333334", "333333333.3333333"},
        {"-0.0000033333333333333333", "-0.0000033333333333333333"},
        {"1424953923781206.2", "1424953923781206.2"},
        {"100000000000000000000", "100000000000000000000"},
        {"1.50e+1", "15"},
        {"10.0", "10"},
        {"12e-1", "1.2"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"2.2250738585072014e-308", "2.2250738585072014e-308"},
    };
    for (const auto &[text, want] : table) {
        INFO(text);
        CHECK(canonical(text) == want);
        CHECK(canonical(want) == want);
    }
}

TEST_CASE("core: canonical JSON refuses what another could be taken for, and what is no JSON") {
    for (const char *number :
         {"9007199254740993", "-9007199254740993", "9007199254740993.0", "9.007199254740993e15", "1152921504606846976",
          "18446744073709551615", "123456789012345678", "0.123456789012345678", "1e309", "-1e309",
          "1e99999999999999999999", "1e-400", "1e-99999999999999999999", "2.5e-324", "12e-325", "100000000000000000001",
          "1.0000000000000000001"}) {
        INFO(number);
        CHECK(refused(number));
        CHECK(refused("{\"a\":[" + std::string(number) + "]}"));
        CHECK(refused("{\"amount\":" + std::string(number) + "}"));
    }
    for (const char *text : {"", "{", "[1,]", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "NaN", "01",
                             "\"\\ud800\"", "\"\xed\xa0\x80\"", "\"\xff\"", "1 2"}) {
        INFO(text);
        CHECK(refused(text));
    }
    CHECK(canonical(std::string(64, '[') + std::string(64, ']')) == std::string(64, '[') + std::string(64, ']'));
    CHECK(refused(std::string(65, '[') + std::string(65, ']')));
    CHECK(canonical_json("{", {}, {}, "request").error().field == "request");
    // What the number was stays untold: a request may carry what no log should.
    CHECK(canonical("{\"pin\":123456789012345678}").find("1234") == std::string::npos);
}

TEST_CASE("core: canonical JSON takes a part: what is included, in its parents") {
    const std::string order =
        R"({"id":7,"items":[{"sku":"a","n":1},{"n":2},{"sku":"c"}],"a/b":{"~":1,"x":[1,2,3]},"note":"hi"})";
    CHECK(canonical(order, {"/id"}) == R"({"id":7})");
    CHECK(canonical(order, {""}) == canonical(order));
    CHECK(canonical(order, {"/items/*/sku"}) == R"({"items":[{"sku":"a"},{},{"sku":"c"}]})");
    CHECK(canonical(order, {"/items/1"}) == R"({"items":[{"n":2}]})");
    CHECK(canonical(order, {"/*/*/n"}) == R"({"a/b":{"x":[]},"items":[{"n":1},{"n":2},{}]})");
    CHECK(canonical(order, {"/a~1b/~0"}) == R"({"a/b":{"~":1}})");
    CHECK(canonical(order, {"/a~1b/x/2", "/id"}) == R"({"a/b":{"x":[3]},"id":7})");
    CHECK(canonical(order, {"/id", "/nothing", "/id/deeper", "/items/01", "/items/-"}) == R"({"id":7,"items":[]})");
    CHECK(canonical(order, {"/items", "/items/0/sku"}) == R"({"items":[{"n":1,"sku":"a"},{"n":2},{"sku":"c"}]})");
    CHECK(canonical(order, {"/absent"}) == "{}");
    CHECK(canonical(R"({"":{"":1,"a":2}})", {"//"}) == R"({"":{"":1}})");
    CHECK(canonical("7", {"/id"}) == "null");
    CHECK(canonical("7", {""}) == "7");
}

TEST_CASE("core: canonical JSON leaves parts out, and exclusion wins") {
    const std::string order = R"({"id":7,"items":[{"sku":"a","at":1},{"at":2},5],"meta":{"at":3,"by":"x"}})";
    CHECK(canonical(order, {}, {"/meta"}) == R"({"id":7,"items":[{"at":1,"sku":"a"},{"at":2},5]})");
    CHECK(canonical(order, {}, {"/items/*/at", "/meta/at"}) ==
          R"({"id":7,"items":[{"sku":"a"},{},5],"meta":{"by":"x"}})");
    CHECK(canonical(order, {}, {"/items/0"}) == R"({"id":7,"items":[{"at":2},5],"meta":{"at":3,"by":"x"}})");
    CHECK(canonical(order, {}, {"/*"}) == "{}");
    CHECK(canonical(order, {}, {"/none", "/id/x"}) == canonical(order));
    CHECK(canonical(order, {"/meta", "/id"}, {"/meta/at"}) == R"({"id":7,"meta":{"by":"x"}})");
    CHECK(canonical(order, {"/meta/by"}, {"/meta"}) == R"({})");
    // Two requests that differ only there are one; else they are two.
    CHECK(canonical(R"({"a":1,"trace":"x"})", {}, {"/trace"}) == canonical(R"({"trace":"y","a":1.0})", {}, {"/trace"}));
    CHECK(canonical(R"({"a":1,"trace":"x"})", {}, {"/trace"}) != canonical(R"({"trace":"x","a":2})", {}, {"/trace"}));
    // A number that is left out may be any.
    CHECK(canonical(R"({"a":1,"n":1e999})", {}, {"/n"}) == R"({"a":1})");
}

TEST_CASE("core: canonical JSON never leaves out an amount or a currency") {
    const std::string order =
        R"({"amount":"5.00","currency":"USD","order":{"note":"x","lines":[{"amount":{"value":1,"unit":2}},
        {"x":1},{"fee_amount":2,"y":[1]}],"payCurrency":"EUR"},"z":{"AMOUNT":[1],"tax_CURRENCY":0,"Amount":1,"amounts":3,"paramount":4}})";
    const std::string kept =
        R"({"amount":"5.00","currency":"USD","order":{"lines":[{"amount":{"unit":2,"value":1}},)"
        R"({"fee_amount":2}],"payCurrency":"EUR"},"z":{"AMOUNT":[1],"Amount":1,"tax_CURRENCY":0}})";
    CHECK(canonical(order, {}, {"/*"}) == kept);
    CHECK(canonical(order, {}, {"/order", "/z"}) == kept);
    CHECK(canonical(order, {"/absent"}) == kept);
    CHECK(canonical(order, {}, {"/*/*"}) == kept);
    // Deeper than a * that matches the amount: what is in it stays too.
    CHECK(canonical(R"({"amount":{"value":1,"unit":2},"b":{"value":1,"unit":2}})", {}, {"/*/value"}) ==
          R"({"amount":{"unit":2,"value":1},"b":{"unit":2}})");
    for (const char *path : {"/amount", "/currency", "/order/amount", "/*/currency", "/a/unit_amount", "/payCurrency",
                             "/AMOUNT", "/amount/value", ""}) {
        INFO(path);
        const auto out = canonical_json("{}", {}, Paths{"/fine", path});
        REQUIRE(!out.ok());
        CHECK((out.status() == Status::invalid && out.error().field == "exclude[1]"));
        CHECK(canonical_json("{}", Paths{path}, {}).ok());
    }
    CHECK(canonical_json("{}", {}, Paths{"/amounts", "/paramount", "/concurrency", "/x/*"}).ok());
    for (const char *path : {"a", "~", "/~", "/a~2", "/a~", "*"}) {
        INFO(path);
        const auto out = canonical_json("{}", Paths{path}, {});
        REQUIRE(!out.ok());
        CHECK((out.status() == Status::invalid && out.error().field == "include[0]"));
    }
}

namespace {

void random_text(JsonWriter &out, Seeded &random, bool name) {
    static const char *const pieces[] = {"a",
                                         "b",
                                         "Z",
                                         "1",
                                         "10",
                                         "é",
                                         "€",
                                         "\xee\x80\x80",
                                         "\xef\xbf\xbd",
                                         "\xf0\x9f\x98\x80",
                                         "\xf4\x8f\xbf\xbf",
                                         "\"",
                                         "\\",
                                         "/",
                                         "\x01",
                                         "\x1f",
                                         "\x7f",
                                         "\n",
                                         "\b",
                                         "\f",
                                         "__proto__",
                                         "amount",
                                         "\xe2\x80\xa8"};
    std::string text;
    for (std::size_t n = random.below(4); n > 0; --n) text += pieces[random.below(std::size(pieces))];
    if (name)
        out.key(text);
    else
        out.value(text);
}

std::string random_number(Seeded &random) {
    std::string text = random.below(2) == 0 ? "-" : "";
    const std::size_t digits = 1 + random.below(17);
    text += static_cast<char>('1' + random.below(9));
    for (std::size_t i = 1; i < digits; ++i) {
        if (i == 1 && random.below(4) != 0) text += '.';
        text += static_cast<char>('0' + random.below(10));
    }
    if (random.below(3) != 0) text += "e" + std::to_string(static_cast<int>(random.below(650)) - 330);
    return text;
}

// Members are named apart by a counter, so that none comes twice.
void random_value(JsonWriter &out, Seeded &random, int depth) {
    switch (random.below(depth > 4 ? 4 : 6)) {
    case 0: random.below(2) == 0 ? out.null() : out.value(random.below(2) == 0); break;
    case 1: out.raw(random_number(random)); break;
    case 2: out.value(static_cast<std::int64_t>(random.next() >> 11U)); break;
    case 3: random_text(out, random, false); break;
    case 4:
        out.begin_array();
        for (std::size_t n = random.below(4); n > 0; --n) random_value(out, random, depth + 1);
        out.end_array();
        break;
    default:
        out.begin_object();
        for (std::size_t n = random.below(5); n > 0; --n) {
            random_text(out, random, true);
            random_value(out, random, depth + 1);
        }
        out.end_object();
    }
}

std::string random_document(Seeded &random) {
    JsonWriter out;
    random_value(out, random, 0);
    return out.take();
}

// The same by a JavaScript engine, whose serialisation of numbers and texts and whose order of names RFC 8785 takes
// over. One document a line.
constexpr const char *kByNode =
    "const c=v=>Array.isArray(v)?'['+v.map(c).join(',')+']':v&&typeof v==='object'?'{'+Object.keys(v).sort()"
    ".map(k=>JSON.stringify(k)+':'+c(v[k])).join(',')+'}':JSON.stringify(v);"
    "for(const l of require('fs').readFileSync(process.argv[1],'utf8').split('\\n'))if(l)console.log(c(JSON.parse(l)))";

}  // namespace

TEST_CASE("core: canonical JSON of canonical JSON is the same, however it was spelt") {
    Seeded random(8785);
    int taken = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::string text = random_document(random);
        const auto once = canonical_json(text);
        if (!once.ok()) continue;  // a member twice, or a number that is refused
        ++taken;
        INFO(text);
        REQUIRE(canonical(*once) == *once);
        const Paths some = {"/a", "/*/b", "/1/*"};
        const std::string part = canonical(text, some, {"/*/*/a"});
        REQUIRE(canonical(*once, some, {"/*/*/a"}) == part);
        REQUIRE(canonical(part) == part);
    }
    REQUIRE(taken > 12'000);
}

TEST_CASE("core: canonical JSON is what a JavaScript engine writes") {
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("remit-canonical-" + std::to_string(::getpid()));
    std::vector<std::string> texts, ours, theirs;
    Seeded random(1);
    for (int i = 0; i < 20'000; ++i) {
        const std::string text = i % 2 == 0 ? random_number(random) : random_document(random);
        const auto out = canonical_json(text);
        if (!out.ok()) continue;
        texts.push_back(text);
        ours.push_back(*out);
    }
    {
        std::ofstream file(path, std::ios::binary);
        for (const std::string &text : texts) file << text << '\n';
    }
    const std::string command = "node -e \"$REMIT_SCRIPT\" '" + path.string() + "'";
    ::setenv("REMIT_SCRIPT", kByNode, 1);
    std::FILE *node = ::popen(command.c_str(), "r");
    REQUIRE(node != nullptr);
    std::string line;
    for (int c = 0; (c = std::getc(node)) != EOF;) {
        if (c != '\n') {
            line += static_cast<char>(c);
            continue;
        }
        theirs.push_back(std::move(line));
        line.clear();
    }
    const int ended = ::pclose(node);
    std::filesystem::remove(path);
    REQUIRE(ended == 0);
    REQUIRE(ours.size() > 12'000);
    REQUIRE(theirs.size() == ours.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        INFO(texts[i]);
        REQUIRE(ours[i] == theirs[i]);
    }
}
