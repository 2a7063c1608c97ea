#include "vectors.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <ostream>
#include <sstream>
#include <type_traits>

using namespace remit;

namespace {

template <class T>
concept Printable = requires(std::ostream &out, const T &value) {
    out << value;
};

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string> && !Printable<Secret>);

// The kernel's flags of the mapping that holds `address`, as " rd wr ... dd ".
std::string mapping_flags(const void *address) {
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    std::ifstream maps("/proc/self/smaps");
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t from = 0, to = 0;
        char dash = 0;
        std::istringstream head(line);
        if (head >> std::hex >> from >> dash >> to && dash == '-') inside = wanted >= from && wanted < to;
        if (inside && line.starts_with("VmFlags:")) return line.substr(8) + " ";
    }
    return {};
}

// AddressSanitizer's mlock does nothing.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLocksMemory = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kLocksMemory = false;
#else
constexpr bool kLocksMemory = true;
#endif
#else
constexpr bool kLocksMemory = true;
#endif

}  // namespace

TEST_CASE("crypto: a secret is locked in memory and left out of core dumps") {
    const auto secret = Secret::from_text("correct horse");
    const std::string flags = mapping_flags(secret.bytes().data());
    CHECK(flags.find(" dd ") != std::string::npos);
    // Where the limit allows no locking, a secret still works.
    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_MEMLOCK, &limit) == 0);
    if (kLocksMemory && (geteuid() == 0 || limit.rlim_cur >= 1U << 20)) CHECK(flags.find(" lo ") != std::string::npos);
}

TEST_CASE("crypto: a secret moves, leaving nothing, and is copied by name only") {
    auto first = Secret::from_text("abc");
    const auto *where = first.bytes().data();
    Secret second = std::move(first);
    CHECK(second.bytes().data() == where);
    CHECK(first.empty());  // NOLINT: what is left of it is the point
    Secret third = second.copy();
    CHECK(third.bytes().data() != where);
    CHECK(to_hex(third.bytes()) == to_hex(view("abc")));
    third = std::move(second);
    CHECK(third.bytes().data() == where);
    auto &same = third;
    third = std::move(same);
    CHECK(to_hex(third.bytes()) == to_hex(view("abc")));
}

TEST_CASE("crypto: a secret begins as zeros, of any size") {
    CHECK(Secret().empty());
    CHECK(Secret(0).empty());
    CHECK(Secret::from_text("").empty());
    const Secret large(3 * 4096 + 1);
    CHECK(large.size() == 3 * 4096 + 1);
    CHECK(Bytes(large.bytes().begin(), large.bytes().end()) == Bytes(large.size()));
}
