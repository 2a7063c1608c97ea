// quickstart.ts -- answer a request exactly once, although the program is killed between charging and answering.
//
// quickstart FOLDER DATABASE, three times: the first run kills itself once the customer was charged, the second one
// recovers the key and completes it, the third one replays the reply. The database is a file, or postgresql://...
import { closeSync, openSync } from 'node:fs';
import { Remit } from '@remit/node';

const say = (what: string, text: string): void => console.log(`${what.padEnd(8)} ${text}`);

/** A payment gateway that charges once per key, as good ones do. */
function charge(folder: string, key: string): boolean {
    try {
        closeSync(openSync(`${folder}/charge-${key}`, 'wx'));
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
    }
}

async function run(folder: string, database: string): Promise<void> {
    await using remit = await Remit.open({ database, log_level: 'error' });
    const order = { amount: '25.00', currency: 'EUR' };
    await using claim = await remit.claim('order-1001', { operation: 'POST /orders', request: order });

    if (claim.verdict === 'replay') return say('REPLAY', claim.reply.text());
    if (claim.verdict !== 'execute' && claim.verdict !== 'recover') throw new Error(`the order is ${claim.verdict}`);
    if (claim.verdict === 'execute') say('EXECUTE', 'order 1001, 25.00 EUR');
    if (claim.verdict === 'recover') say('RECOVER', 'its worker died while it charged the customer');
    await claim.effectBegin('idempotent');
    const fresh = charge(folder, claim.effectKey('charge'));
    say('CHARGE', fresh ? 'the gateway took 25.00 EUR' : 'the gateway knows the key: nothing is taken twice');
    if (claim.verdict === 'execute') process.kill(process.pid, 'SIGKILL');

    // The order's row and the reply are written together, or not at all.
    const number = database.startsWith('postgres') ? '$1' : '?';
    const body = JSON.stringify({ order: 1001, paid: true });
    await claim.complete({ body }, [
        { sql: 'CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY)' },
        { sql: `INSERT INTO orders (number) VALUES (${number})`, values: [1001], rows: 1 },
    ]);
    say('DONE', body);
}

const [folder, database] = process.argv.slice(2);
if (folder === undefined || database === undefined) throw new Error('usage: quickstart FOLDER DATABASE');
await run(folder, database);
