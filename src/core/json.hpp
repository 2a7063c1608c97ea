// JSON: reading keeps every number as its text (amounts are never floats); writing appends.
#pragma once

#include <remit/result.hpp>
#include <remit/u256.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace remit::core {

// A parsed document. Reading by simdjson; at most 64 levels deep; duplicate names in an object are Invalid.
class Json {
public:
    enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

    // Invalid with what and where; `field` names the document in the error.
    static Result<Json> parse(std::string_view text, std::string_view field = {});

    Kind kind() const noexcept { return kind_; }
    bool is_null() const noexcept { return kind_ == Kind::null; }
    bool boolean() const noexcept { return text_ == "true"; }
    // A number's own text, or a string's value.
    const std::string &text() const noexcept { return text_; }
    const std::vector<Json> &items() const noexcept { return items_; }
    const std::vector<std::pair<std::string, Json>> &members() const noexcept { return members_; }
    // nullptr when absent (or when this is no object).
    const Json *find(std::string_view name) const noexcept;

    // Typed reads; Invalid naming `field` when the kind or range is wrong.
    Result<std::int64_t> as_int(std::string_view field) const;
    Result<std::string> as_string(std::string_view field) const;
    Result<bool> as_bool(std::string_view field) const;
    // An amount: a string or an integer number of any size, in canonical decimal.
    Result<u256> as_u256(std::string_view field) const;

private:
    friend struct JsonBuild;
    Kind kind_ = Kind::null;
    std::string text_;
    std::vector<Json> items_;
    std::vector<std::pair<std::string, Json>> members_;
};

// Writes one document. Commas are put where they belong; the caller keeps begin and end paired.
class JsonWriter {
public:
    JsonWriter &begin_object();
    JsonWriter &end_object();
    JsonWriter &begin_array();
    JsonWriter &end_array();
    JsonWriter &key(std::string_view name);
    JsonWriter &value(std::string_view text);  // a string
    JsonWriter &value(const char *text) { return value(std::string_view(text)); }
    JsonWriter &value(const std::string &text) { return value(std::string_view(text)); }
    JsonWriter &value(std::int64_t number);
    JsonWriter &value(std::uint64_t number);
    JsonWriter &value(int number) { return value(static_cast<std::int64_t>(number)); }
    JsonWriter &value(bool flag);
    JsonWriter &null();
    JsonWriter &raw(std::string_view json);  // already JSON
    template <class T>
    JsonWriter &field(std::string_view name, const T &v) {
        return key(name).value(v);
    }
    std::string take() { return std::move(out_); }
    const std::string &text() const noexcept { return out_; }

private:
    void separate();
    std::string out_;
    bool need_comma_ = false;
};

}  // namespace remit::core
