// Real processes on a real file: killed, forked, two at once.
#include "fixture.hpp"

#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace remit;
using namespace remit::sql::test;

namespace {

// A child that runs `body` with the writing end of a pipe, and is ended without any of its destructors.
class Child {
public:
    template <class Body>
    explicit Child(Body body) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            ::close(ends[0]);
            body(ends[1]);
            ::_exit(0);
        }
        ::close(ends[1]);
        from_ = ends[0];
    }
    ~Child() {
        end(SIGKILL);
        ::close(from_);
    }
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;

    // False at the end of what it wrote.
    template <class T>
    bool read(T &out) {
        return ::read(from_, &out, sizeof out) == static_cast<ssize_t>(sizeof out);
    }
    void end(int signal) {
        if (pid_ <= 0) return;
        ::kill(pid_, signal);
        wait();
    }
    void wait() {
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

private:
    pid_t pid_ = -1;
    int from_ = -1;
};

template <class T>
void tell(int pipe, const T &value) {
    if (::write(pipe, &value, sizeof value) != static_cast<ssize_t>(sizeof value)) ::_exit(1);
}

std::unique_ptr<Database> open_or_exit(const sql::SqliteOptions &options) {
    auto db = sql::open_sqlite(options);
    if (!db.ok() || !(*db)->migrate(kSteps, MigrateMode::automatic).ok()) ::_exit(1);
    return std::move(db).value();
}

struct Note {
    int thread;
    int number;
};
std::string key_of(const Note &n) {
    return std::to_string(n.thread) + "-" + std::to_string(n.number);
}

}  // namespace

TEST_CASE("sql: what was acknowledged is there after kill -9, from one caller and from many") {
    const int threads = GENERATE(1, 8);
    for (int round = 0; round < 5; ++round) {
        Folder folder;
        Ports ports;
        const std::string path = folder / "a.db";
        std::vector<Note> acknowledged;
        {
            Child child([&](int pipe) {
                auto db = open_or_exit(ports.options(path));
                if (threads > 1) db->start_writer();
                const auto work = [&](int t) {
                    for (int i = 0;; ++i) {
                        const Note note{t, i};
                        if (db->transact(pay(key_of(note))).ok()) tell(pipe, note);
                    }
                };
                std::vector<std::thread> others;
                for (int t = 1; t < threads; ++t) others.emplace_back(work, t);
                work(0);
            });
            Note note{};
            for (int n = 0; n < 20 + 37 * round && child.read(note); ++n) acknowledged.push_back(note);
            child.end(SIGKILL);
            while (child.read(note)) acknowledged.push_back(note);
        }
        REQUIRE(acknowledged.size() >= 20);
        auto db = open(ports.options(path));
        for (const Note &note : acknowledged) REQUIRE(has(*db, key_of(note)));
        REQUIRE(number(*db, kCount) == number(*db, kTotal));
        REQUIRE(number(*db, kCount) <= static_cast<std::int64_t>(acknowledged.size()) + threads);
        REQUIRE(db->integrity_check().value() == "ok");
    }
}

TEST_CASE("sql: two processes share one file") {
    Folder folder;
    Ports ports;
    const std::string path = folder / "a.db";
    constexpr int kEach = 200;
    const auto work = [](Database &db, const char *name) {
        int failed = 0;
        for (int i = 0; i < kEach; ++i) failed += db.transact(pay(name + std::to_string(i))).ok() ? 0 : 1;
        return failed;
    };
    Child child([&](int pipe) { tell(pipe, work(*open_or_exit(ports.options(path)), "child")); });
    auto db = open(ports.options(path));
    REQUIRE(work(*db, "parent") == 0);
    int failed = -1;
    REQUIRE(child.read(failed));
    REQUIRE(failed == 0);
    REQUIRE(number(*db, kTotal) == 2 * kEach);
    REQUIRE(db->integrity_check().value() == "ok");
}

TEST_CASE("sql: an owner is alive until its process dies, and dead at once") {
    Folder folder;
    Ports ports;
    const std::string path = folder / "a.db";
    std::array<char, 30> name{};
    Child child([&](int pipe) {
        auto db = open_or_exit(ports.options(path));
        std::copy_n(db->owner().begin(), name.size(), name.begin());
        tell(pipe, name);
        for (;;) ::pause();
    });
    REQUIRE(child.read(name));
    const std::string other(name.data(), name.size());
    auto db = open(ports.options(path));
    REQUIRE(db->owner_alive(db->owner()));
    REQUIRE(db->owner_alive(other));
    auto second = open(ports.options(path));
    REQUIRE(second->owner() != db->owner());
    REQUIRE(db->owner_alive(second->owner()));
    REQUIRE(second->owner_alive(other));
    child.end(SIGKILL);
    REQUIRE_FALSE(db->owner_alive(other));
    REQUIRE_FALSE(std::filesystem::exists(path + "-owners/" + other));
    REQUIRE_FALSE(second->owner_alive(other));
    const std::string closed = second->owner();
    second.reset();
    REQUIRE_FALSE(db->owner_alive(closed));
}

TEST_CASE("sql: opening sweeps the files of the dead; names that are no owner's are never taken from") {
    Folder folder;
    Ports ports;
    const std::string path = folder / "a.db";
    {
        Child child([&](int pipe) {
            auto db = open_or_exit(ports.options(path));
            tell(pipe, 1);
            for (;;) ::pause();
        });
        int ready = 0;
        REQUIRE(child.read(ready));
    }
    const auto files = [&] {
        const std::filesystem::directory_iterator folder_of(path + "-owners");
        return std::distance(begin(folder_of), end(folder_of));
    };
    REQUIRE(files() == 1);
    auto db = open(ports.options(path));
    REQUIRE(files() == 1);  // ours
    for (const char *name : {"", "x", "../a.db", "own_", "lane_00000000000000000000000000"})
        REQUIRE(db->owner_alive(name));
    REQUIRE_FALSE(db->owner_alive("own_00000000000000000000000000"));
}

TEST_CASE("sql: a forked child is told so, and takes nothing from its parent") {
    Folder folder;
    Ports ports;
    const std::string path = folder / "a.db";
    auto db = open(ports.options(path));
    REQUIRE(db->transact(pay("a")).ok());
    REQUIRE(number(*db, kTotal) == 1);
    {
        Child child([&](int pipe) {
            Status submitted = Status::ok;
            db->submit(pay("c"), [&](const Result<void> &r) { submitted = r.status(); });
            db->start_writer();
            db->stop_writer();
            db->drain();
            const std::array<Status, 6> got = {
                db->transact(pay("b")).status(),
                submitted,
                db->read([](SqlReader &) -> Result<void> { return {}; }).status(),
                db->migrate(kSteps, MigrateMode::check).status(),
                db->integrity_check().status(),
                db->backup("nowhere").status(),
            };
            db.reset();
            tell(pipe, got);
        });
        std::array<Status, 6> got{};
        REQUIRE(child.read(got));
        for (const Status s : got) REQUIRE(s == Status::forked);
        child.wait();
    }
    REQUIRE(db->transact(pay("d")).ok());
    REQUIRE(number(*db, kTotal) == 2);
    auto other = open(ports.options(path));
    REQUIRE(other->owner_alive(db->owner()));
}
