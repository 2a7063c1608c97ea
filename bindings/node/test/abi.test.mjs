// The 1:1 layer: what comes from JavaScript is checked before the library sees it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as abi from '@remit/node/abi';
import { payee, temporaryFolder } from './node.mjs';

const calls = abi.native();
const { STATUSES } = abi;

function refusal(make) {
    try {
        make();
    } catch (thrown) {
        return thrown;
    }
    return assert.fail('it was not refused');
}

function misuse(field, make) {
    const { status, field: named, text } = refusal(make);
    assert.deepEqual([status, named], [STATUSES.E_MISUSE.number, field], text);
    return text;
}

const text = (blob) => Buffer.from(calls.remit_blob_data(blob)).toString();

test('handles', () => {
    const queue = calls.remit_queue_open();
    const world = calls.remit_world_open();
    misuse('queue', () => calls.remit_queue_wake(world, 1n));
    misuse('queue', () => calls.remit_queue_wake({}, 1n));
    misuse('queue', () => calls.remit_queue_wake(null, 1n));
    misuse('queue', () => calls.remit_queue_wake('queue', 1n));
    misuse('async.queue', () => calls.remit_engine_health(null, { queue: world, tag: 1n }));
    calls.remit_queue_free(queue);
    assert.match(misuse('queue', () => calls.remit_queue_wake(queue, 1n)), /freed/);
    calls.remit_queue_free(queue);
    calls.remit_queue_free(null);
    misuse('handle', () => calls.remit_queue_free(world));
    misuse('handle', () => calls.remit_queue_free(17));
    calls.remit_world_free(world);
});

test('numbers', () => {
    const queue = calls.remit_queue_open();
    for (const tag of [-1n, 1n << 64n, -(1n << 70n), 1, '1', 1.5]) misuse('tag', () => calls.remit_queue_wake(queue, tag));
    calls.remit_queue_wake(queue, (1n << 64n) - 1n);
    for (const timeout of [1n << 63n, -(1n << 63n) - 1n, 0]) misuse('timeout_ms', () => calls.remit_queue_fetch(queue, 0, timeout));
    for (const count of [-1, 0.5, NaN, Infinity, 2 ** 53, 1n]) misuse('item_count', () => calls.remit_queue_fetch(queue, count, 0n));
    const batch = calls.remit_queue_fetch(queue, 0, 0n);
    assert.equal(calls.remit_batch_count(batch), 1);
    assert.equal(calls.remit_batch_at(batch, 0).tag, (1n << 64n) - 1n);
    assert.equal(calls.remit_batch_at(batch, 0).kind, abi.RemitItemKind.WAKE);
    assert.equal(calls.remit_batch_at(batch, 1), null);
    for (const outcome of [2 ** 31, -(2 ** 31) - 1, 0.1, '1'])
        misuse('outcome', () => calls.remit_work_answer(queue, 0n, outcome, null));
    calls.remit_queue_free(queue);
});

test('structs, arrays and what is in them', () => {
    const world = calls.remit_world_open({ seed: 3n });
    const engine = calls.remit_world_engine(world);
    const one = { chain_id: 31337n, external_id: 'a', to: payee, amount: '1' };
    misuse('requests', () => calls.remit_payout_enqueue(engine, one));
    misuse('requests[1]', () => calls.remit_payout_enqueue(engine, [one, 'two']));
    misuse('requests[1].amount', () => calls.remit_payout_enqueue(engine, [one, { ...one, amount: 1 }]));
    misuse('requests[0].chain_id', () => calls.remit_payout_enqueue(engine, [{ ...one, chain_id: 31337 }]));
    misuse('options.folder', () => calls.remit_world_open({ folder: 5 }));
    misuse('options', () => calls.remit_world_open('folder'));
    const getter = { get amount() { throw new RangeError('mine'); } };
    assert.throws(() => calls.remit_payout_enqueue(engine, [getter]), RangeError);
    const made = calls.remit_payout_enqueue(engine, [one, { ...one, external_id: Buffer.from('b') }]);
    assert.deepEqual(made.map(({ created }) => created), [1, 1]);
    assert.match(made[0].id, /^po_/);
    const [status, blob] = calls.remit_payout_find(engine, null, 'b');
    assert.equal(status, abi.RemitPayoutStatus.PENDING);
    assert.equal(JSON.parse(text(blob)).external_id, 'b');
    calls.remit_blob_free(blob);
    calls.remit_world_free(world);
    calls.remit_engine_free(engine);
});

test('texts of every length come through whole', () => {
    const folder = calls.remit_world_open();
    for (const length of [0, 1, 60, 64, 900, 1000, 1015, 1016, 1017, 1023, 1024, 1025, 5000, 200_000])
        for (const letter of ['a', 'ä', '€', '😀']) {
            const value = letter.repeat(length);
            const blob = calls.remit_canonical_json(JSON.stringify(value));
            assert.equal(JSON.parse(text(blob)), value);
            calls.remit_blob_free(blob);
            const second = calls.remit_canonical_json(JSON.stringify('x'), null, JSON.stringify([`/${value.slice(0, 200)}`]));
            assert.equal(text(second), '"x"');
            calls.remit_blob_free(second);
        }
    calls.remit_world_free(folder);
});

test('an error carries its handle', () => {
    const thrown = refusal(() => calls.remit_canonical_json('{'));
    assert.equal(calls.remit_error_status(thrown.error), thrown.status);
    assert.equal(calls.remit_error_text(thrown.error), thrown.text);
    assert.equal(calls.remit_status_name(thrown.status), 'E_INVALID');
    const [status, headers, body] = calls.remit_error_http(thrown.status, thrown.field, thrown.text);
    assert.equal(status, 400);
    assert.ok(text(headers).includes('problem+json') && text(body).includes('400'));
    calls.remit_error_free(thrown.error);
});

test('what runs on another thread holds its handles', async () => {
    const engine = calls.remit_engine_open(JSON.stringify({ database: `${temporaryFolder({ after })}/remit.db` }));
    const ticks = Array.from({ length: 3 }, () => calls.remit_engine_tick_later(engine, 0n));
    calls.remit_engine_free(engine);
    misuse('engine', () => calls.remit_engine_metrics(engine));
    for (const { status, value, reason } of await Promise.allSettled(ticks)) {
        // Two ticks at once: one of them may be told so.
        if (status === 'fulfilled') assert.equal(typeof value[0], 'number');
        else assert.equal(reason.status, STATUSES.E_BUSY.number);
    }
    await calls.remit_engine_free_later(engine);
    await assert.rejects(calls.remit_engine_open_later('{'), { status: STATUSES.E_INVALID.number });
    misuse('config', () => calls.remit_engine_open_later(5));
});

test('the pump hands over batches in the event loop', async () => {
    const queue = calls.remit_queue_open();
    const got = [];
    let full;
    const filled = new Promise((resolve) => (full = resolve));
    const pump = calls.pump_open(queue, (items, batch) => {
        assert.equal(items.length, 8 * calls.remit_batch_count(batch));
        for (let at = 0; at < items.length; at += 8) got.push(items.slice(at, at + 3));
        calls.remit_batch_free(batch);
        if (got.length === 600) full();
    });
    calls.pump_hold(pump, true);
    for (let i = 0n; i < 600n; ++i) calls.remit_queue_wake(queue, i);
    assert.equal(got.length, 0);
    // The pump uses the queue still.
    calls.remit_queue_free(queue);
    await filled;
    assert.deepEqual(got.map(([tag]) => tag), Array.from({ length: 600 }, (_, i) => BigInt(i)));
    assert.ok(got.every(([, kind]) => kind === abi.RemitItemKind.WAKE));
    calls.pump_close(pump);
    calls.pump_close(pump);
    calls.pump_hold(pump, true);
    misuse('queue', () => calls.pump_open(queue, () => {}));
    misuse('queue', () => calls.pump_open(null, () => {}));
    const other = calls.remit_queue_open();
    misuse('function', () => calls.pump_open(other, 'function'));
    calls.remit_queue_free(other);
});
