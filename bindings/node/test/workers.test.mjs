// Several worker threads in one process, each with an instance of its own over one database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Remit } from '@remit/node';
import { temporaryFolder } from './node.mjs';

test('workers share a database, and each key is worked on once', async (t) => {
    const database = `${temporaryFolder(t)}/remit.db`;
    await (await Remit.open({ database })).close();
    const keys = Array.from({ length: 40 }, (_, i) => `key-${i}`);
    const run = (name) => new Promise((resolve, reject) => {
        const worker = new Worker(new URL('children/claiming.mjs', import.meta.url), { workerData: { database, name, keys } });
        let result;
        worker.on('message', (message) => (result = message));
        worker.on('error', reject);
        worker.on('exit', (code) => (code === 0 ? resolve(result) : reject(new Error(`ended by ${code}`))));
    });
    const results = await Promise.all(['a', 'b', 'c', 'd'].map(run));
    for (const { sum, replies } of results) {
        assert.equal(sum, 5050n);
        assert.deepEqual(replies, results[0].replies);
    }
    assert.deepEqual(results.flatMap(({ worked }) => worked).sort(), [...keys].sort());
});
