#include "faults.hpp"

namespace remit::simulation {

using testing::Crash;
using testing::DbFault;
using testing::SimFault;

namespace {

constexpr std::uint32_t kManyCrashes = 8;

}  // namespace

const Faults::Kind Faults::kKinds[] = {
    {"kill", &Faults::kill},
    {"orderly restart", &Faults::restart},
    {"reorg", &Faults::reorg},
    {"drop", &Faults::drop_one},
    {"node restart", &Faults::restart_node},
    {"node unplugged", &Faults::unplug_node},
    {"node lags", &Faults::lag_node},
    {"node lies", &Faults::lie},
    {"clock jump", &Faults::jump_clock},
    {"disk trouble", &Faults::disk_trouble},
    {"die at write", &Faults::die_at_write},
    {"no blocks", &Faults::pause_mining},
};

Faults::Faults(testing::World &world, std::uint64_t seed, std::uint64_t confirmations, bool forgetful) :
    world_(world), random_(seed), confirmations_(confirmations), forgetful_(forgetful) {
    if (random_.range(12) == 0) return;  // a schedule without faults
    enabled_ = static_cast<std::uint32_t>(random_.next() & random_.next());
    if (random_.range(4) == 0) enabled_ = ~0U;
    sites_ = random_.range(4) != 0;
    crashes_left_ = static_cast<int>(1 + random_.range(kManyCrashes));
}

Faults::~Faults() {
    world_.network().set_hook({});
    world_.set_database_hook({});
}

testing::SimRates Faults::random_rates() {
    testing::SimRates rates;
    const auto rate = [this](std::uint64_t most) {
        return random_.range(3) == 0 ? static_cast<std::uint32_t>(random_.range(most)) : 0U;
    };
    rates.refused = rate(500);
    rates.request_lost = rate(500);
    rates.answer_lost = rate(500);
    rates.truncated = rate(300);
    rates.http_500 = rate(300);
    rates.http_500_late = rate(300);
    rates.http_429 = rate(500);
    rates.duplicated = rate(300);
    rates.delayed = rate(500);
    rates.latency_max_us = random_.between(2'000, 400'000);
    return rates;
}

void Faults::begin() {
    on_ = true;
    if (enabled_ != 0 || sites_) world_.network().set_rates(random_rates());
    if (!sites_) return;
    world_.network().set_hook(
        [this](const HttpRequest &, std::string_view site, std::uint64_t nth) { return network_fault(site, nth); });
    world_.set_database_hook([this](std::string_view site, std::uint64_t nth) { return database_fault(site, nth); });
}

// A site's first calls are struck more often, so that rare sites get their share.
bool Faults::strikes(std::uint64_t nth) {
    return on_ && random_.chance(nth <= 2 ? 1'000 : nth <= 12 ? 200 : 40);
}

bool Faults::may_crash() {
    if (crashes_left_ <= 0) return false;
    --crashes_left_;
    return true;
}

SimFault Faults::network_fault(std::string_view, std::uint64_t nth) {
    if (!strikes(nth)) return SimFault::none;
    switch (random_.range(4)) {
    case 0: return may_crash() ? SimFault::crash_before : SimFault::refused;
    case 1: return may_crash() ? SimFault::crash_after : SimFault::http_500_late;
    case 2: return random_.range(2) == 0 ? SimFault::duplicated : SimFault::truncated;
    default: return SimFault::answer_lost;
    }
}

DbFault Faults::database_fault(std::string_view site, std::uint64_t nth) {
    if (forgetful_ && on_ && site.find("SET state = 20") != std::string_view::npos && random_.range(4) == 0)
        return DbFault::lied;
    if (!strikes(nth)) return DbFault::none;
    if (site == "begin") return random_.range(2) == 0 && may_crash() ? DbFault::crash_before : DbFault::refused;
    switch (random_.range(5)) {
    case 0: return may_crash() ? DbFault::crash_before : DbFault::refused;
    case 1: return may_crash() ? DbFault::crash_after : DbFault::lost_undone;
    case 2: return DbFault::lost_undone;
    default: return DbFault::answer_lost;
    }
}

void Faults::stir() {
    if (random_.range(3) != 0) return;
    const std::size_t kind = random_.range(std::size(kKinds));
    if ((enabled_ >> kind & 1U) == 0) return;
    world_.note(std::string("fault: ") + kKinds[kind].name);
    count(kKinds[kind].name);
    (this->*kKinds[kind].stir)();
}

Crash Faults::pick_crash() {
    return random_.range(2) == 0 ? Crash::power : Crash::process;
}

void Faults::kill() {
    if (may_crash()) world_.power().on = false;
}

// The next turn opens it again.
void Faults::restart() {
    world_.close_engine();
}

// Less deep than the confirmations, or what is final would not be.
void Faults::reorg() {
    const std::uint64_t deepest = confirmations_ - 1;
    if (deepest == 0) return;
    const std::uint64_t depth = 1 + random_.range(deepest);
    const auto kind = static_cast<testing::ReorgKind>(random_.range(3));
    if (random_.range(2) == 0)
        world_.chain().reorg(depth, kind);
    else
        world_.chain().reorg(depth, kind, [this](const Hash32 &) { return random_.range(2) == 0; });
}

void Faults::drop_one() {
    const std::vector<Hash32> pooled = world_.chain().pooled();
    if (!pooled.empty()) world_.chain().drop(pooled[random_.range(pooled.size())]);
}

void Faults::restart_node() {
    world_.chain().drop_all();
}

void Faults::unplug_node() {
    if (random_.range(2) == 0)
        world_.network().detach(testing::World::kNodeUrl);
    else
        world_.network().attach(testing::World::kNodeUrl, world_.node());
}

// Never behind by as much as the confirmations: then what is final would not be seen by all of the node's back ends,
// and a lane may rightly be stopped for a person to look at.
void Faults::lag_node() {
    testing::EvmNodeOptions &options = world_.node().options();
    options.lag_blocks = random_.range(confirmations_);
    options.flap_blocks = random_.range(2) == 0 ? random_.range(confirmations_ - options.lag_blocks) : 0;
}

void Faults::lie() {
    testing::EvmNodeOptions &options = world_.node().options();
    options.drops_taken = random_.range(2) == 0 ? static_cast<std::uint32_t>(random_.range(3'000)) : 0;
    options.syncing = random_.range(4) == 0;
    options.chain_id = random_.range(8) == 0 ? 666 : 0;
}

void Faults::jump_clock() {
    world_.clock().jump_utc_us(random_.between(-30, 30) * kMicrosPerSecond);
}

void Faults::disk_trouble() {
    testing::CrashDisk::Faults &faults = world_.disk().faults();
    faults = {};
    if (random_.range(2) == 0) return;
    int *const kinds[] = {&faults.write_error, &faults.sync_error, &faults.read_error, &faults.full, &faults.busy};
    *kinds[random_.range(std::size(kinds))] = static_cast<int>(1 + random_.range(200));
}

void Faults::die_at_write() {
    if (may_crash()) world_.disk().die_at_op(1 + static_cast<std::int64_t>(random_.range(60)));
}

void Faults::pause_mining() {
    world_.chain().pause_mining(random_.range(2) == 0);
}

void Faults::end() {
    on_ = false;
    testing::SimRates calm;
    world_.network().set_rates(calm);
    world_.network().attach(testing::World::kNodeUrl, world_.node());
    world_.disk().faults() = {};
    world_.disk().die_at_op(0);
    world_.chain().pause_mining(false);
    testing::EvmNodeOptions &options = world_.node().options();
    options.lag_blocks = options.flap_blocks = options.chain_id = 0;
    options.drops_taken = 0;
    options.syncing = false;
    world_.note("calm from here on");
}

}  // namespace remit::simulation
