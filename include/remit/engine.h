/* remit/engine.h -- opens an instance over one database and advances all due work.
 * The law of all headers stands in remit/base.h.
 */
#ifndef REMIT_ENGINE_H
#define REMIT_ENGINE_H
#include <remit/base.h>
REMIT_BEGIN_DECLS

/* What a host gives an engine besides its configuration. A value, no thread owns it. */
typedef struct remit_engine_options {
    uint32_t struct_size;            /* Set by REMIT_ENGINE_OPTIONS_INIT.                        Since 0.1 */
    uint32_t environment;            /* 1: REMIT_* variables override the configuration.         Since 0.1 */
    const remit_async *log;          /* Log lines go there; NULL: nowhere.                       Since 0.1 */
    const remit_async *signer;       /* Work to sign for signer_addresses goes there; or NULL.   Since 0.1 */
    const uint8_t *signer_addresses; /* Addresses whose keys the host holds, 20 bytes each.      Since 0.1 */
    size_t signer_addresses_len;     /* In bytes.                                                Since 0.1 */
} remit_engine_options;
#define REMIT_ENGINE_OPTIONS_INIT { (uint32_t)sizeof(remit_engine_options), 0, NULL, NULL, NULL, 0 }

/* Opens an engine. Makes no thread and asks nobody on the network.
 *
 * config       the configuration as JSON text.
 * config_len   its bytes.
 * options      NULL for all defaults.
 * out_engine   the engine. Free with remit_engine_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, NEWER, INVALID naming the field, STORE, BUSY, CORRUPT, BROKEN or NO_MEMORY.
 *                                                                                               Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_engine_open(const char *config, size_t config_len,
                                                         const remit_engine_options *options,
                                                         remit_engine **out_engine, remit_error **out_error);

/* The same with the configuration read from a file.
 *
 * path         of the file.
 * path_len     its bytes.
 * options      NULL for all defaults.
 * out_engine   the engine. Free with remit_engine_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, NEWER, INVALID naming the field, NOT_FOUND, STORE, BUSY, CORRUPT, BROKEN or NO_MEMORY.
 *                                                                                               Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_engine_open_file(const char *path, size_t path_len,
                                                              const remit_engine_options *options,
                                                              remit_engine **out_engine, remit_error **out_error);

/* Advances all due work. Without remit_engine_start, call it at least every third of a lease (10 s).
 *
 * engine            the engine.
 * budget_us         stop and return after about so long; 0 is 10,000.
 * out_progressed    NULL, or 1 when something was done: more may be due at once.
 * out_next_due_us   NULL, or when the next call is useful if nothing arrives before, on the boot clock.
 * out_error         NULL, or gets what was wrong. Free with remit_error_free.
 * Returns           OK, MISUSE, BUSY when another thread ticks, STORE, STORE_LOST, CLOSED, FORKED, BROKEN or NO_MEMORY;
 *                   once, of the password file: INVALID naming it, WRONG_KEY, STATE when the store opens with a key of
 *                   the host's, CORRUPT.                                                        Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_engine_tick(remit_engine *engine, int64_t budget_us,
                                                         int32_t *out_progressed, int64_t *out_next_due_us,
                                                         remit_error **out_error);

/* Starts the library's own threads, which tick from here on.
 *
 * engine       the engine.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, STATE when it runs already, CLOSED, FORKED, BROKEN or NO_MEMORY; of the password file:
 *              INVALID naming it, WRONG_KEY, STATE when the store opens with a key of the host's, STORE, STORE_LOST,
 *              CORRUPT.                                                                         Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_engine_start(remit_engine *engine, remit_error **out_error);

/* Takes no new work, waits until what is under way is recorded, and ends the threads.
 *
 * engine       the engine.
 * drain_ms     wait at most so long.
 * async        see the law, 7.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, TIMEOUT when something was still under way (nothing is lost), STORE, STORE_LOST, CLOSED,
 *              FORKED, BROKEN or NO_MEMORY.                                                     Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_engine_stop(remit_engine *engine, int64_t drain_ms,
                                                         const remit_async *async, remit_error **out_error);

/* Whether all is well, and what is not.
 *
 * engine       the engine.
 * async        see the law, 7. The item's value is out_ok, its payload out_health.
 * out_ok       NULL, or 1 when nothing needs attention.
 * out_health   NULL, or JSON: problems, chains, lanes. Free with remit_blob_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, STORE, CLOSED, FORKED, BROKEN or NO_MEMORY.                          Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_engine_health(remit_engine *engine, const remit_async *async,
                                                           int32_t *out_ok, remit_blob **out_health,
                                                           remit_error **out_error);

/* All metrics in Prometheus' text form. Does not wait.
 *
 * engine       the engine.
 * out_text     the text. Free with remit_blob_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, FORKED, BROKEN or NO_MEMORY.                                         Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_engine_metrics(remit_engine *engine, remit_blob **out_text,
                                                            remit_error **out_error);

/* Copies the live database into a new file, consistent, while work goes on.
 *
 * engine       the engine.
 * path         of the copy.
 * path_len     its bytes.
 * async        see the law, 7.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, INVALID naming the path, STORE, CLOSED, FORKED, BROKEN or NO_MEMORY. Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_engine_backup(remit_engine *engine, const char *path, size_t path_len,
                                                           const remit_async *async, remit_error **out_error);

/* Ends the engine as remit_engine_stop with drain_ms 0 does. Calls under way that do not wait give CLOSED.
 *
 * engine       NULL does nothing.
 * Returns      nothing.                                                                         Since 0.1 */
REMIT_API void remit_engine_free(remit_engine *engine);

REMIT_END_DECLS
#endif /* REMIT_ENGINE_H */
