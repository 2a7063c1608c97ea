// Keccak with 256 bits out: rate 136 bytes, 24 rounds on 25 words.
#include "crypto/keccak.hpp"

#include "crypto/hash.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace remit::crypto {
namespace {

constexpr std::size_t kWords = 25;
constexpr std::size_t kRate = 136;

static_assert(std::endian::native == std::endian::little, "words are read from memory as they lie");

// Round constants by the degree-8 LFSR of the specification.
constexpr std::array<std::uint64_t, 24> make_round_constants() {
    std::array<std::uint64_t, 24> out{};
    std::uint8_t lfsr = 1;
    for (auto &constant : out) {
        for (unsigned j = 0; j < 7; ++j) {
            if ((lfsr & 1U) != 0) constant |= 1ULL << ((1U << j) - 1);
            lfsr = static_cast<std::uint8_t>((lfsr << 1) ^ ((lfsr >> 7) * 0x71));
        }
    }
    return out;
}
constexpr auto kRoundConstants = make_round_constants();

// How far each word turns, walking (x, y) -> (y, 2x + 3y).
constexpr std::array<int, kWords> make_rotations() {
    std::array<int, kWords> out{};
    std::size_t x = 1, y = 0;
    for (int t = 0; t < 24; ++t) {
        out[x + 5 * y] = (t + 1) * (t + 2) / 2 % 64;
        const std::size_t next = (2 * x + 3 * y) % 5;
        x = y;
        y = next;
    }
    return out;
}
constexpr auto kRotations = make_rotations();

// The word that lands at (X, Y), after theta, rho and pi.
template <std::size_t X, std::size_t Y>
inline std::uint64_t moved(const std::uint64_t *in, const std::uint64_t *d) noexcept {
    constexpr std::size_t x = (X + 3 * Y) % 5;
    constexpr std::size_t from = x + 5 * X;
    return std::rotl(in[from] ^ d[x], kRotations[from]);
}

template <std::size_t Y>
inline void row(const std::uint64_t *in, const std::uint64_t *d, std::uint64_t *out) noexcept {
    const std::uint64_t b0 = moved<0, Y>(in, d), b1 = moved<1, Y>(in, d), b2 = moved<2, Y>(in, d),
                        b3 = moved<3, Y>(in, d), b4 = moved<4, Y>(in, d);
    out[5 * Y + 0] = b0 ^ (~b1 & b2);
    out[5 * Y + 1] = b1 ^ (~b2 & b3);
    out[5 * Y + 2] = b2 ^ (~b3 & b4);
    out[5 * Y + 3] = b3 ^ (~b4 & b0);
    out[5 * Y + 4] = b4 ^ (~b0 & b1);
}

// From one state into another, so that two rounds need no copying. Every index is known when compiling:
// a loop over the words is several times slower.
inline void round(const std::uint64_t *in, std::uint64_t *out, std::uint64_t constant) noexcept {
    const std::uint64_t c0 = in[0] ^ in[5] ^ in[10] ^ in[15] ^ in[20], c1 = in[1] ^ in[6] ^ in[11] ^ in[16] ^ in[21],
                        c2 = in[2] ^ in[7] ^ in[12] ^ in[17] ^ in[22], c3 = in[3] ^ in[8] ^ in[13] ^ in[18] ^ in[23],
                        c4 = in[4] ^ in[9] ^ in[14] ^ in[19] ^ in[24];
    const std::uint64_t d[5] = {c4 ^ std::rotl(c1, 1), c0 ^ std::rotl(c2, 1), c1 ^ std::rotl(c3, 1),
                                c2 ^ std::rotl(c4, 1), c3 ^ std::rotl(c0, 1)};
    row<0>(in, d, out);
    row<1>(in, d, out);
    row<2>(in, d, out);
    row<3>(in, d, out);
    row<4>(in, d, out);
    out[0] ^= constant;
}

void permute(std::uint64_t *state) noexcept {
    std::uint64_t other[kWords];
    for (std::size_t i = 0; i < kRoundConstants.size(); i += 2) {
        round(state, other, kRoundConstants[i]);
        round(other, state, kRoundConstants[i + 1]);
    }
}

void absorb(std::uint64_t *state, const std::uint8_t *block) noexcept {
    std::uint64_t words[kRate / 8];
    std::memcpy(words, block, kRate);
    for (std::size_t i = 0; i < kRate / 8; ++i) state[i] ^= words[i];
    permute(state);
}

}  // namespace

Hash32 keccak_sponge(ByteView data, std::uint8_t padding) noexcept {
    std::uint64_t state[kWords] = {};
    while (data.size() >= kRate) {
        absorb(state, data.data());
        data = data.subspan(kRate);
    }
    std::uint8_t last[kRate] = {};
    if (!data.empty()) std::memcpy(last, data.data(), data.size());
    last[data.size()] = padding;
    last[kRate - 1] |= 0x80;
    absorb(state, last);
    Hash32 out;
    std::memcpy(out.bytes.data(), state, Hash32::size);
    return out;
}

Hash32 keccak256(ByteView data) noexcept {
    return keccak_sponge(data, kKeccakPadding);
}

}  // namespace remit::crypto
