// All keys that can sign here as one Signer for each chain: the key store's, and those of a signer that the
// host gave. Each user has a channel, with tokens of its own, and polls only its own outcomes.
#pragma once

#include <remit/port/signer.hpp>

#include <deque>
#include <map>
#include <vector>

namespace remit::engine {

// A host's signer (HSM, KMS) is never trusted: each signature must recover to the address, its s is brought to
// the low half and its recovery id found by trial. Threads: as Signer, with all channels together.
class Signers {
public:
    // `host` may be null. Both are borrowed.
    Signers(Signer &vault, Signer *host) : vault_(vault), host_(host) {}

    // A new channel; lives as long as this.
    Signer &channel() { return channels_.emplace_back(*this); }

private:
    class Channel final : public Signer {
    public:
        explicit Channel(Signers &all) : all_(all) {}
        std::vector<Address> addresses() override { return all_.addresses(); }
        void sign(Token token, const Address &who, std::vector<Hash32> digests) override {
            all_.start(*this, token, who, std::move(digests));
        }
        void poll(std::vector<SignOutcome> &out) override;

    private:
        friend class Signers;
        Signers &all_;
        std::vector<SignOutcome> inbox_;
    };
    struct Asked {
        Channel *channel;
        Token token;
        Address who;
        std::vector<Hash32> digests;  // empty: of the key store, which checks itself
    };

    std::vector<Address> addresses();
    bool is_hosts(const Address &who);
    void start(Channel &channel, Token token, const Address &who, std::vector<Hash32> digests);
    void collect();

    Signer &vault_;
    Signer *host_;
    Token next_ = 0;
    std::map<Token, Asked> asked_;
    std::deque<Channel> channels_;
};

}  // namespace remit::engine
