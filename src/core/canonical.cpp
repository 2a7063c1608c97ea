#include "core/canonical.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

namespace remit::core {
namespace {

// ---- numbers ---------------------------------------------------------------------------------------------------

constexpr std::int64_t kFarAway = 1'000'000'000;  // an exponent beyond every double
constexpr std::size_t kSureDigits = 15;           // so many digits always come back from a double
constexpr std::size_t kMostDigits = 17;           // as many as a double is ever written with

// 0.<digits> times ten to the `point`; no digits: zero.
struct Decimal {
    bool negative = false;
    std::string digits;
    std::int64_t point = 0;

    bool is_integer() const { return point >= static_cast<std::int64_t>(digits.size()); }
    friend bool operator==(const Decimal &, const Decimal &) = default;
};

// `text` is a number as JSON has it.
Decimal decimal_of(std::string_view text) {
    Decimal out;
    if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
        std::string_view power = text.substr(e + 1);
        if (power[0] == '+') power.remove_prefix(1);
        const auto [stop, code] = std::from_chars(power.data(), power.data() + power.size(), out.point);
        if (code != std::errc()) out.point = power[0] == '-' ? -kFarAway : kFarAway;
        out.point = std::clamp(out.point, -kFarAway, kFarAway);
        text = text.substr(0, e);
    }
    out.negative = text[0] == '-';
    if (out.negative) text.remove_prefix(1);
    const std::size_t dot = std::min(text.find('.'), text.size());
    out.point += static_cast<std::int64_t>(dot);
    out.digits = text.substr(0, dot);
    if (dot < text.size()) out.digits += text.substr(dot + 1);

    const std::size_t zeros = std::min(out.digits.find_first_not_of('0'), out.digits.size());
    out.digits.erase(0, zeros);
    out.point -= static_cast<std::int64_t>(zeros);
    out.digits.erase(out.digits.find_last_not_of('0') + 1);
    if (out.digits.empty()) out = {};
    return out;
}

// The shortest decimal that a double reads back as the same: what RFC 8785 writes, and the one place that needs a
// double. No money passes here but as bytes of a request that are compared.
bool shortest(std::string_view text, Decimal &out) {
    double number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) return false;
    std::array<char, 64> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific);
    out = decimal_of({buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data())});
    return true;
}

// As ECMAScript's Number::toString has it.
void append_number(std::string &out, const Decimal &number) {
    if (number.digits.empty()) {
        out += '0';
        return;
    }
    if (number.negative) out += '-';
    const std::string_view digits = number.digits;
    const std::int64_t point = number.point;
    const auto count = static_cast<std::int64_t>(digits.size());
    if (point > 21 || point <= -6) {
        out += digits[0];
        if (count > 1) out.append(".").append(digits.substr(1));
        out.append(point > 0 ? "e+" : "e").append(std::to_string(point - 1));
    } else if (point <= 0) {
        out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
    } else if (point >= count) {
        out.append(digits).append(static_cast<std::size_t>(point - count), '0');
    } else {
        const auto whole = static_cast<std::size_t>(point);
        out.append(digits.substr(0, whole)).append(".").append(digits.substr(whole));
    }
}

// nullptr, or why the number would not be told from another. A fraction of 16 or 17 digits may round: so do the
// languages that write doubles with 17.
const char *append_number(std::string &out, std::string_view text) {
    const Decimal as_written = decimal_of(text);
    Decimal as_read;
    const std::size_t digits = as_written.digits.size();
    if (digits > kMostDigits) return "has a number of more than 17 digits; send it as text";
    if (!shortest(text, as_read) || as_read.digits.empty() != as_written.digits.empty())
        return "has a number that a double cannot hold; send it as text";
    if (as_read != as_written && (as_written.is_integer() || digits <= kSureDigits))
        return "has a number that a double does not hold as it is; send it as text";
    append_number(out, as_read);
    return nullptr;
}

// ---- texts -----------------------------------------------------------------------------------------------------

void append_escape(std::string &out, char c) {
    constexpr char digits[] = "0123456789abcdef";
    switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\b': out += "\\b"; break;
    case '\t': out += "\\t"; break;
    case '\n': out += "\\n"; break;
    case '\f': out += "\\f"; break;
    case '\r': out += "\\r"; break;
    default:
        out += "\\u00";
        out += digits[static_cast<std::uint8_t>(c) >> 4U];
        out += digits[static_cast<std::uint8_t>(c) & 0x0fU];
    }
}

void append_text(std::string &out, std::string_view text) {
    out += '"';
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (static_cast<std::uint8_t>(text[i]) >= 0x20 && text[i] != '"' && text[i] != '\\') continue;
        out.append(text.substr(from, i - from));
        append_escape(out, text[i]);
        from = i + 1;
    }
    out.append(text.substr(from)).append("\"");
}

// Order of UTF-16 units. That of UTF-8 bytes is the same but for U+E000 to U+FFFF, which come after the surrogates
// that all beyond them is written with.
bool before_in_utf16(std::string_view a, std::string_view b) {
    const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (differ.first == a.end() || differ.second == b.end()) return differ.second != b.end();
    const auto weight = [](char c) {
        const int byte = static_cast<std::uint8_t>(c);
        return byte == 0xee || byte == 0xef ? byte + 0x10 : byte;
    };
    return weight(*differ.first) < weight(*differ.second);
}

// ---- paths -----------------------------------------------------------------------------------------------------

using Path = std::vector<std::string>;

bool is_money(std::string_view name) {
    for (const std::string_view word : {"amount", "currency"}) {
        if (name.size() < word.size()) continue;
        const std::string_view end = name.substr(name.size() - word.size());
        const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
        const bool same =
            std::equal(end.begin(), end.end(), word.begin(), [&](char have, char want) { return lower(have) == want; });
        if (!same) continue;
        const bool whole = end.size() == name.size();
        if (whole || name[name.size() - word.size() - 1] == '_' || (end[0] < 'a' && end.substr(1) == word.substr(1)))
            return true;
    }
    return false;
}

Result<Path> path_of(std::string_view text, const std::string &field) {
    Path out;
    if (!text.empty() && text[0] != '/') return invalid(field, "must be empty or begin with /");
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '/') {
            out.emplace_back();
        } else if (text[i] != '~') {
            out.back() += text[i];
        } else {
            ++i;
            if (i == text.size() || (text[i] != '0' && text[i] != '1'))
                return invalid(field, "has a ~ that is neither ~0 nor ~1");
            out.back() += text[i] == '0' ? '~' : '/';
        }
    }
    return out;
}

Result<std::vector<Path>> paths_of(std::span<const std::string> texts, std::string_view name, bool leave_out) {
    std::vector<Path> out;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::string field = std::string(name) + "[" + std::to_string(i) + "]";
        REMIT_TRY(Path path, path_of(texts[i], field));
        if (leave_out && path.empty()) return invalid(field, "would leave out everything");
        if (leave_out && std::any_of(path.begin(), path.end(), is_money))
            return invalid(field, "names an amount or a currency, which is never left out");
        out.push_back(std::move(path));
    }
    return out;
}

// The paths that lead on from one place of a document: each with what is left of it.
using Rest = std::span<const std::string>;
struct Leads {
    std::vector<Rest> on;
    bool ends_here = false;

    explicit Leads(const std::vector<Path> &paths) {
        for (const Path &path : paths) add(path);
    }
    Leads(const Leads &parent, std::string_view name) {
        for (const Rest rest : parent.on)
            if (rest[0] == "*" || rest[0] == name) add(rest.subspan(1));
    }

private:
    void add(Rest rest) {
        if (rest.empty())
            ends_here = true;
        else
            on.push_back(rest);
    }
};

// ---- documents -------------------------------------------------------------------------------------------------

// What of a value is written.
enum class Part : std::uint8_t {
    whole,   // it is within an amount: all, no path counts
    taken,   // all but what is excluded
    on_way,  // something below may be included
    bare,    // amounts and currencies only
};

class Canonical {
public:
    // False when nothing of the value stays; `out` is then as before.
    bool write(const Json &json, Part part, const Leads &include, const Leads &exclude) {
        switch (json.kind()) {
        case Json::Kind::object: return object(json, part, include, exclude);
        case Json::Kind::array: return array(json, part, include, exclude);
        default: break;
        }
        if (part == Part::on_way || part == Part::bare) return false;
        if (json.kind() == Json::Kind::string)
            append_text(out, json.text());
        else if (json.kind() == Json::Kind::number)
            refuse(append_number(out, json.text()));
        else
            out += json.is_null() ? "null" : json.text();
        return true;
    }

    std::string out;
    const char *problem = nullptr;

private:
    void refuse(const char *why) {
        if (problem == nullptr) problem = why;
    }

    static Part part_of(std::string_view name, bool member, Part parent, const Leads &include, const Leads &exclude) {
        if (parent == Part::whole || (member && is_money(name))) return Part::whole;
        if (parent == Part::bare || exclude.ends_here) return Part::bare;
        if (parent == Part::taken || include.ends_here) return Part::taken;
        return include.on.empty() ? Part::bare : Part::on_way;
    }

    // A member or an element.
    bool child(const Json &json, std::string_view name, bool member, Part parent, const Leads &include,
               const Leads &exclude) {
        const Leads in(include, name), ex(exclude, name);
        return write(json, part_of(name, member, parent, in, ex), in, ex);
    }

    bool object(const Json &json, Part part, const Leads &include, const Leads &exclude) {
        std::vector<const std::pair<std::string, Json> *> members;
        members.reserve(json.members().size());
        for (const auto &member : json.members()) members.push_back(&member);
        std::sort(members.begin(), members.end(),
                  [](const auto *a, const auto *b) { return before_in_utf16(a->first, b->first); });
        const std::size_t from = out.size();
        out += '{';
        for (const auto *member : members) {
            const std::size_t mark = out.size();
            if (mark != from + 1) out += ',';
            append_text(out, member->first);
            out += ':';
            if (!child(member->second, member->first, true, part, include, exclude)) out.resize(mark);
        }
        return close(from, '}', part);
    }

    bool array(const Json &json, Part part, const Leads &include, const Leads &exclude) {
        const std::size_t from = out.size();
        out += '[';
        for (std::size_t i = 0; i < json.items().size(); ++i) {
            const std::size_t mark = out.size();
            if (mark != from + 1) out += ',';
            if (!child(json.items()[i], std::to_string(i), false, part, include, exclude)) out.resize(mark);
        }
        return close(from, ']', part);
    }

    bool close(std::size_t from, char bracket, Part part) {
        const bool nothing = part == Part::bare && out.size() == from + 1;
        if (nothing)
            out.resize(from);
        else
            out += bracket;
        return !nothing;
    }
};

}  // namespace

Result<std::string> canonical_json(std::string_view json, std::span<const std::string> include,
                                   std::span<const std::string> exclude, std::string_view field) {
    REMIT_TRY(const std::vector<Path> take, paths_of(include, "include", false));
    REMIT_TRY(const std::vector<Path> leave, paths_of(exclude, "exclude", true));
    REMIT_TRY(const Json document, Json::parse(json, field));
    const Leads taken(take);
    const Part part = take.empty() || taken.ends_here ? Part::taken : Part::on_way;
    Canonical canonical;
    canonical.out.reserve(json.size());
    if (!canonical.write(document, part, taken, Leads(leave))) canonical.out = "null";  // a lone value, not included
    if (canonical.problem != nullptr) return invalid(std::string(field), canonical.problem);
    return std::move(canonical.out);
}

}  // namespace remit::core
