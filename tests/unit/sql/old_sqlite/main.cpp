// Built with the system's SQLite when that is older than 3.51.3: open must refuse it and say why.
#include "sql/sqlite/sqlite.hpp"

#include <cstdio>
#include <filesystem>
#include <sqlite3.h>

namespace {

class NoClock final : public remit::Clock {
public:
    std::int64_t utc_us() noexcept override { return 0; }
    std::int64_t boot_us() noexcept override { return 0; }
    const std::string &boot_id() noexcept override { return boot_; }

private:
    std::string boot_ = "boot";
};

class NoRandom final : public remit::Random {
public:
    void fill(std::span<std::uint8_t> out) noexcept override {
        for (std::uint8_t &b : out) b = 0;
    }
};

}  // namespace

int main() {
    NoClock clock;
    NoRandom random;
    remit::NoLog log;
    remit::sql::SqliteOptions options;
    options.path = std::filesystem::temp_directory_path() / "remit-old-sqlite.db";
    options.clock = &clock;
    options.random = &random;
    options.log = &log;
    const auto opened = remit::sql::open_sqlite(options);
    const bool refused = opened.status() == remit::Status::invalid && opened.error().field == "sqlite" &&
                         opened.error().text.find(sqlite3_libversion()) != std::string::npos &&
                         opened.error().text.find("3.51.3") != std::string::npos &&
                         opened.error().text.find("WAL reset bug") != std::string::npos &&
                         !std::filesystem::exists(options.path);
    std::printf("SQLite %s: %s\n", sqlite3_libversion(), opened.ok() ? "opened" : opened.error().text.c_str());
    return refused ? 0 : 1;
}
