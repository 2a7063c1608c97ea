/* OpenSSL inside a wheel or an addon is ours alone. At exit of the host's process its threads may still be at work:
 * nothing of OpenSSL may be taken down under them, and the process's memory goes in any case. Only the first call can
 * say so, and several rooms may make it. */
#include <openssl/crypto.h>

__attribute__((constructor)) static void keep_openssl_until_the_end(void) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}
