// A Signer written in JavaScript pays on a real node; who answers late is not heard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Remit } from '@remit/node';
import * as abi from '@remit/node/abi';
import { World } from '@remit/node/testing';
import { chain, ethers, payee, rejection, startAnvil, temporaryFolder } from './node.mjs';

const key = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'; // anvil's first account

function signatures(wallet, digests) {
    return digests.map((digest) => {
        const { r, s, yParity } = wallet.signingKey.sign(digest);
        return ethers().getBytes(ethers().concat([r, s, new Uint8Array([yParity])]));
    });
}

test('a Signer in Node pays on anvil', async (t) => {
    const rpc = await startAnvil(t, '-b', '1');
    const wallet = new (ethers().Wallet)(key);
    let asked = 0;
    const signer = {
        addresses: [wallet.address],
        async sign(address, digests) {
            assert.equal(address.toLowerCase(), wallet.address.toLowerCase());
            asked += digests.length;
            // As a KMS would: elsewhere, and not at once.
            await new Promise((resolve) => setTimeout(resolve, 5));
            return signatures(wallet, digests);
        },
    };
    const remit = await Remit.open({ database: `${temporaryFolder(t)}/remit.db`, chains: [chain(rpc)], signer });
    t.after(() => remit.close());
    const people = Array.from({ length: 20 }, (_, i) => ({
        chainId: 31337n, externalId: `${i}`, amount: BigInt(i + 1), to: ethers().getAddress(ethers().dataSlice(ethers().id(`${i}`), 12)),
    }));
    const accepted = await remit.payouts.enqueueAll(people);
    const paid = await Promise.all(accepted.map(({ id }) => remit.payouts.wait(id, 'completed', { timeoutMs: 60_000 })));
    assert.ok(asked >= 20);
    const provider = new (ethers().JsonRpcProvider)(rpc, 31337, { staticNetwork: true, batchMaxCount: 1 });
    t.after(() => provider.destroy());
    for (const [i, person] of people.entries()) {
        assert.equal(paid[i].status, 'completed');
        assert.equal(await provider.getBalance(person.to), person.amount);
        assert.equal((await provider.getTransaction(paid[i].txHash)).from, wallet.address);
    }
    assert.equal(await provider.getTransactionCount(wallet.address), 20);
});

test('a Signer that fails, gives too little or has 27 and 28', async (t) => {
    const world = World.open();
    const wallet = ethers().Wallet.createRandom();
    const answers = [
        () => { throw new Error('the HSM is away'); },
        async () => { throw new Error('the HSM is away'); },
        () => [],
        (digests) => digests.map(() => new Uint8Array(64)),
        (digests) => digests.map(() => new Uint8Array(65).fill(255)),
        (digests) => signatures(wallet, digests).map((one) => { one[64] += 27; return one; }),
    ];
    let asked = 0;
    const signer = { addresses: [wallet.address], sign: (_, digests) => answers[Math.min(asked++, answers.length - 1)](digests) };
    const remit = await world.engine({ signer });
    t.after(async () => {
        await remit.close();
        world.close();
    });
    world.credit(null, wallet.address, 10n ** 18n);
    world.mine(1);
    const { id } = await remit.payouts.enqueue({ chainId: 31337n, externalId: '1', to: payee, amount: 5n });
    const payout = await remit.payouts.wait(id, 'completed', { timeoutMs: 86_400_000 });
    assert.equal(payout.sender, wallet.address);
    assert.equal(asked, answers.length);
    assert.equal(world.balance(null, payee), 5n);
});

test('an answer too late is fenced', async () => {
    const calls = abi.native();
    const wallet = ethers().Wallet.createRandom();
    const world = calls.remit_world_open();
    const queue = calls.remit_queue_open();
    const options = { signer: { queue, tag: 7n }, signer_addresses: ethers().getBytes(wallet.address) };
    const engine = calls.remit_world_engine(world, null, options);
    calls.remit_world_credit(world, null, wallet.address, (10n ** 18n).toString());
    calls.remit_world_mine(world, 1n);
    const [{ id }] = calls.remit_payout_enqueue(engine, [{ chain_id: 31337n, external_id: '1', to: payee, amount: '5' }]);
    const works = () => {
        calls.remit_world_advance(world, 10_000n);
        const batch = calls.remit_queue_fetch(queue, 0, 0n);
        const found = [];
        for (let i = 0; i < calls.remit_batch_count(batch); ++i) {
            const item = calls.remit_batch_at(batch, i);
            if (item.kind === abi.RemitItemKind.WORK) found.push({ token: item.token, ...JSON.parse(Buffer.from(item.payload)) });
        }
        return found;
    };
    const [work] = works();
    assert.equal(work.work, 'sign');
    const answer = Buffer.concat(signatures(wallet, work.digests));
    const give = () => calls.remit_work_answer(queue, work.token, abi.RemitWorkOutcome.DONE, answer);
    give();
    assert.throws(give, { status: abi.STATUSES.E_FENCED.number });
    const [status] = calls.remit_payout_wait(engine, id, abi.RemitPayoutStatus.COMPLETED, 600_000n);
    assert.equal(status, abi.RemitPayoutStatus.COMPLETED);

    // The engine that asked is gone: nothing is signed for it any more.
    calls.remit_payout_enqueue(engine, [{ chain_id: 31337n, external_id: '2', to: payee, amount: '5' }]);
    const [late] = works();
    calls.remit_engine_free(engine);
    const refused = () => calls.remit_work_answer(queue, late.token, abi.RemitWorkOutcome.DONE, Buffer.concat(signatures(wallet, late.digests)));
    assert.throws(refused, { status: abi.STATUSES.E_FENCED.number });
    assert.equal(calls.remit_world_transfers(world, payee)[0], 1n);
    calls.remit_world_free(world);
    calls.remit_queue_free(queue);
});

test('a Signer that answers behind the end does no harm', async (t) => {
    const rpc = await startAnvil(t, '-b', '1');
    const wallet = new (ethers().Wallet)(key);
    let release;
    const asked = new Promise((resolve) => (release = resolve));
    let answer;
    const signer = {
        addresses: [wallet.address],
        sign: (_, digests) => new Promise((resolve) => {
            answer = () => resolve(signatures(wallet, digests));
            release();
        }),
    };
    const remit = await Remit.open({ database: `${temporaryFolder(t)}/remit.db`, chains: [chain(rpc)], signer });
    const { id } = await remit.payouts.enqueue({ chainId: 31337n, externalId: '1', to: payee, amount: 5n });
    const waiting = rejection(remit.payouts.wait(id));
    await asked;
    await remit.close({ drainMs: 10 });
    answer();
    assert.equal((await waiting).code, 'E_CLOSED');
    const provider = new (ethers().JsonRpcProvider)(rpc, 31337, { staticNetwork: true });
    t.after(() => provider.destroy());
    assert.equal(await provider.getTransactionCount(wallet.address), 0);
});
