// Claim and complete by the Node package, so many promises in flight: rate, p50 and p99 in us, and on standard error the
// 99th percentile of the event loop's delay in ms.
import { randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { writeFileSync } from 'node:fs';
import { measure } from './measure.mjs';

const { Remit } = await import(process.env.REMIT_NODE_PACKAGE);
const remit = await Remit.open({ database: process.argv[4], log_level: 'error' });
const body = Buffer.alloc(300, 'x');
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
await measure(async () => {
  const claim = await remit.claim(randomBytes(16).toString('hex'), { space: 'bench', operation: 'POST /orders', request: body });
  if (claim.verdict !== 'execute') throw new Error('a fresh key is not');
  await claim.complete({ status: 200, headers: [['Content-Type', 'application/json']], body });
  await claim.free();
});
delay.disable();
if (process.env.REMIT_LOOP_DELAY) writeFileSync(process.env.REMIT_LOOP_DELAY, String(delay.percentile(99) / 1e6));
await remit.close();
