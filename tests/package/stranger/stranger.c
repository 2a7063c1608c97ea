#include <remit/remit.h>

#include <stdio.h>

int main(void) {
    remit_engine *engine = NULL;
    remit_error *error = NULL;
    const remit_status status = remit_engine_open("{\"chains\":[{\"id\":0}]}", REMIT_ZSTR, NULL, &engine, &error);
    printf("%s %s %s\n", remit_version_text(), remit_status_name(status), error ? remit_error_field(error) : "");
    remit_error_free(error);
    remit_engine_free(engine);
    return 0;
}
