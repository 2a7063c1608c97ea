#include "engine/system_ports.hpp"

#include "engine/time_text.hpp"

#include <array>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <span>
#include <string>

#include <sys/random.h>
#include <unistd.h>

namespace remit::engine {
namespace {

constexpr std::size_t kMaxValue = 2'000;

std::int64_t read_us(clockid_t which) noexcept {
    timespec now{};
    clock_gettime(which, &now);
    return static_cast<std::int64_t>(now.tv_sec) * kMicrosPerSecond + now.tv_nsec / 1'000;
}

class SystemClock final : public Clock {
public:
    SystemClock() {
        std::ifstream file("/proc/sys/kernel/random/boot_id");
        // Without a name of the boot, leases of an earlier one look like our own: they end late, never early.
        if (!std::getline(file, boot_id_) || boot_id_.empty()) boot_id_ = "boot-unknown";
    }
    std::int64_t utc_us() noexcept override { return read_us(CLOCK_REALTIME); }
    std::int64_t boot_us() noexcept override { return read_us(CLOCK_BOOTTIME); }
    const std::string &boot_id() noexcept override { return boot_id_; }

private:
    std::string boot_id_;
};

class SystemRandom final : public Random {
public:
    // Once the kernel has answered (system_random asks), only a signal can interrupt it. Whatever else went
    // wrong, waiting here is better than bytes that can be foretold.
    void fill(std::span<std::uint8_t> out) noexcept override {
        while (!out.empty()) {
            const ssize_t got = getrandom(out.data(), out.size(), 0);
            if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
        }
    }
};

class FdLog final : public Log {
public:
    FdLog(int fd, LogLevel least, Clock &clock) : fd_(fd), least_(least), clock_(clock) {}

    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) noexcept override {
        if (level < least_) return;
        const std::string line = log_line(clock_.utc_us(), level, event, {fields.begin(), fields.size()});
        std::string_view rest = line;
        while (!rest.empty()) {
            const ssize_t wrote = ::write(fd_, rest.data(), rest.size());
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote <= 0) return;
            rest.remove_prefix(static_cast<std::size_t>(wrote));
        }
    }

private:
    int fd_;
    LogLevel least_;
    Clock &clock_;
};

bool plain(std::string_view value) {
    constexpr std::string_view extra = "._-:/@+,";
    for (const char c : value) {
        const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!word && extra.find(c) == std::string_view::npos) return false;
    }
    return !value.empty();
}

void append_escaped(std::string &out, unsigned char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += "\\x";
    out += hex[c >> 4U];
    out += hex[c & 15U];
}

void append_quoted(std::string &out, std::string_view value) {
    out += '"';
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto c = static_cast<unsigned char>(value[i]);
        const unsigned char next = i + 1 < value.size() ? static_cast<unsigned char>(value[i + 1]) : 0;
        // U+0080 to U+009F are control codes as well, in two bytes.
        const bool c1 = c == 0xc2 && next >= 0x80 && next <= 0x9f;
        if (c == '"' || c == '\\')
            (out += '\\') += value[i];
        else if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else if (c < 0x20 || c == 0x7f || c1)
            append_escaped(out, c);
        else
            out += value[i];
        if (c1) append_escaped(out, static_cast<unsigned char>(value[++i]));
    }
    out += '"';
}

}  // namespace

std::unique_ptr<Clock> system_clock() {
    return std::make_unique<SystemClock>();
}

Result<std::unique_ptr<Random>> system_random() {
    std::array<std::uint8_t, 1> probe{};
    while (getrandom(probe.data(), probe.size(), 0) != 1)
        if (errno != EINTR) return error(Status::store, "the kernel gives no random bytes (getrandom)");
    return std::unique_ptr<Random>(std::make_unique<SystemRandom>());
}

std::unique_ptr<Log> fd_log(int fd, LogLevel least, Clock &clock) {
    return std::make_unique<FdLog>(fd, least, clock);
}

std::string log_line(std::int64_t utc_us, LogLevel level, std::string_view event, std::span<const LogField> fields) {
    constexpr std::array<std::string_view, 4> names = {"debug", "info", "warn", "error"};
    std::string line = utc_text(utc_us);
    (((line += ' ') += names[static_cast<std::size_t>(level) & 3U]) += ' ') += event;
    for (const LogField &field : fields) {
        ((line += ' ') += field.name) += '=';
        const std::string_view value = std::string_view(field.value).substr(0, kMaxValue);
        if (plain(value))
            line += value;
        else
            append_quoted(line, value);
        if (value.size() < field.value.size()) line += "...";
    }
    line += '\n';
    return line;
}

}  // namespace remit::engine
