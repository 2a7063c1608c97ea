#include "core/json.hpp"

#include <simdjson.h>

namespace remit::core {
namespace {

bool is_plain(char c) {
    return static_cast<std::uint8_t>(c) >= 0x20 && c != '"' && c != '\\';
}

void append_escape(std::string &out, char c) {
    constexpr char digits[] = "0123456789abcdef";
    switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
        out += "\\u00";
        out += digits[static_cast<std::uint8_t>(c) >> 4U];
        out += digits[static_cast<std::uint8_t>(c) & 0x0fU];
    }
}

void append_escaped(std::string &out, std::string_view text) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_plain(text[i])) continue;
        out.append(text, from, i - from);
        append_escape(out, text[i]);
        from = i + 1;
    }
    out.append(text, from);
}

// The longest valid character that `text` begins with, in bytes; 0 when there is none.
std::size_t valid_prefix(std::string_view text) {
    for (std::size_t n = 1; n <= 4 && n <= text.size(); ++n)
        if (simdjson::validate_utf8(text.data(), n)) return n;
    return 0;
}

}  // namespace

void JsonWriter::separate() {
    if (need_comma_) out_ += ',';
    need_comma_ = true;
}

JsonWriter &JsonWriter::begin_object() {
    separate();
    out_ += '{';
    need_comma_ = false;
    return *this;
}

JsonWriter &JsonWriter::end_object() {
    out_ += '}';
    need_comma_ = true;
    return *this;
}

JsonWriter &JsonWriter::begin_array() {
    separate();
    out_ += '[';
    need_comma_ = false;
    return *this;
}

JsonWriter &JsonWriter::end_array() {
    out_ += ']';
    need_comma_ = true;
    return *this;
}

JsonWriter &JsonWriter::key(std::string_view name) {
    value(name);
    out_ += ':';
    need_comma_ = false;
    return *this;
}

JsonWriter &JsonWriter::value(std::string_view text) {
    separate();
    out_ += '"';
    if (simdjson::validate_utf8(text.data(), text.size())) {
        append_escaped(out_, text);
    } else {
        // Words of others may be anything; what is written is JSON all the same.
        while (!text.empty()) {
            const std::size_t n = valid_prefix(text);
            if (n == 0)
                out_ += "\\ufffd";
            else
                append_escaped(out_, text.substr(0, n));
            text.remove_prefix(n == 0 ? 1 : n);
        }
    }
    out_ += '"';
    return *this;
}

JsonWriter &JsonWriter::value(std::int64_t number) {
    separate();
    out_ += std::to_string(number);
    return *this;
}

JsonWriter &JsonWriter::value(std::uint64_t number) {
    separate();
    out_ += std::to_string(number);
    return *this;
}

JsonWriter &JsonWriter::value(bool flag) {
    separate();
    out_ += flag ? "true" : "false";
    return *this;
}

JsonWriter &JsonWriter::null() {
    separate();
    out_ += "null";
    return *this;
}

JsonWriter &JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

}  // namespace remit::core
