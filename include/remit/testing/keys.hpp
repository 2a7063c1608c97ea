// A signer with fixed keys made from a seed. Never fit for real money.
#pragma once

#include <remit/keys.hpp>
#include <remit/port/signer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace remit::testing {

class SimSigner final : public Signer {
public:
    SimSigner(std::uint64_t seed, std::size_t count);
    ~SimSigner() override;

    std::vector<Address> addresses() override;
    void sign(Token token, const Address &who, std::vector<Hash32> digests) override;
    // What was signed is ready at the next poll.
    void poll(std::vector<SignOutcome> &out) override;

    // The key itself, for tests that sign by themselves. NotFound.
    Result<Secret> key_of(const Address &who) const;
    // At once, for the same.
    Result<Signature> sign_now(const Address &who, const Hash32 &digest) const;
    // Outcomes under way belong to the process that asked; a crash drops them.
    void power_lost();

private:
    struct Keyring;
    std::unique_ptr<Keyring> keyring_;
    std::vector<SignOutcome> ready_;
};

}  // namespace remit::testing
