// AES-256-GCM for what we seal, AES-128-CTR for Web3 Secret Storage.
#pragma once

#include <remit/bytes.hpp>

#include <cstdint>
#include <span>

struct evp_cipher_ctx_st;
struct evp_cipher_st;

namespace remit::crypto {

inline constexpr std::size_t kGcmNonce = 12;
inline constexpr std::size_t kGcmTag = 16;

// AES-256-GCM with the algorithm and a context kept for the next call: three times as fast as a new one
// each time. Between calls the context holds no key. Not shared between threads.
class Aead {
public:
    Aead() noexcept;
    ~Aead();
    Aead(const Aead &) = delete;
    Aead &operator=(const Aead &) = delete;

    // Keys have 32 bytes, nonces 12; Misuse otherwise. `out` is as long as `plain` and the tag together.
    Result<void> seal(ByteView key, ByteView nonce, ByteView aad, ByteView plain, std::span<std::uint8_t> out);
    // `out` is as long as `sealed` without its tag. WrongKey when the tag does not fit; `out` is zeros then.
    Result<void> open(ByteView key, ByteView nonce, ByteView aad, ByteView sealed, std::span<std::uint8_t> out);

private:
    bool start(ByteView key, ByteView nonce, ByteView aad, bool sealing) noexcept;
    bool finish_seal(ByteView plain, std::span<std::uint8_t> out) noexcept;
    bool finish_open(ByteView sealed, std::span<std::uint8_t> out) noexcept;
    void forget_key() noexcept;

    evp_cipher_st *cipher_;
    evp_cipher_ctx_st *context_;
};

// `out` is as long as `in`. Key and counter block have 16 bytes; Misuse otherwise.
Result<void> aes_128_ctr(ByteView key, ByteView counter, ByteView in, std::span<std::uint8_t> out);

}  // namespace remit::crypto
