/* remit/base.h -- the law that every header of the C ABI keeps, and the few things that all of them use.
 *
 *  1 Order    handle, inputs (each pointer before its length), options, async, outputs named out_*, error last.
 *  2 NULL     is taken where a comment says so, by every _free, and as out_error; MISUSE elsewhere.
 *  3 Text     is UTF-8 of *_len bytes; REMIT_ZSTR as its length reads up to the NUL. Text that the library
 *             gives out ends in a NUL which its length does not count.
 *  4 Borrow   input memory is read during the call only; the library copies what it keeps.
 *  5 Own      an output handle is the caller's and ends in its _free; what a handle hands out lives as long as
 *             the handle. Handles may be freed in any order. On an error outputs are NULL or zero.
 *  6 Threads  written at each handle. A _free comes after every other call on that handle has returned.
 *  7 Waiting  async NULL: the call waits. Else it checks its inputs and returns at once, and when it gave OK
 *             the outcome arrives as one item of async's queue with async's tag; the outputs are left alone
 *             (they may be NULL). Without remit_engine_start the work is done in remit_engine_tick.
 *  8 Units    *_ms and *_us are milliseconds and microseconds, times are microseconds UTC, *_len counts bytes,
 *             *_count counts elements. Zero means the default.
 *  9 Options  begin with struct_size (the _INIT macro sets it) and grow at the end only. A shorter struct reads
 *             as zeros beyond its end; a longer one must be zero there, else NEWER.
 * 10 Money    is decimal text of base units, never floating point.
 * 11 Fork     every handle belongs to the process that made it: FORKED in a child. A child's _free does nothing.
 * 12 Errors   a status says how the call went, its class what to do about it (status.h). A call that may give
 *             BROKEN has fenced its engine by then: nothing more is written, and every call says BROKEN.
 */
#ifndef REMIT_BASE_H
#define REMIT_BASE_H
#include <remit/status.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define REMIT_BEGIN_DECLS extern "C" {
#define REMIT_END_DECLS   }
#else
#define REMIT_BEGIN_DECLS
#define REMIT_END_DECLS
#endif
#define REMIT_API       __attribute__((visibility("default")))
#define REMIT_NODISCARD __attribute__((warn_unused_result))
REMIT_BEGIN_DECLS

/* Grows when a program built for an older header can no longer be served: compare it with remit_abi_version. */
#define REMIT_ABI_VERSION 1
/* As a length: the text ends at its NUL. */
#define REMIT_ZSTR ((size_t)-1)

/* How a call went: REMIT_OK, REMIT_E_MISUSE, ... with the numbers and meanings of status.h. */
typedef int32_t remit_status;
enum {
#define REMIT_STATUS_ENUMERATOR(c_name, name, number, cls, text) REMIT_##c_name = number,
    REMIT_STATUS_TABLE(REMIT_STATUS_ENUMERATOR)
#undef REMIT_STATUS_ENUMERATOR
    REMIT_STATUS_NEVER = 1 /* No call gives it.                                                  Since 0.1 */
};

/* What a caller does about a status. */
typedef int32_t remit_class;
enum {
    REMIT_CLASS_DONE  = 0, /* Nothing to do.                                                     Since 0.1 */
    REMIT_CLASS_FIX   = 1, /* Fix the code, the configuration or the input; nothing was done.    Since 0.1 */
    REMIT_CLASS_RETRY = 2, /* Nothing was done; make the same call again.                        Since 0.1 */
    REMIT_CLASS_ASK   = 3, /* It may have been done: ask before anything is done again.          Since 0.1 */
    REMIT_CLASS_FINAL = 4  /* Definite: repeating the call gives the same answer.                Since 0.1 */
};

/* Bytes or text that the library made. Immutable; any thread may read it. */
typedef struct remit_blob remit_blob;
/* What was wrong, and with which field. Immutable; any thread may read it. Never carries a secret. */
typedef struct remit_error remit_error;
/* Where the library meets the host (queue.h). Any thread may call. */
typedef struct remit_queue remit_queue;
/* One instance over one database (engine.h). Any thread may call. */
typedef struct remit_engine remit_engine;

/* A generated id, as "po_...": at most 32 bytes and a NUL. Fixed for ever; a value, no thread owns it. */
typedef struct remit_id {
    char text[40]; /* Zeros behind the text.                                                     Since 0.1 */
} remit_id;

/* Where the outcome of a call that does not wait shall go. Fixed for ever; a value, no thread owns it. */
typedef struct remit_async {
    remit_queue *queue; /* Kept alive until the item was pushed.                                 Since 0.1 */
    uint64_t tag;       /* Comes back with the item.                                             Since 0.1 */
} remit_async;

/* The REMIT_ABI_VERSION that this library was built as.
 *
 * Returns      the number.                                                                      Since 0.1 */
REMIT_API REMIT_NODISCARD int32_t remit_abi_version(void);

/* The version of the release, as "0.1.0".
 *
 * Returns      static text.                                                                     Since 0.1 */
REMIT_API REMIT_NODISCARD const char *remit_version_text(void);

/* The name of a status without its REMIT_, as "E_STORE_LOST".
 *
 * status       any number; one that is no status gives "E_?".
 * Returns      static text.                                                                     Since 0.1 */
REMIT_API REMIT_NODISCARD const char *remit_status_name(remit_status status);

/* What a status means, as one sentence for people.
 *
 * status       any number; one that is no status gives "".
 * Returns      static text.                                                                     Since 0.1 */
REMIT_API REMIT_NODISCARD const char *remit_status_text(remit_status status);

/* What a caller does about a status.
 *
 * status       any number; one that is no status gives FIX.
 * Returns      a REMIT_CLASS_ value.                                                            Since 0.1 */
REMIT_API REMIT_NODISCARD remit_class remit_status_class(remit_status status);

/* The bytes of a blob, with a NUL behind the last.
 *
 * blob         NULL gives "".
 * Returns      memory of the blob's, good until it is freed.                                    Since 0.1 */
REMIT_API REMIT_NODISCARD const char *remit_blob_data(const remit_blob *blob);

/* How many bytes a blob has.
 *
 * blob         NULL gives 0.
 * Returns      the count, without the NUL.                                                      Since 0.1 */
REMIT_API REMIT_NODISCARD size_t remit_blob_len(const remit_blob *blob);

/* Ends a blob.
 *
 * blob         NULL does nothing.
 * Returns      nothing.                                                                         Since 0.1 */
REMIT_API void remit_blob_free(remit_blob *blob);

/* The status that came with an error.
 *
 * error        NULL gives REMIT_OK.
 * Returns      the status.                                                                      Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_error_status(const remit_error *error);

/* The path of the field to blame, as "chains[0].rpc" or an argument's name.
 *
 * error        NULL gives "".
 * Returns      memory of the error's; "" when no input is to blame.                             Since 0.1 */
REMIT_API REMIT_NODISCARD const char *remit_error_field(const remit_error *error);

/* What was wrong, for people.
 *
 * error        NULL gives "".
 * Returns      memory of the error's.                                                           Since 0.1 */
REMIT_API REMIT_NODISCARD const char *remit_error_text(const remit_error *error);

/* Ends an error.
 *
 * error        NULL does nothing.
 * Returns      nothing.                                                                         Since 0.1 */
REMIT_API void remit_error_free(remit_error *error);

REMIT_END_DECLS
#endif /* REMIT_BASE_H */
