/* plain.c -- the C ABI as a plain C99 program uses it, against the shared library. */
#include <remit/remit.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

static void check(int good, const char *what, int line) {
    if (good) return;
    fprintf(stderr, "plain.c:%d: %s\n", line, what);
    ++failures;
}
#define CHECK(what) check((what) ? 1 : 0, #what, __LINE__)

static const char payee[] = "0x52908400098527886E0F7030069857D2E4169EE7";

/* Waits for the descriptor, lets simulated time pass while it is quiet, and takes one item. */
static remit_batch *next(remit_world *world, remit_queue *queue) {
    remit_batch *batch = NULL;
    struct pollfd ready;
    int tries;
    ready.events = POLLIN;
    CHECK(remit_queue_fd(queue, &ready.fd, NULL) == REMIT_OK);
    for (tries = 0; tries < 1000 && poll(&ready, 1, 0) == 0; ++tries)
        CHECK(remit_world_advance(world, 500, NULL) == REMIT_OK);
    CHECK(remit_queue_fetch(queue, 1, 0, &batch, NULL) == REMIT_OK);
    CHECK(remit_batch_count(batch) == 1);
    return batch;
}

static void pay(remit_world *world, remit_engine *engine, remit_queue *queue) {
    remit_payout_request requests[2] = {REMIT_PAYOUT_REQUEST_INIT, REMIT_PAYOUT_REQUEST_INIT};
    remit_payout_accepted accepted[2];
    remit_async async;
    remit_batch *batch;
    remit_error *error = NULL;
    uint64_t count = 0;
    int i;
    for (i = 0; i < 2; ++i) {
        requests[i].chain_id = 31337;
        requests[i].external_id = i == 0 ? "first" : "second";
        requests[i].external_id_len = REMIT_ZSTR;
        requests[i].to = payee;
        requests[i].to_len = strlen(payee);
        requests[i].amount = "1000";
        requests[i].amount_len = 4;
    }
    CHECK(remit_payout_enqueue(engine, requests, 2, NULL, accepted, &error) == REMIT_OK);
    CHECK(error == NULL);
    CHECK(accepted[0].created == 1 && accepted[1].created == 1);
    async.queue = queue;
    async.tag = 42;
    CHECK(remit_payout_wait(engine, accepted[1].id.text, REMIT_ZSTR, REMIT_PAYOUT_COMPLETED, 3600000, &async, NULL,
                            NULL, NULL) == REMIT_OK);
    batch = next(world, queue);
    CHECK(remit_batch_at(batch, 0)->tag == 42);
    CHECK(remit_batch_at(batch, 0)->kind == REMIT_ITEM_RESULT);
    CHECK(remit_batch_at(batch, 0)->value == REMIT_PAYOUT_COMPLETED);
    remit_batch_free(batch);
    CHECK(remit_world_transfers(world, payee, REMIT_ZSTR, &count, NULL, NULL) == REMIT_OK);
    CHECK(count == 2);

    requests[0].amount = "1001";
    CHECK(remit_payout_enqueue(engine, requests, 2, NULL, accepted, &error) == REMIT_E_MISMATCH);
    CHECK(remit_error_status(error) == REMIT_E_MISMATCH);
    CHECK(remit_error_text(error)[0] != 0);
    CHECK(remit_status_class(remit_error_status(error)) == REMIT_CLASS_FINAL);
    remit_error_free(error);
}

static void ask(remit_engine *engine) {
    remit_blob *blob = NULL;
    int64_t last = 0;
    CHECK(remit_query(engine, "payouts.report", REMIT_ZSTR, NULL, 0, NULL, &blob, NULL) == REMIT_OK);
    CHECK(strstr(remit_blob_data(blob), "\"completed\":2") != NULL);
    CHECK(remit_blob_len(blob) == strlen(remit_blob_data(blob)));
    remit_blob_free(blob);
    CHECK(remit_events_next(engine, "c", 1, 0, NULL, &last, &blob, NULL) == REMIT_OK);
    CHECK(strstr(remit_blob_data(blob), "payout.completed") != NULL);
    remit_blob_free(blob);
    CHECK(remit_events_ack(engine, "c", 1, last, NULL, NULL) == REMIT_OK);
    CHECK(remit_command(engine, "nonsense", REMIT_ZSTR, NULL, 0, NULL, NULL, NULL) == REMIT_E_NOT_FOUND);
}

int main(void) {
    remit_world *world = NULL;
    remit_engine *engine = NULL;
    remit_queue *queue = NULL;
    CHECK(remit_abi_version() == REMIT_ABI_VERSION);
    CHECK(remit_world_open(NULL, &world, NULL) == REMIT_OK);
    CHECK(remit_world_engine(world, NULL, 0, NULL, &engine, NULL) == REMIT_OK);
    CHECK(remit_queue_open(&queue, NULL) == REMIT_OK);
    if (failures == 0) pay(world, engine, queue);
    if (failures == 0) ask(engine);
    /* Parents first: the children keep what they need. */
    remit_world_free(world);
    remit_queue_free(queue);
    remit_engine_free(engine);
    return failures == 0 ? 0 : 1;
}
