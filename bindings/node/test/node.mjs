// What several tests use: anvil, temporary folders, child processes.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const modules = process.env.REMIT_NODE_MODULES;
export const require = createRequire(import.meta.url);
export const ethers = () => createRequire(`${modules}/`)('ethers').ethers;
export const payee = '0x52908400098527886E0F7030069857D2E4169EE7';

export function temporaryFolder(t) {
    const folder = mkdtempSync(join(tmpdir(), 'remit-node-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
}

/** anvil on a free port; ended by its own process id. */
export async function startAnvil(t, ...extra) {
    const binary = join(modules, '..', 'anvil');
    const args = ['--port', '0', '--chain-id', '31337', '--max-persisted-states', '0', ...extra];
    const anvil = spawn(binary, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => anvil.on('exit', resolve));
    t.after(async () => {
        anvil.kill('SIGKILL');
        await ended;
    });
    let said = '';
    return await new Promise((resolve, reject) => {
        anvil.on('error', reject);
        ended.then(() => reject(new Error(`anvil ended: ${said}`)));
        anvil.stdout.on('data', (bytes) => {
            said += bytes;
            const found = /Listening on 127\.0\.0\.1:(\d+)/.exec(said);
            if (found) resolve(`http://127.0.0.1:${found[1]}`);
        });
    });
}

/**
 * A node that takes requests and never answers. Beside it stands a gate: GET gate/NAME is answered as soon as a request
 * for rpc/NAME has come.
 */
export async function startSilence(t) {
    const heard = new Map();
    const asked = (path) => {
        if (!heard.has(path)) {
            const entry = {};
            entry.promise = new Promise((resolve) => (entry.resolve = resolve));
            heard.set(path, entry);
        }
        return heard.get(path);
    };
    const listen = async (server) => {
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
        t.after(() => {
            server.close();
            server.closeAllConnections();
        });
        return `http://127.0.0.1:${server.address().port}`;
    };
    const rpc = await listen(createServer((request) => asked(request.url).resolve()));
    const gate = await listen(createServer((request, response) => void asked(request.url).promise.then(() => response.end())));
    return { rpc, gate };
}

export const chain = (rpc, more = {}) => ({ id: 31337, name: 'local', rpc, confirmations: 1, poll_ms: 50, ...more });

/** Awaits the rejection of a promise, and gives its error. */
export async function rejection(promise) {
    try {
        await promise;
    } catch (error) {
        return error;
    }
    throw new Error('it did not reject');
}
