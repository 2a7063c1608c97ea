#include "schedule.hpp"

#include "faults.hpp"
#include "workload.hpp"

namespace remit::simulation {

using testing::Crash;
using testing::SimRandom;
using testing::World;
using testing::WorldOptions;

namespace {

constexpr std::int64_t kCalmUs = 60 * 60 * kMicrosPerSecond;  // by then all must be final

// Folds text into a number that differs when anything differs.
struct Digest {
    std::uint64_t value = 0xcbf29ce484222325ULL;
    void add(std::string_view text) {
        for (const char c : text) value = (value ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
    }
};

WorldOptions world_options(std::uint64_t seed, SimRandom &random, bool poor) {
    WorldOptions options;
    options.seed = seed;
    options.signers = 1 + random.range(3);
    options.tokens = {{"USDX", 6, testing::TokenKind::usdt_like, {}},
                      {"ZRO", 18, testing::TokenKind::false_return, {}}};
    constexpr std::int64_t kIntervals[] = {1, 2, 5, 12};
    options.chain.block_interval_us = kIntervals[random.range(4)] * kMicrosPerSecond;
    options.chain.legacy_only = random.range(6) == 0;
    options.chain.refuse_below_base_fee = random.range(3) == 0;
    if (random.range(4) == 0) options.chain.gas_limit = 400'000;  // full blocks, rising base fees
    options.node.block_receipts = random.range(4) != 0;
    options.node.fee_history = random.range(4) != 0;
    options.node.batches = random.range(5) != 0;
    Result<u256> rich = u256_from_decimal("1000000000000000000000", "coin");
    options.coin_each = poor ? u256(2'000'000'000'000'000) : *rich;
    options.tokens_each = poor ? u256(4'500'000) : u256(1'000'000'000'000);
    return options;
}

EngineOptions engine_options(const World &world, SimRandom &random) {
    EngineOptions options = world.engine_options();
    ChainOptions &chain = options.chains[0];
    chain.confirmations = random.between(1, 6);
    chain.poll_ms = random.between(200, 3'000);
    chain.in_flight = random.between(2, 40);
    chain.batch = random.between(1, 20);
    chain.resend_ms = random.between(2'000, 60'000);
    for (TokenOptions &token : chain.tokens)
        if (random.range(2) == 0) token.gas = 90'000;
    options.lease_ms = random.between(1'000, 30'000);
    return options;
}

// One run of a seed.
class Run {
public:
    Run(std::uint64_t seed, World &world, SimRandom random, bool poor, Plant plant) :
        world_(world),
        random_(random),
        poor_(poor),
        options_(engine_options(world, random_)),
        confirmations_(static_cast<std::uint64_t>(options_.chains[0].confirmations)),
        workload_(world, random_.next(), 6 + random_.range(30), confirmations_),
        faults_(world, random_.next(), confirmations_, plant == Plant::forgetful),
        seed_(seed) {
        if (plant == Plant::shallow) options_.chains[0].confirmations = 1;
    }

    Outcome play();

private:
    bool open();
    void crash();
    void advance(std::int64_t us);
    void chaos();
    bool calm();
    void finish(Outcome &out);

    World &world_;
    SimRandom random_;
    bool poor_;
    EngineOptions options_;
    std::uint64_t confirmations_;
    Workload workload_;
    Faults faults_;
    std::uint64_t seed_;
    bool calm_ = false;
    std::vector<std::string> trouble_;
};

void Run::crash() {
    const Crash how = faults_.pick_crash();
    faults_.count(how == Crash::power ? "machine crash" : "process crash");
    world_.kill_engine(how);
}

// Opens the engine. The faults of the moment may prevent it: then time passes, and the next turn tries again.
bool Run::open() {
    const Result<void> opened = world_.open_engine(options_);
    if (world_.power().on && opened.ok()) return true;
    if (!opened.ok()) world_.note("open: " + opened.error().text);
    if (calm_ && !opened.ok()) trouble_.push_back("the engine cannot be opened: " + opened.error().text);
    faults_.count("open failed");
    crash();
    static_cast<void>(world_.run_for(100'000));
    return false;
}

// Lets time pass; whatever dies on the way is opened again.
void Run::advance(std::int64_t us) {
    if (!world_.has_engine() && !open()) return;
    const Result<void> done = world_.run_for(us);
    if (done.ok()) return;
    if (done.status() != Status::closed) {
        faults_.count("instance ended: " + std::string(done.error().text));
        if (done.status() != Status::broken && done.status() != Status::corrupt && done.status() != Status::invalid)
            trouble_.push_back("tick: " + done.error().text);
    }
    crash();
}

void Run::chaos() {
    faults_.begin();
    const std::int64_t until = world_.clock().elapsed_us() + random_.between(20, 120) * kMicrosPerSecond;
    while (world_.clock().elapsed_us() < until && trouble_.empty()) {
        advance(random_.between(50'000, 4'000'000));
        faults_.stir();
        if (world_.power().on) workload_.step();
        if (!world_.power().on) crash();
    }
    faults_.end();
}

// All faults are over: everything must come to its end. An instance that the last fault has fenced may still have
// to be opened anew.
bool Run::calm() {
    if (!world_.power().on) crash();
    calm_ = true;
    if (poor_) workload_.refill();
    const std::int64_t deadline = world_.clock().elapsed_us() + kCalmUs;
    while (trouble_.empty() && !(workload_.all_accepted() && workload_.all_final())) {
        if (world_.clock().elapsed_us() > deadline) trouble_.push_back("not all is final though all faults are over");
        workload_.ask_all();
        advance(5 * kMicrosPerSecond);
    }
    advance(90 * kMicrosPerSecond);  // late requests arrive, pools empty
    if (!world_.has_engine()) trouble_.push_back("the engine ended in the calm");
    return trouble_.empty();
}

void Run::finish(Outcome &out) {
    for (const std::string &text : trouble_) out.violations.push_back(text);
    Digest digest;
    for (const auto &[id, row] : out.facts.rows)
        digest.add(id + payout_state_name(row.state) + (row.tx_hash ? to_hex(*row.tx_hash) : ""));
    for (const Event &event : out.facts.events) digest.add(event.id + event.type);
    digest.add(to_hex(world_.chain().head().hash) + std::to_string(world_.clock().elapsed_us()));
    out.digest = digest.value;
    out.net_sites = world_.network().sites();
    out.db_sites = world_.database_sites();
    out.happenings = faults_.happenings();
    out.simulated_us = world_.clock().elapsed_us();
    out.happenings["idle tick, due at once"] = world_.spins();
    out.happenings["tick with storage trouble"] = world_.tick_errors();
}

Outcome Run::play() {
    Outcome out;
    chaos();
    if (trouble_.empty() && calm()) {
        out.facts = workload_.facts();
        out.violations = judge(out.facts);
        if (seed_ % 16 == 0) {
            if (Result<std::vector<std::string>> findings = world_.engine().doctor(); findings)
                for (const std::string &text : *findings) out.violations.push_back("doctor: " + text);
        }
    } else if (world_.has_engine()) {
        out.facts = workload_.facts();
    }
    finish(out);
    return out;
}

}  // namespace

Outcome run_schedule(std::uint64_t seed, const std::function<void(std::string_view)> &trace, Plant plant) {
    SimRandom random(seed);
    const bool poor = random.range(10) == 0;
    Outcome out;
    Result<std::unique_ptr<World>> world = World::make(world_options(seed, random, poor));
    if (!world) {
        out.violations.push_back(world.error().text);
        return out;
    }
    if (trace) (*world)->set_trace(trace);
    return Run(seed, **world, random, poor, plant).play();
}

}  // namespace remit::simulation
