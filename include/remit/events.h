/* remit/events.h -- durable events: written with the change that they tell of, at least once, in order.
 * The law of all headers stands in remit/base.h.
 */
#ifndef REMIT_EVENTS_H
#define REMIT_EVENTS_H
#include <remit/base.h>
REMIT_BEGIN_DECLS

/* Reads the events behind the consumer's acknowledged position. Changes nothing else: without
 * remit_events_ack the same ones come again.
 *
 * engine          the engine.
 * consumer        its name, made by its first call; begins at the oldest event kept.
 * consumer_len    its bytes.
 * event_count     at most so many, up to 10,000; 0 is 100.
 * async           see the law, 7. The item's value is out_last, its payload out_events.
 * out_last        NULL, or the position of the last one, for remit_events_ack; 0 when there is none.
 * out_events      JSON array of events: id, position, tenant, subject, subject_sequence, type, version, time_us, data.
 *                 Free with remit_blob_free.
 * out_error       NULL, or gets what was wrong. Free with remit_error_free.
 * Returns         OK, MISUSE, INVALID, STORE, STORE_LOST, CLOSED, FORKED, BROKEN or NO_MEMORY.  Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_events_next(remit_engine *engine, const char *consumer,
                                                         size_t consumer_len, int32_t event_count,
                                                         const remit_async *async, int64_t *out_last,
                                                         remit_blob **out_events, remit_error **out_error);

/* Everything up to a position is done with. A smaller position than before changes nothing.
 *
 * engine         the engine.
 * consumer       its name.
 * consumer_len   its bytes.
 * position       one that was given out.
 * async          see the law, 7.
 * out_error      NULL, or gets what was wrong. Free with remit_error_free.
 * Returns        OK, MISUSE, INVALID when the position was never given out, NOT_FOUND, STORE, STORE_LOST, CLOSED,
 *                FORKED, BROKEN or NO_MEMORY.                                                   Since 0.1 */
REMIT_API REMIT_NODISCARD remit_status remit_events_ack(remit_engine *engine, const char *consumer, size_t consumer_len,
                                                        int64_t position, const remit_async *async,
                                                        remit_error **out_error);

REMIT_END_DECLS
#endif /* REMIT_EVENTS_H */
