// Stored keys: each sealed by AES-256-GCM under one key-encryption key, which comes from a password or from
// the host and is held in locked memory for a limited time.
#pragma once

#include <remit/keys.hpp>
#include <remit/port/clock.hpp>
#include <remit/port/database.hpp>
#include <remit/port/log.hpp>
#include <remit/port/random.hpp>
#include <remit/port/signer.hpp>

#include <cstdint>
#include <memory>
#include <span>

namespace remit::signer {

struct VaultOptions {
    // The cost of the password: of a new store, and of exported files. 256 MiB and most of a second.
    std::uint64_t scrypt_n = 1U << 18;
    std::uint32_t scrypt_r = 8;
    std::uint32_t scrypt_p = 1;
};

// Keys from any thread, Signer and tick from the thread that ticks.
class Vault : public Keys, public Signer {
public:
    // Wipes the key-encryption key when its time is over. Signing checks that too.
    virtual void tick() = 0;
};

// Uses the tables only when called, so it may be made before they are.
std::unique_ptr<Vault> make_vault(Database &database, Clock &clock, Random &random, Log &log,
                                  VaultOptions options = {});

std::span<const Migration> migrations();
std::span<const Sql> statements();

}  // namespace remit::signer
