// What all parts of an instance share: its handle, its port, and its end.
import { callLater, invalid, RemitError, remitError } from './errors';
import { isWellFormed } from './json';
import type { Native, RemitEngine, RemitEngineOptions } from './native';
import { Port, type Begin, type LogLine, type Outcome } from './port';
import { addressBytes, doWork, type Signer } from './signer';

/** What a host gives besides its configuration. */
export interface HostOptions {
    /** Signs for keys that the library does not hold. */
    readonly signer?: Signer | undefined;
    /** Gets the library's log. */
    readonly log?: ((line: LogLine) => void) | undefined;
    /** REMIT_* variables override the configuration. */
    readonly environment?: boolean | undefined;
}

export const nothing = (): void => {};

const open = new Set<Instance>();

// process.exit() and an uncaught exception end the process under the library's threads: they are ended first.
function endAll(): void {
    for (const instance of open) instance.abandon();
}

type Opening = (native: Native, options: RemitEngineOptions) => Promise<RemitEngine>;
/** Lets the time of a simulated world pass while calls are under way. */
export type Drive = (port: Port) => void;

export class Instance {
    private ending: Promise<void> | undefined;
    private readonly resting = new Set<() => void>();

    private constructor(readonly port: Port, private readonly engine: RemitEngine, private readonly drive: Drive | undefined) {
        if (open.size === 0) process.on('exit', endAll);
        open.add(this);
    }

    static async open(host: HostOptions, opening: Opening, drive?: Drive): Promise<Instance> {
        const { signer, log } = host;
        const addresses = signer === undefined ? null : addressBytes(signer);
        const port = new Port();
        if (log !== undefined) port.onLog = log;
        if (signer !== undefined) port.onWork = (work) => void port.during(doWork(port, signer, work));
        const options: RemitEngineOptions = {
            environment: host.environment === true ? 1 : 0,
            log: log === undefined ? null : port.async,
            signer: signer === undefined ? null : port.async,
            signer_addresses: addresses,
        };
        try {
            return new Instance(port, await callLater(() => opening(port.native, options)), drive);
        } catch (error) {
            port.close();
            throw error;
        }
    }

    get native(): Native {
        return this.port.native;
    }

    /** Throws E_CLOSED behind close(). */
    get handle(): RemitEngine {
        if (this.closed) throw closedError();
        return this.engine;
    }

    get closed(): boolean {
        return this.ending !== undefined;
    }

    async call<T>(begin: Begin, read: (outcome: Outcome) => T): Promise<T> {
        if (this.closed) throw closedError();
        const done = this.port.call(begin, read);
        this.drive?.(this.port);
        return done;
    }

    async start(): Promise<void> {
        try {
            await callLater(() => this.native.remit_engine_start_later(this.handle));
        } catch (error) {
            await this.close(0n);
            throw error;
        }
    }

    close(drainMs: bigint): Promise<void> {
        this.ending ??= this.end(drainMs);
        this.wake();
        return this.ending;
    }

    /** Ends it at once, on this thread. */
    abandon(): void {
        this.ending ??= Promise.resolve();
        this.wake();
        this.forget();
        this.native.remit_engine_free(this.engine);
        this.port.close();
    }

    /** A rest that ends early when asked to, or when the instance is closed. */
    rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
        return new Promise((resolve) => {
            const end = (): void => {
                clearTimeout(timer);
                signal?.removeEventListener('abort', end);
                this.resting.delete(end);
                resolve();
            };
            const timer = setTimeout(end, ms);
            signal?.addEventListener('abort', end, { once: true });
            this.resting.add(end);
        });
    }

    private wake(): void {
        for (const end of this.resting) end();
    }

    private forget(): void {
        if (open.delete(this) && open.size === 0) process.removeListener('exit', endAll);
    }

    private async end(drainMs: bigint): Promise<void> {
        try {
            const stopped = this.port.call((async) => this.native.remit_engine_stop(this.engine, drainMs, async), nothing);
            this.drive?.(this.port);
            await stopped;
        } catch (error) {
            // What did not end in time goes on from its rows at the next start; any other reason is no reason to stay.
            if (!RemitError.is(error)) throw error;
        }
        // A simulated world is used by one thread.
        if (this.drive !== undefined) this.native.remit_engine_free(this.engine);
        else await callLater(() => this.native.remit_engine_free_later(this.engine));
        await this.port.idle();
        this.port.close();
        this.forget();
    }
}

/** A duration for the C ABI. */
export function milliseconds(value: number | undefined, field: string): bigint {
    if (value === undefined) return 0n;
    if (!Number.isSafeInteger(value) || value < 0) throw invalid(field, 'must be a whole number of milliseconds, not negative');
    return BigInt(value);
}

/** A time for the C ABI, in microseconds. */
export function microseconds(value: Date | undefined, field: string): bigint {
    if (value === undefined) return 0n;
    const ms = value.getTime();
    if (!Number.isSafeInteger(ms) || ms <= 0) throw invalid(field, 'must be a time after 1970');
    return BigInt(ms) * 1000n;
}

/** Text that names something. */
export function name(value: string, field: string): string {
    if (typeof value !== 'string') throw invalid(field, 'must be a string');
    if (!isWellFormed(value)) throw invalid(field, 'has a lone surrogate');
    return value;
}

export function maybeName(value: string | undefined, field: string): string | null {
    return value === undefined ? null : name(value, field);
}

export function closedError(): Error {
    return remitError('E_CLOSED', '', 'the instance is closed');
}
