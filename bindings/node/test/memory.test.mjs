// Calls leave nothing behind: 40,000 of each kind, a million with REMIT_LONG.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Remit } from '@remit/node';
import { native } from '@remit/node/abi';
import { World } from '@remit/node/testing';
import { chain, payee, temporaryFolder } from './node.mjs';

const rounds = process.env.REMIT_LONG ? 1_000_000 : 40_000;

async function settled() {
    // Twice: the first collection makes the finalizers run, which let go of more.
    for (let i = 0; i < 2; ++i) {
        globalThis.gc();
        await new Promise((resolve) => setImmediate(resolve));
    }
    // V8 keeps what it once had for its heap: of that only what is in use counts.
    const { rss, heapTotal, heapUsed } = process.memoryUsage();
    return rss - heapTotal + heapUsed;
}

/** Memory at the end against memory when the caches and the allocator's arenas have been filled. */
async function flat(t, count, limit, run) {
    const warm = Math.max(count / 10, Math.min(count / 2, 20_000));
    await run(0, warm);
    const before = await settled();
    await run(warm, count);
    const grown = (await settled()) - before;
    t.diagnostic(`${count} calls, ${(grown / 1e6).toFixed(1)} MB more`);
    assert.ok(grown < limit, `${grown} bytes more after ${count} calls`);
}

test('handles and outputs of calls that wait', async (t) => {
    const calls = native();
    const world = calls.remit_world_open();
    const engine = calls.remit_world_engine(world);
    const large = 'x'.repeat(2000);
    await flat(t, rounds, 8e6, async (from, to) => {
        for (let i = from; i < to; ++i) {
            // Not freed by hand: the collector does it.
            calls.remit_blob_data(calls.remit_canonical_json(JSON.stringify(large)));
            try {
                calls.remit_payout_get(engine, large);
            } catch (refusal) {
                assert.equal(refusal.status, -8);
            }
            if (i % 1000 === 0) await settled();
        }
    });
    calls.remit_engine_free(engine);
    calls.remit_world_free(world);
});

test('promises, errors and batches', async (t) => {
    const remit = await Remit.open({ database: `${temporaryFolder(t)}/remit.db`, chains: [chain('http://127.0.0.1:1')] });
    t.after(() => remit.close());
    const { id } = await remit.payouts.enqueue({ chainId: 31337n, externalId: '1', to: payee, amount: 1n });
    await flat(t, rounds, 8e6, async (from, to) => {
        for (let i = from; i < to; i += 50)
            await Promise.all(Array.from({ length: 50 }, (_, k) =>
                k % 10 === 0 ? remit.payouts.get('po_nothing').catch(() => {}) : remit.payouts.get(id)));
    });
});

test('claims that are replayed, given back and forgotten', async (t) => {
    const remit = await Remit.open({ database: `${temporaryFolder(t)}/remit.db` });
    t.after(() => remit.close());
    await (await remit.claim('kept')).complete({ body: 'x'.repeat(1000) });
    // Always the same keys: a database that grows has larger caches.
    await flat(t, rounds, 12e6, async (from, to) => {
        for (let i = from; i < to; i += 50)
            await Promise.all(Array.from({ length: 50 }, async (_, k) => {
                const claim = await remit.claim(k % 2 === 0 ? 'kept' : `key-${k}`);
                if (claim.verdict === 'execute') await claim.release();
            }));
    });
});

test('claims that are worked on, recovered and completed', async (t) => {
    const world = World.open({ blockIntervalMs: null });
    const remit = await world.engine();
    t.after(async () => {
        await remit.close();
        world.close();
    });
    // Always the same keys: when their replies have expired there is work on them again.
    let completed = 0;
    const work = async (key, verdict) => {
        const claim = await remit.claim(key, { keepMs: 1000, againAfterExpiry: true, inFlight: 'attach', request: { key } });
        assert.equal(claim.verdict, verdict);
        await claim.effectBegin('idempotent');
        await claim.checkpoint('charged', Buffer.alloc(500));
        if (verdict === 'recover') await claim.complete({ json: { key, completed: ++completed } });
        await claim.free();
    };
    const keys = Array.from({ length: 50 }, (_, k) => `key-${k}`);
    const count = rounds / 5;
    await flat(t, count, 8e6, async (from, to) => {
        for (let i = from; i < to; i += keys.length) {
            for (const verdict of ['execute', 'recover']) await Promise.all(keys.map((key) => work(key, verdict)));
            world.advance(2000);
        }
    });
    assert.equal(completed, count);
});

test('instances that are opened and closed', async (t) => {
    const folder = temporaryFolder(t);
    await flat(t, Math.min(rounds / 200, 500), 8e6, async (from, to) => {
        for (let i = from; i < to; ++i) await (await Remit.open({ database: `${folder}/remit.db` })).close();
    });
});
