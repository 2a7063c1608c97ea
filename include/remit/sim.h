/* remit/sim.h -- a simulated world for a host's own tests: a chain with a token, a funded sender, a clock that
 * moves only when told, and the real engine in it. No account, no network.
 * The law of all headers stands in remit/base.h. One departure: in a world nothing happens at once, so calls
 * that wait let simulated time pass.
 */
#ifndef REMIT_SIM_H
#define REMIT_SIM_H
#include <remit/engine.h>
REMIT_BEGIN_DECLS

/* A world: its chain has the id 31337, the coin, and the token "USDT" with 6 decimals, whose transfer returns
 * nothing. Used by one thread at a time, together with the engine in it; do not start that engine. */
typedef struct remit_world remit_world;

/* How to make a world. A value, no thread owns it. */
typedef struct remit_world_options {
    uint32_t struct_size;      /* Set by REMIT_WORLD_OPTIONS_INIT.                               Since 0.1 */
    uint32_t sender_count;     /* Keys that the engine can sign with; 1. At most 64.             Since 0.1 */
    uint64_t seed;             /* The same seed and calls give the same run; 1.                  Since 0.1 */
    int64_t block_interval_ms; /* 12,000; negative: blocks come by remit_world_mine only.        Since 0.1 */
    const char *folder;        /* Keeps chain and database in files there, which outlive the process; NULL:
                                * in memory.                                                     Since 0.1 */
    size_t folder_len;         /*                                                                Since 0.1 */
} remit_world_options;
#define REMIT_WORLD_OPTIONS_INIT { (uint32_t)sizeof(remit_world_options), 0, 0, 0, NULL, 0 }

/* Makes a world, or goes on with the one of the folder; then give the same options again.
 *
 * options      NULL for all defaults.
 * out_world    the world. Free with remit_world_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, NEWER, INVALID or STORE when the folder cannot be used, or NO_MEMORY. Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_world_open(const remit_world_options *options, remit_world **out_world,
                                                        remit_error **out_error);

/* The configuration that fits a world, to change and give to remit_world_engine.
 *
 * world        the world.
 * out_config   the configuration as JSON. Free with remit_blob_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, FORKED or NO_MEMORY.                                                 Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_world_config(remit_world *world, remit_blob **out_config,
                                                          remit_error **out_error);

/* Opens the real engine in a world; one at a time. The engine keeps its world alive.
 *
 * world        the world.
 * config       the configuration as JSON; NULL: that of remit_world_config.
 * config_len   its bytes.
 * options      NULL for all defaults. With a signer of the host's, the world's own keys sign nothing.
 * out_engine   the engine. Free with remit_engine_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, NEWER, INVALID naming the field, STATE when one is open, STORE, BUSY, CORRUPT, FORKED,
 *              BROKEN or NO_MEMORY.                                                                       Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_world_engine(remit_world *world, const char *config, size_t config_len,
                                                          const remit_engine_options *options,
                                                          remit_engine **out_engine, remit_error **out_error);

/* Lets simulated time pass: the engine ticks, blocks are mined, answers arrive.
 *
 * world        the world.
 * duration_ms  how long.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, STATE, BUSY, CLOSED, FORKED, BROKEN or NO_MEMORY.                    Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_world_advance(remit_world *world, int64_t duration_ms,
                                                           remit_error **out_error);

/* Mines blocks at once, without time passing.
 *
 * world         the world.
 * block_count   how many; at most 10,000.
 * out_error     NULL, or gets what was wrong. Free with remit_error_free.
 * Returns       OK, MISUSE, FORKED or NO_MEMORY.                                                Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_world_mine(remit_world *world, uint64_t block_count,
                                                        remit_error **out_error);

/* Gives an account coins or tokens, from the next block on. A world of a folder does not remember it.
 *
 * world         the world.
 * token         "USDT"; NULL: the coin.
 * token_len     its bytes.
 * address       of the account: 0x and 40 digits.
 * address_len   its bytes.
 * amount        base units in decimal.
 * amount_len    its bytes.
 * out_error     NULL, or gets what was wrong. Free with remit_error_free.
 * Returns       OK, MISUSE, INVALID, NOT_FOUND for the token, FORKED or NO_MEMORY.              Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_world_credit(remit_world *world, const char *token, size_t token_len,
                                                          const char *address, size_t address_len, const char *amount,
                                                          size_t amount_len, remit_error **out_error);

/* What an account has, as the chain and not the engine knows it.
 *
 * world         the world.
 * token         "USDT"; NULL: the coin.
 * token_len     its bytes.
 * address       of the account: 0x and 40 digits.
 * address_len   its bytes.
 * out_amount    base units in decimal. Free with remit_blob_free.
 * out_error     NULL, or gets what was wrong. Free with remit_error_free.
 * Returns       OK, MISUSE, INVALID, NOT_FOUND for the token, FORKED or NO_MEMORY.              Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_world_balance(remit_world *world, const char *token, size_t token_len,
                                                           const char *address, size_t address_len,
                                                           remit_blob **out_amount, remit_error **out_error);

/* What really moved to an account on the canonical chain.
 *
 * world           the world.
 * address         of the account: 0x and 40 digits; NULL: to any account.
 * address_len     its bytes.
 * out_count       NULL, or how many transfers.
 * out_transfers   NULL, or a JSON array, the oldest first: token (null: the coin), from, to, amount, tx_hash,
 *                 block_number. Free with remit_blob_free.
 * out_error       NULL, or gets what was wrong. Free with remit_error_free.
 * Returns         OK, MISUSE, INVALID, FORKED or NO_MEMORY.                                     Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_world_transfers(remit_world *world, const char *address,
                                                             size_t address_len, uint64_t *out_count,
                                                             remit_blob **out_transfers, remit_error **out_error);

/* Ends the handle; the world lives until its engine is freed.
 *
 * world        NULL does nothing.
 * Returns      nothing.                                                                         Since 0.1 */
REMIT_API void remit_world_free(remit_world *world);

REMIT_END_DECLS
#endif /* REMIT_SIM_H */
