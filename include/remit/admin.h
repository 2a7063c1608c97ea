/* remit/admin.h -- administration by name and JSON: lists, reports, repairs. The catalogue describes every
 * name, and docs/catalogue.md is made from it.
 * The law of all headers stands in remit/base.h.
 */
#ifndef REMIT_ADMIN_H
#define REMIT_ADMIN_H
#include <remit/base.h>
REMIT_BEGIN_DECLS

/* Asks something; changes nothing.
 *
 * engine       the engine.
 * name         of the query, as "payouts.list".
 * name_len     its bytes.
 * json         its parameters as a JSON object; NULL: none.
 * json_len     its bytes.
 * async        see the law, 7. The item's payload is out_json.
 * out_json     the answer. Free with remit_blob_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, INVALID naming the parameter, NOT_FOUND also for the name, STORE, STORE_LOST, CLOSED,
 *              FORKED, BROKEN or NO_MEMORY.                                                     Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_query(remit_engine *engine, const char *name, size_t name_len,
                                                   const char *json, size_t json_len, const remit_async *async,
                                                   remit_blob **out_json, remit_error **out_error);

/* Does something.
 *
 * engine       the engine.
 * name         of the command, as "payouts.repair".
 * name_len     its bytes.
 * json         its parameters as a JSON object; NULL: none.
 * json_len     its bytes.
 * async        see the law, 7. The item's payload is out_json.
 * out_json     NULL, or the answer. Free with remit_blob_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, INVALID naming the parameter, NOT_FOUND also for the name, MISMATCH, STATE, STORE,
 *              STORE_LOST, CLOSED, FORKED, BROKEN or NO_MEMORY.                                 Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_command(remit_engine *engine, const char *name, size_t name_len,
                                                     const char *json, size_t json_len, const remit_async *async,
                                                     remit_blob **out_json, remit_error **out_error);

/* Describes every query and command: name, parameters with types, what it answers. Does not wait.
 *
 * engine       the engine.
 * out_json     the catalogue. Free with remit_blob_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, FORKED, BROKEN or NO_MEMORY.                                         Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_catalogue(remit_engine *engine, remit_blob **out_json,
                                                       remit_error **out_error);

REMIT_END_DECLS
#endif /* REMIT_ADMIN_H */
