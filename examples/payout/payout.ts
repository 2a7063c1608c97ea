// payout.ts -- pay somebody exactly once, although the program is killed between pay and complete.
//
// Run it three times with the same folder. The first run kills itself once the payment was sent, the second one
// asks the chain what became of it, the third one finds it done. The chain is simulated, the engine is the real one.
import { parseUnits } from '@remit/node';
import { World } from '@remit/node/testing';

const payee = '0x52908400098527886E0F7030069857D2E4169EE7';

const say = (what: string, text: string): void => console.log(`${what.padEnd(8)} ${text}`);

async function run(folder: string): Promise<void> {
    using world = World.open({ folder });
    await using remit = await world.engine();
    const { payouts } = remit;
    const pay = { externalId: 'order-1001', chainId: 31337n, to: payee, token: 'USDT', amount: parseUnits('25', 6) };
    const { id, created } = await payouts.enqueue(pay);

    if (created) {
        say('PAY', 'order-1001: 25 USDT');
        await payouts.wait(id, 'sent');
        say('SENT', 'a node has it; now the power fails');
        process.kill(process.pid, 'SIGKILL');
    }

    if ((await payouts.get(id)).status === 'completed') {
        say('REPLAY', 'order-1001 was paid before; nothing is done again');
    } else {
        say('UNKNOWN', 'order-1001 was sent, its outcome is not known: asking the chain');
        const { status } = await payouts.wait(id);
        say('DONE', status === 'completed' ? 'order-1001 is paid' : 'order-1001 is not paid');
    }

    const payments = world.transfers(payee).length;
    say('CHAIN', `payments: ${payments}, the payee has ${world.balance('USDT', payee)} base units`);
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: payout FOLDER');
await run(folder);
