// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#include "structs.hpp"
#include "tables.hpp"

namespace remit::node {
namespace {

struct RemitAbiVersion {
    int32_t result{};

    void read(Reader &) noexcept {
    }
    void run() noexcept { result = remit_abi_version(); }
    napi_value give(napi_env env) noexcept {
        return number(env, result);
    }
};

struct RemitVersionText {
    const char *result{};

    void read(Reader &) noexcept {
    }
    void run() noexcept { result = remit_version_text(); }
    napi_value give(napi_env env) noexcept {
        return text(env, result);
    }
};

struct RemitStatusName {
    remit_status status = 0;
    const char *result{};

    void read(Reader &in) noexcept {
        in.number(in.argument(0), "status", status);
    }
    void run() noexcept { result = remit_status_name(status); }
    napi_value give(napi_env env) noexcept {
        return text(env, result);
    }
};

struct RemitStatusText {
    remit_status status = 0;
    const char *result{};

    void read(Reader &in) noexcept {
        in.number(in.argument(0), "status", status);
    }
    void run() noexcept { result = remit_status_text(status); }
    napi_value give(napi_env env) noexcept {
        return text(env, result);
    }
};

struct RemitStatusClass {
    remit_status status = 0;
    remit_class result{};

    void read(Reader &in) noexcept {
        in.number(in.argument(0), "status", status);
    }
    void run() noexcept { result = remit_status_class(status); }
    napi_value give(napi_env env) noexcept {
        return number(env, result);
    }
};

struct RemitBlobData {
    remit_blob *blob = nullptr;
    const char *result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "blob", kBlob, blob);
    }
    void run() noexcept { result = remit_blob_data(blob); }
    napi_value give(napi_env env) noexcept {
        return bytes(env, result, remit_blob_len(blob));
    }
};

struct RemitBlobLen {
    remit_blob *blob = nullptr;
    size_t result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "blob", kBlob, blob);
    }
    void run() noexcept { result = remit_blob_len(blob); }
    napi_value give(napi_env env) noexcept {
        return size(env, result);
    }
};

struct RemitErrorStatus {
    remit_error *error = nullptr;
    remit_status result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "error", kError, error);
    }
    void run() noexcept { result = remit_error_status(error); }
    napi_value give(napi_env env) noexcept {
        return number(env, result);
    }
};

struct RemitErrorField {
    remit_error *error = nullptr;
    const char *result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "error", kError, error);
    }
    void run() noexcept { result = remit_error_field(error); }
    napi_value give(napi_env env) noexcept {
        return text(env, result);
    }
};

struct RemitErrorText {
    remit_error *error = nullptr;
    const char *result{};

    void read(Reader &in) noexcept {
        in.handle(in.argument(0), "error", kError, error);
    }
    void run() noexcept { result = remit_error_text(error); }
    napi_value give(napi_env env) noexcept {
        return text(env, result);
    }
};

constexpr Entry kEntries[] = {
    {"remit_abi_version", now<RemitAbiVersion>},
    {"remit_version_text", now<RemitVersionText>},
    {"remit_status_name", now<RemitStatusName>},
    {"remit_status_text", now<RemitStatusText>},
    {"remit_status_class", now<RemitStatusClass>},
    {"remit_blob_data", now<RemitBlobData>},
    {"remit_blob_len", now<RemitBlobLen>},
    {"remit_blob_free", free_now<kBlob>},
    {"remit_error_status", now<RemitErrorStatus>},
    {"remit_error_field", now<RemitErrorField>},
    {"remit_error_text", now<RemitErrorText>},
    {"remit_error_free", free_now<kError>},
};

}  // namespace

Table base_calls() noexcept {
    return {kEntries, sizeof kEntries / sizeof *kEntries};
}

}  // namespace remit::node
