#include "signer/keystore/v3.hpp"

#include "core/json.hpp"
#include "crypto/aead.hpp"
#include "crypto/ecdsa.hpp"
#include "crypto/hash.hpp"
#include "signer/keystore/derivation.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace remit::signer {
namespace {

using core::Json;

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kDerived = 32;  // 16 bytes for the cipher, 16 for the MAC
constexpr std::size_t kMaxSalt = 1024;
constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();

struct Params {
    Bytes iv, ciphertext, salt;
    Hash32 mac;
    bool scrypt = true;
    crypto::ScryptCost cost;
    std::uint64_t rounds = 0;
    std::size_t size = 0;
};

// Reading one member: `path` is its name in errors, from the top of the file.
Result<const Json *> member(const Json &from, std::string_view path, std::string_view name) {
    const Json *found = from.find(name);
    if (found == nullptr) return invalid(std::string(path), "is missing");
    return found;
}

Result<std::string> text(const Json &from, std::string_view path, std::string_view name) {
    REMIT_TRY(const Json *found, member(from, path, name));
    return found->as_string(path);
}

Result<std::uint64_t> number(const Json &from, std::string_view path, std::string_view name, std::uint64_t max) {
    REMIT_TRY(const Json *found, member(from, path, name));
    REMIT_TRY(const std::int64_t value, found->as_int(path));
    if (value < 1 || static_cast<std::uint64_t>(value) > max)
        return invalid(std::string(path), "must be from 1 to " + std::to_string(max));
    return static_cast<std::uint64_t>(value);
}

Result<Bytes> hex(const Json &from, std::string_view path, std::string_view name, std::size_t min, std::size_t max) {
    REMIT_TRY(const std::string digits, text(from, path, name));
    REMIT_TRY(Bytes bytes, from_hex(digits, path));
    if (bytes.size() < min || bytes.size() > max) return invalid(std::string(path), "has the wrong length");
    return bytes;
}

Result<void> read_kdf(const Json &crypto, Params &out) {
    REMIT_TRY(const std::string kdf, text(crypto, "crypto.kdf", "kdf"));
    REMIT_TRY(const Json *params, member(crypto, "crypto.kdfparams", "kdfparams"));
    REMIT_TRY(out.salt, hex(*params, "crypto.kdfparams.salt", "salt", 0, kMaxSalt));
    REMIT_TRY(out.size, number(*params, "crypto.kdfparams.dklen", "dklen", 1024));
    if (out.size < kDerived) return invalid("crypto.kdfparams.dklen", "must be at least 32");
    out.scrypt = kdf == "scrypt";
    if (out.scrypt) {
        REMIT_TRY(out.cost.n, number(*params, "crypto.kdfparams.n", "n", kMax32));
        REMIT_TRY(const std::uint64_t r, number(*params, "crypto.kdfparams.r", "r", kMax32));
        REMIT_TRY(const std::uint64_t p, number(*params, "crypto.kdfparams.p", "p", kMax32));
        out.cost.r = static_cast<std::uint32_t>(r);
        out.cost.p = static_cast<std::uint32_t>(p);
        return {};
    }
    if (kdf != "pbkdf2") return invalid("crypto.kdf", "must be scrypt or pbkdf2");
    REMIT_TRY(const std::string prf, text(*params, "crypto.kdfparams.prf", "prf"));
    if (prf != "hmac-sha256") return invalid("crypto.kdfparams.prf", "must be hmac-sha256");
    REMIT_TRY(out.rounds, number(*params, "crypto.kdfparams.c", "c", kMax32));
    return {};
}

Result<Params> read_params(const Json &document) {
    REMIT_TRY(const std::uint64_t version, number(document, "version", "version", kMax32));
    if (version != 3) return invalid("version", "must be 3");
    const Json *crypto = document.find("crypto");
    if (crypto == nullptr) crypto = document.find("Crypto");  // as ethers spells it
    if (crypto == nullptr) return invalid("crypto", "is missing");
    REMIT_TRY(const std::string cipher, text(*crypto, "crypto.cipher", "cipher"));
    if (cipher != "aes-128-ctr") return invalid("crypto.cipher", "must be aes-128-ctr");
    REMIT_TRY(const Json *cipherparams, member(*crypto, "crypto.cipherparams", "cipherparams"));
    Params out;
    REMIT_TRY(out.iv, hex(*cipherparams, "crypto.cipherparams.iv", "iv", 16, 16));
    REMIT_TRY(out.ciphertext, hex(*crypto, "crypto.ciphertext", "ciphertext", 1, kKeySize));
    REMIT_TRY(const Bytes mac, hex(*crypto, "crypto.mac", "mac", Hash32::size, Hash32::size));
    std::ranges::copy(mac, out.mac.bytes.begin());
    REMIT_CHECK(read_kdf(*crypto, out));
    return out;
}

Result<Secret> derive(const Params &params, const Secret &password) {
    auto derived = params.scrypt ? derive_scrypt(password, params.salt, params.cost, params.size)
                                 : derive_pbkdf2(password, params.salt, params.rounds, params.size);
    if (derived.ok() || derived.error().field.empty()) return derived;
    return invalid("crypto.kdfparams." + derived.error().field, derived.error().text);
}

Hash32 mac_of(const Secret &derived, ByteView ciphertext) {
    Secret input(16 + ciphertext.size());  // half of the derived key is in it
    std::ranges::copy(derived.bytes().subspan(16, 16), input.data());
    std::ranges::copy(ciphertext, input.data() + 16);
    return crypto::keccak256(input.bytes());
}

std::string fresh_uuid(Random &random) {
    std::array<std::uint8_t, 16> raw{};
    random.fill(raw);
    raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0FU) | 0x40U);
    raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3FU) | 0x80U);
    std::string out = to_hex(raw).substr(2);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) out.insert(dash, 1, '-');
    return out;
}

std::string digits(ByteView bytes) {
    return to_hex(bytes).substr(2);
}

std::string document(const Address &address, const Params &params, const std::string &uuid) {
    core::JsonWriter out;
    out.begin_object().field("address", digits(address));
    out.key("crypto").begin_object();
    out.field("cipher", "aes-128-ctr").field("ciphertext", digits(params.ciphertext));
    out.key("cipherparams").begin_object().field("iv", digits(params.iv)).end_object();
    out.field("kdf", "scrypt").key("kdfparams").begin_object();
    out.field("dklen", static_cast<std::uint64_t>(params.size)).field("n", params.cost.n);
    out.field("p", std::uint64_t{params.cost.p}).field("r", std::uint64_t{params.cost.r});
    out.field("salt", digits(params.salt)).end_object();
    out.field("mac", digits(params.mac)).end_object();
    out.field("id", uuid).field("version", 3).end_object();
    return out.take();
}

}  // namespace

Result<V3File> read_v3(std::string_view json, const Secret &password) {
    REMIT_TRY(const Json document, Json::parse(json, "key file"));
    if (document.kind() != Json::Kind::object) return invalid("key file", "must be a JSON object");
    REMIT_TRY(const Params params, read_params(document));
    V3File out{Secret(kKeySize), std::nullopt};
    if (document.find("address") != nullptr) {
        REMIT_TRY(const std::string address, text(document, "address", "address"));
        REMIT_TRY(out.address, fixed_from_hex<Address>(address, "address"));
    }
    REMIT_TRY(const Secret derived, derive(params, password));
    if (!crypto::equal_secret(mac_of(derived, params.ciphertext), params.mac))
        return error(Status::wrong_key, "the password does not open this key file");
    const std::size_t padding = kKeySize - params.ciphertext.size();
    REMIT_CHECK(crypto::aes_128_ctr(derived.bytes().first(16), params.iv, params.ciphertext,
                                    {out.key.data() + padding, params.ciphertext.size()}));
    REMIT_CHECK(crypto::Secp256k1::check_key(out.key));
    return out;
}

Result<std::string> write_v3(const Secret &key, const Address &address, const Secret &password,
                             const crypto::ScryptCost &cost, Random &random) {
    REMIT_CHECK(crypto::Secp256k1::check_key(key));
    Params params;
    params.cost = cost;
    params.size = kDerived;
    params.iv.resize(16);
    params.salt.resize(32);
    params.ciphertext.resize(kKeySize);
    random.fill(params.iv);
    random.fill(params.salt);
    REMIT_TRY(const Secret derived, derive(params, password));
    REMIT_CHECK(crypto::aes_128_ctr(derived.bytes().first(16), params.iv, key.bytes(), params.ciphertext));
    params.mac = mac_of(derived, params.ciphertext);
    std::string json = document(address, params, fresh_uuid(random));
    // A key file that does not open is a lost key, so it is opened once before anybody relies on it.
    REMIT_TRY(const V3File again, read_v3(json, password));
    if (!crypto::equal_secret(again.key.bytes(), key.bytes()) || again.address != address)
        return error(Status::broken, "the key file that was written does not read back");
    return json;
}

}  // namespace remit::signer
