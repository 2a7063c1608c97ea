// A program run by a test: its output is read by lines, and it never outlives the test.
#pragma once

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace remit::testing {

class Child {
public:
    Child() = default;
    // The program is looked up in PATH unless it has a slash. Its standard output can be read; its error output
    // goes to /dev/null when quiet.
    explicit Child(std::vector<std::string> args, bool quiet = true) {
        int pipe_ends[2] = {-1, -1};
        if (pipe2(pipe_ends, O_CLOEXEC) != 0) return;
        std::vector<char *> argv;
        for (std::string &arg : args) argv.push_back(arg.data());
        argv.push_back(nullptr);
        const pid_t parent = getpid();
        pid_ = fork();
        if (pid_ == 0) run(argv.data(), pipe_ends[1], parent, quiet);
        close(pipe_ends[1]);
        out_ = pipe_ends[0];
    }
    ~Child() { kill(); }
    Child(Child &&other) noexcept { swap(other); }
    Child &operator=(Child &&other) noexcept {
        Child gone(std::move(other));
        swap(gone);
        return *this;
    }
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;

    pid_t pid() const { return pid_; }
    bool running() const { return pid_ > 0; }

    // What follows `mark` in the first output line that has it, or "" when the output ends or time is over.
    std::string line_after(const std::string &mark, int timeout_ms = 10'000) {
        for (;;) {
            for (std::size_t end; (end = text_.find('\n')) != std::string::npos;) {
                const std::string line = text_.substr(0, end);
                text_.erase(0, end + 1);
                if (const auto at = line.find(mark); at != std::string::npos) return line.substr(at + mark.size());
            }
            pollfd ready{out_, POLLIN, 0};
            char block[4096];
            if (poll(&ready, 1, timeout_ms) <= 0) return {};
            const ssize_t n = read(out_, block, sizeof block);
            if (n <= 0) return {};
            text_.append(block, static_cast<std::size_t>(n));
        }
    }
    // From here on its output is read and dropped, so that it never blocks on a full pipe.
    void drain() {
        drain_ = std::thread([fd = out_] {
            char block[4096];
            while (read(fd, block, sizeof block) > 0) {
            }
        });
    }
    // Waits for its end: the exit code, or -signal.
    int join() {
        int status = 0;
        if (pid_ <= 0 || waitpid(pid_, &status, 0) != pid_) return -1;
        if (drain_.joinable()) drain_.join();
        close(out_);
        pid_ = -1;
        out_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    void kill(int signal = SIGKILL) {
        if (pid_ <= 0) return;
        ::kill(pid_, signal);
        join();
    }

private:
    [[noreturn]] static void run(char **argv, int out, pid_t parent, bool quiet) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(127);  // the test died before the line above
        dup2(out, STDOUT_FILENO);
        if (quiet) dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
        execvp(argv[0], argv);
        _exit(127);
    }
    void swap(Child &other) noexcept {
        std::swap(pid_, other.pid_);
        std::swap(out_, other.out_);
        std::swap(text_, other.text_);
        std::swap(drain_, other.drain_);
    }

    pid_t pid_ = -1;
    int out_ = -1;
    std::string text_;
    std::thread drain_;
};

}  // namespace remit::testing
