#include "cli/terminal.hpp"

#include <array>
#include <csignal>
#include <ctime>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace remit::cli {
namespace {

// The controlling terminal; -1: none.
class Terminal {
public:
    Terminal() : fd_(open("/dev/tty", O_RDWR | O_CLOEXEC)) {}
    ~Terminal() {
        if (fd_ >= 0) close(fd_);
    }
    Terminal(const Terminal &) = delete;
    Terminal &operator=(const Terminal &) = delete;
    int fd() const noexcept { return fd_; }
    void say(const std::string &text) const {
        [[maybe_unused]] const ssize_t wrote = write(fd_, text.data(), text.size());
    }

private:
    int fd_;
};

// Which signal came while a secret was typed; the echo goes on again before it takes effect.
volatile std::sig_atomic_t g_interrupted = 0;

class EchoOff {
public:
    explicit EchoOff(int fd) : fd_(fd) {
        struct sigaction action {};
        action.sa_handler = [](int number) { g_interrupted = number; };  // without SA_RESTART: the read ends
        sigaction(SIGINT, &action, &interrupt_);
        sigaction(SIGTERM, &action, &terminate_);
        tcgetattr(fd_, &before_);
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(fd_, TCSAFLUSH, &silent);
    }
    ~EchoOff() {
        tcsetattr(fd_, TCSAFLUSH, &before_);
        sigaction(SIGINT, &interrupt_, nullptr);
        sigaction(SIGTERM, &terminate_, nullptr);
        if (g_interrupted != 0) raise(g_interrupted);
    }
    EchoOff(const EchoOff &) = delete;
    EchoOff &operator=(const EchoOff &) = delete;

private:
    int fd_;
    termios before_{};
    struct sigaction interrupt_ {
    }, terminate_{};
};

// A terminal gives one line at a time.
Result<Secret> typed_line(int fd) {
    Secret buffer(1'024);
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 2 || buffer.bytes()[static_cast<std::size_t>(got) - 1] != '\n')
        return Error{Status::wrong_key, "password", "nothing was typed"};
    return Secret::from_bytes(buffer.bytes().first(static_cast<std::size_t>(got) - 1));
}

sigset_t stop_set() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
    return set;
}

}  // namespace

bool output_is_terminal() noexcept {
    return isatty(STDOUT_FILENO) == 1;
}
bool can_ask() noexcept {
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

bool ask_yes(const std::string &question) {
    const Terminal terminal;
    if (terminal.fd() < 0) return false;
    terminal.say(question + " [y/N] ");
    std::array<char, 16> answer{};
    const ssize_t got = read(terminal.fd(), answer.data(), answer.size());
    const std::string text(answer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    return text == "y\n" || text == "yes\n" || text == "Y\n";
}

Result<Secret> ask_secret(const std::string &prompt) {
    const Terminal terminal;
    if (terminal.fd() < 0) return Error{Status::wrong_key, "password", "there is no terminal to ask on"};
    terminal.say(prompt);
    auto secret = [&terminal] {
        const EchoOff off(terminal.fd());
        return typed_line(terminal.fd());
    }();
    terminal.say("\n");
    return secret;
}

StopSignals::StopSignals() {
    const sigset_t set = stop_set();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

StopSignals::~StopSignals() {
    const sigset_t set = stop_set();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool StopSignals::wait_ms(std::int64_t timeout_ms) {
    const sigset_t set = stop_set();
    timespec left{};
    left.tv_sec = timeout_ms / 1'000;
    left.tv_nsec = static_cast<long>(timeout_ms % 1'000) * 1'000'000;
    return sigtimedwait(&set, nullptr, &left) > 0;
}

void StopSignals::next_one_ends() {
    struct sigaction action {};
    action.sa_handler = [](int number) { _exit(128 + number); };
    const sigset_t set = stop_set();
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace remit::cli
