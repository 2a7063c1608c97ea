// How keys and the check value are sealed under the key-encryption key.
#pragma once

#include "crypto/aead.hpp"
#include "signer/keystore/rows.hpp"

#include <remit/port/random.hpp>

namespace remit::signer {

inline constexpr std::size_t kKeySize = 32;

// Format version, nonce, sealed bytes, tag. The version, the key's id and its address are authenticated, so an
// envelope that is moved to another row does not open.
Result<Bytes> seal_key(crypto::Aead &aead, const Secret &kek, const Secret &key, const KeyInfo &info, Random &random);
// Corrupt when it does not open.
Result<void> open_key(crypto::Aead &aead, const Secret &kek, const KeyRow &row, Secret &into);

// Zeros, sealed with how the key-encryption key is made, so that neither can be changed unseen.
Result<Bytes> seal_check(crypto::Aead &aead, const Secret &kek, const VaultRow &row, Random &random);
// WrongKey when it does not open.
Result<void> open_check(crypto::Aead &aead, const Secret &kek, const VaultRow &row);

}  // namespace remit::signer
