// However a process or a worker thread ends while work is under way: it does not hang and it does not crash.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startSilence, temporaryFolder } from './node.mjs';

const child = fileURLToPath(new URL('children/leaving.mjs', import.meta.url));

async function leave(t, how, where = 'main') {
    const folder = temporaryFolder(t);
    const { rpc, gate } = await startSilence(t);
    const began = Date.now();
    const process_ = spawn(process.execPath, [child, how, folder, rpc, gate, where], { stdio: ['ignore', 'pipe', 'pipe'] });
    const guard = setTimeout(() => process_.kill('SIGABRT'), 60_000);
    let out = '';
    let err = '';
    process_.stdout.on('data', (bytes) => (out += bytes));
    process_.stderr.on('data', (bytes) => (err += bytes));
    const [code, signal] = await new Promise((resolve) => process_.on('close', (...end) => resolve(end)));
    clearTimeout(guard);
    t.diagnostic(`${where} ${how}: ${Date.now() - began} ms`);
    return { code, signal, out, err };
}

const ends = { exit: 0, end: 0, close: 0, throw: 1, reject: 1 };
for (const [how, wanted] of Object.entries(ends)) {
    test(`the process ends by ${how}`, async (t) => {
        const { code, signal, out, err } = await leave(t, how);
        assert.equal(signal, null, err);
        assert.equal(code, wanted, err);
        assert.match(out, /working/);
        if (wanted === 0) assert.equal(err, '');
        else assert.match(err, /on purpose/);
    });
    test(`worker threads end by ${how}`, async (t) => {
        const { code, signal, out, err } = await leave(t, how, 'workers');
        assert.equal(signal, null, err);
        assert.equal(code, 0, err);
        assert.match(out, new RegExp(`workers ${wanted} ${wanted} ${wanted}`));
    });
}

test('the process exits while instances are being opened', async (t) => {
    for (let i = 0; i < 10; ++i) {
        const { code, signal, err } = await leave(t, 'opening', i % 2 === 0 ? 'main' : 'workers');
        assert.deepEqual([code, signal, err], [0, null, '']);
    }
});

test('the process is ended by a signal', async (t) => {
    const { signal, out } = await leave(t, 'kill');
    assert.equal(signal, 'SIGTERM');
    assert.match(out, /working/);
});

test('worker threads are terminated', async (t) => {
    const { code, signal, out, err } = await leave(t, 'forget', 'terminate');
    assert.equal(signal, null, err);
    assert.equal(code, 0, err);
    assert.match(out, /terminated/);
});

test('the main thread exits under its worker threads', async (t) => {
    const { code, signal, err } = await leave(t, 'exit', 'workers');
    assert.equal(signal, null, err);
    assert.equal(code, 0, err);
});
