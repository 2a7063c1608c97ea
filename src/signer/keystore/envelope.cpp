#include "signer/keystore/envelope.hpp"

#include <algorithm>
#include <array>

namespace remit::signer {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHead = 1 + crypto::kGcmNonce;

Bytes bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

void append(Bytes &out, std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

// The address has a fixed width and comes last, so no two rows share the bytes.
Bytes key_aad(const KeyInfo &info) {
    Bytes out = bytes_of("remit key");
    out.push_back(kVersion);
    out.insert(out.end(), info.id.begin(), info.id.end());
    out.insert(out.end(), info.address.bytes.begin(), info.address.bytes.end());
    return out;
}

Bytes check_aad(const VaultRow &row) {
    Bytes out = bytes_of("remit vault");
    out.push_back(kVersion);
    append(out, static_cast<std::uint64_t>(row.source));
    append(out, row.cost.n);
    append(out, row.cost.r);
    append(out, row.cost.p);
    out.insert(out.end(), row.salt.begin(), row.salt.end());
    return out;
}

Result<Bytes> seal(crypto::Aead &aead, const Secret &kek, ByteView aad, ByteView plain, Random &random) {
    Bytes out(kHead + plain.size() + crypto::kGcmTag);
    const std::span<std::uint8_t> all(out);
    out[0] = kVersion;
    random.fill(all.subspan(1, crypto::kGcmNonce));
    REMIT_CHECK(aead.seal(kek.bytes(), all.subspan(1, crypto::kGcmNonce), aad, plain, all.subspan(kHead)));
    return out;
}

Result<void> open(crypto::Aead &aead, const Secret &kek, ByteView aad, ByteView sealed, std::span<std::uint8_t> out) {
    if (sealed.size() != kHead + out.size() + crypto::kGcmTag || sealed[0] != kVersion)
        return error(Status::corrupt, "a stored key is not in a form that this version knows");
    return aead.open(kek.bytes(), sealed.subspan(1, crypto::kGcmNonce), aad, sealed.subspan(kHead), out);
}

}  // namespace

Result<Bytes> seal_key(crypto::Aead &aead, const Secret &kek, const Secret &key, const KeyInfo &info, Random &random) {
    return seal(aead, kek, key_aad(info), key.bytes(), random);
}

Result<void> open_key(crypto::Aead &aead, const Secret &kek, const KeyRow &row, Secret &into) {
    auto opened = open(aead, kek, key_aad(row.info), row.envelope, {into.data(), into.size()});
    // The check value has opened under this key-encryption key, so it is the row that is wrong.
    if (opened.status() == Status::wrong_key)
        return error(Status::corrupt, "the envelope of " + row.info.id + " is damaged or of another row");
    return opened;
}

Result<Bytes> seal_check(crypto::Aead &aead, const Secret &kek, const VaultRow &row, Random &random) {
    static constexpr std::array<std::uint8_t, kKeySize> kZeros{};
    return seal(aead, kek, check_aad(row), kZeros, random);
}

Result<void> open_check(crypto::Aead &aead, const Secret &kek, const VaultRow &row) {
    std::array<std::uint8_t, kKeySize> zeros{};
    return open(aead, kek, check_aad(row), row.check, zeros);
}

}  // namespace remit::signer
