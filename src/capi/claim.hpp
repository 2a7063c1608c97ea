// What remit_claim holds.
#pragma once

#include "capi/handles.hpp"

#include <remit/idempotency.h>
#include <remit/idempotency.hpp>

namespace remit::capi {

// A claim and what C sees of it. Shared with its calls that do not wait.
struct ClaimHandle {
    std::unique_ptr<Claim> claim;
    std::string headers;
    remit_claim_view view{};

    explicit ClaimHandle(std::unique_ptr<Claim> taken) : claim(std::move(taken)) { look(); }
    void look();  // again: what was found may have changed
};

}  // namespace remit::capi

// Ends before the engine that it keeps alive.
struct remit_claim {
    std::shared_ptr<remit::capi::Instance> instance;
    std::shared_ptr<remit::capi::ClaimHandle> handle;
};
