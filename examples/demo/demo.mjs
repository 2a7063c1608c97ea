// Pays 500 people in a USDT-like token on a real EVM node with the program `remit`, kills it with -9 three times on the
// way, and audits the chain with ethers: Remit is not asked whether Remit was right.
//
// Between Remit and the node stands a line of our own, as a network does. It forwards everything, and is where the three
// kills strike: at a batch that is signed and on disk but of which nobody knows yet whether the node has it.
import { spawn, spawnSync } from 'node:child_process';
import { createServer, request } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileToken } from './compile.mjs';

const nodeModules = process.env.REMIT_NODE_MODULES;
const program = process.env.REMIT_PROGRAM;
if (!nodeModules || !program) fail('start it with ./dev demo');
const { ethers } = createRequire(`${nodeModules}/`)('ethers');

const people = 500;
const batch = 50;
const chainId = 31337;
// What becomes of the batch under way when the process dies.
const kills = [
    { fate: 'the node never got the batch', forward: 0 },
    { fate: 'the node got half of the batch', forward: batch / 2 },
    { fate: 'the node got all of the batch, the answer was lost', forward: batch },
];

function fail(text) {
    console.error(`demo: ${text}`);
    process.exit(1);
}

// Amounts of the token are in millionths.
const money = (units) => `${units / 1_000_000n}.${String(units % 1_000_000n).padStart(6, '0')}`;

async function startNode(port) {
    const binary = join(nodeModules, '..', 'anvil');
    const args = ['--port', String(port), '-b', '1', '--chain-id', String(chainId), '--max-persisted-states', '0'];
    const node = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    process.on('exit', () => node.kill('SIGKILL'));
    let said = '';
    return await new Promise((resolve) => {
        const hear = (bytes) => {
            said += bytes;
            const found = /Listening on 127\.0\.0\.1:(\d+)/.exec(said);
            if (found) resolve({ node, url: `http://127.0.0.1:${found[1]}` });
        };
        node.stdout.on('data', hear);
        node.stderr.on('data', hear);
        node.on('error', (error) => fail(`anvil did not start (${error.message}); ./dev setup fetches it`));
        node.on('exit', () => {
            if (/in use/i.test(said)) fail(`port ${port} is in use; give another with --port, or none for a free one`);
            fail(`anvil ended: ${said.trim().split('\n').pop()}`);
        });
    });
}

// The line: hands every request on to the node. `strike(count)` is asked at each batch of raw transactions and gives how
// many of them still reach the node while their sender dies, or null.
async function startLine(nodeUrl, strike) {
    const line = createServer((from, to) => {
        const parts = [];
        from.on('data', (part) => parts.push(part));
        from.on('end', () => {
            let body = Buffer.concat(parts);
            const calls = JSON.parse(body);
            const raw = [calls].flat().filter((call) => call.method === 'eth_sendRawTransaction');
            const reaches = raw.length > 0 ? strike(raw.length) : null;
            if (reaches === 0) return;
            if (reaches !== null) body = Buffer.from(JSON.stringify(raw.slice(0, reaches)));
            const onward = request(nodeUrl, { method: 'POST', headers: { 'content-type': 'application/json' } }, (answer) => {
                if (reaches !== null) return answer.resume();
                to.writeHead(answer.statusCode, answer.headers);
                answer.pipe(to);
            });
            onward.on('error', () => to.destroy());
            onward.end(body);
        });
        from.on('error', () => {});
    });
    await new Promise((resolve) => line.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${line.address().port}`;
}

async function deployToken(provider, owner) {
    const { abi, bytecode } = compileToken(nodeModules);
    const token = await new ethers.ContractFactory(abi, bytecode, owner).deploy(10n ** 15n);
    await token.waitForDeployment();
    return token;
}

function makePeople() {
    return Array.from({ length: people }, (_, i) => ({
        id: `salary-2026-11-${String(i + 1).padStart(3, '0')}`,
        address: ethers.getAddress(ethers.dataSlice(ethers.id(`person ${i + 1}`), 12)),
        units: 1_000_000n * BigInt(10 + i) + BigInt(i * 37 + 1),
    }));
}

function main() {
    const at = process.argv.indexOf('--port');
    return run(at > 0 ? Number(process.argv[at + 1]) : 0);
}

async function run(port) {
    const started = Date.now();
    const seconds = () => ((Date.now() - started) / 1000).toFixed(1).padStart(5);
    const tell = (text) => console.log(`${seconds()} s  ${text}`);
    const folder = mkdtempSync(join(tmpdir(), 'remit-demo-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

    const { url } = await startNode(port);
    const provider = new ethers.JsonRpcProvider(url, chainId, { staticNetwork: true, pollingInterval: 200 });
    const owner = await provider.getSigner(0);
    const token = await deployToken(provider, owner);
    const tokenAddress = await token.getAddress();
    tell(`a node at ${url}, a block each second; the token at ${tokenAddress}`);

    let payer = null;
    const struck = [];
    const counts = () => remit('payout', 'report').by_state;
    const lineUrl = await startLine(url, (count) => {
        const kill = kills[struck.length];
        if (payer === null || kill === undefined || count < batch) return null;
        const now = counts();
        // Some of the way lies between two kills.
        if (now.signed < 1 || now.sent < 1 || now.accepted > people - batch * (1 + 3 * struck.length)) return null;
        payer.kill('SIGKILL');
        struck.push({ ...kill, ...now });
        return kill.forward;
    });

    const config = join(folder, 'remit.json');
    const environment = { ...process.env, REMIT_PASSWORD: 'correct horse battery staple' };
    const remit = (...args) => {
        const done = spawnSync(program, ['--config', config, '--json', ...args], { env: environment, encoding: 'utf8' });
        if (done.status !== 0) fail(`remit ${args.join(' ')} gave ${done.status}: ${done.stderr || done.stdout}`);
        return JSON.parse(done.stdout);
    };
    writeFileSync(config, JSON.stringify({
        database: join(folder, 'remit.db'),
        chains: [{
            id: chainId, name: 'demo', rpc: lineUrl, confirmations: 2, poll_ms: 200, in_flight: 150, batch,
            tokens: [{ symbol: 'USDX', address: tokenAddress, decimals: 6, gas: 70000 }],
        }],
    }, null, 2));
    const sender = ethers.getAddress(remit('keys', 'new', '--label', 'payroll').address);
    const crowd = makePeople();
    const total = crowd.reduce((sum, person) => sum + person.units, 0n);
    await (await owner.sendTransaction({ to: sender, value: 10n ** 18n })).wait();
    await (await token.transfer(sender, total)).wait();
    tell(`the sender ${sender} has ${money(total)} USDX, to the last unit what will be paid, and 1 ETH for gas`);

    const csv = join(folder, 'payroll.csv');
    writeFileSync(csv, ['external_id,chain,token,to,amount',
        ...crowd.map((person) => `${person.id},${chainId},USDX,${person.address},${money(person.units)}`)].join('\n') + '\n');
    remit('payout', 'import', csv, '--yes');
    tell(`${people} payouts imported from a CSV file`);

    const paying = Date.now();
    while (true) {
        const code = await new Promise((resolve) => {
            payer = spawn(program, ['--config', config, 'run', '--until-idle'], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
            let complaint = '';
            payer.stderr.on('data', (bytes) => { complaint += bytes; });
            payer.on('close', (status, signal) => {
                payer = null;
                if (signal === null && status !== 0) fail(`remit run ended with ${status}: ${complaint}`);
                resolve(signal ?? status);
            });
        });
        if (code === 0) break;
        if (code !== 'SIGKILL') fail(`remit run was ended by ${code}`);
        const kill = struck.at(-1);
        tell(`kill -9 no. ${struck.length} at ${kill.signed} signed, ${kill.sent} sent, ${kill.mined} mined, `
            + `${kill.completed} completed, ${kill.accepted} untouched; ${kill.fate}`);
    }
    const took = (Date.now() - paying) / 1000;
    tell('all completed, says Remit; now the chain is asked');
    const report = remit('payout', 'report');
    const verdict = await audit(provider, token, sender, crowd);
    show(crowd, total, took, struck, report, verdict);
    process.exit(verdict.faults.length === 0 && struck.length === kills.length ? 0 : 1);
}

async function audit(provider, token, sender, crowd) {
    const faults = [];
    const logs = await token.queryFilter(token.filters.Transfer(sender), 0, 'latest');
    const paid = new Map();
    for (const log of logs) paid.set(log.args.to, [...(paid.get(log.args.to) ?? []), log.args.value]);
    let exact = 0;
    for (const person of crowd) {
        const got = paid.get(person.address) ?? [];
        if (got.length !== 1) faults.push(`${person.id} was paid ${got.length} times`);
        const balance = await token.balanceOf(person.address);
        if (balance !== person.units) faults.push(`${person.id} has ${money(balance)} instead of ${money(person.units)}`);
        else exact += 1;
    }
    if (paid.size !== crowd.length) faults.push(`${paid.size} accounts were paid instead of ${crowd.length}`);
    const nonces = [];
    let fees = 0n;
    for (const hash of new Set(logs.map((log) => log.transactionHash))) {
        const [sent, receipt] = await Promise.all([provider.getTransaction(hash), provider.getTransactionReceipt(hash)]);
        nonces.push(sent.nonce);
        fees += receipt.gasUsed * receipt.gasPrice;
    }
    nonces.sort((a, b) => a - b);
    const gapless = nonces.length === crowd.length && nonces.every((nonce, i) => nonce === i);
    if (!gapless) faults.push('the nonces have a gap or a repetition');
    const count = await provider.getTransactionCount(sender);
    if (count !== crowd.length) faults.push(`the account's nonce is ${count} instead of ${crowd.length}`);
    const left = await token.balanceOf(sender);
    if (left !== 0n) faults.push(`the sender has ${money(left)} left`);
    return { faults, transfers: logs.length, once: [...paid.values()].filter((got) => got.length === 1).length, exact, gapless, count, left, fees };
}

function show(crowd, total, took, struck, report, verdict) {
    const line = (what, value) => console.log(`  ${what.padEnd(34)} ${value}`);
    console.log('\nThe chain, read with ethers');
    line('Transfer events of the sender', verdict.transfers);
    line('people paid exactly once', `${verdict.once} of ${crowd.length}`);
    line('balances exact to the last unit', `${verdict.exact} of ${crowd.length}`);
    line('nonces', `0 to ${verdict.count - 1}, ${verdict.gapless ? 'no gap, none twice' : 'NOT gapless'}`);
    line('left at the sender', `${money(verdict.left)} USDX`);
    line('fees paid', `${ethers.formatEther(verdict.fees)} ETH`);
    console.log('\nThe run');
    line('people, sum', `${crowd.length}, ${money(total)} USDX`);
    line('batches of', batch);
    line('killed with -9', `${struck.length} times`);
    line('time from first start to last', `${took.toFixed(1)} s, ${(crowd.length / took).toFixed(1)} payouts/s, blocks of 1 s`);
    line('fees by Remit\'s own report', `${ethers.formatEther(Object.values(report.fees_paid)[0] ?? 0)} ETH`);
    if (verdict.faults.length === 0) return console.log(`\n${crowd.length} of ${crowd.length} were paid exactly once.`);
    for (const fault of verdict.faults.slice(0, 20)) console.error(`  FAULT: ${fault}`);
    console.error(`\n${verdict.faults.length} faults.`);
}

main().catch((error) => fail(error.stack));
