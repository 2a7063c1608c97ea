// Claim and complete as users write it on PostgreSQL: INSERT ON CONFLICT, then UPDATE, each a durable commit, by a
// pool of 16 connections. REMIT_TEST_POSTGRES names the server.
import { randomBytes } from 'node:crypto';
import { measure, peer } from './measure.mjs';

const pg = peer('pg');

const pool = new pg.Pool({ connectionString: process.env.REMIT_TEST_POSTGRES, max: 16 });
try {
  await pool.query('CREATE TABLE IF NOT EXISTS peer_keys (id bigserial PRIMARY KEY, key text UNIQUE NOT NULL,'
    + ' fingerprint bytea NOT NULL, state int NOT NULL, status int, body bytea, expires timestamptz)');
  const fingerprint = Buffer.alloc(32, 7);
  const body = Buffer.alloc(300, 'x');
  await measure(async () => {
    const key = randomBytes(16).toString('hex');
    const claimed = await pool.query({ name: 'claim', values: [key, fingerprint],
      text: 'INSERT INTO peer_keys (key, fingerprint, state) VALUES ($1, $2, 10) ON CONFLICT DO NOTHING RETURNING id' });
    await pool.query({ name: 'complete', values: [body, claimed.rows[0].id],
      text: "UPDATE peer_keys SET state = 30, status = 200, body = $1, expires = now() + '7 days' WHERE id = $2" });
  });
} finally {
  await pool.end();
}
