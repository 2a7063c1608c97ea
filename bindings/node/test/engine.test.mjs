// An instance on a real database: keys, backups, and an event loop that is never blocked.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { Remit } from '@remit/node';
import { chain, ethers, payee, rejection, temporaryFolder } from './node.mjs';

const password = 'correct horse battery staple';

async function open(t, more = {}) {
    const folder = temporaryFolder(t);
    const remit = await Remit.open({ database: `${folder}/remit.db`, ...more });
    t.after(() => remit.close());
    return { remit, folder };
}

test('keys in and out, and a log that tells of it without a secret', async (t) => {
    const lines = [];
    const { remit } = await open(t, { log: (line) => lines.push(line) });
    assert.equal(remit.keys.unlocked, false);
    assert.equal((await rejection(remit.keys.create())).code, 'E_STATE');
    await remit.keys.unlock(Buffer.from(password));
    assert.equal(remit.keys.unlocked, true);
    const made = await remit.keys.create({ label: 'payroll' });
    assert.match(made.address, /^0x[0-9a-fA-F]{40}$/);
    const wallet = ethers().Wallet.createRandom();
    const taken = await remit.keys.import(ethers().getBytes(wallet.privateKey), { label: 'imported' });
    assert.equal(taken.address, wallet.address);
    assert.equal((await rejection(remit.keys.import(Buffer.alloc(31)))).class, 'fix');
    const file = await remit.keys.exportV3(wallet.address, 'of the file');
    assert.equal((await ethers().Wallet.fromEncryptedJson(file, 'of the file')).address, wallet.address);
    assert.deepEqual((await remit.keys.list()).map(({ label }) => label), ['payroll', 'imported']);
    assert.equal((await rejection(remit.keys.importV3(file, 'another'))).code, 'E_WRONG_KEY');
    remit.keys.lock();
    assert.equal(remit.keys.unlocked, false);
    const wrong = await rejection(remit.keys.unlock('not the password'));
    assert.deepEqual([wrong.code, wrong.class], ['E_WRONG_KEY', 'final']);
    await remit.health();
    const told = JSON.stringify(lines);
    assert.ok(lines.some(({ event }) => event === 'signer.unlocked'), told);
    for (const secret of [password, wallet.privateKey.slice(2), 'of the file', 'not the password']) assert.ok(!told.includes(secret));
});

test('the event loop goes on while a second of work is done', async (t) => {
    const { remit } = await open(t);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    let beats = 0;
    const heart = setInterval(() => ++beats, 5);
    delay.enable();
    const began = Date.now();
    await remit.keys.unlock(password);
    const took = Date.now() - began;
    delay.disable();
    clearInterval(heart);
    t.diagnostic(`unlock ${took} ms, loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, max ${(delay.max / 1e6).toFixed(1)} ms`);
    // The derivation takes much longer than a beat: a blocked loop has none.
    assert.ok(took > 100 && beats > took / 5 / 4, `${beats} beats in ${took} ms`);
});

test('many promises in flight', async (t) => {
    const { remit } = await open(t, { chains: [chain('http://127.0.0.1:1')] });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const began = process.hrtime.bigint();
    const calls = 2000;
    let next = 0;
    await Promise.all(Array.from({ length: 50 }, async () => {
        while (next < calls) {
            const number = next++;
            const accepted = await remit.payouts.enqueue({ chainId: 31337n, externalId: `${number}`, to: payee, amount: BigInt(number + 1) });
            assert.equal(accepted.created, true);
        }
    }));
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    delay.disable();
    t.diagnostic(`${Math.round(calls / seconds)} enqueues/s, loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`);
    let sum = 0n;
    for await (const payout of remit.payouts.list()) sum += payout.amount;
    assert.equal(sum, BigInt((calls * (calls + 1)) / 2));
});

test('a configuration file, a backup, and opening again', async (t) => {
    const folder = temporaryFolder(t);
    const file = `${folder}/remit.json`;
    writeFileSync(file, JSON.stringify({ database: `${folder}/remit.db`, chains: [chain('http://127.0.0.1:1')] }));
    const first = await Remit.openFile(file);
    const { id } = await first.payouts.enqueue({ chainId: 31337n, externalId: '1', to: payee, amount: 1n });
    await first.backup(`${folder}/copy.db`);
    assert.ok(existsSync(`${folder}/copy.db`));
    assert.equal((await rejection(first.backup(`${folder}/copy.db`))).class, 'fix');
    await first.close();
    for (const name of ['remit.db', 'copy.db']) {
        const again = await Remit.open({ database: `${folder}/${name}`, chains: [chain('http://127.0.0.1:1')] });
        assert.equal((await again.payouts.find('1')).id, id);
        await again.close();
    }
});

test('numbers beyond a double are exact', async (t) => {
    const { remit } = await open(t, { chains: [chain('http://127.0.0.1:1')] });
    const amount = (1n << 256n) - 1n;
    const { id } = await remit.payouts.enqueue({ chainId: 31337n, externalId: '12345678901234567890', to: payee, amount });
    const payout = await remit.payouts.get(id);
    assert.deepEqual([payout.amount, payout.externalId], [amount, '12345678901234567890']);
    const [event] = await remit.events('app').next();
    assert.equal(event.payout.amount, amount);
    const listed = await remit.command('payouts.enqueue', { payouts: [{ chain_id: 31337n, external_id: 'x', to: payee, amount }] });
    assert.equal((await remit.payouts.get(listed[0].id)).amount, amount);
});

test('calls under way are told when it is closed under them', async (t) => {
    const { remit } = await open(t, { chains: [chain('http://127.0.0.1:1')] });
    const { id } = await remit.payouts.enqueue({ chainId: 31337n, externalId: '1', to: payee, amount: 1n });
    const waiting = rejection(remit.payouts.wait(id));
    const loop = (async () => {
        for await (const event of remit.events('app', { pollMs: 5 })) await event.ack();
    })();
    await remit.health();
    await remit.close({ drainMs: 10 });
    assert.equal((await waiting).code, 'E_CLOSED');
    await loop;
});

test('a loop over events that rests is ended by close', async (t) => {
    const { remit } = await open(t);
    const consumer = remit.events('app', { pollMs: 8000 });
    const next = consumer[Symbol.asyncIterator]().next();
    await consumer.next(); // answered behind the loop's own
    await new Promise((resolve) => setImmediate(resolve)); // it rests now
    const began = performance.now();
    await remit.close({ drainMs: 10 });
    assert.equal((await next).done, true);
    assert.ok(performance.now() - began < 6000);
});
