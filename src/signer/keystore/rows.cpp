#include "signer/keystore/rows.hpp"

#include "signer/keystore/vault.hpp"

namespace remit::signer {
namespace {

constexpr const char *kSchema[] = {
    "CREATE TABLE IF NOT EXISTS remit_vault (id {id}, slot INTEGER NOT NULL UNIQUE, kek_source INTEGER NOT NULL,"
    " scrypt_n BIGINT NOT NULL, scrypt_r BIGINT NOT NULL, scrypt_p BIGINT NOT NULL, salt {bytes} NOT NULL,"
    " check_value {bytes} NOT NULL, created_us BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS remit_keys (id {id}, key_id {text} NOT NULL UNIQUE, address {bytes} NOT NULL UNIQUE,"
    " envelope {bytes} NOT NULL, label {text} NOT NULL, created_us BIGINT NOT NULL)",
};
constexpr Migration kMigrations[] = {{2, "keys", kSchema, 1}};

// `slot` is always 1, so that there is one row at most.
constexpr Sql kFindVault{"SELECT kek_source, scrypt_n, scrypt_r, scrypt_p, salt, check_value FROM remit_vault"
                         " WHERE slot = 1"};
constexpr Sql kInsertVault{"INSERT INTO remit_vault (slot, kek_source, scrypt_n, scrypt_r, scrypt_p, salt,"
                           " check_value, created_us) VALUES (1, ?, ?, ?, ?, ?, ?, ?)"};
constexpr Sql kAllKeys{"SELECT key_id, address, envelope, label, created_us FROM remit_keys ORDER BY id"};
constexpr Sql kInsertKey{"INSERT INTO remit_keys (key_id, address, envelope, label, created_us)"
                         " VALUES (?, ?, ?, ?, ?)"};
constexpr Sql kStatements[] = {kFindVault, kInsertVault, kAllKeys, kInsertKey};

Bytes copy(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

std::span<const Migration> migrations() {
    return kMigrations;
}
std::span<const Sql> statements() {
    return kStatements;
}

Result<std::optional<VaultRow>> find_vault(SqlReader &reader) {
    std::optional<VaultRow> found;
    REMIT_CHECK(reader.query(kFindVault, {}, [&](const SqlRow &row) {
        found = VaultRow{static_cast<KekSource>(row.integer(0)),
                         {static_cast<std::uint64_t>(row.integer(1)), static_cast<std::uint32_t>(row.integer(2)),
                          static_cast<std::uint32_t>(row.integer(3))},
                         copy(row.blob(4)),
                         copy(row.blob(5))};
        return true;
    }));
    return found;
}

Result<void> insert_vault(SqlTx &tx, const VaultRow &row, std::int64_t now_us) {
    REMIT_CHECK(
        tx.exec(kInsertVault, {static_cast<std::int64_t>(row.source), row.cost.n, static_cast<std::int64_t>(row.cost.r),
                               static_cast<std::int64_t>(row.cost.p), row.salt, row.check, now_us}));
    return {};
}

Result<std::vector<KeyRow>> all_keys(SqlReader &reader) {
    std::vector<KeyRow> keys;
    Result<void> sound;
    REMIT_CHECK(reader.query(kAllKeys, {}, [&](const SqlRow &row) {
        const auto address = fixed_from_bytes<Address>(row.blob(1), "remit_keys.address");
        if (!address.ok()) {
            sound = error(Status::corrupt, "a stored key has no proper address");
            return false;
        }
        keys.push_back(
            {{std::string(row.text(0)), *address, std::string(row.text(3)), row.integer(4)}, copy(row.blob(2))});
        return true;
    }));
    REMIT_CHECK(std::move(sound));
    return keys;
}

Result<void> insert_key(SqlTx &tx, const KeyRow &row) {
    REMIT_CHECK(
        tx.exec(kInsertKey, {row.info.id, row.info.address, row.envelope, row.info.label, row.info.created_us}));
    return {};
}

}  // namespace remit::signer
