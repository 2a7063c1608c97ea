// A whole engine in a simulated world: time, randomness, disk, network, node and chain are simulated, and the
// engine is the real one. The same seed and the same calls give the same run.
#pragma once

#include <remit/engine.hpp>
#include <remit/testing/clock.hpp>
#include <remit/testing/crash_disk.hpp>
#include <remit/testing/database.hpp>
#include <remit/testing/evm_chain.hpp>
#include <remit/testing/evm_node.hpp>
#include <remit/testing/keys.hpp>
#include <remit/testing/network.hpp>
#include <remit/testing/power.hpp>
#include <remit/testing/random.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace remit::testing {

struct WorldOptions {
    std::uint64_t seed = 1;
    std::size_t signers = 1;  // keys that the engine can sign with
    EvmChainOptions chain;
    EvmNodeOptions node;
    std::vector<TokenSpec> tokens;
    u256 coin_each;    // of each signer, at genesis
    u256 tokens_each;  // of each signer, of each token
    // A file on a real disk in place of the simulated one, and one that keeps the chain: both outlive the process.
    // Each process that goes on with a journal draws other random numbers (counted in <journal>.runs).
    std::string database_path;
    std::string journal_path;
};

enum class Crash : std::int32_t {
    process = 0,  // as kill -9: what was written stays
    power = 1,    // the machine: unsynced writes are lost or torn, and it boots anew
};

// Threads: one thread at a time.
class World {
public:
    // Invalid or Store when a journal cannot be read or written.
    static Result<std::unique_ptr<World>> make(WorldOptions options);
    ~World();
    World(const World &) = delete;
    World &operator=(const World &) = delete;

    SimClock &clock() noexcept { return clock_; }
    SimRandom &random() noexcept { return random_; }  // the engine's
    EvmChain &chain() noexcept { return chain_; }
    EvmNode &node() noexcept { return node_; }
    SimNetwork &network() noexcept { return network_; }
    CrashDisk &disk() noexcept { return disk_; }
    Power &power() noexcept { return power_; }
    SimSigner &signer() noexcept { return signer_; }
    DbSites &database_sites() noexcept { return db_sites_; }
    const std::vector<Address> &tokens() const noexcept { return tokens_; }

    // Options that fit this world: its chain at kNodeUrl with its tokens, 3 confirmations.
    EngineOptions engine_options() const;
    static constexpr const char *kNodeUrl = "http://node.sim";

    // `with_signer` false: the engine has only the keys of its own store. A log or signer given takes the place of
    // the world's own; the other ports given are not looked at.
    Result<void> open_engine(EngineOptions options, bool with_signer = true, EnginePorts instead = {});
    bool has_engine() const noexcept { return engine_ != nullptr; }
    Engine &engine() noexcept { return *engine_; }
    void close_engine();                         // in good order
    void kill_engine(Crash how = Crash::power);  // at once, and the power is on again afterwards

    // Lets simulated time pass: ticks the engine, then goes to the next thing that is due. Without an engine the
    // network and the chain go on. Closed: the power went off (a fault asked for it), kill_engine comes next.
    // Errors of storage from a tick are counted and the engine goes on, as it should be able to; others come back.
    Result<void> run_for(std::int64_t us);
    // Until `done` says so; Timeout after max_us.
    Result<void> run_until(const std::function<bool()> &done, std::int64_t max_us);
    std::uint64_t tick_errors() const noexcept { return tick_errors_; }
    // Ticks that did nothing and wanted another at once: on a real machine a loop of them burns a core.
    std::uint64_t spins() const noexcept { return spins_; }

    // Faults at transactions; may be set before or after the engine is opened.
    void set_database_hook(DbHook hook) { db_hook_ = std::move(hook); }
    // Lines about everything that happens, each with its time.
    void set_trace(std::function<void(std::string_view)> trace);
    void note(std::string_view line);

private:
    class TraceLog;
    explicit World(WorldOptions options);
    Result<std::unique_ptr<Database>> open_database(const EngineOptions &options);
    Result<bool> tick();
    std::int64_t next_due_us(std::int64_t deadline) const;
    void pass(std::int64_t until_us);
    Result<void> count_run();

    WorldOptions options_;
    Power power_;
    SimClock clock_;
    SimRandom random_;
    CrashDisk disk_;
    EvmChain chain_;
    EvmNode node_;
    SimNetwork network_;
    SimSigner signer_;
    std::unique_ptr<TraceLog> log_;
    std::function<void(std::string_view)> trace_;
    std::vector<Address> tokens_;
    DbSites db_sites_;
    DbHook db_hook_;
    std::unique_ptr<Engine> engine_;
    std::int64_t engine_due_us_ = 0;  // elapsed time
    std::uint64_t tick_errors_ = 0;
    std::uint64_t spins_ = 0;
};

}  // namespace remit::testing
