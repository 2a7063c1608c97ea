/* remit/keys.h -- private keys at rest under a password or a key of the host's, never in clear.
 * The law of all headers stands in remit/base.h. Secrets are copied into locked memory and wiped after use; the
 * caller wipes its own copy.
 */
#ifndef REMIT_KEYS_H
#define REMIT_KEYS_H
#include <remit/base.h>
REMIT_BEGIN_DECLS

/* Unlocks the key store. The first call on a new database sets the password; later ones must give the same.
 *
 * engine         the engine.
 * password       the password; derivation takes a second and 256 MiB.
 * password_len   its bytes.
 * ttl_ms         keys can sign for so long; 0: until remit_keys_lock.
 * async          see the law, 7.
 * out_error      NULL, or gets what was wrong. Free with remit_error_free.
 * Returns        OK, MISUSE, INVALID, WRONG_KEY, STATE, STORE, STORE_LOST, CORRUPT, CLOSED, FORKED, BROKEN or
 *                NO_MEMORY.                                                                     Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_keys_unlock(remit_engine *engine, const char *password,
                                                         size_t password_len, int64_t ttl_ms,
                                                         const remit_async *async, remit_error **out_error);

/* The same with a key-encryption key that the host keeps, in a KMS for instance; no derivation.
 *
 * engine       the engine.
 * kek          32 bytes.
 * kek_len      32.
 * ttl_ms       keys can sign for so long; 0: until remit_keys_lock.
 * async        see the law, 7.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, INVALID, WRONG_KEY, STATE, STORE, STORE_LOST, CORRUPT, CLOSED, FORKED, BROKEN or NO_MEMORY.
 *                                                                                               Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_keys_unlock_kek(remit_engine *engine, const uint8_t *kek, size_t kek_len,
                                                             int64_t ttl_ms, const remit_async *async,
                                                             remit_error **out_error);

/* Wipes the unlocked keys from memory. Does not wait.
 *
 * engine       the engine.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, FORKED, BROKEN or NO_MEMORY.                                         Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_keys_lock(remit_engine *engine, remit_error **out_error);

/* Whether the store is unlocked. Does not wait.
 *
 * engine         the engine.
 * out_unlocked   1 or 0.
 * out_error      NULL, or gets what was wrong. Free with remit_error_free.
 * Returns        OK, MISUSE, FORKED, BROKEN or NO_MEMORY.                                       Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_keys_unlocked(remit_engine *engine, int32_t *out_unlocked,
                                                           remit_error **out_error);

/* Makes a new key.
 *
 * engine       the engine; its store is unlocked.
 * label        for people; NULL: none.
 * label_len    its bytes.
 * async        see the law, 7. The item's payload is out_key.
 * out_key      NULL, or the key's JSON: id, address, label, created_us. Free with remit_blob_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, INVALID, STATE when locked, STORE, STORE_LOST, CLOSED, FORKED, BROKEN or NO_MEMORY.
 *                                                                                               Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_keys_create(remit_engine *engine, const char *label, size_t label_len,
                                                         const remit_async *async, remit_blob **out_key,
                                                         remit_error **out_error);

/* Takes a raw private key in.
 *
 * engine       the engine; its store is unlocked.
 * key          32 bytes.
 * key_len      32.
 * label        for people; NULL: none.
 * label_len    its bytes.
 * async        see the law, 7. The item's payload is out_key.
 * out_key      NULL, or the key's JSON. Free with remit_blob_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, INVALID, STATE when locked, MISMATCH, STORE, STORE_LOST, CLOSED, FORKED, BROKEN or
 *              NO_MEMORY.                                                                       Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_keys_import(remit_engine *engine, const uint8_t *key, size_t key_len,
                                                         const char *label, size_t label_len, const remit_async *async,
                                                         remit_blob **out_key, remit_error **out_error);

/* Takes a Web3 Secret Storage v3 file in.
 *
 * engine         the engine; its store is unlocked.
 * json           the file's text.
 * json_len       its bytes.
 * password       the file's own.
 * password_len   its bytes.
 * label          for people; NULL: none.
 * label_len      its bytes.
 * async          see the law, 7. The item's payload is out_key.
 * out_key        NULL, or the key's JSON. Free with remit_blob_free.
 * out_error      NULL, or gets what was wrong. Free with remit_error_free.
 * Returns        OK, MISUSE, INVALID, WRONG_KEY, MISMATCH when the address is not the file's, STATE when locked, STORE,
 *                STORE_LOST, CLOSED, FORKED, BROKEN or NO_MEMORY.                               Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_keys_import_v3(remit_engine *engine, const char *json, size_t json_len,
                                                            const char *password, size_t password_len,
                                                            const char *label, size_t label_len,
                                                            const remit_async *async, remit_blob **out_key,
                                                            remit_error **out_error);

/* Gives a key out as a Web3 Secret Storage v3 file.
 *
 * engine         the engine; its store is unlocked.
 * address        of the key: 0x and 40 digits.
 * address_len    its bytes.
 * password       of the file.
 * password_len   its bytes.
 * async          see the law, 7. The item's payload is out_json.
 * out_json       the file's text. Free with remit_blob_free.
 * out_error      NULL, or gets what was wrong. Free with remit_error_free.
 * Returns        OK, MISUSE, INVALID, NOT_FOUND, STATE when locked, STORE, CLOSED, FORKED, BROKEN or NO_MEMORY.
 *                                                                                               Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_keys_export_v3(remit_engine *engine, const char *address,
                                                            size_t address_len, const char *password,
                                                            size_t password_len, const remit_async *async,
                                                            remit_blob **out_json, remit_error **out_error);

REMIT_END_DECLS
#endif /* REMIT_KEYS_H */
