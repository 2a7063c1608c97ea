#include "signer/keystore/derivation.hpp"

#include <mutex>
#include <type_traits>

namespace remit::signer {
namespace {

constinit std::mutex one_at_a_time;
static_assert(std::is_trivially_destructible_v<std::mutex>, "nothing runs at exit");

}  // namespace

Result<Secret> derive_scrypt(const Secret &password, ByteView salt, const crypto::ScryptCost &cost, std::size_t size) {
    const std::lock_guard guard(one_at_a_time);
    return crypto::scrypt(password, salt, cost, size);
}

Result<Secret> derive_pbkdf2(const Secret &password, ByteView salt, std::uint64_t rounds, std::size_t size) {
    const std::lock_guard guard(one_at_a_time);
    return crypto::pbkdf2_sha256(password, salt, rounds, size);
}

}  // namespace remit::signer
