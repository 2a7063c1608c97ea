import { blobText, claimOptions, takeClaim, type Claim, type ClaimOptions, type RecoverClaim, type RecoverOptions } from './claim';
import { Instance, milliseconds, name, nothing, type HostOptions } from './engine';
import { call, camel, RemitError, renamed } from './errors';
import { Consumer, type EventOptions } from './events';
import * as json from './json';
import { Keys } from './keys';
import type { Native } from './native';
import { Payouts } from './payouts';
import type { LogLine } from './port';

export interface TokenConfig {
    readonly symbol: string;
    readonly address: string;
    readonly decimals: number;
    readonly gas?: number;
}

export interface ChainConfig {
    readonly id: number | bigint;
    readonly rpc: string;
    readonly name?: string;
    readonly confirmations?: number;
    readonly poll_ms?: number;
    readonly in_flight?: number;
    readonly batch?: number;
    readonly resend_ms?: number;
    readonly max_fee_gwei?: string;
    readonly gas_margin_percent?: number;
    readonly tokens?: readonly TokenConfig[];
    readonly senders?: readonly string[];
}

/** The configuration, as docs/config.md describes it. A field of a newer library may be given too. */
export interface Config {
    readonly database?: string;
    readonly prefix?: string;
    readonly schema?: string;
    readonly connections?: number;
    readonly migrate?: 'automatic' | 'check' | 'manual';
    readonly log_level?: LogLine['level'];
    readonly password_file?: string;
    readonly proxy?: string;
    readonly ca_file?: string;
    readonly unlock_ms?: number;
    readonly lease_ms?: number;
    readonly events_keep_days?: number;
    readonly tombstone_days?: number;
    readonly consumer_dead_days?: number;
    readonly chains?: readonly ChainConfig[];
    readonly [field: string]: unknown;
}

export interface ChainHealth {
    readonly chain_id: number;
    readonly reachable: boolean;
    readonly problem: string;
    readonly head: number;
    readonly head_age_us: number;
}

export interface Health {
    readonly ok: boolean;
    readonly problems: readonly string[];
    readonly keys_unlocked: boolean;
    readonly chains: readonly ChainHealth[];
    readonly lanes: readonly Readonly<Record<string, unknown>>[];
}

const optionName = (field: string): string => camel(field.replace(/^options\./, ''));

/** Makes one of an open instance. */
export let remitOf: (instance: Instance) => Remit;

/** One instance over one database. */
export class Remit {
    readonly payouts: Payouts;
    readonly keys: Keys;

    static {
        remitOf = (instance) => new Remit(instance);
    }

    private constructor(private readonly instance: Instance) {
        this.payouts = new Payouts(instance);
        this.keys = new Keys(instance);
    }

    /** Opens an instance by its configuration and starts its work. */
    static async open(options: Config & HostOptions = {}): Promise<Remit> {
        const { signer, log, environment, ...config } = options;
        const text = json.stringify(config);
        const host = { signer, log, environment } as HostOptions;
        const instance = await Instance.open(host, (native, made) => native.remit_engine_open_later(text, made));
        await instance.start();
        return new Remit(instance);
    }

    /** The same with the configuration read from a file. */
    static async openFile(path: string, options: HostOptions = {}): Promise<Remit> {
        const file = name(path, 'path');
        const instance = await Instance.open(options, (native, made) => native.remit_engine_open_file_later(file, made));
        await instance.start();
        return new Remit(instance);
    }

    get closed(): boolean {
        return this.instance.closed;
    }

    /** Claims an idempotency key, or says what became of it: 1 to 255 visible ASCII characters. */
    async claim(key: string, options: ClaimOptions = {}): Promise<Claim> {
        const given = claimOptions(options);
        const named = { key: name(key, 'key'), tenant: options.tenant ?? '', operation: options.operation ?? '' };
        try {
            return await this.instance.call(
                (async) => this.instance.native.remit_idempotency_claim(this.instance.handle, key, given, async),
                (outcome) => takeClaim(this.instance, outcome, named),
            );
        } catch (error) {
            throw renamed(error, optionName);
        }
    }

    /** Takes one key whose worker has died after it had started effects; null when there is none. */
    async recover(options: RecoverOptions = {}): Promise<RecoverClaim | null> {
        const given = claimOptions(options);
        try {
            return await this.instance.call(
                (async) => this.instance.native.remit_idempotency_recover(this.instance.handle, given, async),
                (outcome) => takeClaim(this.instance, outcome) as RecoverClaim,
            );
        } catch (error) {
            if (RemitError.is(error) && error.code === 'E_NOT_FOUND') return null;
            throw renamed(error, optionName);
        }
    }

    /** Durable events for a consumer, made by its first use: `for await (const event of remit.events('app'))`. */
    events(consumer: string, options: EventOptions = {}): Consumer {
        return new Consumer(this.instance, consumer, options);
    }

    /** Asks something by the catalogue's name, as "payouts.report"; changes nothing. */
    async query(what: string, parameters?: object): Promise<unknown> {
        const given = parameters === undefined ? null : json.stringify(parameters);
        return this.instance.call(
            (async) => this.instance.native.remit_query(this.instance.handle, name(what, 'name'), given, async),
            (outcome) => json.parse(outcome.payload),
        );
    }

    /** Does something by the catalogue's name, as "payouts.repair". */
    async command(what: string, parameters?: object): Promise<unknown> {
        const given = parameters === undefined ? null : json.stringify(parameters);
        return this.instance.call(
            (async) => this.instance.native.remit_command(this.instance.handle, name(what, 'name'), given, async),
            (outcome) => json.parse(outcome.payload),
        );
    }

    /** Describes every query and command. */
    catalogue(): unknown {
        return JSON.parse(blobText(this.instance.native, call(() => this.instance.native.remit_catalogue(this.instance.handle))));
    }

    /** All metrics in Prometheus' text form. */
    metrics(): string {
        return blobText(this.instance.native, call(() => this.instance.native.remit_engine_metrics(this.instance.handle)));
    }

    async health(): Promise<Health> {
        return this.instance.call(
            (async) => this.instance.native.remit_engine_health(this.instance.handle, async),
            (outcome) => json.parse(outcome.payload) as Health,
        );
    }

    /** Looks through the whole database, and asks the chains; an empty list is good. */
    async doctor(): Promise<readonly string[]> {
        return (await this.query('doctor')) as string[];
    }

    /** Copies the live database into a new file, consistent, while work goes on. */
    async backup(path: string): Promise<void> {
        const file = name(path, 'path');
        return this.instance.call((async) => this.instance.native.remit_engine_backup(this.instance.handle, file, async), nothing);
    }

    /**
     * Takes no new work, waits up to drainMs until what is under way is recorded, and ends. Nothing is lost when that
     * takes longer. Calls under way say E_CLOSED.
     */
    async close(options: { readonly drainMs?: number } = {}): Promise<void> {
        return this.instance.close(milliseconds(options.drainMs ?? 5000, 'drainMs'));
    }
}

// Symbol.asyncDispose is not in every Node 20.
if (typeof Symbol.asyncDispose === 'symbol')
    Object.defineProperty(Remit.prototype, Symbol.asyncDispose, {
        value(this: Remit) {
            return this.close();
        },
    });

export interface Remit {
    [Symbol.asyncDispose](): Promise<void>;
}

/** Canonical JSON (RFC 8785), whole or in part: what a fingerprint is made of. */
export function canonicalJson(
    native: Native,
    value: unknown,
    paths: { readonly include?: readonly string[]; readonly exclude?: readonly string[] } = {},
): string {
    const { include, exclude } = paths;
    const text = typeof value === 'string' ? value : json.exactly(value, 'value');
    const some = include === undefined ? null : JSON.stringify(include);
    const but = exclude === undefined ? null : JSON.stringify(exclude);
    return blobText(native, call(() => native.remit_canonical_json(text, some, but)));
}
