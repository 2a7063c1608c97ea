#include "engine/time_text.hpp"

#include <array>
#include <cstdio>
#include <optional>

namespace remit::engine {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

bool leap(std::int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}
int days_in(std::int64_t year, int month) {
    constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap(year) ? 1 : 0);
}
// Days from 1970-01-01 to the first of January of `year`, 1970 or later.
std::int64_t days_before(std::int64_t year) {
    const std::int64_t y = year - 1;
    return year * 365 + y / 4 - y / 100 + y / 400 - 719'527;
}

// Reads the parts of a fixed format from the front.
struct Scan {
    std::string_view rest;
    bool ok = true;

    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (i >= rest.size() || rest[i] < '0' || rest[i] > '9') return ok = false, 0;
            value = value * 10 + (rest[i] - '0');
        }
        rest.remove_prefix(count);
        return value;
    }
    bool eat(char c) {
        if (rest.empty() || rest.front() != c) return false;
        rest.remove_prefix(1);
        return true;
    }
    void expect(char c) { ok = eat(c) && ok; }
};

std::int64_t fraction_us(Scan &scan) {
    if (!scan.eat('.')) return 0;
    std::int64_t value = 0;
    int count = 0;
    for (; !scan.rest.empty() && scan.rest.front() >= '0' && scan.rest.front() <= '9'; ++count) {
        value = value * 10 + scan.digits(1);
        if (count >= 6) scan.ok = false;
    }
    if (count == 0) scan.ok = false;
    for (; count < 6; ++count) value *= 10;
    return value;
}

std::int64_t offset_minutes(Scan &scan) {
    if (scan.eat('Z')) return 0;
    const int sign = scan.eat('-') ? -1 : scan.eat('+') ? 1 : 0;
    const int hours = scan.digits(2);
    scan.expect(':');
    const int minutes = scan.digits(2);
    if (sign == 0 || hours > 23 || minutes > 59) scan.ok = false;
    return sign * (hours * 60 + minutes);
}

std::optional<std::int64_t> parse(std::string_view text) {
    Scan scan{text};
    const int year = scan.digits(4);
    scan.expect('-');
    const int month = scan.digits(2);
    scan.expect('-');
    const int day = scan.digits(2);
    scan.expect('T');
    const int hour = scan.digits(2);
    scan.expect(':');
    const int minute = scan.digits(2);
    scan.expect(':');
    const int second = scan.digits(2);
    const std::int64_t micros = fraction_us(scan);
    const std::int64_t offset = offset_minutes(scan);
    if (!scan.ok || !scan.rest.empty() || year < 1970 || month < 1 || month > 12 || day < 1 ||
        day > days_in(year, month) || hour > 23 || minute > 59 || second > 59)
        return std::nullopt;
    std::int64_t days = days_before(year) + day - 1;
    for (int m = 1; m < month; ++m) days += days_in(year, m);
    const std::int64_t utc = days * kDay + (hour * 3600 + minute * 60 + second - offset * 60) * kSecond + micros;
    if (utc < 0) return std::nullopt;
    return utc;
}

}  // namespace

std::string utc_text(std::int64_t utc_us) {
    constexpr std::int64_t end = 2'932'897 * kDay;  // 10000-01-01
    const std::int64_t t = utc_us < 0 ? 0 : utc_us >= end ? end - 1 : utc_us;
    const std::int64_t days = t / kDay;
    std::int64_t year = 1970 + days / 366;
    while (days_before(year + 1) <= days) ++year;
    std::int64_t rest = days - days_before(year);
    int month = 1;
    while (rest >= days_in(year, month)) rest -= days_in(year, month++);
    const std::int64_t in_day = t % kDay;
    const auto part = [in_day](std::int64_t unit, std::int64_t wrap) { return static_cast<int>(in_day / unit % wrap); };
    std::array<char, 32> out{};
    const int size = std::snprintf(out.data(), out.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
                                   static_cast<int>(year), month, static_cast<int>(rest) + 1, part(3600 * kSecond, 24),
                                   part(60 * kSecond, 60), part(kSecond, 60), part(1, kSecond));
    return {out.data(), static_cast<std::size_t>(size)};
}

Result<std::int64_t> utc_from_text(std::string_view text, std::string_view field) {
    if (const auto utc = parse(text)) return *utc;
    return invalid(std::string(field), "must be a time as 2026-11-20T10:00:00Z");
}

}  // namespace remit::engine
