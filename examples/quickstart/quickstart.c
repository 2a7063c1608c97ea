/* quickstart.c -- answer a request exactly once, although the program is killed between charging and answering.
 *
 * quickstart FOLDER DATABASE, three times: the first run kills itself once the customer was charged, the second one
 * recovers the key and completes it, the third one replays the reply. The database is a file, or postgresql://...
 */
#include <remit/remit.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char body[] = "{\"amount\":\"25.00\",\"currency\":\"EUR\"}";
static const char paid[] = "{\"order\":1001,\"paid\":true}";

static void say(const char *what, const char *text) {
    printf("%-8s %s\n", what, text);
    fflush(stdout);
}

/* A payment gateway that charges once per key, as good ones do. */
static int charge(const char *folder, const char *key) {
    char path[4096];
    int file;
    snprintf(path, sizeof path, "%s/charge-%s", folder, key);
    file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file >= 0) close(file);
    return file >= 0 || errno != EEXIST;
}

static remit_status claim_order(remit_engine *engine, remit_verdict *verdict, remit_claim **claim,
                                remit_error **error) {
    remit_claim_options options = REMIT_CLAIM_OPTIONS_INIT;
    options.operation = "POST /orders";
    options.operation_len = REMIT_ZSTR;
    options.request = body;
    options.request_len = sizeof body - 1;
    options.request_form = REMIT_REQUEST_JSON;
    return remit_idempotency_claim(engine, "order-1001", REMIT_ZSTR, &options, NULL, verdict, claim, error);
}

/* The order's row and the reply are written together, or not at all. */
static remit_status complete(remit_claim *claim, int postgres, remit_error **error) {
    remit_statement rows[2] = {REMIT_STATEMENT_INIT, REMIT_STATEMENT_INIT};
    remit_value number = {REMIT_VALUE_INTEGER, 0, 1001, NULL, 0};
    remit_reply reply = REMIT_REPLY_INIT;
    rows[0].sql = "CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY)";
    rows[0].sql_len = REMIT_ZSTR;
    rows[1].sql = postgres ? "INSERT INTO orders (number) VALUES ($1)" : "INSERT INTO orders (number) VALUES (?)";
    rows[1].sql_len = REMIT_ZSTR;
    rows[1].values = &number;
    rows[1].value_count = 1;
    rows[1].row_count = 1;
    reply.body = paid;
    reply.body_len = sizeof paid - 1;
    return remit_claim_complete(claim, &reply, rows, 2, NULL, error);
}

int main(int argc, char **argv) {
    char config[4200];
    remit_engine *engine = NULL;
    remit_claim *claim = NULL;
    remit_error *error = NULL;
    remit_verdict verdict = 0;
    remit_id key;
    int fresh;

    if (argc != 3) {
        fprintf(stderr, "usage: quickstart FOLDER DATABASE\n");
        return 2;
    }
    snprintf(config, sizeof config, "{\"database\":\"%s\",\"log_level\":\"error\"}", argv[2]);
    if (remit_engine_open(config, REMIT_ZSTR, NULL, &engine, &error) != REMIT_OK) goto done;
    if (remit_engine_start(engine, &error) != REMIT_OK) goto done; /* It renews the claim's lease. */
    if (claim_order(engine, &verdict, &claim, &error) != REMIT_OK) goto done;

    if (verdict == REMIT_VERDICT_REPLAY) {
        say("REPLAY", remit_claim_look(claim)->reply_body);
        goto done;
    }
    if (verdict == REMIT_VERDICT_EXECUTE) say("EXECUTE", "order 1001, 25.00 EUR");
    if (verdict == REMIT_VERDICT_RECOVER) say("RECOVER", "its worker died while it charged the customer");
    if (remit_claim_effect_key(claim, "charge", REMIT_ZSTR, &key, &error) != REMIT_OK) goto done;
    if (remit_claim_effect_begin(claim, REMIT_EFFECT_IDEMPOTENT, NULL, &error) != REMIT_OK) goto done;
    fresh = charge(argv[1], key.text);
    say("CHARGE", fresh ? "the gateway took 25.00 EUR" : "the gateway knows the key: nothing is taken twice");
    if (verdict == REMIT_VERDICT_EXECUTE) raise(SIGKILL);
    if (complete(claim, strncmp(argv[2], "postgres", 8) == 0, &error) != REMIT_OK) goto done;
    say("DONE", paid);

done:
    if (error) fprintf(stderr, "%s: %s\n", remit_error_field(error), remit_error_text(error));
    argc = error ? 1 : 0;
    remit_error_free(error);
    remit_claim_free(claim);
    remit_engine_free(engine);
    return argc;
}
