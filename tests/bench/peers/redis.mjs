// Claim and complete as users write it on Redis: SET NX, then SET, on a server that syncs each write.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as nap } from 'node:timers/promises';
import { measure, peer } from './measure.mjs';

const { default: Redis } = peer('ioredis');

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const folder = mkdtempSync('build/bench/redis-');
const server = spawn('redis-server', ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', '',
  '--appendonly', 'yes', '--appendfsync', 'always'], { stdio: 'ignore' });
const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 50 });
redis.on('error', () => {});
try {
  for (let tries = 0; tries < 100 && redis.status !== 'ready'; tries += 1) {
    await redis.connect().catch(() => {});
    await nap(50);
  }
  const fingerprint = 'h'.repeat(64);
  const reply = JSON.stringify({ fingerprint, status: 200, body: 'x'.repeat(300) });
  await measure(async () => {
    const key = `remit:${randomBytes(16).toString('hex')}`;
    if (await redis.set(key, fingerprint, 'PX', 604800000, 'NX') !== 'OK') throw new Error('a fresh key is not');
    await redis.set(key, reply, 'PX', 604800000);
  });
} finally {
  redis.disconnect();
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
