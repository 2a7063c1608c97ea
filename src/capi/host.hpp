// Ports that the host supplies through its queue.
#pragma once

#include "capi/handles.hpp"

#include <remit/port/log.hpp>
#include <remit/port/signer.hpp>

namespace remit::capi {

// Log lines as items; dropped while the host lets too many pile up.
class HostLog final : public Log {
public:
    HostLog(std::shared_ptr<Queue> queue, std::uint64_t tag) : queue_(std::move(queue)), tag_(tag) {}
    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) noexcept override;

private:
    std::shared_ptr<Queue> queue_;
    std::uint64_t tag_;
};

// Digests to sign as work. Answers that come after the engine has gone are fenced.
class HostSigner final : public Signer {
public:
    HostSigner(std::shared_ptr<Queue> queue, std::uint64_t tag, std::vector<Address> addresses);
    std::vector<Address> addresses() override { return addresses_; }
    void sign(Token token, const Address &who, std::vector<Hash32> digests) override;
    void poll(std::vector<SignOutcome> &out) override;

private:
    struct Box {
        std::mutex mutex;
        std::vector<SignOutcome> answered;
    };
    std::shared_ptr<Queue> queue_;
    std::uint64_t tag_;
    std::vector<Address> addresses_;
    std::shared_ptr<Box> box_ = std::make_shared<Box>();
};

}  // namespace remit::capi
