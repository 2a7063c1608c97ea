// What a stranger does with the npm package: stranger.mjs world | claim DATABASE |
// pay|leave RPC CA_FILE KEY. Without CA_FILE the environment says. Before and after, Node's own OpenSSL asks the same server.
import { mkdtempSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { Remit, RemitError, version } from '@remit/node';
import { World } from '@remit/node/testing';

const PAYEE = '0x52908400098527886E0F7030069857D2E4169EE7';
const CHAIN_ID = 31337n;

async function inAWorld() {
    const world = World.open();
    const engine = await world.engine();
    const made = await engine.payouts.enqueue({
        externalId: 'order-1', chainId: CHAIN_ID, to: PAYEE, amount: 25_000_000n, token: 'USDT',
    });
    world.advance(600_000);
    const payout = await engine.payouts.get(made.id);
    console.log('PAID', payout.status.toUpperCase(), String(world.balance('USDT', PAYEE)));
    try {
        await engine.payouts.get('no such payout');
    } catch (error) {
        console.log('ERROR', RemitError.is(error) ? error.field : error);
    }
    await engine.close();
    world.close();
}

async function inADatabase(database) {
    const remit = await Remit.open({ database, log_level: 'error' });
    for (let turn = 0; turn < 2; ++turn) {
        const claim = await remit.claim('order-1');
        const body = claim.verdict === 'replay' ? Buffer.from(claim.reply.body).toString() : '-';
        console.log('CLAIM', claim.verdict.toUpperCase(), body);
        if (claim.verdict === 'execute') await claim.complete({ body: 'done' });
    }
    await remit.close();
}

// Its own TLS, in the same process.
function askedByNode(url, ca) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
    return new Promise((resolve, reject) => {
        const asked = request(url, { method: 'POST', headers, ca }, (answer) => {
            let text = '';
            answer.on('data', (part) => (text += part));
            answer.on('end', () => resolve(JSON.parse(text).result));
        });
        asked.on('error', reject);
        asked.end(body);
    });
}

async function overTls(rpc, caFile, key) {
    const ca = readFileSync(caFile || process.env.SSL_CERT_FILE);
    const byNode = async () => console.log('NODE', await askedByNode(rpc, ca).catch((error) => error.code));
    await byNode();
    const remit = await Remit.open({
        database: join(mkdtempSync(join(process.cwd(), 'pay-')), 'remit.db'),
        log_level: 'error',
        ca_file: caFile,
        environment: caFile === '',
        chains: [{ id: CHAIN_ID, rpc, confirmations: 1, poll_ms: 10 }],
    });
    await remit.keys.unlockWithKek(Uint8Array.from({ length: 32 }, (_, index) => index));
    await remit.keys.import(Buffer.from(key, 'hex'));
    const made = await remit.payouts.enqueue({ externalId: 'order-1', chainId: CHAIN_ID, to: PAYEE, amount: 1n });
    for (let line = ''; line === '';) {
        try {
            const payout = await remit.payouts.wait(made.id, 'completed', { timeoutMs: 200 });
            line = `PAID ${payout.status.toUpperCase()}`;
        } catch (error) {
            if (!RemitError.is(error) || error.code !== 'E_TIMEOUT') throw error;
            const { problem } = (await remit.health()).chains[0];
            if (problem && problem !== 'not asked yet') line = `REFUSED ${problem}`;
        }
        if (line) console.log(line);
    }
    if (process.argv[2] === 'leave') process.exit(0);  // while the engine is at work over TLS
    await byNode();
    await remit.close();
}

console.log('VERSION', version());
if (process.argv[2] === 'world') await inAWorld();
else if (process.argv[2] === 'claim') await inADatabase(process.argv[3]);
else await overTls(...process.argv.slice(3));
