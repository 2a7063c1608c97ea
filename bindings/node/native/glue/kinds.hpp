// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#pragma once

#include "../handle.hpp"

#include <remit/remit.h>

namespace remit::node {

inline constexpr Kind kBlob{"RemitBlob", [](void *data) { remit_blob_free(static_cast<remit_blob *>(data)); }};
inline constexpr Kind kError{"RemitError", [](void *data) { remit_error_free(static_cast<remit_error *>(data)); }};
inline constexpr Kind kQueue{"RemitQueue", [](void *data) { remit_queue_free(static_cast<remit_queue *>(data)); }};
inline constexpr Kind kEngine{"RemitEngine", [](void *data) { remit_engine_free(static_cast<remit_engine *>(data)); }};
inline constexpr Kind kClaim{"RemitClaim", [](void *data) { remit_claim_free(static_cast<remit_claim *>(data)); }};
inline constexpr Kind kBatch{"RemitBatch", [](void *data) { remit_batch_free(static_cast<remit_batch *>(data)); }};
inline constexpr Kind kWorld{"RemitWorld", [](void *data) { remit_world_free(static_cast<remit_world *>(data)); }};

}  // namespace remit::node
