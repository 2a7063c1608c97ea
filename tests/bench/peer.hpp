// The other side of a benchmark: a program that prints "rate p50 p99", and what is made of its figures.
#pragma once

#include "table.hpp"

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace remit::bench {

struct Figures {
    double rate = 0;
    double p50 = 0;
    double p99 = 0;
};

inline Figures figures(std::vector<double> &us, double seconds) {
    std::sort(us.begin(), us.end());
    if (us.empty()) return {};
    return {static_cast<double>(us.size()) / seconds, us[us.size() / 2], us[us.size() * 99 / 100]};
}

inline std::optional<Figures> try_program(const std::string &command) {
    FILE *out = popen(command.c_str(), "r");
    if (out == nullptr) return std::nullopt;
    Figures f;
    const int got = std::fscanf(out, "%lf %lf %lf", &f.rate, &f.p50, &f.p99);
    if (pclose(out) != 0 || got != 3) return std::nullopt;
    return f;
}

inline Figures run_program(const std::string &program, const std::string &arguments) {
    const auto f = try_program(program + " " + arguments);
    if (f) return *f;
    std::fprintf(stderr, "%s %s failed\n", program.c_str(), arguments.c_str());
    std::exit(2);
}

// tests/bench/peers/<name>.mjs; nothing when it cannot run here, which it says on standard error.
inline std::optional<Figures> run_peer(const std::string &name, double seconds, int callers) {
    return try_program("node " REMIT_SOURCE "/tests/bench/peers/" + name + ".mjs " + std::to_string(seconds) + " " +
                       std::to_string(callers));
}

// A folder that goes with the bench. Beside the build, on the disk that is measured.
struct Folder {
    std::string path;
    Folder() {
        std::string made = "build/bench/place-XXXXXX";
        std::filesystem::create_directories("build/bench");
        if (mkdtemp(made.data()) == nullptr) std::exit(2);
        path = std::filesystem::absolute(made).string();
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
};

inline void copy_database(const std::string &from, const std::string &to) {
    for (const char *end : {"", "-wal"})
        if (std::filesystem::exists(from + end)) std::filesystem::copy_file(from + end, to + end);
}

// Rounds of the same turn on both sides. The ratio is the median of the rounds' ratios.
struct Series {
    std::vector<double> rate, ratio;
    void take(const Figures &ours, const Figures &theirs) {
        rate.push_back(ours.rate);
        ratio.push_back(ours.rate / theirs.rate);
    }
    void add(Table &table, const std::string &what, const std::string &against, double target) const {
        // A peer that did not run meets no target: it may not vanish from a green run.
        table.add(what, against, median(rate), "/s", median(ratio), target);
    }
};

}  // namespace remit::bench
