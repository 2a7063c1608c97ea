// Claim and complete as users write it on better-sqlite3: two synchronous transactions, durable, one at a time.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { measure, peer } from './measure.mjs';

const Database = peer('better-sqlite3');

const folder = mkdtempSync('build/bench/sqlite-');
const db = new Database(`${folder}/keys.db`);
try {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE keys (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, fingerprint BLOB NOT NULL,'
    + ' state INTEGER NOT NULL, status INTEGER, body BLOB, expires INTEGER)');
  const claim = db.prepare('INSERT INTO keys (key, fingerprint, state) VALUES (?, ?, 10) ON CONFLICT DO NOTHING');
  const complete = db.prepare('UPDATE keys SET state = 30, status = 200, body = ?, expires = ? WHERE id = ?');
  const fingerprint = Buffer.alloc(32, 7);
  const body = Buffer.alloc(300, 'x');
  await measure(async () => {
    const { lastInsertRowid } = claim.run(randomBytes(16).toString('hex'), fingerprint);
    await null; // the handler's work
    complete.run(body, Date.now() + 604800000, lastInsertRowid);
  });
} finally {
  db.close();
  rmSync(folder, { recursive: true, force: true });
}
