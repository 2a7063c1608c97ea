// Engine: opens an instance over one database and advances all due work.
//
// Without start() the library makes no thread: the host calls tick() at least every third of a lease (10 s).
#pragma once

#include <remit/events.hpp>
#include <remit/idempotency.hpp>
#include <remit/keys.hpp>
#include <remit/payouts.hpp>
#include <remit/port/clock.hpp>
#include <remit/port/database.hpp>
#include <remit/port/http.hpp>
#include <remit/port/log.hpp>
#include <remit/port/random.hpp>
#include <remit/port/signer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace remit {

struct TokenOptions {
    std::string symbol;     // 1 to 32 of [A-Za-z0-9._-]; unique on its chain
    std::string address;    // 0x...
    int decimals = -1;      // 0 to 36; must be given
    std::uint64_t gas = 0;  // of one transfer; 0: estimated per batch
};

struct ChainOptions {
    std::uint64_t id = 0;                  // EIP-155
    std::string name;                      // for people; defaults to "chain-<id>"
    std::string rpc;                       // http:// or https://
    std::int64_t confirmations = 20;       // head - block + 1 at which a payout is final; 1 to 1000
    std::int64_t poll_ms = 1'000;          // how often the head is asked; 10 to 60,000
    std::int64_t in_flight = 64;           // payouts of one sender that may be undecided; 1 to 10,000
    std::int64_t batch = 50;               // payouts in one commit and one post; 1 to 500
    std::int64_t resend_ms = 60'000;       // silence after which the same bytes are sent again; 100 to 3,600,000
    std::string max_fee_gwei = "500";      // no fee above it is ever signed; decimal text
    std::int64_t gas_margin_percent = 20;  // added to an estimate; 0 to 200
    std::vector<TokenOptions> tokens;
    std::vector<std::string> senders;  // addresses of keys that pay here; empty: every key in the store
};

struct EngineOptions {
    std::string database = "remit.db";  // path of the SQLite file, or postgresql:// URL
    std::string prefix = "remit_";      // of every table; [a-z][a-z0-9_]{0,30}
    std::string schema;                 // PostgreSQL: where the tables are; empty: by the server's search_path
    int connections = 8;                // PostgreSQL: at most, beside the owner's own; 1 to 64
    MigrateMode migrate = MigrateMode::automatic;
    std::string log_level = "info";       // debug, info, warn, error
    std::string password_file;            // holds the store's password in its first line
    std::string proxy;                    // http://, https:// or socks5:// URL, for all nodes; empty: none
    std::string ca_file;                  // PEM of the only authorities trusted; empty: the system's
    std::int64_t unlock_ms = 0;           // how long keys stay unlocked; 0: while the engine is open
    std::int64_t lease_ms = 30'000;       // 1,000 to 600,000
    std::int64_t events_keep_days = 30;   // 1 to 3650
    std::int64_t consumer_dead_days = 7;  // a consumer silent for so long no longer holds events back
    std::int64_t tombstone_days = 90;     // how long an idempotency key is refused after its reply's time; 1 to 3650
    std::vector<ChainOptions> chains;
};

// One JSON document, as the configuration file. Unknown fields, wrong types and values out of range are
// Invalid with the path of the field ("chains[0].tokens[1].decimals").
Result<EngineOptions> engine_options_from_json(std::string_view json);
Result<EngineOptions> engine_options_from_file(const std::string &path);
// REMIT_DATABASE, REMIT_LOG_LEVEL, REMIT_PASSWORD_FILE, REMIT_PROXY, REMIT_RPC (of a single chain) ... override what is
// set; REMIT_PASSWORD is read by the program only. `get` looks a name up; nullptr: not set.
Result<void> engine_options_from_environment(EngineOptions &options,
                                             const std::function<const char *(const char *)> &get);
// Checks everything that can be checked without opening anything.
Result<void> validate(const EngineOptions &options);
// With everything in it, also a node's access key and a proxy's password.
std::string to_json(const EngineOptions &options);

// What tests and hosts may put in place of the system's own. Null: the system's. Borrowed; must outlive the engine.
struct EnginePorts {
    Clock *clock = nullptr;
    Random *random = nullptr;
    Log *log = nullptr;
    Http *http = nullptr;
    Signer *signer = nullptr;            // beside the key store
    std::unique_ptr<Database> database;  // owned
};

struct EngineTick {
    bool progressed = false;       // something was done; more may be due at once
    std::int64_t next_due_us = 0;  // boot clock; when a tick is useful next, if nothing arrives
};

struct LaneHealth {
    std::uint64_t chain_id = 0;
    Address sender;
    std::string state;  // "running", "elsewhere", "blocked", "quarantined", "waiting"
    std::string reason;
    std::uint64_t next_nonce = 0;
    std::int64_t in_flight = 0;
    u256 native_balance;
};
struct ChainHealth {
    std::uint64_t chain_id = 0;
    bool reachable = false;
    std::string problem;
    std::uint64_t head = 0;
    std::int64_t head_age_us = 0;  // since we last saw it move
};
struct Health {
    bool ok = false;
    std::vector<std::string> problems;
    bool keys_unlocked = false;
    std::vector<ChainHealth> chains;
    std::vector<LaneHealth> lanes;
};

// Threads: any thread may call any method; tick() runs on one thread at a time (Busy otherwise).
// After fork() every call of the child gives Forked.
class Engine {
public:
    // Invalid naming the field; Store; Newer; Corrupt.
    static Result<std::unique_ptr<Engine>> open(EngineOptions options, EnginePorts ports = {});
    virtual ~Engine() = default;  // stop(0)

    virtual Payouts &payouts() = 0;
    virtual Events &events() = 0;
    virtual Keys &keys() = 0;
    virtual Idempotency &idempotency() = 0;
    virtual const EngineOptions &options() const = 0;

    virtual Result<EngineTick> tick(std::int64_t budget_us) = 0;
    virtual Result<void> start() = 0;  // State when it runs already
    // Takes no new work, waits until what is under way is recorded, at most drain_ms, then stops the threads.
    virtual Result<void> stop(std::int64_t drain_ms) = 0;
    // Returns when the payout has the status or is past it, or Timeout. Ticks by itself when nobody else does.
    virtual Result<Payout> wait(std::string_view payout_id, PayoutStatus status, std::int64_t timeout_ms) = 0;

    // The same without waiting; `done` runs once, inside a tick (Closed when the engine ends first).
    virtual void wait_async(std::string payout_id, PayoutStatus status, std::int64_t timeout_ms,
                            std::function<void(Result<Payout>)> done) = 0;
    // Runs `job` later, for calls that must not wait: on the library's own threads after start(), else in the next
    // tick. A job that never got to run is destroyed with the engine.
    virtual void post(std::function<void()> job) = 0;

    virtual Result<Health> health() = 0;  // Closed; Forked
    virtual std::string metrics() = 0;    // Prometheus text
    // Administration by name with JSON, described by catalogue(): see docs/catalogue.md. NotFound for a name that there
    // is not; Invalid naming the parameter; else what the method that it stands for gives.
    virtual Result<std::string> query(std::string_view name, std::string_view json) = 0;
    virtual Result<std::string> command(std::string_view name, std::string_view json) = 0;
    virtual std::string catalogue() = 0;
    // Database integrity, invariants of the rows, and the chain's own word on the latest 10,000 completed payouts of
    // each chain. Reads the whole file. Store; Closed; Forked.
    virtual Result<std::vector<std::string>> doctor() = 0;
    // Copies the live database into a new file. Invalid when there is one already; Store; Forked.
    virtual Result<void> backup(const std::string &path) = 0;
};

}  // namespace remit
