// Opening an instance: ports, schema, primitives, one worker per chain.
#include "engine/instance.hpp"
#include "chain/evm/evm.hpp"
#include "crypto/eip55.hpp"
#include "engine/databases.hpp"
#include "engine/options.hpp"
#include "engine/schema.hpp"
#include "engine/system_ports.hpp"
#include "events/events.hpp"
#include "net/curl/curl_http.hpp"

namespace remit {

namespace engine {

Result<void> Instance::build_ports() {
    clock_ = ports_.clock;
    if (clock_ == nullptr) {
        own_clock_ = system_clock();
        clock_ = own_clock_.get();
    }
    random_ = ports_.random;
    if (random_ == nullptr) {
        REMIT_TRY(own_random_, system_random());
        random_ = own_random_.get();
    }
    log_ = ports_.log;
    if (log_ == nullptr) {
        REMIT_TRY(const LogLevel level, log_level_from_text(options_.log_level, "log_level"));
        own_log_ = fd_log(STDERR_FILENO, level, *clock_);
        log_ = own_log_.get();
    }
    database_ = std::move(ports_.database);
    if (!database_) {
        REMIT_TRY(database_, open_database(options_, *clock_, *random_, *log_, &metrics_));
    }
    http_ = ports_.http;
    if (http_ == nullptr) {
        net::CurlOptions curl;
        curl.proxy = options_.proxy;
        curl.ca_file = options_.ca_file;
        curl.clock = clock_;
        curl.random = random_;
        curl.log = log_;
        curl.metrics = &metrics_;
        REMIT_TRY(own_http_, net::open_curl(curl));
        http_ = own_http_.get();
    }
    router_ = std::make_unique<port::HttpRouter>(*http_);
    return {};
}

Result<payouts::ChainConfig> Instance::chain_config(const ChainOptions &chain, std::size_t index) const {
    const std::string at = "chains[" + std::to_string(index) + "].";
    payouts::ChainConfig config;
    config.id = chain.id;
    config.name = chain.name.empty() ? "chain-" + std::to_string(chain.id) : chain.name;
    config.confirmations = static_cast<std::uint64_t>(chain.confirmations);
    config.poll_us = chain.poll_ms * kMicrosPerMs;
    config.in_flight = chain.in_flight;
    config.batch = chain.batch;
    config.resend_us = chain.resend_ms * kMicrosPerMs;
    REMIT_TRY(config.max_fee, gwei_to_wei(chain.max_fee_gwei, at + "max_fee_gwei"));
    config.gas_margin_percent = static_cast<std::uint64_t>(chain.gas_margin_percent);
    config.tokens.push_back({"native", Address{}, 18, 0});
    for (const TokenOptions &token : chain.tokens) {
        REMIT_TRY(const Address address, crypto::parse_address(token.address, at + "tokens"));
        config.tokens.push_back({token.symbol, address, token.decimals, token.gas});
    }
    for (const std::string &sender : chain.senders) {
        REMIT_TRY(const Address address, crypto::parse_address(sender, at + "senders"));
        config.senders.push_back(address);
    }
    return config;
}

std::unique_ptr<Chain> Instance::open_chain(const ChainOptions &chain) {
    evm::EvmOptions evm;
    evm.url = chain.rpc;
    evm.chain_id = chain.id;
    return evm::make_evm(std::move(evm), router_->channel(), *log_, metrics_);
}

Result<void> Instance::build() {
    REMIT_CHECK(validate(options_));
    REMIT_CHECK(build_ports());
    REMIT_CHECK(database_->migrate(all_migrations(), options_.migrate));
    vault_ = signer::make_vault(*database_, *clock_, *random_, *log_);
    signers_ = std::make_unique<Signers>(*vault_, ports_.signer);
    events_ = events::make_events(*database_, *clock_, metrics_);
    for (std::size_t i = 0; i < options_.chains.size(); ++i) {
        REMIT_TRY(auto config, chain_config(options_.chains[i], i));
        chain_configs_.push_back(std::move(config));
    }
    const payouts::Ports ports{*database_,        *clock_, *random_, *log_, metrics_, options_.lease_ms * kMicrosPerMs,
                               [this] { wake(); }};
    payouts_ = payouts::make_payouts(ports, chain_configs_);
    idempotency_ = idempotency::make_idempotency(
        {*database_, *clock_, *random_, *log_, metrics_, options_.lease_ms * kMicrosPerMs,
         options_.tombstone_days * 86'400 * kMicrosPerSecond, [this] { http_->wake(); },
         [this] {
             if (!running_) http_->wake();  // else the database's writer does it, and no tick is needed
         },
         [this](const std::function<bool()> &done) { return wait_until(done); }});
    waiters_ = std::make_unique<Waiters>(*payouts_, *clock_);
    for (std::size_t i = 0; i < options_.chains.size(); ++i) {
        chains_.push_back(open_chain(options_.chains[i]));
        doctor_chains_.push_back(open_chain(options_.chains[i]));
        workers_.push_back(payouts::make_chain_worker(ports, chain_configs_[i], *chains_.back(), signers_->channel()));
    }
    return {};
}

}  // namespace engine

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options, EnginePorts ports) {
    auto instance = std::make_unique<engine::Instance>(std::move(options), std::move(ports));
    REMIT_CHECK(instance->build());
    return std::unique_ptr<Engine>(std::move(instance));
}

}  // namespace remit
