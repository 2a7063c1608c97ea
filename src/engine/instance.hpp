// The engine's instance: the system's or a test's ports, the primitives over them, and the thread that ticks.
#pragma once

#include "core/metrics.hpp"
#include "engine/catalogue.hpp"
#include "engine/job_pool.hpp"
#include "engine/signers.hpp"
#include "engine/turn.hpp"
#include "engine/waiters.hpp"
#include "idempotency/idempotency.hpp"
#include "payouts/payouts.hpp"
#include "port/http_router.hpp"
#include "signer/keystore/vault.hpp"

#include <remit/engine.hpp>
#include <remit/process.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <unistd.h>

namespace remit::engine {

class Instance final : public Engine {
public:
    Instance(EngineOptions options, EnginePorts ports) : options_(std::move(options)), ports_(std::move(ports)) {}
    ~Instance() override;
    Result<void> build();

    Payouts &payouts() override { return *payouts_; }
    Events &events() override { return *events_; }
    Keys &keys() override { return *vault_; }
    Idempotency &idempotency() override { return *idempotency_; }
    const EngineOptions &options() const override { return options_; }
    Result<EngineTick> tick(std::int64_t budget_us) override;
    Result<void> start() override;
    Result<void> stop(std::int64_t drain_ms) override;
    Result<Payout> wait(std::string_view payout_id, PayoutStatus status, std::int64_t timeout_ms) override;
    void wait_async(std::string payout_id, PayoutStatus status, std::int64_t timeout_ms,
                    std::function<void(Result<Payout>)> done) override;
    void post(std::function<void()> job) override;
    Result<Health> health() override;
    std::string metrics() override { return metrics_.text(); }
    Result<std::string> query(std::string_view name, std::string_view json) override {
        return run_query(*this, name, json);
    }
    Result<std::string> command(std::string_view name, std::string_view json) override {
        return run_command(*this, name, json);
    }
    std::string catalogue() override { return catalogue_json(); }
    Result<std::vector<std::string>> doctor() override;
    Result<void> backup(const std::string &path) override { return database_->backup(path); }

private:
    Result<void> build_ports();
    Result<payouts::ChainConfig> chain_config(const ChainOptions &chain, std::size_t index) const;
    std::unique_ptr<Chain> open_chain(const ChainOptions &chain);
    Result<void> usable() const;
    Result<void> unlock_by_file();
    Result<bool> round();
    Result<bool> done_or_told(Result<bool> done);
    Result<void> wait_until(const std::function<bool()> &done);
    Result<EngineTick> tick_held(std::int64_t budget_us);
    std::int64_t next_due_us() const;
    Result<void> drain(std::int64_t until_us);
    void purge_events();
    void wake();
    void loop();
    bool drained() const {
        return std::ranges::all_of(workers_, [](const auto &worker) { return worker->drained(); });
    }

    EngineOptions options_;
    EnginePorts ports_;
    std::unique_ptr<Clock> own_clock_;
    std::unique_ptr<Random> own_random_;
    std::unique_ptr<Log> own_log_;
    std::unique_ptr<Http> own_http_;
    Clock *clock_ = nullptr;
    Random *random_ = nullptr;
    Log *log_ = nullptr;
    Http *http_ = nullptr;
    core::Metrics metrics_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<port::HttpRouter> router_;
    std::unique_ptr<signer::Vault> vault_;
    std::unique_ptr<Signers> signers_;
    std::unique_ptr<Events> events_;
    std::unique_ptr<idempotency::Service> idempotency_;
    std::vector<payouts::ChainConfig> chain_configs_;
    std::unique_ptr<Payouts> payouts_;
    std::unique_ptr<Waiters> waiters_;
    std::vector<std::unique_ptr<Chain>> chains_;
    std::vector<std::unique_ptr<payouts::ChainWorker>> workers_;
    std::vector<std::unique_ptr<Chain>> doctor_chains_;

    long pid_ = process_id();
    Turn turn_;
    std::mutex ticked_mutex_;
    std::condition_variable ticked_;  // after each tick: who waits looks
    std::thread thread_;
    std::atomic<bool> running_{false};
    std::atomic<bool> closed_{false};
    bool unlock_tried_ = false;
    std::int64_t purge_due_us_ = 0;
    Token doctor_token_ = 0;
    std::vector<ChainOutcome> doctor_late_;
    std::int64_t trouble_us_ = 0;
    std::string trouble_;  // the last storage trouble; empty: none
    JobPool jobs_;         // ends first: its jobs use all of the above
};

}  // namespace remit::engine
