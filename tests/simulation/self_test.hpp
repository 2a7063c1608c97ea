#pragma once

namespace remit::simulation {

// Runs one healthy schedule, breaks its facts in every way that the auditor must notice, and returns 1 when a
// break goes unnoticed.
int self_test();

// Runs schedules with something broken on purpose until the auditor finds it; returns 1 when it does not.
int planted();

}  // namespace remit::simulation
