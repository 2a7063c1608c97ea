// All SQL of the key store.
#pragma once

#include "crypto/kdf.hpp"

#include <remit/keys.hpp>
#include <remit/port/database.hpp>

#include <optional>
#include <string>
#include <vector>

namespace remit::signer {

enum class KekSource : std::int32_t { password = 1, host = 2 };

// The one row that tells how the key-encryption key is made, and lets it be checked.
struct VaultRow {
    KekSource source = KekSource::password;
    crypto::ScryptCost cost;
    Bytes salt;
    Bytes check;
};

struct KeyRow {
    KeyInfo info;
    Bytes envelope;
};

Result<std::optional<VaultRow>> find_vault(SqlReader &reader);
// Mismatch when there is one already.
Result<void> insert_vault(SqlTx &tx, const VaultRow &row, std::int64_t now_us);
Result<std::vector<KeyRow>> all_keys(SqlReader &reader);
// Mismatch when the address is stored already.
Result<void> insert_key(SqlTx &tx, const KeyRow &row);

}  // namespace remit::signer
