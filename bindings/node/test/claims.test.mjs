// Idempotency keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson, errorAnswer, missingKeyAnswer, Remit, RemitError } from '@remit/node';
import { native, RemitInFlight } from '@remit/node/abi';
import { World } from '@remit/node/testing';
import { rejection, temporaryFolder } from './node.mjs';

async function open(t) {
    const remit = await Remit.open({ database: `${temporaryFolder(t)}/remit.db` });
    t.after(() => remit.close());
    return remit;
}

const body = (answer) => JSON.parse(Buffer.from(answer.body).toString());

test('work, and then its reply byte for byte', async (t) => {
    const remit = await open(t);
    const options = { tenant: 'shop', space: 'orders', operation: 'POST /orders', request: { amount: '5', item: 'tea' } };
    const claim = await remit.claim('order-1', options);
    assert.equal(claim.verdict, 'execute');
    assert.deepEqual([claim.key, claim.tenant, claim.operation, claim.epoch], ['order-1', 'shop', 'POST /orders', 1n]);
    assert.equal(claim.held, true);
    assert.equal(claim.http().status, 0);
    assert.equal((await remit.claim('order-1', options)).verdict, 'running');
    assert.match(claim.effectKey('charge'), /^ek_/);
    assert.equal(claim.effectKey('charge'), claim.effectKey('charge'));
    assert.notEqual(claim.effectKey('charge'), claim.effectKey('mail'));
    const bytes = Buffer.from([0, 255, 10, 0, 128]);
    await claim.complete({ status: 201, headers: { 'Content-Type': 'image/x', ETag: '"1"' }, body: bytes });
    await claim.complete({ status: 201, headers: { 'Content-Type': 'image/x', ETag: '"1"' }, body: bytes });

    const again = await remit.claim('order-1', { ...options, request: '{"item":"tea","amount":"5"}', requestForm: 'json' });
    assert.equal(again.verdict, 'replay');
    assert.equal(again.reply.status, 201);
    assert.deepEqual(Buffer.from(again.reply.body), bytes);
    assert.ok(again.reply.headers.some(([name, value]) => name === 'ETag' && value === '"1"'));
    const http = again.http();
    assert.equal(http.status, 201);
    assert.deepEqual(Buffer.from(http.body), bytes);
    assert.ok(http.headers.some(([name]) => name === 'Idempotent-Replayed'));
    const other = await rejection(remit.claim('order-1', { ...options, request: { amount: '6', item: 'tea' } }));
    assert.deepEqual([other.code, errorAnswer(other).status], ['E_MISMATCH', 422]);
    assert.equal((await remit.claim('order-1', { ...options, tenant: 'another' })).verdict, 'execute');
});

test('JSON replies, and values that would lose digits', async (t) => {
    const remit = await open(t);
    const claim = await remit.claim('k');
    await claim.complete({ json: { id: 'o1', units: 123456789012345678901234567890n } });
    const { reply } = await remit.claim('k');
    assert.equal(reply.text(), '{"id":"o1","units":123456789012345678901234567890}');
    assert.equal(reply.json().units, 123456789012345678901234567890n);
    assert.equal(reply.json().id, 'o1');
    assert.ok(reply.headers.some(([name, value]) => name.toLowerCase() === 'content-type' && value === 'application/json'));
    const given = await remit.claim('k2');
    assert.equal((await rejection(given.complete({ json: 1, body: '1' }))).field, 'reply.json');
    assert.equal((await rejection(given.complete({ status: 99 }))).class, 'fix');
});

test('a key is given back, or left to whoever comes next', async (t) => {
    const remit = await open(t);
    const first = await remit.claim('k');
    await first.release();
    const second = await remit.claim('k');
    assert.equal(second.verdict, 'execute');
    await second.free();
    await second.free();
    const third = await remit.claim('k', { inFlight: 'wait' });
    assert.equal(third.verdict, 'execute');
    await third.effectBegin('queryable');
    assert.equal((await rejection(third.release())).code, 'E_STATE');
    await third.checkpoint('asked', Buffer.from([1, 2, 0]));
    await third.effectBegin('idempotent');
    await third.free();
    const fourth = await remit.claim('k', { inFlight: 'wait', waitMs: 10_000 });
    assert.equal(fourth.verdict, 'recover');
    assert.deepEqual([fourth.point, fourth.effect, fourth.effectsStarted], ['asked', 'idempotent', true]);
    assert.deepEqual(Buffer.from(fourth.data), Buffer.from([1, 2, 0]));
    assert.ok(fourth.epoch > 1n);
    await fourth.complete();
    assert.equal(await remit.recover(), null);
});

test('an effect that cannot be repeated leaves the key in doubt', async (t) => {
    const remit = await open(t);
    const claim = await remit.claim('k');
    await claim.effectBegin('at_most_once');
    await claim.free();
    const doubt = await remit.claim('k', { inFlight: 'wait', waitMs: 10_000 });
    assert.equal(doubt.verdict, 'unknown');
    assert.notEqual(doubt.doubt, '');
    assert.equal(doubt.http().status, 409);
});

test('statements commit or fail with the reply', async (t) => {
    const folder = temporaryFolder(t);
    const remit = await Remit.open({ database: `${folder}/remit.db` });
    t.after(() => remit.close());
    const table = await remit.claim('table');
    await table.complete(undefined, [{ sql: 'CREATE TABLE orders (id TEXT PRIMARY KEY, units INTEGER, note BLOB)' }]);
    const insert = { sql: 'INSERT INTO orders VALUES (?, ?, ?)', values: ['o1', 2n ** 62n, Buffer.from([0, 1])], rows: 1 };
    const claim = await remit.claim('order');
    const wrong = { sql: 'UPDATE orders SET units = 1 WHERE id = ?', values: ['another'], rows: 1 };
    assert.equal((await rejection(claim.complete({ status: 201 }, [insert, wrong]))).code, 'E_STATE');
    await claim.complete({ status: 201 }, [insert, { ...wrong, rows: 0 }, { sql: 'UPDATE orders SET units = units' }]);
    const second = await remit.claim('order-2');
    assert.equal((await rejection(second.complete(undefined, [insert]))).code, 'E_REFUSED');
    assert.equal((await rejection(second.complete(undefined, [{ sql: 'SELECT ?', values: [0.5] }]))).field, 'statements[0].values[0]');
    const own = second.completeSql({ status: 202, body: 'x' });
    assert.ok(own.length > 0 && own.every(({ sql, values, rows }) => sql !== '' && Array.isArray(values) && rows >= -1));
});

test('a hundred callers, one worker', async (t) => {
    const remit = await open(t);
    let worked = 0;
    const answers = await Promise.all(Array.from({ length: 100 }, async () => {
        const claim = await remit.claim('k', { inFlight: 'attach', request: 'the same' });
        if (claim.verdict !== 'execute') return claim.reply.text();
        ++worked;
        await claim.effectBegin('at_most_once');
        await claim.complete({ body: `done ${worked}` });
        return `done ${worked}`;
    }));
    assert.equal(worked, 1);
    assert.deepEqual([...new Set(answers)], ['done 1']);
});

test('a hundred promises on one key, each way to meet another', async (t) => {
    const remit = await open(t);
    const ways = ['reject', 'wait', 'attach'];
    const claims = Array.from({ length: 100 }, (_, i) =>
        remit.claim('k', { inFlight: ways[i % 3], waitMs: 60_000, request: 'the same' }));
    const said = await Promise.all(claims.map(async (claiming, i) => {
        const claim = await claiming;
        if (claim.verdict === 'execute') {
            // All who do not wait were answered before there is a reply.
            await Promise.all(claims.filter((_, other) => other !== i && other % 3 === 0));
            await claim.complete({ body: 'done' });
        }
        return [claim.verdict, claim.verdict === 'replay' ? claim.reply.text() : '', i];
    }));
    assert.equal(said.filter(([verdict]) => verdict === 'execute').length, 1);
    for (const [verdict, text, i] of said.filter(([verdict]) => verdict !== 'execute'))
        assert.deepEqual([verdict, text], i % 3 === 0 ? ['running', ''] : ['replay', 'done']);
});

test('another request is another one, whatever it is made of', async (t) => {
    const remit = await open(t);
    const buffer = (...bytes) => Uint8Array.from(bytes).buffer;
    const pairs = [
        [buffer(1), buffer(2)],
        [new DataView(buffer(1)), new DataView(buffer(2))],
        [new Uint16Array([1]), new Uint16Array([2])],
        [{ amount: 10n ** 20n }, { amount: 10n ** 20n + 1n }],
        [{ at: new Date(1) }, { at: new Date(2) }],
        ['', 'x'],
        [new Uint8Array(), Buffer.from('x')],
    ];
    for (const [i, [request, other]] of pairs.entries()) {
        await (await remit.claim(`k${i}`, { request })).complete();
        assert.equal((await remit.claim(`k${i}`, { request })).verdict, 'replay', `pair ${i}`);
        assert.equal((await rejection(remit.claim(`k${i}`, { request: other }))).code, 'E_MISMATCH', `pair ${i}`);
    }
    // What is the same: a part of a buffer and its bytes, a bigint and its decimal text.
    await (await remit.claim('view', { request: new Uint8Array(buffer(0, 1, 2, 3)).subarray(1, 3) })).complete();
    assert.equal((await remit.claim('view', { request: new DataView(buffer(1, 2)) })).verdict, 'replay');
    await (await remit.claim('text', { request: { amount: 10n ** 20n } })).complete();
    assert.equal((await remit.claim('text', { request: '{"amount":"100000000000000000000"}', requestForm: 'json' })).verdict, 'replay');
});

test('a request that JSON would not write as it is', async (t) => {
    const remit = await open(t);
    class Order {}
    const made = [new URLSearchParams('a=1'), new Map([[1, 2]]), new Set([1]), new Order(), () => 1, Symbol('x'), '\ud800', new Error('x')];
    const inside = [...made, new Uint8Array([1]), NaN, Infinity].map((value) => ({ deep: [value] }));
    for (const request of [...made, ...inside, { '\udc00': 1 }]) {
        const error = await rejection(remit.claim('k', { request }));
        assert.deepEqual([error.code, error.field], ['E_INVALID', 'request']);
    }
    for (const [i, request] of [null, Object.create(null), [undefined, 1], { left: undefined }, { toJSON: () => 1 }, false].entries())
        assert.equal((await remit.claim(`plain${i}`, { request })).verdict, 'execute');
});

test('JSON keeps its digits and its text', async (t) => {
    const remit = await open(t);
    const claim = await remit.claim('k');
    const value = {
        text: '\u00000\u0000', last: '"\\', big: -(2n ** 64n), small: 5n,
        fraction: 0.1234567890123456, least: 1.2345678901234567e-300, list: ['12345678901234567890', 2n ** 53n],
    };
    await claim.complete({ json: value });
    const { reply } = await remit.claim('k');
    assert.deepEqual(reply.json(), { ...value, small: 5 });
    await (await remit.claim('bad')).complete({ body: '{"n":01234567890123456789}' });
    const bad = await remit.claim('bad');
    assert.throws(() => bad.reply.json(), SyntaxError);
});

test('a claim is given back at the end of its block', async (t) => {
    const remit = await open(t);
    const claim = await remit.claim('k');
    claim[Symbol.dispose]();
    const next = await remit.claim('k', { inFlight: 'wait', waitMs: 20_000 });
    assert.equal(next.verdict, 'execute');
    await next[Symbol.asyncDispose]();
    assert.equal((await remit.claim('k', { inFlight: 'wait', waitMs: 20_000 })).verdict, 'execute');
});

test('calls on one claim wait for each other', async (t) => {
    const remit = await open(t);
    const claim = await remit.claim('k');
    await Promise.all([claim.effectBegin('pure'), claim.checkpoint('one'), claim.effectBegin('pure'), claim.checkpoint('two'), claim.complete()]);
    assert.equal((await remit.claim('k')).verdict, 'replay');
});

test('in a simulated world', async (t) => {
    const world = World.open();
    const remit = await world.engine();
    t.after(async () => {
        await remit.close();
        world.close();
    });
    const claim = await remit.claim('k', { leaseMs: 1000, keepMs: 60_000 });
    await claim.complete({ body: 'x' });
    assert.equal((await remit.claim('k')).verdict, 'replay');
    world.advance(61_000);
    const expired = await remit.claim('k');
    assert.equal(expired.verdict, 'expired');
    assert.equal(expired.http().status, 409);
    assert.equal((await remit.claim('k', { againAfterExpiry: true })).verdict, 'execute');
});

test('what is refused', async (t) => {
    const remit = await open(t);
    for (const [key, options, field] of [
        ['', {}, 'key'], ['with space', {}, 'key'], ['x'.repeat(256), {}, 'key'], ['k', { leaseMs: -1 }, 'leaseMs'],
        ['k', { waitMs: 0.5 }, 'waitMs'], ['k', { inFlight: 'later' }, 'inFlight'], ['k', { request: {}, requestForm: 'bytes' }, 'request'],
        ['k', { request: { amount: 1 }, exclude: ['/amount'] }, 'exclude[0]'],
    ]) {
        const error = await rejection(remit.claim(key, options));
        assert.ok(RemitError.is(error), error);
        assert.equal(error.class, 'fix');
        assert.equal(error.field, field, error.message);
    }
});

test('HTTP answers of errors', async (t) => {
    const remit = await open(t);
    const answer = async (promise) => errorAnswer(await rejection(promise));
    assert.equal(body(missingKeyAnswer()).type, 'urn:remit:problem:idempotency-key-invalid');
    assert.equal(missingKeyAnswer().status, 400);
    const invalid = await answer(remit.claim('with space'));
    assert.equal(invalid.status, 400);
    assert.ok(body(invalid).detail.startsWith('key '));
    await (await remit.claim('k', { request: 'a' })).complete();
    const other = await answer(remit.claim('k', { request: 'b' }));
    assert.equal(other.status, 422);
    assert.deepEqual(other.headers, [['Content-Type', 'application/problem+json']]);
    const held = await remit.claim('held');
    const late = await answer(remit.claim('held', { inFlight: 'attach', waitMs: 1 }));
    assert.equal(late.status, 503);
    assert.ok(late.headers.some(([name]) => name === 'Retry-After'));
    assert.equal((await answer(remit.payouts.get('po_nothing'))).status, 500);
    await held.free();
});

test('canonical JSON', () => {
    assert.equal(canonicalJson({ b: 1, a: ['x', null] }), '{"a":["x",null],"b":1}');
    assert.equal(canonicalJson('{"b":1.0,"a":2}', { exclude: ['/b'] }), '{"a":2}');
    assert.throws(() => canonicalJson('{'), { code: 'E_INVALID' });
    assert.equal(canonicalJson({ units: 10n ** 20n }), '{"units":"100000000000000000000"}');
    assert.throws(() => canonicalJson(undefined), { code: 'E_INVALID', field: 'value' });
});
