/* payout.c -- pay somebody exactly once, although the program is killed between pay and complete.
 *
 * Run it three times with the same folder. The first run kills itself once the payment was sent, the second one
 * asks the chain what became of it, the third one finds it done. The chain is simulated, the engine is the real one.
 */
#include <remit/remit.h>

#include <signal.h>
#include <stdio.h>

static const char payee[] = "0x52908400098527886E0F7030069857D2E4169EE7";

static void say(const char *what, const char *text) {
    printf("%-8s %s\n", what, text);
    fflush(stdout);
}

/* The same request as often as the program runs: the engine pays it once. */
static remit_status pay(remit_engine *engine, remit_payout_accepted *accepted, remit_error **error) {
    remit_payout_request request = REMIT_PAYOUT_REQUEST_INIT;
    request.chain_id = 31337;
    request.external_id = "order-1001";
    request.external_id_len = REMIT_ZSTR;
    request.token = "USDT";
    request.token_len = REMIT_ZSTR;
    request.to = payee;
    request.to_len = REMIT_ZSTR;
    request.amount = "25000000";
    request.amount_len = REMIT_ZSTR;
    return remit_payout_enqueue(engine, &request, 1, NULL, accepted, error);
}

static remit_status wait_for(remit_engine *engine, const remit_id *id, remit_payout_status *status,
                             remit_error **error) {
    return remit_payout_wait(engine, id->text, REMIT_ZSTR, *status, 600000, NULL, status, NULL, error);
}

int main(int argc, char **argv) {
    remit_world_options scene = REMIT_WORLD_OPTIONS_INIT;
    remit_payout_accepted accepted;
    remit_payout_status status = REMIT_PAYOUT_SENT;
    remit_world *world = NULL;
    remit_engine *engine = NULL;
    remit_blob *balance = NULL;
    remit_error *error = NULL;
    uint64_t payments = 0;
    char line[80];

    if (argc != 2) {
        fprintf(stderr, "usage: payout FOLDER\n");
        return 2;
    }
    scene.folder = argv[1];
    scene.folder_len = REMIT_ZSTR;
    if (remit_world_open(&scene, &world, &error) != REMIT_OK) goto done;
    if (remit_world_engine(world, NULL, 0, NULL, &engine, &error) != REMIT_OK) goto done;
    if (pay(engine, &accepted, &error) != REMIT_OK) goto done;

    if (accepted.created) {
        say("PAY", "order-1001: 25 USDT");
        if (wait_for(engine, &accepted.id, &status, &error) != REMIT_OK) goto done;
        say("SENT", "a node has it; now the power fails");
        raise(SIGKILL);
    }

    if (remit_payout_get(engine, accepted.id.text, REMIT_ZSTR, NULL, &status, NULL, &error) != REMIT_OK) goto done;
    if (status == REMIT_PAYOUT_COMPLETED) {
        say("REPLAY", "order-1001 was paid before; nothing is done again");
    } else {
        say("UNKNOWN", "order-1001 was sent, its outcome is not known: asking the chain");
        status = REMIT_PAYOUT_COMPLETED;
        if (wait_for(engine, &accepted.id, &status, &error) != REMIT_OK) goto done;
        say("DONE", status == REMIT_PAYOUT_COMPLETED ? "order-1001 is paid" : "order-1001 is not paid");
    }

    if (remit_world_transfers(world, payee, REMIT_ZSTR, &payments, NULL, &error) != REMIT_OK) goto done;
    if (remit_world_balance(world, "USDT", REMIT_ZSTR, payee, REMIT_ZSTR, &balance, &error) != REMIT_OK) goto done;
    snprintf(line, sizeof line, "payments: %d, the payee has %s base units", (int)payments, remit_blob_data(balance));
    say("CHAIN", line);

done:
    if (error) fprintf(stderr, "%s: %s\n", remit_error_field(error), remit_error_text(error));
    argc = error ? 1 : 0;
    remit_error_free(error);
    remit_blob_free(balance);
    remit_engine_free(engine);
    remit_world_free(world);
    return argc;
}
