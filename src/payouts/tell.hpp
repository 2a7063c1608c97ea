// The durable event of each public status of a payout.
#pragma once

#include "events/events.hpp"
#include "payouts/rows.hpp"

namespace remit::payouts {

// The event that tells of `payout` as it is now; `actor` is empty unless a person did it.
events::EventDraft event_of(const Payout &payout, std::string_view actor = {});

}  // namespace remit::payouts
