#include "cli/output.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace remit::cli {
namespace {

void put(std::FILE *to, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), to);
}

// Characters, not bytes: those that continue a UTF-8 sequence take no room.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

const char *color_of(std::string_view word) {
    constexpr std::string_view good = "|completed|ok|running|", bad = "|failed|error|quarantined|unreachable|",
                               warn = "|pending|sent|blocked|elsewhere|waiting|cancelled|unknown|";
    const std::string key = "|" + std::string(word) + "|";
    if (good.find(key) != std::string_view::npos) return "\x1b[32m";
    if (bad.find(key) != std::string_view::npos) return "\x1b[31m";
    if (warn.find(key) != std::string_view::npos) return "\x1b[33m";
    return nullptr;
}

}  // namespace

void Output::line(std::string_view text) const {
    put(stdout, text);
    put(stdout, "\n");
}

void Output::note(std::string_view text) const {
    std::fflush(stdout);
    put(stderr, text);
    put(stderr, "\n");
}

void Output::error(const Error &error) const {
    if (json) {
        core::JsonWriter doc;
        doc.begin_object().key("error").begin_object();
        doc.field("status", status_name(error.status)).field("field", error.field).field("text", error.text);
        doc.end_object().end_object();
        return line(doc.text());
    }
    const std::string field = error.field.empty() ? "" : printable(error.field) + ": ";
    note((color ? "\x1b[31mremit:\x1b[0m " : "remit: ") + field + printable(error.text));
}

void Output::table(std::string_view align, const std::vector<std::vector<std::string>> &rows) const {
    std::vector<std::size_t> widths(align.size(), 0);
    for (const auto &row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(printable(row[i])));
    for (const auto &row : rows) {
        std::string text;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string cell = printable(row[i]);
            const std::string pad(widths[i] - width(cell), ' ');
            const char *paint = color ? color_of(cell) : nullptr;
            const std::string shown = paint == nullptr ? cell : paint + cell + "\x1b[0m";
            if (i > 0) text += "  ";
            text += align[i] == 'r' ? pad + shown : i + 1 < row.size() ? shown + pad : shown;
        }
        line(text);
    }
}

void Output::progress(std::string_view text) const {
    put(stdout, "\r\x1b[K");
    put(stdout, text);
    std::fflush(stdout);
}

bool Output::flush() const {
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

std::string printable(std::string_view text) {
    std::string out(text);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto c = static_cast<unsigned char>(out[i]);
        const auto next = i + 1 < out.size() ? static_cast<unsigned char>(out[i + 1]) : 0U;
        if (c < 0x20 || c == 0x7f) out[i] = '?';
        if (c == 0xc2 && next >= 0x80 && next <= 0x9f) out.replace(i, 2, "?");
    }
    return out;
}

std::string grouped(std::int64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3 && text[i - 4] != '-'; i -= 3) text.insert(i - 3, 1, ',');
    return text;
}

std::string duration_text(std::int64_t us) {
    const std::int64_t ms = us / 1'000, s = ms / 1'000, m = s / 60;
    const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    if (ms < 1'000) return std::to_string(ms) + "ms";
    if (s < 60) return std::to_string(s) + "." + std::to_string(ms % 1'000 / 100) + "s";
    if (m < 60) return std::to_string(m) + "m" + two(s % 60) + "s";
    return std::to_string(m / 60) + "h" + two(m % 60) + "m";
}

}  // namespace remit::cli
