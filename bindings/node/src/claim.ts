// Idempotency keys: a claim is one of six things, told apart by its verdict.
import { isAnyArrayBuffer } from 'node:util/types';
import { maybeName, milliseconds, name, nothing, type Instance } from './engine';
import { call, camel, invalid, renamed } from './errors';
import * as json from './json';
import { RemitEffect, RemitInFlight, RemitRequestForm, RemitVerdict } from './native';
import type { Bytes, Native, RemitBlob, RemitClaim, RemitClaimOptions, RemitClaimView } from './native';
import type { Begin, Outcome } from './port';
import { completeStatements, headersOf, Reply, replyOf, statementsOf } from './reply';
import type { CompleteStatement, HttpAnswer, ReplyInput, Statement } from './reply';

/** What may be done about an effect whose worker has died. */
export type Effect = 'pure' | 'idempotent' | 'queryable' | 'at_most_once';

const effects: Readonly<Record<Effect, RemitEffect>> = {
    pure: RemitEffect.PURE,
    idempotent: RemitEffect.IDEMPOTENT,
    queryable: RemitEffect.QUERYABLE,
    at_most_once: RemitEffect.AT_MOST_ONCE,
};
const effectNames = [null, 'pure', 'idempotent', 'queryable', 'at_most_once'] as const;
const flights = { reject: RemitInFlight.REJECT, wait: RemitInFlight.WAIT, attach: RemitInFlight.ATTACH };

export interface ClaimOptions {
    readonly tenant?: string;
    /** The namespace. */
    readonly space?: string;
    /** What the key is for, as "POST /orders". */
    readonly operation?: string;
    /**
     * What the key stands for; kept as a fingerprint, also when it is empty. Text and bytes (any ArrayBuffer or view of
     * one) count as they are, anything else as canonical JSON, in which a bigint is decimal text: 5n is "5" there.
     */
    readonly request?: unknown;
    /** "json": text and bytes are JSON whose spelling does not matter. */
    readonly requestForm?: 'bytes' | 'json';
    /** Of JSON only these paths, as "/items/0/sku". */
    readonly include?: readonly string[];
    /** All but these paths; never an amount or a currency. */
    readonly exclude?: readonly string[];
    /** While another works on the key: say "running", wait for a while, or wait for the outcome. */
    readonly inFlight?: 'reject' | 'wait' | 'attach';
    readonly waitMs?: number;
    /** Silence after which others may take over. */
    readonly leaseMs?: number;
    /** The reply is kept so long from completion. */
    readonly keepMs?: number;
    /** An expired key executes anew. */
    readonly againAfterExpiry?: boolean;
}

export type RecoverOptions = Pick<ClaimOptions, 'tenant' | 'space' | 'leaseMs' | 'keepMs'>;

function bytesOf(request: unknown): string | Uint8Array | undefined {
    if (typeof request === 'string') return name(request, 'request');
    if (request instanceof Uint8Array) return request;
    if (ArrayBuffer.isView(request)) return new Uint8Array(request.buffer, request.byteOffset, request.byteLength);
    return isAnyArrayBuffer(request) ? new Uint8Array(request) : undefined;
}

function requestOf(options: ClaimOptions): Pick<RemitClaimOptions, 'request' | 'request_form'> {
    const { request, requestForm, include, exclude } = options;
    if (request === undefined) return {};
    const given = bytesOf(request);
    if (given !== undefined) {
        const bytes = requestForm === 'bytes' || (requestForm === undefined && include === undefined && exclude === undefined);
        return { request: given, request_form: bytes ? RemitRequestForm.BYTES : RemitRequestForm.JSON };
    }
    if (requestForm === 'bytes') throw invalid('request', 'must be text or bytes to count as bytes');
    return { request: json.exactly(request, 'request'), request_form: RemitRequestForm.JSON };
}

export function claimOptions(options: ClaimOptions): RemitClaimOptions {
    const inFlight = flights[options.inFlight ?? 'reject'];
    if (inFlight === undefined) throw invalid('inFlight', 'must be reject, wait or attach');
    return {
        ...requestOf(options),
        in_flight: inFlight,
        wait_ms: milliseconds(options.waitMs, 'waitMs'),
        lease_ms: milliseconds(options.leaseMs, 'leaseMs'),
        keep_ms: milliseconds(options.keepMs, 'keepMs'),
        again_after_expiry: options.againAfterExpiry === true ? 1 : 0,
        tenant: maybeName(options.tenant, 'tenant') ?? null,
        space: maybeName(options.space, 'space'),
        operation: maybeName(options.operation, 'operation'),
        include: options.include === undefined ? null : JSON.stringify(options.include),
        exclude: options.exclude === undefined ? null : JSON.stringify(options.exclude),
    };
}

/** The bytes of a blob, which is freed. */
export function blobBytes(native: Native, blob: RemitBlob): Uint8Array {
    const bytes = native.remit_blob_data(blob);
    native.remit_blob_free(blob);
    return bytes;
}

export function blobText(native: Native, blob: RemitBlob): string {
    return Buffer.from(blobBytes(native, blob)).toString('utf8');
}

export function httpAnswer(native: Native, given: readonly [status: number, headers: RemitBlob, body: RemitBlob]): HttpAnswer {
    return { status: given[0], headers: headersOf(blobText(native, given[1])), body: blobBytes(native, given[2]) };
}

/** What a claim is of; a view has it, and who claimed knows it. */
type Named = Pick<RemitClaimView, 'key' | 'tenant' | 'operation'>;

function look(instance: Instance, handle: RemitClaim): RemitClaimView {
    return call(() => instance.native.remit_claim_look(handle)) as RemitClaimView;
}

abstract class AnyClaim {
    abstract readonly verdict: 'execute' | 'recover' | 'replay' | 'running' | 'unknown' | 'expired';
    readonly key: string;
    readonly tenant: string;
    readonly operation: string;

    constructor(protected readonly instance: Instance, protected readonly handle: RemitClaim, named: Named) {
        this.key = named.key;
        this.tenant = named.tenant;
        this.operation = named.operation;
    }

    /** Counts the workers that had the key. */
    get epoch(): bigint {
        return look(this.instance, this.handle).epoch;
    }

    /** What an HTTP server answers by it; of a key that is ours the status is 0. */
    http(): HttpAnswer {
        const { native } = this.instance;
        return httpAnswer(native, call(() => native.remit_claim_http(this.handle)));
    }

    /** Ends it. A key that is not completed is given back if no effect was started, else it waits for takeover. */
    async free(): Promise<void> {
        this.instance.native.remit_claim_free(this.handle);
    }
}

abstract class OwnedClaim extends AnyClaim {
    private last: Promise<unknown> | undefined;
    private freed = false;

    /** Whether the lease was still ours when last heard of: ask before each effect. */
    get held(): boolean {
        return !this.freed && this.instance.native.remit_claim_held(this.handle) === 1;
    }

    /** The external id of an effect of this key: the same for every worker and every retry. */
    effectKey(step: string): string {
        return call(() => this.instance.native.remit_claim_effect_key(this.handle, name(step, 'step')));
    }

    /** Records that an effect begins, before it does. From here on the key can not be given back. */
    async effectBegin(effect: Effect): Promise<void> {
        const wanted = effects[effect];
        if (wanted === undefined) throw invalid('effect', 'must be pure, idempotent, queryable or at_most_once');
        return this.step((async) => this.instance.native.remit_claim_effect_begin(this.handle, wanted, async));
    }

    /** Records how far the work has come, and what a later worker needs to go on from there. */
    async checkpoint(point: string, data?: Bytes): Promise<void> {
        const named = name(point, 'point');
        return this.step((async) => this.instance.native.remit_claim_checkpoint(this.handle, named, data ?? null, async));
    }

    /**
     * Puts the reply on record; the key replays it from here on. The statements commit or fail with it. After a
     * FinalError E_FENCED look() tells what became of the key.
     */
    async complete(reply?: ReplyInput, statements: readonly Statement[] = []): Promise<void> {
        const given = replyOf(reply);
        const own = statementsOf(statements);
        try {
            await this.step((async) => this.instance.native.remit_claim_complete(this.handle, given, own, async));
        } catch (error) {
            throw renamed(error, (field) => camel(field.replace(/row_count$/, 'rows')));
        }
    }

    /** What complete() would write, for a transaction on a connection of the host's own to the same database. */
    completeSql(reply?: ReplyInput): CompleteStatement[] {
        const { native } = this.instance;
        const given = replyOf(reply);
        return completeStatements(blobText(native, call(() => native.remit_claim_complete_sql(this.handle, given))));
    }

    /** Gives the key back: the next claim with the same request executes it. */
    async release(): Promise<void> {
        return this.step((async) => this.instance.native.remit_claim_release(this.handle, async));
    }

    /** What the key means by now, as the last call on this claim has found. */
    look(): Claim {
        return claimOf(this.instance, this.handle);
    }

    override async free(): Promise<void> {
        await this.last?.catch(nothing);
        this.freed = true;
        await super.free();
    }

    // A claim is used by one call at a time: a second one waits for the first.
    private async step(begin: Begin): Promise<void> {
        const before = this.last;
        const run = before === undefined ? this.instance.call(begin, nothing) : this.after(before, begin);
        this.last = run;
        try {
            await run;
        } finally {
            if (this.last === run) this.last = undefined;
        }
    }

    private async after(before: Promise<unknown>, begin: Begin): Promise<void> {
        await before.catch(nothing);
        return this.instance.call(begin, nothing);
    }
}

/** Ours, and nothing was done before: do the work, complete it. */
export class ExecuteClaim extends OwnedClaim {
    readonly verdict = 'execute';
}

/** Ours, after another died: go on from its point and effect. */
export class RecoverClaim extends OwnedClaim {
    readonly verdict = 'recover';
    /** How far the worker before came; "" is the beginning. */
    readonly point: string;
    /** What it kept with that point. */
    readonly data: Uint8Array;
    /** What it had under way. */
    readonly effect: Effect | null;
    readonly effectsStarted: boolean;

    constructor(instance: Instance, handle: RemitClaim, view: RemitClaimView) {
        super(instance, handle, view);
        this.point = view.point;
        this.data = view.data ?? new Uint8Array();
        this.effect = effectNames[view.effect] ?? null;
        this.effectsStarted = view.effects_started === 1;
    }
}

/** Done before: the reply on record. */
export class ReplayClaim extends AnyClaim {
    readonly verdict = 'replay';
    readonly reply: Reply;

    constructor(instance: Instance, handle: RemitClaim, view: RemitClaimView) {
        super(instance, handle, view);
        const body = view.reply_body ?? new Uint8Array();
        this.reply = new Reply(view.reply_status, headersOf(view.reply_headers), body, view.body_omitted === 1, view.result_ref);
    }
}

/** Another works on it: come back after retryMs. */
export class RunningClaim extends AnyClaim {
    readonly verdict = 'running';
    readonly retryMs: number;

    constructor(instance: Instance, handle: RemitClaim, view: RemitClaimView) {
        super(instance, handle, view);
        this.retryMs = Number(view.retry_ms);
    }
}

/** An effect that cannot be repeated is in doubt: resolve first. */
export class UnknownClaim extends AnyClaim {
    readonly verdict = 'unknown';
    /** Why. */
    readonly doubt: string;

    constructor(instance: Instance, handle: RemitClaim, view: RemitClaimView) {
        super(instance, handle, view);
        this.doubt = view.doubt;
    }
}

/** The reply was kept its time and is gone. */
export class ExpiredClaim extends AnyClaim {
    readonly verdict = 'expired';
}

export type Claim = ExecuteClaim | RecoverClaim | ReplayClaim | RunningClaim | UnknownClaim | ExpiredClaim;

const verdicts = {
    [RemitVerdict.EXECUTE]: ExecuteClaim,
    [RemitVerdict.RECOVER]: RecoverClaim,
    [RemitVerdict.REPLAY]: ReplayClaim,
    [RemitVerdict.RUNNING]: RunningClaim,
    [RemitVerdict.UNKNOWN]: UnknownClaim,
    [RemitVerdict.EXPIRED]: ExpiredClaim,
};

function claimOf(instance: Instance, handle: RemitClaim): Claim {
    const view = look(instance, handle);
    return new verdicts[view.verdict](instance, handle, view);
}

/** The claim that an outcome brought. */
export function takeClaim(instance: Instance, outcome: Outcome, named?: Named): Claim {
    const handle = instance.native.remit_batch_claim(outcome.batch, outcome.index) as RemitClaim;
    // The one that comes most has nothing more to tell, and looking costs more than taking.
    if (named !== undefined && Number(outcome.value) === RemitVerdict.EXECUTE) return new ExecuteClaim(instance, handle, named);
    return claimOf(instance, handle);
}

// These symbols are not in every Node 20.
if (typeof Symbol.asyncDispose === 'symbol')
    Object.defineProperty(AnyClaim.prototype, Symbol.asyncDispose, {
        value(this: AnyClaim) {
            return this.free();
        },
    });
if (typeof Symbol.dispose === 'symbol')
    Object.defineProperty(AnyClaim.prototype, Symbol.dispose, {
        value(this: AnyClaim) {
            void this.free();
        },
    });

interface AnyClaim {
    [Symbol.asyncDispose](): Promise<void>;
    /** As free(), in the background. */
    [Symbol.dispose](): void;
}
