#include "crypto/scrypt_mix.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace remit::crypto {
namespace {

constexpr std::size_t kWords = 16;  // of a Salsa20 block
using Block = std::array<std::uint32_t, kWords>;

static_assert(std::endian::native == std::endian::little, "words are read from memory as they lie");

inline void quarter(Block &x, std::size_t a, std::size_t b, std::size_t c, std::size_t d) noexcept {
    x[b] ^= std::rotl(x[a] + x[d], 7);
    x[c] ^= std::rotl(x[b] + x[a], 9);
    x[d] ^= std::rotl(x[c] + x[b], 13);
    x[a] ^= std::rotl(x[d] + x[c], 18);
}

void salsa20_8(Block &block) noexcept {
    Block x = block;
    for (int i = 0; i < 4; ++i) {
        quarter(x, 0, 4, 8, 12);
        quarter(x, 5, 9, 13, 1);
        quarter(x, 10, 14, 2, 6);
        quarter(x, 15, 3, 7, 11);
        quarter(x, 0, 1, 2, 3);
        quarter(x, 5, 6, 7, 4);
        quarter(x, 10, 11, 8, 9);
        quarter(x, 15, 12, 13, 14);
    }
    for (std::size_t i = 0; i < kWords; ++i) block[i] += x[i];
}

// BlockMix: even blocks go to the first half of `out`, odd ones to the second.
void block_mix(const std::uint32_t *in, std::uint32_t *out, std::size_t r) noexcept {
    Block x;
    std::memcpy(x.data(), in + (2 * r - 1) * kWords, sizeof x);
    for (std::size_t i = 0; i < 2 * r; ++i) {
        for (std::size_t w = 0; w < kWords; ++w) x[w] ^= in[i * kWords + w];
        salsa20_8(x);
        std::memcpy(out + (i / 2 + (i % 2) * r) * kWords, x.data(), sizeof x);
    }
}

}  // namespace

void scrypt_romix(std::uint8_t *block, std::size_t r, std::uint64_t n) {
    const std::size_t size = 128 * r, words = size / 4;
    Secret table(size * static_cast<std::size_t>(n));
    Secret work(2 * size);
    auto *rows = reinterpret_cast<std::uint32_t *>(table.data());
    auto *x = reinterpret_cast<std::uint32_t *>(work.data());
    auto *y = x + words;
    std::memcpy(x, block, size);
    for (std::size_t i = 0; i < n; ++i) {
        std::memcpy(rows + i * words, x, size);
        block_mix(rows + i * words, x, r);
    }
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t j = x[(2 * r - 1) * kWords] & (static_cast<std::size_t>(n) - 1);
        for (std::size_t w = 0; w < words; ++w) y[w] = x[w] ^ rows[j * words + w];
        block_mix(y, x, r);
    }
    std::memcpy(block, x, size);
}

}  // namespace remit::crypto
