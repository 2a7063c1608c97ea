// A worker thread with an instance of its own: works on payouts of its own, and claims keys that others claim as well.
import { parentPort, workerData } from 'node:worker_threads';
import { Remit } from '@remit/node';

const { database, name, keys } = workerData;
const payee = '0x52908400098527886E0F7030069857D2E4169EE7';
const remit = await Remit.open({ database, chains: [{ id: 31337, rpc: 'http://127.0.0.1:1' }] });
let sum = 0n;
const numbers = Array.from({ length: 100 }, (_, i) => BigInt(i + 1));
await Promise.all(numbers.map(async (amount) => {
    const { id } = await remit.payouts.enqueue({ chainId: 31337n, externalId: `${name}-${amount}`, to: payee, amount });
    const payout = await remit.payouts.get(id);
    sum += payout.amount;
}));
const worked = [];
const replies = {};
for (const key of keys) {
    const claim = await remit.claim(key, { inFlight: 'attach' });
    if (claim.verdict === 'execute') {
        worked.push(key);
        await claim.complete({ body: name });
        replies[key] = name;
    } else {
        replies[key] = claim.reply.text();
    }
}
await remit.close();
parentPort.postMessage({ name, sum, worked, replies });
