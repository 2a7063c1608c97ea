// Ends in one of many ways while work is under way: leaving.mjs HOW FOLDER RPC GATE [WHERE]
import { get } from 'node:http';
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { Remit } from '@remit/node';

const [how, folder, rpc, gate, where = 'main', name = 'main'] = isMainThread ? process.argv.slice(2) : workerData;

async function work() {
    const remit = await Remit.open({
        database: `${folder}/${name}.db`,
        chains: [{ id: 31337, name: 'silent', rpc: `${rpc}/${name}`, poll_ms: 10 }],
    });
    // One call that lasts for ever, one that takes a second of another thread, and many short ones.
    const { id } = await remit.payouts.enqueue({ chainId: 31337n, externalId: '1', to: '0x52908400098527886E0F7030069857D2E4169EE7', amount: 1n });
    const calls = [remit.payouts.wait(id, 'completed', { timeoutMs: 86_400_000 })];
    if (isMainThread) calls.push(remit.keys.unlock('correct horse battery staple'));
    for (let i = 0; i < 100; ++i) calls.push(remit.health());
    for (const call of calls) call.catch(() => {});
    await remit.query('payouts.report');
    // The node has been asked, and does not answer.
    await new Promise((resolve) => get(`${gate}/${name}`, { agent: false }, (answer) => answer.resume().on('end', resolve)));
    console.log('working');
    return remit;
}

async function leave() {
    if (how === 'opening') {
        for (let i = 0; i < 4; ++i) Remit.open({ database: `${folder}/${name}-${i}.db` });
        setTimeout(() => process.exit(0), Number(process.hrtime.bigint() % 40n));
        return;
    }
    const remit = await work();
    if (how === 'exit') process.exit(0);
    if (how === 'throw') queueMicrotask(() => { throw new Error('thrown on purpose'); });
    if (how === 'reject') Promise.reject(new Error('rejected on purpose'));
    if (how === 'close') await remit.close({ drainMs: 100 });
    if (how === 'kill') process.kill(process.pid, 'SIGTERM');
    if (how === 'end') remit.close({ drainMs: 0 });
    // "forget": the wait of a day is dropped with its thread.
}

if (!isMainThread || where === 'main') {
    await leave();
} else {
    const workers = Array.from({ length: 3 }, (_, i) => {
        const given = [how, folder, rpc, gate, where, `worker-${i}`];
        return new Worker(fileURLToPath(import.meta.url), { workerData: given, stdout: false });
    });
    if (where === 'terminate') {
        await Promise.all(workers.map((worker) => new Promise((resolve) => worker.stdout.once('data', resolve))));
        await Promise.all(workers.map((worker) => worker.terminate()));
        console.log('terminated');
    } else {
        const codes = await Promise.all(workers.map((worker) => new Promise((resolve) => {
            worker.on('error', () => {});
            worker.on('exit', resolve);
        })));
        console.log('workers', codes.join(' '));
    }
}
