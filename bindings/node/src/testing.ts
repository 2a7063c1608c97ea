// A simulated world for a host's own tests: `@remit/node/testing`. A chain with the id 31337, the coin, and the token
// "USDT" with 6 decimals; a clock that moves only when told, or when something is awaited.
import { blobText } from './claim';
import { Instance, name, type HostOptions } from './engine';
import { call, invalid, type Refusal } from './errors';
import * as json from './json';
import { baseUnits } from './money';
import { native, type Native, type RemitWorld } from './native';
import type { Port } from './port';
import { remitOf, type Config, type Remit } from './remit';

export interface WorldOptions {
    /** Keys that the engine can sign with; 1. */
    readonly senders?: number;
    /** The same seed and calls give the same run; 1. */
    readonly seed?: bigint;
    /** 12,000; null: blocks come by mine() only. */
    readonly blockIntervalMs?: number | null;
    /** Keeps chain and database in files there, which outlive the process; in memory when left out. */
    readonly folder?: string;
}

export interface Transfer {
    /** null: the coin. */
    readonly token: string | null;
    readonly from: string;
    readonly to: string;
    readonly amount: bigint;
    readonly txHash: string;
    readonly blockNumber: bigint;
}

function whole(value: number, field: string): bigint {
    if (!Number.isSafeInteger(value) || value < 0) throw invalid(field, 'must be a whole number, not negative');
    return BigInt(value);
}

export class World {
    private readonly native: Native;
    private readonly driven = new WeakSet<Port>();

    private constructor(private readonly handle: RemitWorld) {
        this.native = native();
    }

    static open(options: WorldOptions = {}): World {
        const { blockIntervalMs } = options;
        const given = {
            sender_count: options.senders ?? 0,
            seed: options.seed ?? 0n,
            block_interval_ms: blockIntervalMs === null ? -1n : whole(blockIntervalMs ?? 0, 'blockIntervalMs'),
            folder: options.folder === undefined ? null : name(options.folder, 'folder'),
        };
        return new World(call(() => native().remit_world_open(given)));
    }

    /** The configuration that fits, to change and give to engine(). */
    config(): Config {
        return json.parse(blobText(this.native, call(() => this.native.remit_world_config(this.handle)))) as Config;
    }

    /** Opens the real engine here; one at a time. With a signer of the host's the world's own keys sign nothing. */
    async engine(options: HostOptions & { readonly config?: Config } = {}): Promise<Remit> {
        const { config, ...host } = options;
        const text = config === undefined ? null : json.stringify(config);
        // Not on another thread: a world is used by one.
        const open = async (calls: Native, made: object) => calls.remit_world_engine(this.handle, text, made);
        return remitOf(await Instance.open(host, open, (port) => void this.drive(port)));
    }

    /** Lets simulated time pass: the engine works, blocks are mined, answers arrive. */
    advance(ms: number): void {
        call(() => this.native.remit_world_advance(this.handle, whole(ms, 'ms')));
    }

    /** Mines blocks at once, without time passing. */
    mine(blocks = 1): void {
        call(() => this.native.remit_world_mine(this.handle, whole(blocks, 'blocks')));
    }

    /** Gives an account base units of a token, or of the coin (null), from the next block on. */
    credit(token: string | null, address: string, amount: bigint): void {
        call(() => this.native.remit_world_credit(this.handle, token, name(address, 'address'), baseUnits(amount).toString()));
    }

    /** What an account has, as the chain and not the engine knows it. */
    balance(token: string | null, address: string): bigint {
        const had = call(() => this.native.remit_world_balance(this.handle, token, name(address, 'address')));
        return BigInt(blobText(this.native, had));
    }

    /** What really moved on the canonical chain, to one account or to all; the oldest first. */
    transfers(to?: string): Transfer[] {
        const [, blob] = call(() => this.native.remit_world_transfers(this.handle, to ?? null));
        return json.rows(json.parse(blobText(this.native, blob))).map((row) => ({
            token: json.maybeText(row, 'token'),
            from: json.text(row, 'from'),
            to: json.text(row, 'to'),
            amount: json.integer(row, 'amount'),
            txHash: json.text(row, 'tx_hash'),
            blockNumber: json.integer(row, 'block_number'),
        }));
    }

    /** Ends the handle; the world lives until its engine is closed. */
    close(): void {
        this.native.remit_world_free(this.handle);
    }

    // Simulated time passes while something is awaited, first little and then more, and not while the signer thinks.
    private async drive(port: Port): Promise<void> {
        if (this.driven.has(port)) return;
        this.driven.add(port);
        try {
            for (let step = 0n; port.pending > 0; step = step === 0n ? 1n : step < 256n ? step * 2n : step) {
                if (port.working === 0) this.native.remit_world_advance(this.handle, step);
                await new Promise((resolve) => setImmediate(resolve));
            }
        } catch (thrown) {
            port.refuseAll(thrown as Refusal);
        } finally {
            this.driven.delete(port);
        }
    }
}

if (typeof Symbol.dispose === 'symbol')
    Object.defineProperty(World.prototype, Symbol.dispose, {
        value(this: World) {
            this.close();
        },
    });

export interface World {
    [Symbol.dispose](): void;
}
