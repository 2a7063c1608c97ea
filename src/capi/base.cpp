#include "capi/handles.hpp"

#include <remit/base.h>

using namespace remit;

static_assert(sizeof(remit_id) == 40 && sizeof(remit_async) == 16, "both are fixed for ever");

extern "C" {

int32_t remit_abi_version(void) {
    return REMIT_ABI_VERSION;
}
const char *remit_version_text(void) {
    return REMIT_VERSION;
}

// The table's texts are literals, so their views end in a NUL.
const char *remit_status_name(remit_status status) {
    return status_name(static_cast<Status>(status)).data();
}
const char *remit_status_text(remit_status status) {
    const std::string_view text = status_text(static_cast<Status>(status));
    return text.empty() ? "" : text.data();
}
remit_class remit_status_class(remit_status status) {
    return static_cast<remit_class>(status_class(static_cast<Status>(status)));
}

const char *remit_blob_data(const remit_blob *blob) {
    return blob ? blob->bytes.c_str() : "";
}
size_t remit_blob_len(const remit_blob *blob) {
    return blob ? blob->bytes.size() : 0;
}
void remit_blob_free(remit_blob *blob) {
    delete blob;
}

remit_status remit_error_status(const remit_error *error) {
    return error ? static_cast<remit_status>(error->error.status) : REMIT_OK;
}
const char *remit_error_field(const remit_error *error) {
    return error ? error->error.field.c_str() : "";
}
const char *remit_error_text(const remit_error *error) {
    return error ? error->error.text.c_str() : "";
}
void remit_error_free(remit_error *error) {
    delete error;
}

}  // extern "C"
