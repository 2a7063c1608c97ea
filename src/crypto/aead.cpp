#include "crypto/aead.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

namespace remit::crypto {
namespace {

constexpr std::size_t kKey = 32;
constexpr std::size_t kBlock = 16;

struct FreeContext {
    void operator()(EVP_CIPHER_CTX *context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

Error misuse(const char *text) {
    return error(Status::misuse, text);
}

}  // namespace

Aead::Aead() noexcept : cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)), context_(EVP_CIPHER_CTX_new()) {}

Aead::~Aead() {
    EVP_CIPHER_CTX_free(context_);
    EVP_CIPHER_free(cipher_);
}

bool Aead::start(ByteView key, ByteView nonce, ByteView aad, bool sealing) noexcept {
    if (cipher_ == nullptr || context_ == nullptr) return false;
    // Naming the cipher only the first time spares the context being made anew.
    const EVP_CIPHER *cipher = EVP_CIPHER_CTX_get0_cipher(context_) == nullptr ? cipher_ : nullptr;
    int length = 0;
    return EVP_CipherInit_ex2(context_, cipher, key.data(), nonce.data(), sealing ? 1 : 0, nullptr) == 1 &&
           (aad.empty() || EVP_CipherUpdate(context_, nullptr, &length, aad.data(), static_cast<int>(aad.size())) == 1);
}

// The round keys of a key of zeros take the place of the real ones, which would else lie in ordinary memory.
void Aead::forget_key() noexcept {
    static constexpr std::array<std::uint8_t, kKey> kZeros{};
    if (context_ != nullptr && EVP_CIPHER_CTX_get0_cipher(context_) != nullptr)
        EVP_CipherInit_ex2(context_, nullptr, kZeros.data(), kZeros.data(), 1, nullptr);
}

bool Aead::finish_seal(ByteView plain, std::span<std::uint8_t> out) noexcept {
    int length = 0;
    return EVP_CipherUpdate(context_, out.data(), &length, plain.data(), static_cast<int>(plain.size())) == 1 &&
           EVP_CipherFinal_ex(context_, out.data() + plain.size(), &length) == 1 &&
           EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, kGcmTag, out.data() + plain.size()) == 1;
}

bool Aead::finish_open(ByteView sealed, std::span<std::uint8_t> out) noexcept {
    const ByteView tag = sealed.last(kGcmTag);
    std::array<std::uint8_t, kGcmTag> expected{};
    std::ranges::copy(tag, expected.begin());
    int length = 0;
    return EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, kGcmTag, expected.data()) == 1 &&
           EVP_CipherUpdate(context_, out.data(), &length, sealed.data(), static_cast<int>(out.size())) == 1 &&
           EVP_CipherFinal_ex(context_, out.data() + out.size(), &length) == 1;
}

Result<void> Aead::seal(ByteView key, ByteView nonce, ByteView aad, ByteView plain, std::span<std::uint8_t> out) {
    if (key.size() != kKey || nonce.size() != kGcmNonce || out.size() != plain.size() + kGcmTag)
        return misuse("a key, nonce or buffer to seal with has the wrong length");
    const bool done = start(key, nonce, aad, true) && finish_seal(plain, out);
    forget_key();
    if (!done) return error(Status::broken, "sealing failed in the crypto library");
    return {};
}

Result<void> Aead::open(ByteView key, ByteView nonce, ByteView aad, ByteView sealed, std::span<std::uint8_t> out) {
    if (key.size() != kKey || nonce.size() != kGcmNonce || sealed.size() != out.size() + kGcmTag)
        return misuse("a key, nonce or buffer to open with has the wrong length");
    const bool done = start(key, nonce, aad, false) && finish_open(sealed, out);
    forget_key();
    if (done) return {};
    OPENSSL_cleanse(out.data(), out.size());
    return error(Status::wrong_key, "the key does not open this");
}

Result<void> aes_128_ctr(ByteView key, ByteView counter, ByteView in, std::span<std::uint8_t> out) {
    if (key.size() != kBlock || counter.size() != kBlock || in.size() != out.size())
        return misuse("a key, counter or buffer for AES-128-CTR has the wrong length");
    const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(EVP_CIPHER_CTX_new());
    int length = 0;
    if (context == nullptr ||
        EVP_EncryptInit_ex2(context.get(), EVP_aes_128_ctr(), key.data(), counter.data(), nullptr) != 1 ||
        EVP_EncryptUpdate(context.get(), out.data(), &length, in.data(), static_cast<int>(in.size())) != 1)
        return error(Status::broken, "AES-128-CTR failed in the crypto library");
    return {};
}

}  // namespace remit::crypto
