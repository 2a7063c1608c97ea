// Key derivations, one at a time in the whole process: each takes up to 1 GiB.
#pragma once

#include "crypto/kdf.hpp"

namespace remit::signer {

Result<Secret> derive_scrypt(const Secret &password, ByteView salt, const crypto::ScryptCost &cost, std::size_t size);
Result<Secret> derive_pbkdf2(const Secret &password, ByteView salt, std::uint64_t rounds, std::size_t size);

}  // namespace remit::signer
