#include "crypto/hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

namespace remit::crypto {

// The one-shot SHA256 of libcrypto is neither deprecated nor slow: it fetches nothing.
Hash32 sha256(ByteView data) noexcept {
    // Fetched once for the process, which costs more than the hash of a short text.
    static const EVP_MD *const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    Hash32 out;
    if (digest == nullptr || EVP_Digest(data.data(), data.size(), out.bytes.data(), nullptr, digest, nullptr) != 1)
        SHA256(data.data(), data.size(), out.bytes.data());
    return out;
}

namespace {

template <std::size_t N>
std::array<std::uint8_t, N> hmac(const EVP_MD *digest, ByteView key, ByteView data) noexcept {
    // An empty key may not be a null one: null means the key of the call before.
    static constexpr std::uint8_t kNothing = 0;
    std::array<std::uint8_t, N> out{};
    HMAC(digest, key.empty() ? &kNothing : key.data(), static_cast<int>(key.size()), data.data(), data.size(),
         out.data(), nullptr);
    return out;
}

}  // namespace

std::array<std::uint8_t, 32> hmac_sha256(ByteView key, ByteView data) noexcept {
    return hmac<32>(EVP_sha256(), key, data);
}

std::array<std::uint8_t, 64> hmac_sha512(ByteView key, ByteView data) noexcept {
    return hmac<64>(EVP_sha512(), key, data);
}

bool equal_secret(ByteView a, ByteView b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::span<std::uint8_t> secret) noexcept {
    OPENSSL_cleanse(secret.data(), secret.size());
}

}  // namespace remit::crypto
