/* remit/idempotency.h -- answer a request once per key, whatever arrives how often.
 * The law of all headers stands in remit/base.h. Lists, resolving and purging go through remit/admin.h.
 *
 * A key belongs to a tenant and a namespace. The first claim gets the right to work, later ones the reply. Whoever
 * works and dies leaves a row from which the next claim goes on, by the class of the effect that was under way.
 */
#ifndef REMIT_IDEMPOTENCY_H
#define REMIT_IDEMPOTENCY_H
#include <remit/queue.h>
REMIT_BEGIN_DECLS

/* What a key means by now. Every verdict comes with REMIT_OK: none of them is an error. */
typedef int32_t remit_verdict;
enum {
    REMIT_VERDICT_EXECUTE = 1, /* Ours, and nothing was done before: do the work, complete it.   Since 0.1 */
    REMIT_VERDICT_RECOVER = 2, /* Ours, after another died: go on from its point and effect.     Since 0.1 */
    REMIT_VERDICT_REPLAY  = 3, /* Done before: the reply on record, byte for byte.               Since 0.1 */
    REMIT_VERDICT_RUNNING = 4, /* Another works on it (HTTP 409): come back after retry_ms.      Since 0.1 */
    REMIT_VERDICT_UNKNOWN = 5, /* An effect that cannot be repeated is in doubt: resolve first.  Since 0.1 */
    REMIT_VERDICT_EXPIRED = 6  /* The reply was kept its time; the key is not used again.        Since 0.1 */
};

/* What may be done about an effect on the outside world whose worker has died. */
typedef int32_t remit_effect;
enum {
    REMIT_EFFECT_NONE         = 0, /* No effect is under way.                                    Since 0.1 */
    REMIT_EFFECT_PURE         = 1, /* Repeat it.                                                 Since 0.1 */
    REMIT_EFFECT_IDEMPOTENT   = 2, /* Repeat it with the same remit_claim_effect_key.            Since 0.1 */
    REMIT_EFFECT_QUERYABLE    = 3, /* Ask the other side first.                                  Since 0.1 */
    REMIT_EFFECT_AT_MOST_ONCE = 4  /* Never repeat it: the key becomes UNKNOWN.                  Since 0.1 */
};

/* What a claim does while another works on the key. */
typedef int32_t remit_in_flight;
enum {
    REMIT_IN_FLIGHT_REJECT = 0, /* Says RUNNING.                                                 Since 0.1 */
    REMIT_IN_FLIGHT_WAIT   = 1, /* Waits up to wait_ms for the outcome, then says RUNNING.       Since 0.1 */
    REMIT_IN_FLIGHT_ATTACH = 2  /* Waits for the outcome; TIMEOUT after wait_ms, if given.       Since 0.1 */
};

/* How request bytes become a fingerprint. */
typedef int32_t remit_request_form;
enum {
    REMIT_REQUEST_BYTES = 0, /* As they are.                                                     Since 0.1 */
    REMIT_REQUEST_JSON  = 1  /* As canonical JSON (RFC 8785): its spelling does not matter.      Since 0.1 */
};

/* What kind of value a statement is given. */
typedef int32_t remit_value_kind;
enum {
    REMIT_VALUE_NULL    = 0, /* SQL's NULL.                                                      Since 0.1 */
    REMIT_VALUE_INTEGER = 1, /* integer.                                                         Since 0.1 */
    REMIT_VALUE_TEXT    = 2, /* data, as UTF-8.                                                  Since 0.1 */
    REMIT_VALUE_BYTES   = 3  /* data, as bytes.                                                  Since 0.1 */
};

/* A claimed key: what became of it, and on EXECUTE and RECOVER the right to work on it. Its lease is renewed while
 * it lives and the engine ticks. Keeps its engine alive. Used by one thread at a time. */
typedef struct remit_claim remit_claim;

/* How to claim. A value, no thread owns it. */
typedef struct remit_claim_options {
    uint32_t struct_size;            /* Set by REMIT_CLAIM_OPTIONS_INIT.                         Since 0.1 */
    remit_in_flight in_flight;       /* What to do while another works on the key.               Since 0.1 */
    int64_t wait_ms;                 /* 0: 5,000 for WAIT, no end for ATTACH; up to 24 h.        Since 0.1 */
    int64_t lease_ms;                /* Silence after which others may take over; 1,000 to 24 h. Since 0.1 */
    int64_t keep_ms;                 /* The reply is kept so long from completion; 7 days.       Since 0.1 */
    remit_request_form request_form; /* How the request becomes a fingerprint.                   Since 0.1 */
    int32_t again_after_expiry;      /* 1: an expired key executes anew.                         Since 0.1 */
    const char *tenant;              /* NULL: the empty tenant.                                  Since 0.1 */
    size_t tenant_len;               /*                                                          Since 0.1 */
    const char *space;               /* The namespace; NULL: the empty one.                      Since 0.1 */
    size_t space_len;                /*                                                          Since 0.1 */
    const char *operation;           /* What the key is for, as "POST /orders"; NULL: anything.  Since 0.1 */
    size_t operation_len;            /*                                                          Since 0.1 */
    const void *request;             /* What the key stands for; NULL: the key alone decides.    Since 0.1 */
    size_t request_len;              /* May be 0: an empty request is one, too.                  Since 0.1 */
    const char *include;             /* JSON array of paths; NULL: all. Only with REQUEST_JSON.  Since 0.1 */
    size_t include_len;              /*                                                          Since 0.1 */
    const char *exclude;             /* JSON array of paths, never of an amount or currency.     Since 0.1 */
    size_t exclude_len;              /*                                                          Since 0.1 */
} remit_claim_options;
#define REMIT_CLAIM_OPTIONS_INIT \
    { (uint32_t)sizeof(remit_claim_options), 0, 0, 0, 0, 0, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0 }

/* A reply to put on record. A value, no thread owns it. */
typedef struct remit_reply {
    uint32_t struct_size;   /* Set by REMIT_REPLY_INIT.                                          Since 0.1 */
    int32_t status;         /* 100 to 599; 0 is 200.                                             Since 0.1 */
    const char *headers;    /* JSON array of [name, value]; NULL: none. See idempotency.hpp.     Since 0.1 */
    size_t headers_len;     /*                                                                   Since 0.1 */
    const void *body;       /* NULL: empty.                                                      Since 0.1 */
    size_t body_len;        /*                                                                   Since 0.1 */
    const char *result_ref; /* Where the result is had if the body is too large to keep.         Since 0.1 */
    size_t result_ref_len;  /*                                                                   Since 0.1 */
} remit_reply;
#define REMIT_REPLY_INIT { (uint32_t)sizeof(remit_reply), 0, NULL, 0, NULL, 0, NULL, 0 }

/* A value for a statement's placeholder. A value, no thread owns it. */
typedef struct remit_value {
    remit_value_kind kind; /* Which of the others counts.                                        Since 0.1 */
    int32_t reserved;      /* 0.                                                                 Since 0.1 */
    int64_t integer;       /*                                                                    Since 0.1 */
    const void *data;      /* Text or bytes.                                                     Since 0.1 */
    size_t data_len;       /*                                                                    Since 0.1 */
} remit_value;

/* A statement of the host's own on tables of its own. In an array, struct_size is the distance from one to the
 * next and the same in all. A value, no thread owns it. */
typedef struct remit_statement {
    uint32_t struct_size;      /* Set by REMIT_STATEMENT_INIT.                                   Since 0.1 */
    int32_t reserved;          /* 0.                                                             Since 0.1 */
    int64_t row_count;         /* So many rows must be found; 0: any number, -1: none.           Since 0.1 */
    const char *sql;           /* One statement: ? on SQLite, $1 on PostgreSQL.                  Since 0.1 */
    size_t sql_len;            /*                                                                Since 0.1 */
    const remit_value *values; /* For its placeholders.                                          Since 0.1 */
    size_t value_count;        /*                                                                Since 0.1 */
} remit_statement;
#define REMIT_STATEMENT_INIT { (uint32_t)sizeof(remit_statement), 0, 0, NULL, 0, NULL, 0 }

/* What a claim found, made by the library only, read through remit_claim_look; it may grow at its end. Changes only
 * when a call on the claim gives FENCED. As its claim: one thread at a time. */
typedef struct remit_claim_view {
    remit_verdict verdict;     /* What the key means.                                            Since 0.1 */
    remit_effect effect;       /* RECOVER: what the worker before had under way.                 Since 0.1 */
    int32_t effects_started;   /* 1: the key can not be given back any more.                     Since 0.1 */
    int32_t reply_status;      /* REPLAY: the status on record.                                  Since 0.1 */
    int32_t body_omitted;      /* REPLAY, 1: the body was too large; look at result_ref.         Since 0.1 */
    int32_t reserved;          /* 0.                                                             Since 0.1 */
    int64_t epoch;             /* Counts the workers that had the key.                           Since 0.1 */
    int64_t retry_ms;          /* RUNNING: when to come back.                                    Since 0.1 */
    const char *tenant;        /* The key's tenant.                                              Since 0.1 */
    const char *key;           /* The key.                                                       Since 0.1 */
    const char *operation;     /* What it is for.                                                Since 0.1 */
    const char *doubt;         /* UNKNOWN: why.                                                  Since 0.1 */
    const char *point;         /* RECOVER: how far the worker before came.                       Since 0.1 */
    const char *data;          /* RECOVER: what it kept with that point.                         Since 0.1 */
    size_t data_len;           /*                                                                Since 0.1 */
    const char *reply_headers; /* REPLAY: JSON array of [name, value].                           Since 0.1 */
    const char *reply_body;    /* REPLAY: the body's bytes, and a NUL.                           Since 0.1 */
    size_t reply_body_len;     /*                                                                Since 0.1 */
    const char *result_ref;    /* REPLAY: as it was given.                                       Since 0.1 */
} remit_claim_view;

/* Claims a key, or says what became of it.
 *
 * engine        the engine.
 * key           1 to 255 visible ASCII characters, compared byte for byte.
 * key_len       its bytes.
 * options       NULL for all defaults.
 * async         see the law, 7. The item's value is out_verdict; take the claim by remit_batch_claim.
 * out_verdict   NULL, or what the key means.
 * out_claim     the claim, whatever the verdict. Free with remit_claim_free.
 * out_error     NULL, or gets what was wrong. Free with remit_error_free.
 * Returns       OK, MISUSE, NEWER, INVALID, MISMATCH when the key stands for another request (422), TIMEOUT,
 *               STORE (do not run the request without), STORE_LOST (claim again: the record tells), CLOSED, FORKED,
 *               BROKEN or NO_MEMORY.                                                            Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_idempotency_claim(remit_engine *engine, const char *key, size_t key_len,
                                                               const remit_claim_options *options,
                                                               const remit_async *async, remit_verdict *out_verdict,
                                                               remit_claim **out_claim, remit_error **out_error);

/* Takes one key whose worker has died, or let go, after it had started effects: for a loop that completes what
 * clients do not ask for again.
 *
 * engine        the engine.
 * options       NULL for all defaults. Of it tenant (NULL: any), space, lease_ms and keep_ms count.
 * async         see the law, 7. The item's value is out_verdict; take the claim by remit_batch_claim.
 * out_verdict   NULL, or RECOVER.
 * out_claim     the claim. Free with remit_claim_free.
 * out_error     NULL, or gets what was wrong. Free with remit_error_free.
 * Returns       OK, MISUSE, NEWER, INVALID, NOT_FOUND when there is none, STORE, STORE_LOST, CLOSED, FORKED, BROKEN
 *               or NO_MEMORY.                                                                   Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_idempotency_recover(remit_engine *engine,
                                                                 const remit_claim_options *options,
                                                                 const remit_async *async, remit_verdict *out_verdict,
                                                                 remit_claim **out_claim, remit_error **out_error);

/* Takes the claim out of the item that a remit_idempotency_claim or _recover with async came by. One that nobody
 * takes ends with its batch.
 *
 * batch        the batch.
 * index        from 0.
 * Returns      the claim, the caller's to free with remit_claim_free; NULL when the item has none (any more).
 *                                                                                               Since 0.1 */
REMIT_API REMIT_NODISCARD remit_claim *remit_batch_claim(remit_batch *batch, size_t index);

/* What a claim found.
 *
 * claim        the claim.
 * Returns      memory of the claim's; NULL for NULL.                                            Since 0.1 */
REMIT_API REMIT_NODISCARD const remit_claim_view *remit_claim_look(const remit_claim *claim);

/* Whether the lease was still ours when last heard of: ask before each effect.
 *
 * claim        the claim; NULL gives 0.
 * Returns      1 or 0.                                                                          Since 0.1 */
REMIT_API REMIT_NODISCARD int32_t remit_claim_held(const remit_claim *claim);

/* Derives the external id of an effect of this key: the same for every worker and every retry.
 *
 * claim        the claim.
 * step         which effect; 1 to 255 bytes.
 * step_len     its bytes.
 * out_id       "ek_...".
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, INVALID, FORKED or NO_MEMORY.                                        Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_claim_effect_key(remit_claim *claim, const char *step, size_t step_len,
                                                              remit_id *out_id, remit_error **out_error);

/* Records that an effect begins, before it does. From here on the key can not be given back.
 *
 * claim        the claim.
 * effect       its class; not NONE.
 * async        see the law, 7.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, STORE, STORE_LOST (the same call again settles it), FENCED (do not begin), CLOSED, FORKED,
 *              BROKEN or NO_MEMORY.                                                             Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_claim_effect_begin(remit_claim *claim, remit_effect effect,
                                                                const remit_async *async, remit_error **out_error);

/* Records how far the work has come; an effect that was under way is over, and its result is in data.
 *
 * claim        the claim.
 * point        a name of the host's; up to 255 bytes.
 * point_len    its bytes.
 * data         what a later worker needs to go on; NULL: nothing.
 * data_len     its bytes; up to 256 KiB.
 * async        see the law, 7.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, INVALID, STORE, STORE_LOST (the same call again settles it), FENCED, CLOSED, FORKED,
 *              BROKEN or NO_MEMORY.                                                             Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_claim_checkpoint(remit_claim *claim, const char *point, size_t point_len,
                                                              const void *data, size_t data_len,
                                                              const remit_async *async, remit_error **out_error);

/* Puts the reply on record; the key replays it from here on. The statements commit or fail with it. Repeating with
 * equal bytes is fine. After FENCED the claim says what became of the key.
 *
 * claim             the claim.
 * reply             NULL: status 200 and nothing else.
 * statements        the host's own; NULL when statement_count is 0.
 * statement_count   up to 1,000.
 * async             see the law, 7.
 * out_error         NULL, or gets what was wrong. Free with remit_error_free.
 * Returns           OK, MISUSE, NEWER, INVALID, REFUSED by a constraint of the host's, STATE when a statement finds
 *                   another count of rows, MISMATCH when it is completed with other bytes, STORE, STORE_LOST (the
 *                   same call again settles it), FENCED, CLOSED, FORKED, BROKEN or NO_MEMORY.   Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_claim_complete(remit_claim *claim, const remit_reply *reply,
                                                            const remit_statement *statements, size_t statement_count,
                                                            const remit_async *async, remit_error **out_error);

/* What remit_claim_complete would write, for a transaction on a connection of the host's own to the same database.
 * Each statement must find the rows that it says, else roll back: another took over. The claim stays as it is.
 *
 * claim        the claim.
 * reply        NULL: status 200 and nothing else.
 * out_json     JSON array of {"sql","values","row_count"}; bytes among the values are {"hex":"0x..."}. Free with
 *              remit_blob_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, NEWER, INVALID, FORKED, BROKEN or NO_MEMORY.                         Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_claim_complete_sql(remit_claim *claim, const remit_reply *reply,
                                                                remit_blob **out_json, remit_error **out_error);

/* Gives the key back: the next claim with the same request executes it.
 *
 * claim        the claim.
 * async        see the law, 7.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, STATE once an effect was started, STORE, STORE_LOST (the same call again settles it),
 *              FENCED, CLOSED, FORKED, BROKEN or NO_MEMORY.                                     Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_claim_release(remit_claim *claim, const remit_async *async,
                                                           remit_error **out_error);

/* What an HTTP server answers by this claim: REPLAY the reply with Idempotent-Replayed, RUNNING, UNKNOWN and EXPIRED
 * a 409 with problem+json (RFC 9457), EXECUTE and RECOVER nothing (status 0).
 *
 * claim         the claim.
 * out_status    the HTTP status.
 * out_headers   JSON array of [name, value]. Free with remit_blob_free.
 * out_body      its bytes. Free with remit_blob_free.
 * out_error     NULL, or gets what was wrong. Free with remit_error_free.
 * Returns       OK, MISUSE, FORKED or NO_MEMORY.                                                Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_claim_http(const remit_claim *claim, int32_t *out_status,
                                                        remit_blob **out_headers, remit_blob **out_body,
                                                        remit_error **out_error);

/* What an HTTP server answers by an error: 400 INVALID, 422 MISMATCH, 503 with Retry-After what may be tried again,
 * else 500. For a request that came without a key: INVALID, "key", "is missing".
 *
 * status        that of the error or item; not OK.
 * field         its field; NULL: none.
 * field_len     its bytes.
 * text          its text; NULL: none.
 * text_len      its bytes.
 * out_status    the HTTP status.
 * out_headers   JSON array of [name, value]. Free with remit_blob_free.
 * out_body      its bytes. Free with remit_blob_free.
 * out_error     NULL, or gets what was wrong. Free with remit_error_free.
 * Returns       OK, MISUSE or NO_MEMORY.                                                        Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_error_http(remit_status status, const char *field, size_t field_len,
                                                        const char *text, size_t text_len, int32_t *out_status,
                                                        remit_blob **out_headers, remit_blob **out_body,
                                                        remit_error **out_error);

/* Canonical JSON (RFC 8785), whole or in part: what a fingerprint is made of.
 *
 * json            the text.
 * json_len        its bytes.
 * include         JSON array of paths as "/items/0/sku", where * stands for any member; NULL: all.
 * include_len     its bytes.
 * exclude         JSON array of paths to leave out; NULL: none. Members named amount or currency always stay.
 * exclude_len     its bytes.
 * out_canonical   the canonical text. Free with remit_blob_free.
 * out_error       NULL, or gets what was wrong. Free with remit_error_free.
 * Returns         OK, MISUSE, INVALID or NO_MEMORY.                                             Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_canonical_json(const char *json, size_t json_len, const char *include,
                                                            size_t include_len, const char *exclude,
                                                            size_t exclude_len, remit_blob **out_canonical,
                                                            remit_error **out_error);

/* Ends the handle. A key that is not completed is given back if no effect was started, else it waits for takeover.
 * Does not wait.
 *
 * claim        NULL does nothing.
 * Returns      nothing.                                                                         Since 0.1 */
REMIT_API void remit_claim_free(remit_claim *claim);

REMIT_END_DECLS
#endif /* REMIT_IDEMPOTENCY_H */
