// The real engine in a simulated world.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUnits } from '@remit/node';
import { World } from '@remit/node/testing';
import { payee, rejection } from './node.mjs';

const request = (externalId, more = {}) =>
    ({ chainId: 31337n, externalId, token: 'USDT', to: payee, amount: parseUnits('2.5', 6), ...more });

async function open(t, options = {}, host = {}) {
    const world = World.open(options);
    const remit = await world.engine(host);
    t.after(async () => {
        await remit.close();
        world.close();
    });
    return { world, remit };
}

test('a payout is paid once, and told of', async (t) => {
    const { world, remit } = await open(t);
    const first = await remit.payouts.enqueue(request('1'));
    assert.equal(first.created, true);
    assert.deepEqual(await remit.payouts.enqueue(request('1')), { id: first.id, created: false });
    const payout = await remit.payouts.wait(first.id);
    assert.equal(payout.status, 'completed');
    assert.equal(payout.amount, 2_500_000n);
    assert.equal(payout.chainId, 31337n);
    assert.deepEqual(await remit.payouts.find('1'), payout);
    assert.equal(world.balance('USDT', payee), 2_500_000n);
    const [moved, ...others] = world.transfers(payee);
    assert.equal(others.length, 0);
    assert.deepEqual([moved.amount, moved.txHash, moved.blockNumber], [2_500_000n, payout.txHash, payout.blockNumber]);

    const seen = [];
    for await (const event of remit.events('app')) {
        seen.push(event.type);
        assert.equal(event.payout.amount, 2_500_000n);
        assert.equal(event.payout.externalId, '1');
        assert.equal(event.data.external_id, '1');
        await event.ack();
        if (event.type === 'payout.completed') break;
    }
    assert.deepEqual(seen, ['payout.pending', 'payout.sent', 'payout.completed']);
    assert.deepEqual(await remit.events('app').next(), []);
    assert.equal((await remit.events('other').next()).length, 3);
});

test('events without an ack come again, and the loop ends by its signal', async (t) => {
    const { remit } = await open(t);
    await remit.payouts.enqueue(request('1'));
    const stop = new AbortController();
    const seen = [];
    for await (const event of remit.events('app', { pollMs: 1, signal: stop.signal })) {
        seen.push(event.id);
        if (seen.length === 3) stop.abort();
    }
    assert.equal(seen.length, 3);
    assert.equal(seen[0], seen[1]);
    assert.equal((await rejection(remit.events('app').ack(1_000_000n))).code, 'E_INVALID');
});

test('lists by page, cancelling, reports', async (t) => {
    const { remit } = await open(t);
    const requests = Array.from({ length: 230 }, (_, i) => request(`n${i}`, { notBefore: new Date(Date.now() + 86_400_000) }));
    const accepted = await remit.payouts.enqueueAll(requests);
    assert.equal(accepted.length, 230);
    const listed = [];
    for await (const payout of remit.payouts.list({ status: 'pending', chainId: 31337n })) listed.push(payout.id);
    assert.deepEqual(listed, accepted.map(({ id }) => id));
    await remit.payouts.cancel(accepted[7].id, { actor: 'test', reason: 'a mistake' });
    assert.equal((await remit.payouts.get(accepted[7].id)).status, 'cancelled');
    assert.equal((await rejection(remit.payouts.cancel(accepted[7].id, { actor: 'test', reason: 'again' }))).code, 'E_STATE');
    const report = await remit.query('payouts.report');
    assert.equal(report.by_status.cancelled, 1);
    assert.deepEqual(await remit.query('payouts.audit'), []);
    assert.deepEqual(await remit.doctor(), []);
    assert.equal((await remit.health()).ok, true);
    assert.match(remit.metrics(), /^remit_/m);
    assert.ok(JSON.stringify(remit.catalogue()).includes('payouts.repair'));
    assert.equal((await rejection(remit.command('no.such'))).code, 'E_NOT_FOUND');
});

test('the same seed gives the same run', async (t) => {
    const run = async () => {
        const { world, remit } = await open(t, { seed: 11n, senders: 2 });
        const ids = await remit.payouts.enqueueAll(['a', 'b', 'c'].map((name) => request(name)));
        const paid = await Promise.all(ids.map(({ id }) => remit.payouts.wait(id)));
        return { paid, moved: world.transfers() };
    };
    assert.deepEqual(await run(), await run());
});

test('a chain that stands still, and a wait that runs out', async (t) => {
    const { world, remit } = await open(t, { blockIntervalMs: null });
    const { id } = await remit.payouts.enqueue(request('1'));
    const error = await rejection(remit.payouts.wait(id, 'completed', { timeoutMs: 5000 }));
    assert.deepEqual([error.code, error.class], ['E_TIMEOUT', 'retry']);
    assert.equal((await remit.payouts.get(id)).status, 'sent');
    world.mine(5);
    world.credit(null, payee, 7n);
    world.advance(5000);
    world.mine(1);
    assert.equal((await remit.payouts.wait(id)).status, 'completed');
    assert.equal(world.balance(null, payee), 7n);
});

test('a configuration of ones own', async (t) => {
    const world = World.open();
    const remit = await world.engine({ config: { ...world.config(), consumer_dead_days: 3 } });
    t.after(async () => {
        await remit.close();
        world.close();
    });
    assert.equal((await remit.query('config')).consumer_dead_days, 3);
});

test('what is closed says so', async () => {
    const world = World.open();
    const remit = await world.engine();
    assert.equal((await rejection(world.engine())).code, 'E_STATE');
    const waiting = remit.payouts.wait('po_nothing');
    assert.equal((await rejection(waiting)).code, 'E_NOT_FOUND');
    await Promise.all([remit.close(), remit.close()]);
    await remit.close();
    assert.equal(remit.closed, true);
    const { payouts } = remit;
    for (const call of [() => remit.health(), () => payouts.get('x'), () => remit.claim('k'), () => remit.backup('x')]) {
        const error = await rejection(call());
        assert.deepEqual([error.code, error.class], ['E_CLOSED', 'retry']);
    }
    assert.throws(() => remit.metrics(), { code: 'E_CLOSED' });
    assert.throws(() => remit.keys.unlocked, { code: 'E_CLOSED' });
    const again = await world.engine();
    await again.close();
    world.close();
    world.close();
});

test('scopes end what they opened', { skip: typeof Symbol.asyncDispose !== 'symbol' }, async () => {
    const world = World.open();
    const remit = await world.engine();
    await remit[Symbol.asyncDispose]();
    assert.equal(remit.closed, true);
    world[Symbol.dispose]();
});
