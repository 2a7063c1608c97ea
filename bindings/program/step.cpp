#include "step.hpp"

#include <charconv>
#include <stdexcept>

namespace {

constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:/\"-";

std::uint64_t to_number(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    std::uint64_t out = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (wrong != std::errc{} || end != text.data() + text.size())
        throw std::runtime_error("not a number: " + std::string(text));
    return negative ? 0 - out : out;
}

std::string decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned byte = 0;
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}

// A cursor over one value.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    Value value() {
        Value out;
        const char first = text_.empty() ? '\0' : text_.front();
        if (first == '{') {
            out.kind = Value::Kind::structure;
            each('}', [&] {
                const std::string name(take("="));
                text_.remove_prefix(1);
                out.fields[name] = value();
            });
        } else if (first == '[') {
            out.kind = Value::Kind::array;
            each(']', [&] { out.items.push_back(value()); });
        } else {
            read_word(out, take(",]}"));
        }
        return out;
    }

private:
    std::string_view take(std::string_view stops) {
        const std::string_view out = text_.substr(0, text_.find_first_of(stops));
        text_.remove_prefix(out.size());
        return out;
    }
    template <class Fn>
    void each(char end, Fn one) {
        text_.remove_prefix(1);
        while (text_.front() != end) {
            one();
            if (text_.front() == ',') text_.remove_prefix(1);
        }
        text_.remove_prefix(1);
    }
    static void read_word(Value &out, std::string_view word) {
        if (word == "-") return;
        if (word.starts_with('~')) {
            out.kind = Value::Kind::bytes;
            out.text = decode(word.substr(1));
        } else if (word.starts_with('@')) {
            out.kind = Value::Kind::reference;
            const std::size_t dot = word.find('.');
            out.number = to_number(word.substr(1, dot - 1));
            out.text = word.substr(dot + 1);
        } else if (word == "keep" || word == "hide" || word == "null") {
            out.kind = Value::Kind::word;
            out.text = word;
        } else {
            out.kind = Value::Kind::number;
            out.number = to_number(word);
        }
    }

    std::string_view text_;
};

}  // namespace

const Value &Value::operator[](std::string_view name) const {
    static const Value *const nothing = new Value;
    const auto found = fields.find(name);
    return found == fields.end() ? *nothing : found->second;
}

bool Step::is(std::string_view output, std::string_view word) const {
    const Value &said = given[output];
    return said.kind == Value::Kind::word && said.text == word;
}

Step parse_step(std::string_view line) {
    Step out;
    std::vector<std::string_view> words;
    while (!line.empty()) {
        words.push_back(line.substr(0, line.find(' ')));
        line.remove_prefix(std::min(line.size(), words.back().size() + 1));
    }
    out.number = to_number(words.at(0));
    out.function = words.at(1);
    for (std::size_t i = 2; i < words.size(); ++i) {
        const std::size_t equals = words[i].find('=');
        out.given.fields[std::string(words[i].substr(0, equals))] = Reader(words[i].substr(equals + 1)).value();
    }
    return out;
}

std::string encode(std::string_view bytes) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out = "~";
    for (const char c : bytes) {
        if (kPlain.find(c) != kPlain.npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

std::string shown(const char *text) {
    return text ? encode(text) : "null";
}

const Run::Kept *Run::find(const Value &given) const {
    const auto found = kept_.find(Name{given.number, given.text});
    return found == kept_.end() ? nullptr : &found->second;
}

void *Run::handle_of(const Value &given) const {
    const Kept *kept = given.kind == Value::Kind::reference ? find(given) : nullptr;
    return kept ? kept->handle : nullptr;
}

std::uint64_t Run::number_of(const Value &given) const {
    if (given.kind == Value::Kind::number) return given.number;
    const Kept *kept = given.kind == Value::Kind::reference ? find(given) : nullptr;
    return kept ? kept->number : 0;
}

const std::string *Run::bytes_of(const Value &given) {
    if (given.kind == Value::Kind::null) return nullptr;
    const Kept *kept = given.kind == Value::Kind::reference ? find(given) : nullptr;
    return &texts_.emplace_back(kept ? kept->text : given.kind == Value::Kind::bytes ? given.text : std::string());
}

void Fields::add(std::string_view field, const std::string &said) {
    text_ += (text_.empty() ? "" : ",") + std::string(field) + "=" + said;
}

void Fields::text(std::string_view field, const char *value) {
    run_.keep(name_ / field, std::string(value ? value : ""));
    add(field, shown(value));
}

void Fields::text(std::string_view field, const void *value, std::size_t length) {
    const std::string_view bytes(static_cast<const char *>(value), value ? length : 0);
    run_.keep(name_ / field, std::string(bytes));
    add(field, value ? encode(bytes) : "null");
}

Line::Line(Run &run, const Step &step, const std::string &result) :
    run_(run), step_(step), text_(std::to_string(step.number) + " " + step.function + " " + result) {}

Line::Line(Run &run, const Step &step, remit_status status, const remit_async *async) :
    Line(run, step, remit_status_name(status)) {
    left_alone_ = status == REMIT_OK && async;
}

void Line::add(std::string_view name, const std::string &said) {
    text_ += " " + std::string(name) + "=" + (step_.is(name, "hide") ? "*" : said);
}

void Line::handle(std::string_view name, void *value) {
    if (silent(name)) return;
    run_.keep(Name{step_.number, std::string(name)}, value);
    add(name, value ? "handle" : "null");
}

void Line::blob(std::string_view name, remit_blob *value) {
    if (silent(name)) return;
    add(name, value ? encode({remit_blob_data(value), remit_blob_len(value)}) : "null");
    if (step_.is(name, "keep"))
        run_.keep(Name{step_.number, std::string(name)}, value);
    else
        remit_blob_free(value);
}

void Line::error(remit_error *value) {
    if (!value) return;
    const std::string text = step_.is("out_error", "hide") ? "*" : shown(remit_error_text(value));
    text_ += std::string(" error={status=") + remit_status_name(remit_error_status(value)) +
             ",field=" + shown(remit_error_field(value)) + ",text=" + text + "}";
    if (step_.is("out_error", "keep"))
        run_.keep(Name{step_.number, "out_error"}, static_cast<void *>(value));
    else
        remit_error_free(value);
}
