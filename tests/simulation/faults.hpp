// The faults of one schedule. The seed decides which kinds there are and how often: most schedules have some
// kinds only, so that none hides another.
#pragma once

#include <remit/testing/world.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace remit::simulation {

class Faults {
public:
    // `forgetful`: acknowledged commits are lost, which nobody can cope with; to try the auditor.
    Faults(testing::World &world, std::uint64_t seed, std::uint64_t confirmations, bool forgetful);
    ~Faults();  // takes its hooks away
    Faults(const Faults &) = delete;
    Faults &operator=(const Faults &) = delete;

    // Hooks and rates on.
    void begin();
    // Perhaps something happens now.
    void stir();
    // Everything is well again from here on.
    void end();
    testing::Crash pick_crash();
    void count(const std::string &name) { ++happenings_[name]; }
    const std::map<std::string, std::uint64_t> &happenings() const { return happenings_; }

private:
    using Stir = void (Faults::*)();
    struct Kind {
        const char *name;
        Stir stir;
    };
    static const Kind kKinds[];

    testing::SimFault network_fault(std::string_view site, std::uint64_t nth);
    testing::DbFault database_fault(std::string_view site, std::uint64_t nth);
    bool strikes(std::uint64_t nth);
    bool may_crash();
    testing::SimRates random_rates();

    void kill();
    void restart();
    void reorg();
    void drop_one();
    void restart_node();
    void unplug_node();
    void lag_node();
    void lie();
    void jump_clock();
    void disk_trouble();
    void die_at_write();
    void pause_mining();

    testing::World &world_;
    testing::SimRandom random_;
    std::uint64_t confirmations_;
    bool forgetful_;
    std::uint32_t enabled_ = 0;  // bit per kind
    bool sites_ = false;         // faults at exact call sites
    bool on_ = false;
    int crashes_left_ = 0;
    std::map<std::string, std::uint64_t> happenings_;
};

}  // namespace remit::simulation
