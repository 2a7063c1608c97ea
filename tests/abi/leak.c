/* Memory stays flat over many calls: 20,000, or a million with REMIT_LONG, each with what it hands out freed. */
#include <remit/remit.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long resident_kib(void) {
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &size, &resident) != 2) exit(2);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void must(remit_status status, remit_error *error) {
    if (status == REMIT_OK) return;
    fprintf(stderr, "%s: %s %s\n", remit_status_name(status), remit_error_field(error), remit_error_text(error));
    exit(1);
}

/* A key that is there, one that is refused, a canonical text, and every hundredth time a key to complete. */
static void round_of_calls(remit_engine *engine, long n) {
    remit_claim_options options = REMIT_CLAIM_OPTIONS_INIT;
    remit_claim *claim = NULL;
    remit_error *error = NULL;
    remit_blob *blob = NULL;
    int32_t status = 0;
    char key[32];
    options.request = "{\"amount\":\"5\"}";
    options.request_len = strlen(options.request);
    options.request_form = REMIT_REQUEST_JSON;
    snprintf(key, sizeof key, "key-%ld", n % 100 == 0 ? n / 100 % 10 : 0);
    must(remit_idempotency_claim(engine, key, REMIT_ZSTR, &options, NULL, NULL, &claim, &error), error);
    if (remit_claim_look(claim)->verdict == REMIT_VERDICT_EXECUTE)
        must(remit_claim_complete(claim, NULL, NULL, 0, NULL, &error), error);
    must(remit_claim_http(claim, &status, &blob, NULL, &error), error);
    remit_blob_free(blob);
    remit_claim_free(claim);
    if (remit_idempotency_claim(engine, "not a key", REMIT_ZSTR, NULL, NULL, NULL, &claim, &error) != REMIT_E_INVALID)
        exit(1);
    remit_error_free(error);
    error = NULL;
    must(remit_canonical_json("{\"b\":1,\"a\":[2]}", REMIT_ZSTR, NULL, 0, NULL, 0, &blob, &error), error);
    remit_blob_free(blob);
}

int main(void) {
    const long rounds = getenv("REMIT_LONG") ? 334000 : 7000;
    remit_world *world = NULL;
    remit_engine *engine = NULL;
    remit_error *error = NULL;
    long n, before = 0, grown;
    must(remit_world_open(NULL, &world, &error), error);
    must(remit_world_engine(world, NULL, 0, NULL, &engine, &error), error);
    for (n = 0; n < rounds; ++n) {
        if (n == rounds / 5) before = resident_kib();
        round_of_calls(engine, n);
    }
    grown = resident_kib() - before;
    remit_engine_free(engine);
    remit_world_free(world);
    printf("%ld calls, grown by %ld KiB\n", rounds * 3, grown);
    return grown > 2048;
}
