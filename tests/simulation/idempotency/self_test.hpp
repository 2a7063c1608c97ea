#pragma once

namespace remit::simulation::idempotency {

// Breaks the histories of healthy schedules in every way that the auditor must notice; returns 1 when a break goes
// unnoticed.
int self_test();

}  // namespace remit::simulation::idempotency
