// Runs `once` by so many callers at a time for so long, and prints what the benches read: rate, p50 and p99 in us.
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';

// A package that ./dev bench has installed apart from this folder.
export const peer = createRequire(`${process.env.REMIT_PEERS ?? process.cwd()}/`);

export async function measure(once) {
  const seconds = Number(process.argv[2]);
  const callers = Number(process.argv[3]);
  const us = [];
  const start = performance.now();
  const caller = async () => {
    while (performance.now() - start < seconds * 1000) {
      const before = performance.now();
      await once();
      us.push((performance.now() - before) * 1000);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const elapsed = (performance.now() - start) / 1000;
  us.sort((a, b) => a - b);
  console.log(us.length / elapsed, us[us.length >> 1], us[Math.floor(us.length * 0.99)]);
}
