/* remit/queue.h -- where the library and the host meet: results, log lines and work for the host arrive as
 * items of a queue, fetched in batches. The library never runs host code on its own threads.
 * The law of all headers stands in remit/base.h.
 */
#ifndef REMIT_QUEUE_H
#define REMIT_QUEUE_H
#include <remit/base.h>
REMIT_BEGIN_DECLS

/* What an item is. Skip kinds that you do not know. */
typedef int32_t remit_item_kind;
enum {
    REMIT_ITEM_RESULT = 1, /* The outcome of a call that did not wait.                           Since 0.1 */
    REMIT_ITEM_EVENT  = 2, /* Reserved for durable events; remit_events_next reads them.         Since 0.1 */
    REMIT_ITEM_WORK   = 3, /* Something the host shall do: answer its token.                     Since 0.1 */
    REMIT_ITEM_LOG    = 4, /* A line for the host's log.                                         Since 0.1 */
    REMIT_ITEM_WAKE   = 5  /* Somebody called remit_queue_wake.                                  Since 0.1 */
};

/* How work for the host went. Silence means UNKNOWN, never DONE. */
typedef int32_t remit_work_outcome;
enum {
    REMIT_WORK_UNKNOWN = 0, /* It may have been done.                                            Since 0.1 */
    REMIT_WORK_DONE    = 1, /* Done; the answer is what the work asks for.                       Since 0.1 */
    REMIT_WORK_FAILED  = 2, /* Definitely not done; the answer is the reason as text.            Since 0.1 */
    REMIT_WORK_PASS    = 3  /* Not mine: as if the host had not offered to do it.                Since 0.1 */
};

/* One item, made by the library only, read through remit_batch_at; it may grow at its end. Immutable; any
 * thread may read it while its batch lives. */
typedef struct remit_item {
    uint64_t tag;            /* That of the remit_async it came by.                              Since 0.1 */
    remit_item_kind kind;    /*                                                                  Since 0.1 */
    remit_status status;     /* RESULT: how the call went. LOG: 0 debug to 3 error.              Since 0.1 */
    int64_t value;           /* RESULT: the call's number output, as its comment says.           Since 0.1 */
    uint64_t token;          /* WORK: what remit_work_answer takes.                              Since 0.1 */
    const char *payload;     /* JSON, or "": the result, the work, the log line's fields.        Since 0.1 */
    size_t payload_len;      /*                                                                  Since 0.1 */
    const char *error_field; /* RESULT that is not OK: the field, or "".                         Since 0.1 */
    const char *error_text;  /* RESULT that is not OK: what was wrong. LOG: the event's name.    Since 0.1 */
} remit_item;

/* Items that were fetched. Immutable; any thread may read it. */
typedef struct remit_batch remit_batch;

/* Makes a queue.
 *
 * out_queue    the queue. Free with remit_queue_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, NO_MEMORY, or STATE when no file descriptor is left.                 Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_queue_open(remit_queue **out_queue, remit_error **out_error);

/* A file descriptor that is readable while the queue has items, for poll, epoll, uv_poll or add_reader. Only
 * wait on it: never read, write or close it.
 *
 * queue        the queue.
 * out_fd       the descriptor, which ends with the queue.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, FORKED or NO_MEMORY.                                                 Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_queue_fd(const remit_queue *queue, int32_t *out_fd,
                                                      remit_error **out_error);

/* Takes items out, the oldest first; each goes to one caller.
 *
 * queue        the queue.
 * item_count   at most so many, up to 4,096; 0 is 256.
 * timeout_ms   how long to wait for the first one; 0 does not wait, negative waits without end.
 * out_batch    the items; an empty batch when none came in time. Free with remit_batch_free.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, FORKED or NO_MEMORY.                                                 Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_queue_fetch(remit_queue *queue, size_t item_count, int64_t timeout_ms,
                                                         remit_batch **out_batch, remit_error **out_error);

/* Pushes an item of kind WAKE, so that a thread which waits in remit_queue_fetch returns.
 *
 * queue        the queue.
 * tag          comes with the item.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, FORKED or NO_MEMORY.                                                 Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_queue_wake(remit_queue *queue, uint64_t tag, remit_error **out_error);

/* Ends the handle. The queue itself lives until the last call under way has pushed its item, and that item
 * goes unseen; work that was not answered is then UNKNOWN.
 *
 * queue        NULL does nothing.
 * Returns      nothing.                                                                         Since 0.1 */
REMIT_API void remit_queue_free(remit_queue *queue);

/* How many items a batch has.
 *
 * batch        NULL gives 0.
 * Returns      the count.                                                                       Since 0.1 */
REMIT_API REMIT_NODISCARD size_t remit_batch_count(const remit_batch *batch);

/* One item of a batch.
 *
 * batch        the batch.
 * index        from 0.
 * Returns      memory of the batch's; NULL behind the last item.                                Since 0.1 */
REMIT_API REMIT_NODISCARD const remit_item *remit_batch_at(const remit_batch *batch, size_t index);

/* Ends a batch and its items.
 *
 * batch        NULL does nothing.
 * Returns      nothing.                                                                         Since 0.1 */
REMIT_API void remit_batch_free(remit_batch *batch);

/* Answers work. The work's JSON says what it is: {"work":"sign","address":"0x...","digests":["0x...",...]}
 * asks for 65 bytes for each digest in order: r, s (in the low half) and the recovery id, 0 or 1.
 *
 * queue        the queue that the work came from.
 * token        the item's.
 * outcome      a REMIT_WORK_ value.
 * answer       DONE: what is asked for. FAILED, UNKNOWN: the reason as text. NULL when answer_len is 0.
 * answer_len   its bytes.
 * out_error    NULL, or gets what was wrong. Free with remit_error_free.
 * Returns      OK, MISUSE, INVALID when the answer has not the form (the work stays open), FENCED when nobody
 *              waits for this token any more, FORKED or NO_MEMORY.                              Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_work_answer(remit_queue *queue, uint64_t token, remit_work_outcome outcome,
                                                         const void *answer, size_t answer_len,
                                                         remit_error **out_error);

REMIT_END_DECLS
#endif /* REMIT_QUEUE_H */
