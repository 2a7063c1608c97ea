// Keys: private keys at rest under a password (or a key-encryption key of the host's), never in clear.
#pragma once

#include <remit/bytes.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace remit {

// A secret text or key on its way in. Lives in locked memory, is wiped when it goes, cannot be copied or printed.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::size_t size);  // zeros
    static Secret from_text(std::string_view text);
    static Secret from_bytes(ByteView bytes);
    ~Secret();
    Secret(Secret &&other) noexcept;
    Secret &operator=(Secret &&other) noexcept;
    Secret(const Secret &) = delete;
    Secret &operator=(const Secret &) = delete;

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    std::uint8_t *data() noexcept { return data_; }
    ByteView bytes() const noexcept { return {data_, size_}; }
    Secret copy() const;  // on purpose, by name

private:
    std::uint8_t *data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t mapped_ = 0;
};

struct KeyInfo {
    std::string id;  // "key_..."
    Address address;
    std::string label;
    std::int64_t created_us = 0;
};

// Threads: any thread may call any method; derivations run one at a time (scrypt takes 256 MiB).
class Keys {
public:
    virtual ~Keys() = default;
    // The first call on a new database sets the password; later ones must give the same. WrongKey otherwise.
    // Keys can sign for `ttl_us` from here (0: until lock()).
    virtual Result<void> unlock(const Secret &password, std::int64_t ttl_us) = 0;
    // The same with a 32-byte key-encryption key that the host keeps (KMS); no derivation.
    virtual Result<void> unlock_with_kek(const Secret &kek, std::int64_t ttl_us) = 0;
    virtual void lock() = 0;
    virtual bool unlocked() = 0;

    // All need an unlocked store (State otherwise); Store and StoreLost are possible.
    virtual Result<KeyInfo> create(std::string_view label) = 0;
    // 32 bytes; Invalid when they are no key, Mismatch when it is stored already.
    virtual Result<KeyInfo> import_raw(const Secret &key, std::string_view label) = 0;
    // Web3 Secret Storage v3 in, under its own password; Mismatch when the address differs from the file's.
    virtual Result<KeyInfo> import_v3(std::string_view json, const Secret &password, std::string_view label) = 0;
    // A v3 file out, under a password of its own. NotFound; Invalid for an empty password; Corrupt.
    virtual Result<std::string> export_v3(const Address &address, const Secret &password) = 0;

    virtual Result<std::vector<KeyInfo>> list() = 0;  // needs no unlocking
};

}  // namespace remit
