#include "crypto/ecdsa.hpp"

#include "crypto/hash.hpp"

#include <openssl/crypto.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>
#include <cstring>

namespace remit::crypto {
namespace {

// Half the group order, rounded down: the largest low s.
constexpr std::array<std::uint8_t, 32> kHalfOrder = {0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                                     0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x5D, 0x57, 0x6E, 0x73, 0x57, 0xA4,
                                                     0x50, 0x1D, 0xDF, 0xE9, 0x2F, 0x46, 0x68, 0x1B, 0x20, 0xA0};

Address address_of_point(const secp256k1_pubkey &point) noexcept {
    std::array<std::uint8_t, 65> bytes{};
    std::size_t size = bytes.size();
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, bytes.data(), &size, &point, SECP256K1_EC_UNCOMPRESSED);
    return address_of_public_key(ByteView(bytes).subspan(1));
}

Error bad_key() {
    return invalid("key", "must be 32 bytes, above zero and below the group order");
}

}  // namespace

Address address_of_public_key(ByteView x_y) noexcept {
    const Hash32 hash = keccak256(x_y);
    Address out;
    std::copy_n(hash.bytes.begin() + 12, Address::size, out.bytes.begin());
    return out;
}

bool is_low_s(const std::array<std::uint8_t, 32> &s) noexcept {
    return s <= kHalfOrder;
}

Secp256k1::Secp256k1(Random &random) : context_(secp256k1_context_create(SECP256K1_CONTEXT_NONE)) {
    randomize(random);
}

Secp256k1::~Secp256k1() {
    secp256k1_context_destroy(context_);
}

void Secp256k1::randomize(Random &random) noexcept {
    std::array<std::uint8_t, 32> seed{};
    random.fill(seed);
    const int done = secp256k1_context_randomize(context_, seed.data());
    static_cast<void>(done);  // no seed makes it fail
    OPENSSL_cleanse(seed.data(), seed.size());
}

Result<void> Secp256k1::check_key(const Secret &key) {
    if (key.size() != 32 || secp256k1_ec_seckey_verify(secp256k1_context_static, key.bytes().data()) == 0)
        return bad_key();
    return {};
}

Result<Signature> Secp256k1::sign(const Secret &key, const Hash32 &digest) const {
    if (key.size() != 32) return bad_key();
    secp256k1_ecdsa_recoverable_signature made;
    // The null nonce function is RFC 6979. It fails for a bad key only.
    if (secp256k1_ecdsa_sign_recoverable(context_, &made, digest.bytes.data(), key.bytes().data(), nullptr, nullptr) ==
        0)
        return bad_key();
    std::array<std::uint8_t, 64> compact{};
    int recovery_id = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(secp256k1_context_static, compact.data(), &recovery_id,
                                                            &made);
    Signature out;
    std::copy_n(compact.begin(), 32, out.r.begin());
    std::copy_n(compact.begin() + 32, 32, out.s.begin());
    // 2 and 3 (r above the group order) take 2^128 signatures to meet; no transaction could carry them.
    out.recovery_id = static_cast<std::uint8_t>(recovery_id & 1);
    return out;
}

Result<Address> Secp256k1::address_of(const Secret &key) const {
    secp256k1_pubkey point;
    if (key.size() != 32 || secp256k1_ec_pubkey_create(context_, &point, key.bytes().data()) == 0) return bad_key();
    return address_of_point(point);
}

Result<Address> Secp256k1::recover(const Hash32 &digest, const Signature &signature) {
    std::array<std::uint8_t, 64> compact{};
    std::copy(signature.r.begin(), signature.r.end(), compact.begin());
    std::copy(signature.s.begin(), signature.s.end(), compact.begin() + 32);
    secp256k1_ecdsa_recoverable_signature parsed;
    secp256k1_pubkey point;
    if (signature.recovery_id > 1 ||
        secp256k1_ecdsa_recoverable_signature_parse_compact(secp256k1_context_static, &parsed, compact.data(),
                                                            signature.recovery_id) == 0 ||
        secp256k1_ecdsa_recover(secp256k1_context_static, &point, &parsed, digest.bytes.data()) == 0)
        return invalid("signature", "is no signature of any key");
    return address_of_point(point);
}

bool verify_der(ByteView public_key, const Hash32 &digest, ByteView der, HighS high_s) noexcept {
    const secp256k1_context *context = secp256k1_context_static;
    secp256k1_pubkey point;
    secp256k1_ecdsa_signature signature;
    if (public_key.empty() || der.empty()) return false;  // the library takes a null for misuse and aborts
    if (secp256k1_ec_pubkey_parse(context, &point, public_key.data(), public_key.size()) == 0 ||
        secp256k1_ecdsa_signature_parse_der(context, &signature, der.data(), der.size()) == 0)
        return false;
    if (high_s == HighS::normalize) secp256k1_ecdsa_signature_normalize(context, &signature, &signature);
    return secp256k1_ecdsa_verify(context, &signature, digest.bytes.data(), &point) == 1;
}

}  // namespace remit::crypto
