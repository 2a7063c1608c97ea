// Recoverable ECDSA over secp256k1 by libsecp256k1: RFC 6979 nonces, low s.
#pragma once

#include <remit/bytes.hpp>
#include <remit/keys.hpp>
#include <remit/port/random.hpp>
#include <remit/signature.hpp>

struct secp256k1_context_struct;

namespace remit::crypto {

// One context, blinded against side channels from `random`. Not shared between threads.
class Secp256k1 {
public:
    explicit Secp256k1(Random &random);
    ~Secp256k1();
    Secp256k1(const Secp256k1 &) = delete;
    Secp256k1 &operator=(const Secp256k1 &) = delete;

    // Blinds anew; worth doing now and then, not for each signature.
    void randomize(Random &random) noexcept;

    // Invalid, naming `key`, unless the key is 32 bytes in [1, n).
    Result<Signature> sign(const Secret &key, const Hash32 &digest) const;
    Result<Address> address_of(const Secret &key) const;
    static Result<void> check_key(const Secret &key);

    // The address whose key made the signature. Takes any s below n; whoever stores one asks is_low_s.
    static Result<Address> recover(const Hash32 &digest, const Signature &signature);

private:
    secp256k1_context_struct *context_;
};

// The account of an uncompressed public key: the last 20 bytes of the hash of its 64 bytes x, y.
Address address_of_public_key(ByteView x_y) noexcept;
// Whether s is at most half the group order (EIP-2).
bool is_low_s(const std::array<std::uint8_t, 32> &s) noexcept;

enum class HighS : std::uint8_t { refuse, normalize };
// Whether a DER signature (as an HSM or KMS gives it) is the key's. The public key in either SEC 1 form.
bool verify_der(ByteView public_key, const Hash32 &digest, ByteView der, HighS high_s) noexcept;

}  // namespace remit::crypto
