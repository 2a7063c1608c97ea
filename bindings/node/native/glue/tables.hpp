// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// clang-format off
#pragma once

#include "../call.hpp"

#include <array>

namespace remit::node {

Table base_calls() noexcept;
Table admin_calls() noexcept;
Table engine_calls() noexcept;
Table events_calls() noexcept;
Table idempotency_calls() noexcept;
Table keys_calls() noexcept;
Table payouts_calls() noexcept;
Table queue_calls() noexcept;
Table sim_calls() noexcept;

inline std::array<Table, 9> glue_tables() noexcept {
    return {base_calls(), admin_calls(), engine_calls(), events_calls(), idempotency_calls(), keys_calls(), payouts_calls(), queue_calls(), sim_calls()};
}

}  // namespace remit::node
