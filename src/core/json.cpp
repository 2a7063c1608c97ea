#include "core/json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace remit::core {

namespace ondemand = simdjson::ondemand;

namespace {

constexpr int kDepthMax = 64;
constexpr std::size_t kFewMembers = 16;  // up to here comparing each with each beats sorting

bool is_number(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        return at - from;
    };
    const auto take = [&](char c) { return at < text.size() && text[at] == c ? (++at, true) : false; };
    take('-');
    const std::size_t first = at;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
    if (take('.') && digits() == 0) return false;
    if (take('e') || take('E')) {
        if (!take('+')) take('-');
        if (digits() == 0) return false;
    }
    return at == text.size();
}

}  // namespace

// Builds the tree. False with `problem` set when the text is not JSON as we take it.
struct JsonBuild {
    const char *problem = nullptr;

    bool refuse(const char *why) {
        problem = why;
        return false;
    }
    bool refuse(simdjson::error_code code) { return refuse(simdjson::error_message(code)); }

    bool value(ondemand::value source, int depth, Json &out) {
        switch (*source.raw_json_token().data()) {
        case '{': return object(source, depth, out);
        case '[': return array(source, depth, out);
        case '"': return string(source, out);
        default: return scalar(source.raw_json_token(), out);
        }
    }

    bool string(ondemand::value &source, Json &out) {
        std::string_view text;
        if (const auto code = source.get_string().get(text)) return refuse(code);
        out.kind_ = Json::Kind::string;
        out.text_ = text;
        return true;
    }

    bool scalar(std::string_view token, Json &out) {
        token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
        if (token == "null") return true;
        const bool flag = token == "true" || token == "false";
        if (!flag && !is_number(token)) return refuse("a value is none of JSON's");
        out.kind_ = flag ? Json::Kind::boolean : Json::Kind::number;
        out.text_ = token;
        return true;
    }

    bool array(ondemand::value &source, int depth, Json &out) {
        if (depth > kDepthMax) return refuse("nested deeper than 64 levels");
        ondemand::array items;
        if (const auto code = source.get_array().get(items)) return refuse(code);
        out.kind_ = Json::Kind::array;
        for (auto item : items) {
            ondemand::value element;
            if (const auto code = item.get(element)) return refuse(code);
            if (!value(element, depth + 1, out.items_.emplace_back())) return false;
        }
        return true;
    }

    bool object(ondemand::value &source, int depth, Json &out) {
        if (depth > kDepthMax) return refuse("nested deeper than 64 levels");
        ondemand::object members;
        if (const auto code = source.get_object().get(members)) return refuse(code);
        out.kind_ = Json::Kind::object;
        for (auto member : members) {
            ondemand::field field;
            if (const auto code = std::move(member).get(field)) return refuse(code);
            std::string_view name;
            if (const auto code = field.unescaped_key().get(name)) return refuse(code);
            auto &added = out.members_.emplace_back();
            added.first = name;
            if (!value(field.value(), depth + 1, added.second)) return false;
        }
        return names_differ(out) || refuse("an object has a name twice");
    }

    static bool names_differ(const Json &object) {
        const auto &members = object.members_;
        if (members.size() <= kFewMembers) {
            for (std::size_t i = 1; i < members.size(); ++i)
                for (std::size_t j = 0; j < i; ++j)
                    if (members[i].first == members[j].first) return false;
            return true;
        }
        std::vector<std::string_view> names;
        names.reserve(members.size());
        for (const auto &member : members) names.push_back(member.first);
        std::sort(names.begin(), names.end());
        return std::adjacent_find(names.begin(), names.end()) == names.end();
    }

    // The document stands in brackets of ours, so that a lone scalar needs no way of its own.
    bool document(ondemand::document &source, Json &out) {
        ondemand::array brackets;
        if (const auto code = source.get_array().get(brackets)) return refuse(code);
        std::size_t count = 0;
        for (auto item : brackets) {
            ondemand::value element;
            if (const auto code = item.get(element)) return refuse(code);
            if (++count > 1) return refuse("more follows after its end");
            if (!value(element, 1, out)) return false;
        }
        if (count == 0) return refuse("it is empty");
        if (source.current_location().error() != simdjson::OUT_OF_BOUNDS) return refuse("more follows after its end");
        return true;
    }
};

Result<Json> Json::parse(std::string_view text, std::string_view field) {
    std::string padded;
    padded.reserve(text.size() + 2 + simdjson::SIMDJSON_PADDING);
    padded.append("[").append(text).append("]");

    ondemand::parser parser;
    ondemand::document document;
    Json out;
    JsonBuild build;
    const auto code = parser.iterate(padded.data(), padded.size(), padded.capacity()).get(document);
    if (code) {
        build.refuse(code);
        return invalid(std::string(field), std::string("is not JSON: ") + build.problem);
    }
    if (build.document(document, out)) return out;

    std::string where;
    const char *at = nullptr;
    if (!document.current_location().get(at) && at > padded.data())
        where = " (near byte " + std::to_string(at - padded.data() - 1) + ")";
    return invalid(std::string(field), std::string("is not JSON: ") + build.problem + where);
}

const Json *Json::find(std::string_view name) const noexcept {
    for (const auto &member : members_)
        if (member.first == name) return &member.second;
    return nullptr;
}

Result<std::int64_t> Json::as_int(std::string_view field) const {
    std::int64_t out = 0;
    const char *end = text_.data() + text_.size();
    const auto [stop, code] = std::from_chars(text_.data(), end, out);
    if (kind_ != Kind::number || stop != end || code == std::errc::invalid_argument)
        return invalid(std::string(field), "must be an integer");
    if (code != std::errc()) return invalid(std::string(field), "does not fit 64 bits");
    return out;
}

Result<std::string> Json::as_string(std::string_view field) const {
    if (kind_ != Kind::string) return invalid(std::string(field), "must be a string");
    return text_;
}

Result<bool> Json::as_bool(std::string_view field) const {
    if (kind_ != Kind::boolean) return invalid(std::string(field), "must be true or false");
    return boolean();
}

Result<u256> Json::as_u256(std::string_view field) const {
    if (kind_ != Kind::string && kind_ != Kind::number)
        return invalid(std::string(field), "must be an amount in decimal digits");
    return u256_from_decimal(text_, field);
}

}  // namespace remit::core
