import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AskError, FinalError, FixError, Remit, RemitError, RetryError } from '@remit/node';
import { STATUSES } from '@remit/node/abi';
import { World } from '@remit/node/testing';
import { chain, payee, rejection, require, temporaryFolder } from './node.mjs';

const { remitError } = require('../dist/errors.js');
const classes = { fix: FixError, retry: RetryError, ask: AskError, final: FinalError };

test('each status is an error of its class', () => {
    for (const [code, { number, class: cls }] of Object.entries(STATUSES)) {
        if (code === 'OK') continue;
        const error = remitError(code, 'some.field', 'is wrong');
        assert.ok(error instanceof classes[cls] && error instanceof RemitError && error instanceof Error);
        assert.deepEqual([error.code, error.status, error.class, error.field], [code, number, cls, 'some.field']);
        assert.equal(error.message, 'some.field is wrong');
        assert.equal(error.name, classes[cls].name);
        assert.ok(RemitError.is(error));
    }
    for (const other of [new Error('x'), null, undefined, 'E_STORE', { code: 'E_STORE' }]) assert.equal(RemitError.is(other), false);
});

test('the configuration is refused by its field', async (t) => {
    const database = `${temporaryFolder(t)}/remit.db`;
    const refused = async (config, field) => {
        const error = await rejection(Remit.open(config));
        assert.ok(error instanceof FixError);
        assert.deepEqual([error.code, error.field], ['E_INVALID', field]);
    };
    await refused({ database, chains: [chain('ftp://nowhere')] }, 'chains[0].rpc');
    await refused({ database, chains: [chain('http://127.0.0.1:1', { poll_ms: 1 })] }, 'chains[0].poll_ms');
    await refused({ database, colour: 'red' }, 'colour');
    await refused({ database, signer: { addresses: ['0x12'], sign: () => [] } }, 'signer.addresses[0]');
    assert.equal((await rejection(Remit.openFile('/nowhere/remit.json'))).code, 'E_NOT_FOUND');
    assert.equal((await rejection(Remit.openFile('\ud800'))).field, 'path');
});

test('an argument is refused by the name it has here', async (t) => {
    const world = World.open();
    const remit = await world.engine();
    t.after(async () => {
        await remit.close();
        world.close();
    });
    const good = { chainId: 31337n, externalId: 'a', to: payee, amount: 1n };
    const refused = async (change, field, code = 'E_INVALID') => {
        const error = await rejection(remit.payouts.enqueue({ ...good, ...change }));
        assert.deepEqual([error.code, error.field], [code, field], error.message);
    };
    await refused({ to: '0x12' }, 'to');
    await refused({ chainId: 5n }, 'chainId');
    await refused({ chainId: 31337 }, 'chainId');
    await refused({ amount: 0n }, 'amount');
    await refused({ amount: 1 }, 'amount');
    await refused({ amount: 1n << 256n }, 'amount');
    await refused({ externalId: '\udc00' }, 'externalId');
    await refused({ externalId: 'x'.repeat(256) }, 'externalId');
    await refused({ notBefore: new Date(NaN) }, 'notBefore');
    await refused({ priority: 0.5 }, 'priority', 'E_MISUSE');
    const many = await rejection(remit.payouts.enqueueAll([good, { ...good, externalId: 'b', to: '0x' }]));
    assert.equal(many.field, '[1].to');
    assert.equal((await rejection(remit.payouts.get('po_nothing'))).code, 'E_NOT_FOUND');
    assert.equal((await rejection(remit.query('payouts.list', { limit: 0 }))).field, 'limit');
    await remit.payouts.enqueue(good);
    const other = await rejection(remit.payouts.enqueue({ ...good, amount: 2n }));
    assert.ok(other instanceof FinalError);
    assert.deepEqual([other.code, other.field], ['E_MISMATCH', 'externalId']);
});

test('a stack shows who asked', async (t) => {
    const world = World.open();
    const remit = await world.engine();
    t.after(async () => {
        await remit.close();
        world.close();
    });
    async function theCallersOwnFunction() {
        return await remit.payouts.get('po_nothing');
    }
    assert.match((await rejection(theCallersOwnFunction())).stack, /theCallersOwnFunction/);
});
