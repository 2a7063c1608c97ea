#include "crypto/kdf.hpp"

#include "crypto/scrypt_mix.hpp"

#include <openssl/evp.h>

#include <bit>
#include <limits>

namespace remit::crypto {
namespace {

constexpr std::uint64_t kMaxScryptWork = 1ULL << 27;     // n * r * p: 64 times the usual cost, under a minute
constexpr std::uint64_t kMaxPbkdf2Rounds = 100'000'000;  // half a minute
constexpr std::size_t kMaxSize = 1024;

std::uint64_t saturating_mul(std::uint64_t a, std::uint64_t b) noexcept {
    return a != 0 && b > std::numeric_limits<std::uint64_t>::max() / a ? std::numeric_limits<std::uint64_t>::max()
                                                                       : a * b;
}

const char *chars(const Secret &password) noexcept {
    return password.empty() ? "" : reinterpret_cast<const char *>(password.bytes().data());
}

Result<void> check_size(std::size_t size) {
    if (size == 0 || size > kMaxSize) return invalid("dklen", "must be from 1 to 1024");
    return {};
}

Result<void> check_cost(const ScryptCost &cost) {
    if (cost.r == 0) return invalid("r", "must not be 0");
    if (cost.p == 0) return invalid("p", "must not be 0");
    if (cost.n < 2 || !std::has_single_bit(cost.n)) return invalid("n", "must be a power of two above 1");
    if (saturating_mul(cost.n, saturating_mul(128, cost.r)) > kScryptMaxMemory)
        return invalid("n", "together with r takes more than 1 GiB of memory");
    if (scrypt_memory(cost) > kScryptMaxMemory) return invalid("p", "together with r takes more than 1 GiB of memory");
    if (saturating_mul(cost.n, saturating_mul(cost.r, cost.p)) > kMaxScryptWork)
        return invalid("p", "together with n and r takes too long");
    return {};
}

// RFC 7914 asks for n < 2^(16 r), and OpenSSL insists; geth and the key files it wrote do not.
bool beyond_rfc(const ScryptCost &cost) noexcept {
    return cost.r < 4 && cost.n >= 1ULL << (16 * cost.r);
}

bool pbkdf2(const Secret &password, ByteView salt, std::uint64_t rounds, std::uint8_t *out, std::size_t size) noexcept {
    return PKCS5_PBKDF2_HMAC(chars(password), static_cast<int>(password.size()), salt.data(),
                             static_cast<int>(salt.size()), static_cast<int>(rounds), EVP_sha256(),
                             static_cast<int>(size), out) == 1;
}

bool scrypt_beyond_rfc(const Secret &password, ByteView salt, const ScryptCost &cost, std::uint8_t *out,
                       std::size_t size) {
    const std::size_t lane = 128UL * cost.r;
    Secret lanes(lane * cost.p);
    if (!pbkdf2(password, salt, 1, lanes.data(), lanes.size())) return false;
    for (std::size_t i = 0; i < cost.p; ++i) scrypt_romix(lanes.data() + i * lane, cost.r, cost.n);
    return pbkdf2(password, lanes.bytes(), 1, out, size);
}

}  // namespace

std::uint64_t scrypt_memory(const ScryptCost &cost) noexcept {
    const std::uint64_t block = saturating_mul(128, cost.r);
    const std::uint64_t vector = saturating_mul(block, cost.n);
    const std::uint64_t lanes = saturating_mul(block, static_cast<std::uint64_t>(cost.p) + 2);
    return vector > std::numeric_limits<std::uint64_t>::max() - lanes ? std::numeric_limits<std::uint64_t>::max()
                                                                      : vector + lanes;
}

Result<Secret> scrypt(const Secret &password, ByteView salt, const ScryptCost &cost, std::size_t size) {
    REMIT_CHECK(check_cost(cost));
    REMIT_CHECK(check_size(size));
    Secret out(size);
    const bool done = beyond_rfc(cost)
                          ? scrypt_beyond_rfc(password, salt, cost, out.data(), size)
                          : EVP_PBE_scrypt(chars(password), password.size(), salt.data(), salt.size(), cost.n, cost.r,
                                           cost.p, 2 * kScryptMaxMemory, out.data(), size) == 1;
    if (!done) return error(Status::no_memory, "scrypt found too little memory");
    return out;
}

Result<Secret> pbkdf2_sha256(const Secret &password, ByteView salt, std::uint64_t rounds, std::size_t size) {
    if (rounds == 0 || rounds > kMaxPbkdf2Rounds) return invalid("c", "must be from 1 to 100000000");
    REMIT_CHECK(check_size(size));
    Secret out(size);
    if (!pbkdf2(password, salt, rounds, out.data(), size))
        return error(Status::no_memory, "PBKDF2 found too little memory");
    return out;
}

}  // namespace remit::crypto
