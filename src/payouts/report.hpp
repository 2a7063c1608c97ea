// What an operator asks: how it goes, and why something waits.
#pragma once

#include "payouts/rows.hpp"

namespace remit::payouts {

Result<PayoutReport> make_report(SqlReader &reader, std::int64_t now_us);
// Payouts signed before `before_us` that no block has yet, each with its reason.
Result<std::vector<PayoutFinding>> explain_stuck(SqlReader &reader, std::int64_t before_us);

}  // namespace remit::payouts
