// Port: signs a digest for an address. Asynchronous, because a key may live in an HSM or with the host.
#pragma once

#include <remit/bytes.hpp>
#include <remit/port/http.hpp>
#include <remit/signature.hpp>

#include <vector>

namespace remit {

struct SignOutcome {
    Token token = 0;
    // One signature for each digest asked, in order. NotFound: no such key. State: the key is locked.
    Result<std::vector<Signature>> result;
};

// Threads: one thread at a time.
class Signer {
public:
    virtual ~Signer() = default;
    virtual std::vector<Address> addresses() = 0;
    virtual void sign(Token token, const Address &who, std::vector<Hash32> digests) = 0;
    virtual void poll(std::vector<SignOutcome> &out) = 0;
};

}  // namespace remit
