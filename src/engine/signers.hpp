// All keys that can sign here as one Signer: the key store's, and those of a signer that the host gave.
#pragma once

#include <remit/port/signer.hpp>

#include <map>
#include <utility>
#include <vector>

namespace remit::engine {

// A host's signer (HSM, KMS) is never trusted: each signature must recover to the address, its s is brought to
// the low half and its recovery id found by trial. Threads: as Signer.
class Signers final : public Signer {
public:
    // `host` may be null. Both are borrowed.
    Signers(Signer &vault, Signer *host) : vault_(vault), host_(host) {}

    std::vector<Address> addresses() override;
    void sign(Token token, const Address &who, std::vector<Hash32> digests) override;
    void poll(std::vector<SignOutcome> &out) override;

private:
    struct Asked {
        Address who;
        std::vector<Hash32> digests;
    };
    Signer &vault_;
    Signer *host_;
    std::map<Token, Asked> asked_;  // of the host's signer
};

}  // namespace remit::engine
