#include "payouts/step.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace remit;
using payouts::next_state;
using payouts::Step;

namespace {

constexpr std::array kStates = {PayoutState::accepted, PayoutState::signed_,   PayoutState::sent,
                                PayoutState::mined,    PayoutState::completed, PayoutState::reverted,
                                PayoutState::rejected, PayoutState::replaced,  PayoutState::cancelled};
constexpr std::array kSteps = {Step::sign,   Step::post,        Step::mine,
                               Step::unmine, Step::finalize_ok, Step::finalize_reverted,
                               Step::refuse, Step::cancel,      Step::replace};

bool has_left(PayoutState state) {
    return state == PayoutState::signed_ || payout_status(state) == PayoutStatus::sent;
}

}  // namespace

TEST_CASE("payouts: final states have no way out") {
    for (const PayoutState state : kStates) {
        const auto status = payout_status(state);
        const bool final = status != PayoutStatus::pending && status != PayoutStatus::sent;
        if (!final) continue;
        for (const Step step : kSteps) CHECK_FALSE(next_state(state, step).has_value());
    }
}

TEST_CASE("payouts: what may have left the process is never refused or cancelled") {
    for (const PayoutState state : {PayoutState::signed_, PayoutState::sent, PayoutState::mined}) {
        CHECK_FALSE(next_state(state, Step::refuse).has_value());
        CHECK_FALSE(next_state(state, Step::cancel).has_value());
        CHECK_FALSE(next_state(state, Step::sign).has_value());  // never a second nonce
    }
}

TEST_CASE("payouts: only three facts make a payout failed") {
    int ways = 0;
    for (const PayoutState from : kStates)
        for (const Step step : kSteps) {
            const auto to = next_state(from, step);
            if (!to || payout_status(*to) != PayoutStatus::failed) continue;
            ++ways;
            const bool before_signature = from == PayoutState::accepted && step == Step::refuse;
            const bool final_receipt = from == PayoutState::mined && step == Step::finalize_reverted;
            const bool a_persons_word = has_left(from) && step == Step::replace;
            CHECK((before_signature || final_receipt || a_persons_word));
        }
    CHECK(ways == 5);
}

TEST_CASE("payouts: completed follows mined only") {
    for (const PayoutState from : kStates)
        for (const Step step : kSteps)
            if (next_state(from, step) == PayoutState::completed) CHECK(from == PayoutState::mined);
}

TEST_CASE("payouts: each state and step has a name of its own") {
    for (const PayoutState a : kStates) {
        CHECK(std::string(payout_state_name(a)) != "?");
        for (const PayoutState b : kStates)
            CHECK((a == b) == (std::string(payout_state_name(a)) == payout_state_name(b)));
    }
    for (const Step step : kSteps) CHECK(std::string(payouts::step_name(step)) != "?");
}
