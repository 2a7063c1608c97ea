#include "signer/keystore/vault.hpp"

#include "core/ids.hpp"
#include "crypto/ecdsa.hpp"
#include "crypto/eip55.hpp"
#include "crypto/hash.hpp"
#include "signer/keystore/derivation.hpp"
#include "signer/keystore/envelope.hpp"
#include "signer/keystore/v3.hpp"

#include <limits>
#include <map>
#include <mutex>
#include <utility>

namespace remit::signer {
namespace {

constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kMaxLabel = 255;
constexpr std::int64_t kReloadUs = kMicrosPerSecond;

Error locked_error() {
    return error(Status::state, "the key store is locked");
}
Error wrong_key() {
    return error(Status::wrong_key, "the password or key does not open the key store");
}

class KeystoreVault final : public Vault {
public:
    KeystoreVault(Database &database, Clock &clock, Random &random, Log &log, VaultOptions options) :
        database_(database),
        clock_(clock),
        random_(random),
        log_(log),
        cost_{options.scrypt_n, options.scrypt_r, options.scrypt_p},
        curve_(random),
        scratch_(kKeySize) {}

    Result<void> unlock(const Secret &password, std::int64_t ttl_us) override;
    Result<void> unlock_with_kek(const Secret &kek, std::int64_t ttl_us) override;
    void lock() override;
    bool unlocked() override;
    Result<KeyInfo> create(std::string_view label) override;
    Result<KeyInfo> import_raw(const Secret &key, std::string_view label) override;
    Result<KeyInfo> import_v3(std::string_view json, const Secret &password, std::string_view label) override;
    Result<std::string> export_v3(const Address &address, const Secret &password) override;
    Result<std::vector<KeyInfo>> list() override;

    std::vector<Address> addresses() override;
    void sign(Token token, const Address &who, std::vector<Hash32> digests) override;
    void poll(std::vector<SignOutcome> &out) override;
    void tick() override;

private:
    struct Entry {
        KeyRow row;
        bool proven = false;  // its first signature was recovered to its address
    };

    Result<void> open_store(KekSource source, const Secret &secret, std::int64_t ttl_us);
    Result<std::optional<VaultRow>> stored_vault();
    Result<void> found_vault(VaultRow row, const Secret &kek);
    Result<void> check(const VaultRow &row, const Secret &kek);
    Result<KeyInfo> store(KeyRow row);
    Result<Address> address_of(const Secret &key);

    // These are called under mutex_.
    bool is_unlocked();
    void forget_kek(const char *why);
    Result<void> reload();
    Result<Entry *> find(const Address &address);
    Result<std::vector<Signature>> sign_now(const Address &who, const std::vector<Hash32> &digests);
    Result<void> prove(Entry &entry, const Hash32 &digest, const Signature &signature);

    Database &database_;
    Clock &clock_;
    Random &random_;
    Log &log_;
    const crypto::ScryptCost cost_;

    // Never held while a key is derived or a commit is waited for: signing must not wait for either.
    std::mutex mutex_;
    crypto::Secp256k1 curve_;
    crypto::Aead aead_;
    Secret scratch_;  // the key that signs, for as long as it does
    Secret kek_;      // empty: locked
    std::int64_t expires_us_ = 0;
    std::string boot_id_;
    std::map<Address, Entry> entries_;
    std::int64_t loaded_us_ = std::numeric_limits<std::int64_t>::min();
    std::vector<SignOutcome> ready_;
};

// --- unlocking ---

Result<void> KeystoreVault::unlock(const Secret &password, std::int64_t ttl_us) {
    if (password.empty()) return invalid("password", "must not be empty");
    return open_store(KekSource::password, password, ttl_us);
}

Result<void> KeystoreVault::unlock_with_kek(const Secret &kek, std::int64_t ttl_us) {
    if (kek.size() != kKeySize) return invalid("kek", "must have 32 bytes");
    return open_store(KekSource::host, kek, ttl_us);
}

Result<void> KeystoreVault::open_store(KekSource source, const Secret &secret, std::int64_t ttl_us) {
    if (ttl_us < 0) return invalid("ttl_us", "must not be negative");
    REMIT_TRY(const auto stored, stored_vault());
    VaultRow row;
    if (stored.has_value()) {
        row = *stored;
    } else {
        row.source = source;
        row.cost = cost_;
        row.salt.resize(kSaltSize);
        random_.fill(row.salt);
    }
    if (row.source != source)
        return error(Status::state, source == KekSource::password ? "the key store opens with a key of the host's"
                                                                  : "the key store opens with a password");
    REMIT_TRY(Secret kek, source == KekSource::host ? Result<Secret>(secret.copy())
                                                    : derive_scrypt(secret, row.salt, row.cost, kKeySize));
    if (stored.has_value()) {
        REMIT_CHECK(check(row, kek));
    } else {
        const auto founded = found_vault(std::move(row), kek);
        // Another process was first: what it stored decides.
        if (founded.status() == Status::mismatch) return open_store(source, secret, ttl_us);
        REMIT_CHECK(founded);
    }
    const std::lock_guard guard(mutex_);
    kek_ = std::move(kek);
    boot_id_ = clock_.boot_id();
    const std::int64_t now = clock_.boot_us();
    expires_us_ = ttl_us == 0 || ttl_us > std::numeric_limits<std::int64_t>::max() - now ? 0 : now + ttl_us;
    curve_.randomize(random_);
    log_.write(LogLevel::info, "signer.unlocked", {{"ttl_us", ttl_us}});
    return {};
}

Result<std::optional<VaultRow>> KeystoreVault::stored_vault() {
    std::optional<VaultRow> row;
    REMIT_CHECK(database_.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(row, find_vault(reader));
        return {};
    }));
    return row;
}

Result<void> KeystoreVault::found_vault(VaultRow row, const Secret &kek) {
    {
        const std::lock_guard guard(mutex_);
        REMIT_TRY(row.check, seal_check(aead_, kek, row, random_));
    }
    const std::int64_t now = clock_.utc_us();
    return database_.transact([&](SqlTx &tx) { return insert_vault(tx, row, now); });
}

Result<void> KeystoreVault::check(const VaultRow &row, const Secret &kek) {
    const std::lock_guard guard(mutex_);
    auto opened = open_check(aead_, kek, row);
    if (opened.status() == Status::wrong_key) return wrong_key();
    return opened;
}

void KeystoreVault::lock() {
    const std::lock_guard guard(mutex_);
    if (!kek_.empty()) forget_kek("asked");
}

bool KeystoreVault::unlocked() {
    const std::lock_guard guard(mutex_);
    return is_unlocked();
}

void KeystoreVault::tick() {
    static_cast<void>(unlocked());
}

bool KeystoreVault::is_unlocked() {
    if (kek_.empty()) return false;
    const bool over = expires_us_ != 0 && (clock_.boot_us() >= expires_us_ || clock_.boot_id() != boot_id_);
    if (over) forget_kek("time is over");
    return !over;
}

void KeystoreVault::forget_kek(const char *why) {
    kek_ = Secret();
    log_.write(LogLevel::info, "signer.locked", {{"why", why}});
}

// --- keys ---

Result<KeyInfo> KeystoreVault::create(std::string_view label) {
    Secret key(kKeySize);
    do random_.fill({key.data(), key.size()});
    while (!crypto::Secp256k1::check_key(key).ok());  // one time in 2^128
    return import_raw(key, label);
}

Result<KeyInfo> KeystoreVault::import_raw(const Secret &key, std::string_view label) {
    REMIT_CHECK(core::check_host_text(label, 0, kMaxLabel, "label"));
    KeyRow row;
    REMIT_TRY(row.info.address, address_of(key));
    row.info.created_us = clock_.utc_us();
    row.info.id = core::fresh_id("key", row.info.created_us, random_);
    row.info.label = label;
    {
        const std::lock_guard guard(mutex_);
        if (!is_unlocked()) return locked_error();
        REMIT_TRY(row.envelope, seal_key(aead_, kek_, key, row.info, random_));
    }
    return store(std::move(row));
}

Result<KeyInfo> KeystoreVault::import_v3(std::string_view json, const Secret &password, std::string_view label) {
    if (!unlocked()) return locked_error();  // before a second of work
    REMIT_TRY(const V3File file, read_v3(json, password));
    REMIT_TRY(const Address address, address_of(file.key));
    if (file.address.has_value() && *file.address != address)
        return Error{Status::mismatch, "address", "is not the address of the key in the file"};
    return import_raw(file.key, label);
}

Result<std::string> KeystoreVault::export_v3(const Address &address, const Secret &password) {
    if (password.empty()) return invalid("password", "must not be empty");
    Secret key(kKeySize);
    {
        const std::lock_guard guard(mutex_);
        if (!is_unlocked()) return locked_error();
        REMIT_TRY(const Entry *entry, find(address));
        REMIT_CHECK(open_key(aead_, kek_, entry->row, key));
    }
    log_.write(LogLevel::warn, "signer.key_exported", {{"address", crypto::checksum_address(address)}});
    return write_v3(key, address, password, cost_, random_);
}

Result<std::vector<KeyInfo>> KeystoreVault::list() {
    std::vector<KeyInfo> infos;
    REMIT_CHECK(database_.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(auto rows, all_keys(reader));
        for (KeyRow &row : rows) infos.push_back(std::move(row.info));
        return {};
    }));
    return infos;
}

Result<Address> KeystoreVault::address_of(const Secret &key) {
    const std::lock_guard guard(mutex_);
    return curve_.address_of(key);
}

Result<KeyInfo> KeystoreVault::store(KeyRow row) {
    const auto stored = database_.transact([&](SqlTx &tx) { return insert_key(tx, row); });
    if (stored.status() == Status::mismatch)
        return Error{Status::mismatch, "key", "is stored already: " + crypto::checksum_address(row.info.address)};
    REMIT_CHECK(stored);
    KeyInfo info = row.info;
    log_.write(LogLevel::info, "signer.key_added",
               {{"key", info.id}, {"address", crypto::checksum_address(info.address)}});
    const std::lock_guard guard(mutex_);
    entries_.try_emplace(info.address, Entry{std::move(row)});
    return info;
}

// Keys are only ever added, here or by another process.
Result<void> KeystoreVault::reload() {
    return database_.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(auto rows, all_keys(reader));
        for (KeyRow &row : rows) {
            const Address address = row.info.address;
            entries_.try_emplace(address, Entry{std::move(row)});
        }
        loaded_us_ = clock_.boot_us();
        return {};
    });
}

Result<KeystoreVault::Entry *> KeystoreVault::find(const Address &address) {
    auto found = entries_.find(address);
    if (found == entries_.end()) {
        REMIT_CHECK(reload());
        found = entries_.find(address);
    }
    if (found == entries_.end())
        return error(Status::not_found, "no key is stored for " + crypto::checksum_address(address));
    return &found->second;
}

// --- signing ---

std::vector<Address> KeystoreVault::addresses() {
    const std::lock_guard guard(mutex_);
    if (loaded_us_ == std::numeric_limits<std::int64_t>::min() || clock_.boot_us() - loaded_us_ >= kReloadUs) {
        const auto loaded = reload();
        if (!loaded.ok()) log_.write(LogLevel::warn, "signer.keys_not_read", {{"why", loaded.error().text}});
    }
    std::vector<Address> out;
    for (const auto &[address, entry] : entries_) out.push_back(address);
    return out;
}

void KeystoreVault::sign(Token token, const Address &who, std::vector<Hash32> digests) {
    const std::lock_guard guard(mutex_);
    auto result = sign_now(who, digests);
    crypto::wipe({scratch_.data(), scratch_.size()});
    ready_.push_back({token, std::move(result)});
}

void KeystoreVault::poll(std::vector<SignOutcome> &out) {
    const std::lock_guard guard(mutex_);
    for (SignOutcome &outcome : ready_) out.push_back(std::move(outcome));
    ready_.clear();
}

Result<std::vector<Signature>> KeystoreVault::sign_now(const Address &who, const std::vector<Hash32> &digests) {
    if (!is_unlocked()) return locked_error();
    REMIT_TRY(Entry * entry, find(who));
    REMIT_CHECK(open_key(aead_, kek_, entry->row, scratch_));
    std::vector<Signature> out;
    out.reserve(digests.size());
    for (const Hash32 &digest : digests) {
        REMIT_TRY(out.emplace_back(), curve_.sign(scratch_, digest));
        if (!entry->proven) REMIT_CHECK(prove(*entry, digest, out.back()));
    }
    return out;
}

// Recovering each signature would halve the rate. Once for each key in each process is enough to show that the
// row holds this address's key: the library gives low s and checks the key, and who stores a
// signed transaction decodes it first, which recovers the sender anyway.
Result<void> KeystoreVault::prove(Entry &entry, const Hash32 &digest, const Signature &signature) {
    const auto signer = crypto::Secp256k1::recover(digest, signature);
    if (!signer.ok() || *signer != entry.row.info.address)
        return error(Status::corrupt, "the key stored as " + entry.row.info.id + " is not the key of its address");
    entry.proven = true;
    return {};
}

}  // namespace

std::unique_ptr<Vault> make_vault(Database &database, Clock &clock, Random &random, Log &log, VaultOptions options) {
    return std::make_unique<KeystoreVault>(database, clock, random, log, options);
}

}  // namespace remit::signer
