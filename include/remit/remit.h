/* remit/remit.h -- all of the C ABI. The law of its headers stands in remit/base.h. */
#ifndef REMIT_REMIT_H
#define REMIT_REMIT_H
#include <remit/admin.h>
#include <remit/base.h>
#include <remit/engine.h>
#include <remit/events.h>
#include <remit/idempotency.h>
#include <remit/keys.h>
#include <remit/payouts.h>
#include <remit/queue.h>
#include <remit/sim.h>
#endif /* REMIT_REMIT_H */
