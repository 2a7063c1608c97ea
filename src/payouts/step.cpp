#include "payouts/step.hpp"

#include <array>

namespace remit {

const char *payout_status_name(PayoutStatus status) noexcept {
    switch (status) {
    case PayoutStatus::pending: return "pending";
    case PayoutStatus::sent: return "sent";
    case PayoutStatus::completed: return "completed";
    case PayoutStatus::failed: return "failed";
    case PayoutStatus::cancelled: return "cancelled";
    }
    return "?";
}

const char *payout_state_name(PayoutState state) noexcept {
    switch (state) {
    case PayoutState::accepted: return "accepted";
    case PayoutState::signed_: return "signed";
    case PayoutState::sent: return "sent";
    case PayoutState::mined: return "mined";
    case PayoutState::completed: return "completed";
    case PayoutState::reverted: return "reverted";
    case PayoutState::rejected: return "rejected";
    case PayoutState::replaced: return "replaced";
    case PayoutState::cancelled: return "cancelled";
    }
    return "?";
}

PayoutStatus payout_status(PayoutState state) noexcept {
    switch (state) {
    case PayoutState::accepted:
    case PayoutState::signed_: return PayoutStatus::pending;
    case PayoutState::sent:
    case PayoutState::mined: return PayoutStatus::sent;
    case PayoutState::completed: return PayoutStatus::completed;
    case PayoutState::reverted:
    case PayoutState::rejected:
    case PayoutState::replaced: return PayoutStatus::failed;
    case PayoutState::cancelled: return PayoutStatus::cancelled;
    }
    return PayoutStatus::pending;
}

namespace payouts {

namespace {

struct Edge {
    PayoutState from;
    Step step;
    PayoutState to;
};

constexpr std::array kEdges = {
    Edge{PayoutState::accepted, Step::sign, PayoutState::signed_},
    Edge{PayoutState::accepted, Step::refuse, PayoutState::rejected},
    Edge{PayoutState::accepted, Step::cancel, PayoutState::cancelled},
    Edge{PayoutState::signed_, Step::post, PayoutState::sent},
    Edge{PayoutState::signed_, Step::mine, PayoutState::mined},
    Edge{PayoutState::sent, Step::mine, PayoutState::mined},
    Edge{PayoutState::signed_, Step::replace, PayoutState::replaced},
    Edge{PayoutState::sent, Step::replace, PayoutState::replaced},
    Edge{PayoutState::mined, Step::replace, PayoutState::replaced},
    Edge{PayoutState::mined, Step::unmine, PayoutState::sent},
    Edge{PayoutState::mined, Step::finalize_ok, PayoutState::completed},
    Edge{PayoutState::mined, Step::finalize_reverted, PayoutState::reverted},
};

}  // namespace

std::optional<PayoutState> next_state(PayoutState from, Step step) noexcept {
    for (const Edge &edge : kEdges)
        if (edge.from == from && edge.step == step) return edge.to;
    return std::nullopt;
}

const char *step_name(Step step) noexcept {
    constexpr std::array names = {"sign",   "post",   "mine",   "unmine", "finalize_ok", "finalize_reverted",
                                  "refuse", "cancel", "replace"};
    const auto index = static_cast<std::size_t>(step);
    return index < names.size() ? names[index] : "?";
}

}  // namespace payouts
}  // namespace remit
