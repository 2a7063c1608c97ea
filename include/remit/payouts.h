/* remit/payouts.h -- pay many people on a chain, each exactly once.
 * The law of all headers stands in remit/base.h. Lists, reports and repairs go through remit/admin.h.
 *
 * A payout is named by the host: (tenant, external id). The same content again gives the payout there is; the
 * same name with other content is a mismatch. Whatever crashes, at most one transfer for it is ever mined.
 */
#ifndef REMIT_PAYOUTS_H
#define REMIT_PAYOUTS_H
#include <remit/base.h>
REMIT_BEGIN_DECLS

/* Where a payout stands. */
typedef int32_t remit_payout_status;
enum {
    REMIT_PAYOUT_PENDING   = 1, /* Accepted; perhaps signed, not yet given to a node.            Since 0.1 */
    REMIT_PAYOUT_SENT      = 2, /* A node may have it: in doubt until the chain has decided.     Since 0.1 */
    REMIT_PAYOUT_COMPLETED = 3, /* Paid, proven by the chain, and deep enough.                   Since 0.1 */
    REMIT_PAYOUT_FAILED    = 4, /* Not paid, and it never will be; its reason says why.          Since 0.1 */
    REMIT_PAYOUT_CANCELLED = 5  /* Withdrawn while nothing was signed.                           Since 0.1 */
};

/* One payout to accept. In an array, struct_size is the distance from one to the next and the same in all.
 * A value, no thread owns it. */
typedef struct remit_payout_request {
    uint32_t struct_size;    /* Set by REMIT_PAYOUT_REQUEST_INIT.                                Since 0.1 */
    int32_t priority;        /* Higher goes first; -1000 to 1000.                                Since 0.1 */
    uint64_t chain_id;       /* A configured chain.                                              Since 0.1 */
    int64_t not_before_us;   /* 0: at once.                                                      Since 0.1 */
    int64_t deadline_us;     /* Not signed after it; 0: none.                                    Since 0.1 */
    const char *external_id; /* The host's own number: 1 to 255 bytes.                           Since 0.1 */
    size_t external_id_len;  /*                                                                  Since 0.1 */
    const char *token;       /* A configured symbol or 0x address; NULL: the chain's coin.       Since 0.1 */
    size_t token_len;        /*                                                                  Since 0.1 */
    const char *to;          /* 0x and 40 digits; a mixed case must be the right checksum.       Since 0.1 */
    size_t to_len;           /*                                                                  Since 0.1 */
    const char *amount;      /* Base units in decimal, at least 1.                               Since 0.1 */
    size_t amount_len;       /*                                                                  Since 0.1 */
    const char *tenant;      /* NULL: the empty tenant.                                          Since 0.1 */
    size_t tenant_len;       /*                                                                  Since 0.1 */
    const char *from;        /* A configured sender; NULL: any.                                  Since 0.1 */
    size_t from_len;         /*                                                                  Since 0.1 */
} remit_payout_request;
#define REMIT_PAYOUT_REQUEST_INIT \
    { (uint32_t)sizeof(remit_payout_request), 0, 0, 0, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0 }

/* What became of one request. Fixed for ever. A value, no thread owns it. */
typedef struct remit_payout_accepted {
    remit_id id;      /* "po_..."                                                                Since 0.1 */
    int32_t created;  /* 0: it was there before, with the same content.                          Since 0.1 */
    int32_t reserved; /* 0.                                                                      Since 0.1 */
} remit_payout_accepted;

/* Accepts payouts, all or none. OK means that they are on disk.
 *
 * engine          the engine.
 * requests        one or many; the field of an error begins with the index, as "[3].amount".
 * request_count   1 to 10,000.
 * async           see the law, 7. The item's payload is [{"id":"po_...","created":true},...].
 * out_accepted    as many as requests, the caller's own memory.
 * out_error       NULL, or gets what was wrong. Free with remit_error_free.
 * Returns         OK, MISUSE, NEWER, INVALID, MISMATCH, STORE, STORE_LOST (enqueue the same again), CLOSED, FORKED,
 *                 BROKEN or NO_MEMORY.                                                          Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_payout_enqueue(remit_engine *engine, const remit_payout_request *requests,
                                                            size_t request_count, const remit_async *async,
                                                            remit_payout_accepted *out_accepted,
                                                            remit_error **out_error);

/* Reads a payout by its id.
 *
 * engine       the engine.
 * id           "po_...".
 * id_len       its bytes.
 * async        see the law, 7. The item's value is out_status, its payload out_payout.
 * out_status   NULL, or where it stands.
 * out_payout   NULL, or all of it as JSON. Free with remit_blob_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, NOT_FOUND, STORE, CLOSED, FORKED, BROKEN or NO_MEMORY.               Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_payout_get(remit_engine *engine, const char *id, size_t id_len,
                                                        const remit_async *async, remit_payout_status *out_status,
                                                        remit_blob **out_payout, remit_error **out_error);

/* Reads a payout by the host's own name for it.
 *
 * engine            the engine.
 * tenant            NULL: the empty tenant.
 * tenant_len        its bytes.
 * external_id       the host's number.
 * external_id_len   its bytes.
 * async             see the law, 7. The item's value is out_status, its payload out_payout.
 * out_status        NULL, or where it stands.
 * out_payout        NULL, or all of it as JSON. Free with remit_blob_free.
 * out_error         NULL, or gets what was wrong. Free with remit_error_free.
 * Returns           OK, MISUSE, NOT_FOUND, STORE, CLOSED, FORKED, BROKEN or NO_MEMORY.          Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_payout_find(remit_engine *engine, const char *tenant, size_t tenant_len,
                                                         const char *external_id, size_t external_id_len,
                                                         const remit_async *async, remit_payout_status *out_status,
                                                         remit_blob **out_payout, remit_error **out_error);

/* Waits until a payout has a status or is past it. Ticks by itself when nobody else does.
 *
 * engine       the engine.
 * id           "po_...".
 * id_len       its bytes.
 * status       a REMIT_PAYOUT_ value.
 * timeout_ms   wait at most so long.
 * async        see the law, 7. The item's value is out_status, its payload out_payout.
 * out_status   NULL, or where it stands.
 * out_payout   NULL, or all of it as JSON. Free with remit_blob_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, NOT_FOUND, TIMEOUT, STORE, STORE_LOST, CLOSED, FORKED, BROKEN or NO_MEMORY.
 *                                                                                               Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_payout_wait(remit_engine *engine, const char *id, size_t id_len,
                                                         remit_payout_status status, int64_t timeout_ms,
                                                         const remit_async *async, remit_payout_status *out_status,
                                                         remit_blob **out_payout, remit_error **out_error);

/* Withdraws a payout of which nothing is signed.
 *
 * engine       the engine.
 * id           "po_...".
 * id_len       its bytes.
 * actor        who asks; goes into the event.
 * actor_len    its bytes.
 * reason       why; goes into the event. NULL: none.
 * reason_len   its bytes.
 * async        see the law, 7.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, INVALID, NOT_FOUND, STATE when it is signed or decided, STORE, STORE_LOST, CLOSED, FORKED,
 *              BROKEN or NO_MEMORY.                                                             Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_payout_cancel(remit_engine *engine, const char *id, size_t id_len,
                                                           const char *actor, size_t actor_len, const char *reason,
                                                           size_t reason_len, const remit_async *async,
                                                           remit_error **out_error);

REMIT_END_DECLS
#endif /* REMIT_PAYOUTS_H */
