// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// The C ABI, 1:1; the headers are the manual. How its types become JavaScript's stands in
// bindings/generate/node.py.

declare const type: unique symbol;

/** Grows when a program built for an older header can no longer be served: compare it with remit_abi_version. */
export const REMIT_ABI_VERSION = 1;
/** As a length: the text ends at its NUL. */
export const REMIT_ZSTR = 18446744073709551615n;

/** Every status: its number, the class that says what to do about it, and its meaning. */
export const STATUSES = {
    OK: { number: 0, class: 'done', text: "The call did what it says." },
    E_MISUSE: { number: -1, class: 'fix', text: "A NULL, a bad length, a spent handle." },
    E_NEWER: { number: -2, class: 'fix', text: "The data or options are of a newer library." },
    E_INVALID: { number: -3, class: 'fix', text: "The input is refused; the error names the field." },
    E_STORE: { number: -4, class: 'retry', text: "The database could not be used." },
    E_STORE_LOST: { number: -5, class: 'ask', text: "The commit's fate is not known: read, then decide." },
    E_MISMATCH: { number: -6, class: 'final', text: "The id stands for other content." },
    E_FENCED: { number: -7, class: 'final', text: "Another worker took over. Cause no effect." },
    E_NOT_FOUND: { number: -8, class: 'final', text: "There is no such thing." },
    E_BUSY: { number: -9, class: 'retry', text: "Another live process holds it." },
    E_TIMEOUT: { number: -10, class: 'retry', text: "The deadline of the wait passed; the work goes on." },
    E_BROKEN: { number: -11, class: 'fix', text: "The instance fenced itself; open it anew and look." },
    E_FORKED: { number: -12, class: 'fix', text: "The handle is of the parent process; open your own." },
    E_CLOSED: { number: -13, class: 'retry', text: "The instance is draining or closed." },
    E_NO_MEMORY: { number: -14, class: 'retry', text: "Memory ran out." },
    E_NETWORK: { number: -15, class: 'retry', text: "The other side could not be asked." },
    E_UNKNOWN: { number: -16, class: 'ask', text: "An effect was started and its outcome is not known." },
    E_REFUSED: { number: -17, class: 'final', text: "The other side refused, definitely." },
    E_CORRUPT: { number: -18, class: 'final', text: "The data is damaged or was tampered with." },
    E_WRONG_KEY: { number: -19, class: 'final', text: "The password or key does not open this." },
    E_STATE: { number: -20, class: 'final', text: "Not possible in the state it is in." },
} as const;
export type StatusName = keyof typeof STATUSES;
export type StatusClass = (typeof STATUSES)[StatusName]['class'];

/** What a caller does about a status. */
export const RemitClass = {
    /** Nothing to do. */
    DONE: 0,
    /** Fix the code, the configuration or the input; nothing was done. */
    FIX: 1,
    /** Nothing was done; make the same call again. */
    RETRY: 2,
    /** It may have been done: ask before anything is done again. */
    ASK: 3,
    /** Definite: repeating the call gives the same answer. */
    FINAL: 4,
} as const;
export type RemitClass = (typeof RemitClass)[keyof typeof RemitClass];

/** What a key means by now. Every verdict comes with REMIT_OK: none of them is an error. */
export const RemitVerdict = {
    /** Ours, and nothing was done before: do the work, complete it. */
    EXECUTE: 1,
    /** Ours, after another died: go on from its point and effect. */
    RECOVER: 2,
    /** Done before: the reply on record, byte for byte. */
    REPLAY: 3,
    /** Another works on it (HTTP 409): come back after retry_ms. */
    RUNNING: 4,
    /** An effect that cannot be repeated is in doubt: resolve first. */
    UNKNOWN: 5,
    /** The reply was kept its time; the key is not used again. */
    EXPIRED: 6,
} as const;
export type RemitVerdict = (typeof RemitVerdict)[keyof typeof RemitVerdict];

/** What may be done about an effect on the outside world whose worker has died. */
export const RemitEffect = {
    /** No effect is under way. */
    NONE: 0,
    /** Repeat it. */
    PURE: 1,
    /** Repeat it with the same remit_claim_effect_key. */
    IDEMPOTENT: 2,
    /** Ask the other side first. */
    QUERYABLE: 3,
    /** Never repeat it: the key becomes UNKNOWN. */
    AT_MOST_ONCE: 4,
} as const;
export type RemitEffect = (typeof RemitEffect)[keyof typeof RemitEffect];

/** What a claim does while another works on the key. */
export const RemitInFlight = {
    /** Says RUNNING. */
    REJECT: 0,
    /** Waits up to wait_ms for the outcome, then says RUNNING. */
    WAIT: 1,
    /** Waits for the outcome; TIMEOUT after wait_ms, if given. */
    ATTACH: 2,
} as const;
export type RemitInFlight = (typeof RemitInFlight)[keyof typeof RemitInFlight];

/** How request bytes become a fingerprint. */
export const RemitRequestForm = {
    /** As they are. */
    BYTES: 0,
    /** As canonical JSON (RFC 8785): its spelling does not matter. */
    JSON: 1,
} as const;
export type RemitRequestForm = (typeof RemitRequestForm)[keyof typeof RemitRequestForm];

/** What kind of value a statement is given. */
export const RemitValueKind = {
    /** SQL's NULL. */
    NULL: 0,
    /** integer. */
    INTEGER: 1,
    /** data, as UTF-8. */
    TEXT: 2,
    /** data, as bytes. */
    BYTES: 3,
} as const;
export type RemitValueKind = (typeof RemitValueKind)[keyof typeof RemitValueKind];

/** Where a payout stands. */
export const RemitPayoutStatus = {
    /** Accepted; perhaps signed, not yet given to a node. */
    PENDING: 1,
    /** A node may have it: in doubt until the chain has decided. */
    SENT: 2,
    /** Paid, proven by the chain, and deep enough. */
    COMPLETED: 3,
    /** Not paid, and it never will be; its reason says why. */
    FAILED: 4,
    /** Withdrawn while nothing was signed. */
    CANCELLED: 5,
} as const;
export type RemitPayoutStatus = (typeof RemitPayoutStatus)[keyof typeof RemitPayoutStatus];

/** What an item is. Skip kinds that you do not know. */
export const RemitItemKind = {
    /** The outcome of a call that did not wait. */
    RESULT: 1,
    /** Reserved for durable events; remit_events_next reads them. */
    EVENT: 2,
    /** Something the host shall do: answer its token. */
    WORK: 3,
    /** A line for the host's log. */
    LOG: 4,
    /** Somebody called remit_queue_wake. */
    WAKE: 5,
} as const;
export type RemitItemKind = (typeof RemitItemKind)[keyof typeof RemitItemKind];

/** How work for the host went. Silence means UNKNOWN, never DONE. */
export const RemitWorkOutcome = {
    /** It may have been done. */
    UNKNOWN: 0,
    /** Done; the answer is what the work asks for. */
    DONE: 1,
    /** Definitely not done; the answer is the reason as text. */
    FAILED: 2,
    /** Not mine: as if the host had not offered to do it. */
    PASS: 3,
} as const;
export type RemitWorkOutcome = (typeof RemitWorkOutcome)[keyof typeof RemitWorkOutcome];

/** Text or bytes; a string is given as UTF-8. */
export type Bytes = string | Uint8Array;

/** Bytes or text that the library made. Immutable; any thread may read it. */
export interface RemitBlob {
    readonly [type]: 'remit_blob';
}

/** What was wrong, and with which field. Immutable; any thread may read it. Never carries a secret. */
export interface RemitError {
    readonly [type]: 'remit_error';
}

/** Where the library meets the host (queue.h). Any thread may call. */
export interface RemitQueue {
    readonly [type]: 'remit_queue';
}

/** One instance over one database (engine.h). Any thread may call. */
export interface RemitEngine {
    readonly [type]: 'remit_engine';
}

/**
 * A claimed key: what became of it, and on EXECUTE and RECOVER the right to work on it. Its lease is renewed while
 * it lives and the engine ticks. Keeps its engine alive. Used by one thread at a time.
 */
export interface RemitClaim {
    readonly [type]: 'remit_claim';
}

/** Items that were fetched. Immutable; any thread may read it. */
export interface RemitBatch {
    readonly [type]: 'remit_batch';
}

/**
 * A world: its chain has the id 31337, the coin, and the token "USDT" with 6 decimals, whose transfer returns
 * nothing. Used by one thread at a time, together with the engine in it; do not start that engine.
 */
export interface RemitWorld {
    readonly [type]: 'remit_world';
}

/** Where the outcome of a call that does not wait shall go. Fixed for ever; a value, no thread owns it. */
export interface RemitAsync {
    /** Kept alive until the item was pushed. */
    readonly queue: RemitQueue;
    /** Comes back with the item. */
    readonly tag: bigint;
}

/** What a host gives an engine besides its configuration. A value, no thread owns it. */
export interface RemitEngineOptions {
    /** 1: REMIT_* variables override the configuration. */
    readonly environment?: number | null | undefined;
    /** Log lines go there; NULL: nowhere. */
    readonly log?: RemitAsync | null | undefined;
    /** Work to sign for signer_addresses goes there; or NULL. */
    readonly signer?: RemitAsync | null | undefined;
    /** Addresses whose keys the host holds, 20 bytes each. */
    readonly signer_addresses?: Bytes | null | undefined;
}

/** How to claim. A value, no thread owns it. */
export interface RemitClaimOptions {
    /** What to do while another works on the key. */
    readonly in_flight?: RemitInFlight | null | undefined;
    /** 0: 5,000 for WAIT, no end for ATTACH; up to 24 h. */
    readonly wait_ms?: bigint | null | undefined;
    /** Silence after which others may take over; 1,000 to 24 h. */
    readonly lease_ms?: bigint | null | undefined;
    /** The reply is kept so long from completion; 7 days. */
    readonly keep_ms?: bigint | null | undefined;
    /** How the request becomes a fingerprint. */
    readonly request_form?: RemitRequestForm | null | undefined;
    /** 1: an expired key executes anew. */
    readonly again_after_expiry?: number | null | undefined;
    /** NULL: the empty tenant. */
    readonly tenant?: Bytes | null | undefined;
    /** The namespace; NULL: the empty one. */
    readonly space?: Bytes | null | undefined;
    /** What the key is for, as "POST /orders"; NULL: anything. */
    readonly operation?: Bytes | null | undefined;
    /** What the key stands for; NULL: the key alone decides. */
    readonly request?: Bytes | null | undefined;
    /** JSON array of paths; NULL: all. Only with REQUEST_JSON. */
    readonly include?: Bytes | null | undefined;
    /** JSON array of paths, never of an amount or currency. */
    readonly exclude?: Bytes | null | undefined;
}

/** A reply to put on record. A value, no thread owns it. */
export interface RemitReply {
    /** 100 to 599; 0 is 200. */
    readonly status?: number | null | undefined;
    /** JSON array of [name, value]; NULL: none. See idempotency.hpp. */
    readonly headers?: Bytes | null | undefined;
    /** NULL: empty. */
    readonly body?: Bytes | null | undefined;
    /** Where the result is had if the body is too large to keep. */
    readonly result_ref?: Bytes | null | undefined;
}

/** A value for a statement's placeholder. A value, no thread owns it. */
export interface RemitValue {
    /** Which of the others counts. */
    readonly kind?: RemitValueKind | null | undefined;
    /** 0. */
    readonly reserved?: number | null | undefined;
    readonly integer?: bigint | null | undefined;
    /** Text or bytes. */
    readonly data?: Bytes | null | undefined;
}

/**
 * A statement of the host's own on tables of its own. In an array, struct_size is the distance from one to the next
 * and the same in all. A value, no thread owns it.
 */
export interface RemitStatement {
    /** 0. */
    readonly reserved?: number | null | undefined;
    /** So many rows must be found; 0: any number, -1: none. */
    readonly row_count?: bigint | null | undefined;
    /** One statement: ? on SQLite, $1 on PostgreSQL. */
    readonly sql?: Bytes | null | undefined;
    /** For its placeholders. */
    readonly values?: readonly RemitValue[] | null | undefined;
}

/**
 * What a claim found, made by the library only, read through remit_claim_look; it may grow at its end. Changes only
 * when a call on the claim gives FENCED. As its claim: one thread at a time.
 */
export interface RemitClaimView {
    /** What the key means. */
    readonly verdict: RemitVerdict;
    /** RECOVER: what the worker before had under way. */
    readonly effect: RemitEffect;
    /** 1: the key can not be given back any more. */
    readonly effects_started: number;
    /** REPLAY: the status on record. */
    readonly reply_status: number;
    /** REPLAY, 1: the body was too large; look at result_ref. */
    readonly body_omitted: number;
    /** 0. */
    readonly reserved: number;
    /** Counts the workers that had the key. */
    readonly epoch: bigint;
    /** RUNNING: when to come back. */
    readonly retry_ms: bigint;
    /** The key's tenant. */
    readonly tenant: string;
    /** The key. */
    readonly key: string;
    /** What it is for. */
    readonly operation: string;
    /** UNKNOWN: why. */
    readonly doubt: string;
    /** RECOVER: how far the worker before came. */
    readonly point: string;
    /** RECOVER: what it kept with that point. */
    readonly data: Uint8Array;
    /** REPLAY: JSON array of [name, value]. */
    readonly reply_headers: string;
    /** REPLAY: the body's bytes, and a NUL. */
    readonly reply_body: Uint8Array;
    /** REPLAY: as it was given. */
    readonly result_ref: string;
}

/**
 * One payout to accept. In an array, struct_size is the distance from one to the next and the same in all. A value,
 * no thread owns it.
 */
export interface RemitPayoutRequest {
    /** Higher goes first; -1000 to 1000. */
    readonly priority?: number | null | undefined;
    /** A configured chain. */
    readonly chain_id?: bigint | null | undefined;
    /** 0: at once. */
    readonly not_before_us?: bigint | null | undefined;
    /** Not signed after it; 0: none. */
    readonly deadline_us?: bigint | null | undefined;
    /** The host's own number: 1 to 255 bytes. */
    readonly external_id?: Bytes | null | undefined;
    /** A configured symbol or 0x address; NULL: the chain's coin. */
    readonly token?: Bytes | null | undefined;
    /** 0x and 40 digits; a mixed case must be the right checksum. */
    readonly to?: Bytes | null | undefined;
    /** Base units in decimal, at least 1. */
    readonly amount?: Bytes | null | undefined;
    /** NULL: the empty tenant. */
    readonly tenant?: Bytes | null | undefined;
    /** A configured sender; NULL: any. */
    readonly from?: Bytes | null | undefined;
}

/** What became of one request. Fixed for ever. A value, no thread owns it. */
export interface RemitPayoutAccepted {
    /** "po_..." */
    readonly id: string;
    /** 0: it was there before, with the same content. */
    readonly created: number;
    /** 0. */
    readonly reserved: number;
}

/**
 * One item, made by the library only, read through remit_batch_at; it may grow at its end. Immutable; any thread may
 * read it while its batch lives.
 */
export interface RemitItem {
    /** That of the remit_async it came by. */
    readonly tag: bigint;
    readonly kind: RemitItemKind;
    /** RESULT: how the call went. LOG: 0 debug to 3 error. */
    readonly status: number;
    /** RESULT: the call's number output, as its comment says. */
    readonly value: bigint;
    /** WORK: what remit_work_answer takes. */
    readonly token: bigint;
    /** JSON, or "": the result, the work, the log line's fields. */
    readonly payload: Uint8Array;
    /** RESULT that is not OK: the field, or "". */
    readonly error_field: string;
    /** RESULT that is not OK: what was wrong. LOG: the event's name. */
    readonly error_text: string;
}

/** How to make a world. A value, no thread owns it. */
export interface RemitWorldOptions {
    /** Keys that the engine can sign with; 1. At most 64. */
    readonly sender_count?: number | null | undefined;
    /** The same seed and calls give the same run; 1. */
    readonly seed?: bigint | null | undefined;
    /** 12,000; negative: blocks come by remit_world_mine only. */
    readonly block_interval_ms?: bigint | null | undefined;
    /** Keeps chain and database in files there, which outlive the process; NULL: in memory. */
    readonly folder?: Bytes | null | undefined;
}

/** Every function of the C ABI under its own name. */
export interface Abi {
    /** The REMIT_ABI_VERSION that this library was built as. */
    remit_abi_version(): number;
    /** The version of the release, as "0.1.0". */
    remit_version_text(): string;
    /** The name of a status without its REMIT_, as "E_STORE_LOST". */
    remit_status_name(status: number): string;
    /** What a status means, as one sentence for people. */
    remit_status_text(status: number): string;
    /** What a caller does about a status. */
    remit_status_class(status: number): RemitClass;
    /** The bytes of a blob, with a NUL behind the last. */
    remit_blob_data(blob: RemitBlob | null): Uint8Array;
    /** How many bytes a blob has. */
    remit_blob_len(blob: RemitBlob | null): number;
    /** Ends a blob. */
    remit_blob_free(blob: RemitBlob | null): void;
    /** The status that came with an error. */
    remit_error_status(error: RemitError | null): number;
    /** The path of the field to blame, as "chains[0].rpc" or an argument's name. */
    remit_error_field(error: RemitError | null): string;
    /** What was wrong, for people. */
    remit_error_text(error: RemitError | null): string;
    /** Ends an error. */
    remit_error_free(error: RemitError | null): void;
    /**
     * Asks something; changes nothing. Throws E_MISUSE, E_INVALID, E_NOT_FOUND, E_STORE, E_STORE_LOST, E_CLOSED,
     * E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_query(engine: RemitEngine, name: Bytes, json?: Bytes | null, async?: null): RemitBlob;
    remit_query(engine: RemitEngine, name: Bytes, json: Bytes | null, async: RemitAsync): void;
    /**
     * Does something. Throws E_MISUSE, E_INVALID, E_NOT_FOUND, E_MISMATCH, E_STATE, E_STORE, E_STORE_LOST, E_CLOSED,
     * E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_command(engine: RemitEngine, name: Bytes, json?: Bytes | null, async?: null): RemitBlob;
    remit_command(engine: RemitEngine, name: Bytes, json: Bytes | null, async: RemitAsync): void;
    /**
     * Describes every query and command: name, parameters with types, what it answers. Does not wait. Throws
     * E_MISUSE, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_catalogue(engine: RemitEngine): RemitBlob;
    /**
     * Opens an engine. Makes no thread and asks nobody on the network. Throws E_MISUSE, E_NEWER, E_INVALID, E_STORE,
     * E_BUSY, E_CORRUPT, E_BROKEN, E_NO_MEMORY.
     */
    remit_engine_open(config: Bytes, options?: RemitEngineOptions | null): RemitEngine;
    remit_engine_open_later(config: Bytes, options?: RemitEngineOptions | null): Promise<RemitEngine>;
    /**
     * The same with the configuration read from a file. Throws E_MISUSE, E_NEWER, E_INVALID, E_NOT_FOUND, E_STORE,
     * E_BUSY, E_CORRUPT, E_BROKEN, E_NO_MEMORY.
     */
    remit_engine_open_file(path: Bytes, options?: RemitEngineOptions | null): RemitEngine;
    remit_engine_open_file_later(path: Bytes, options?: RemitEngineOptions | null): Promise<RemitEngine>;
    /**
     * Advances all due work. Without remit_engine_start, call it at least every third of a lease (10 s). Throws
     * E_MISUSE, E_BUSY, E_STORE, E_STORE_LOST, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY, E_INVALID, E_WRONG_KEY,
     * E_STATE, E_CORRUPT.
     */
    remit_engine_tick(engine: RemitEngine, budget_us: bigint): [out_progressed: number, out_next_due_us: bigint];
    remit_engine_tick_later(engine: RemitEngine, budget_us: bigint): Promise<[out_progressed: number, out_next_due_us: bigint]>;
    /**
     * Starts the library's own threads, which tick from here on. Throws E_MISUSE, E_STATE, E_CLOSED, E_FORKED,
     * E_BROKEN, E_NO_MEMORY, E_INVALID, E_WRONG_KEY, E_STORE, E_STORE_LOST, E_CORRUPT.
     */
    remit_engine_start(engine: RemitEngine): void;
    remit_engine_start_later(engine: RemitEngine): Promise<void>;
    /**
     * Takes no new work, waits until what is under way is recorded, and ends the threads. Throws E_MISUSE,
     * E_TIMEOUT, E_STORE, E_STORE_LOST, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_engine_stop(engine: RemitEngine, drain_ms: bigint, async?: null): void;
    remit_engine_stop(engine: RemitEngine, drain_ms: bigint, async: RemitAsync): void;
    /** Whether all is well, and what is not. Throws E_MISUSE, E_STORE, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY. */
    remit_engine_health(engine: RemitEngine, async?: null): [out_ok: number, out_health: RemitBlob];
    remit_engine_health(engine: RemitEngine, async: RemitAsync): void;
    /** All metrics in Prometheus' text form. Does not wait. Throws E_MISUSE, E_FORKED, E_BROKEN, E_NO_MEMORY. */
    remit_engine_metrics(engine: RemitEngine): RemitBlob;
    /**
     * Copies the live database into a new file, consistent, while work goes on. Throws E_MISUSE, E_INVALID, E_STORE,
     * E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_engine_backup(engine: RemitEngine, path: Bytes, async?: null): void;
    remit_engine_backup(engine: RemitEngine, path: Bytes, async: RemitAsync): void;
    /** Ends the engine as remit_engine_stop with drain_ms 0 does. Calls under way that do not wait give CLOSED. */
    remit_engine_free(engine: RemitEngine | null): void;
    remit_engine_free_later(engine: RemitEngine | null): Promise<void>;
    /**
     * Reads the events behind the consumer's acknowledged position. Changes nothing else: without remit_events_ack
     * the same ones come again. Throws E_MISUSE, E_INVALID, E_STORE, E_STORE_LOST, E_CLOSED, E_FORKED, E_BROKEN,
     * E_NO_MEMORY.
     */
    remit_events_next(engine: RemitEngine, consumer: Bytes, event_count: number, async?: null): [out_last: bigint, out_events: RemitBlob];
    remit_events_next(engine: RemitEngine, consumer: Bytes, event_count: number, async: RemitAsync): void;
    /**
     * Everything up to a position is done with. A smaller position than before changes nothing. Throws E_MISUSE,
     * E_INVALID, E_NOT_FOUND, E_STORE, E_STORE_LOST, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_events_ack(engine: RemitEngine, consumer: Bytes, position: bigint, async?: null): void;
    remit_events_ack(engine: RemitEngine, consumer: Bytes, position: bigint, async: RemitAsync): void;
    /**
     * Claims a key, or says what became of it. Throws E_MISUSE, E_NEWER, E_INVALID, E_MISMATCH, E_TIMEOUT, E_STORE,
     * E_STORE_LOST, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_idempotency_claim(engine: RemitEngine, key: Bytes, options?: RemitClaimOptions | null, async?: null): [out_verdict: RemitVerdict, out_claim: RemitClaim];
    remit_idempotency_claim(engine: RemitEngine, key: Bytes, options: RemitClaimOptions | null, async: RemitAsync): void;
    /**
     * Takes one key whose worker has died, or let go, after it had started effects: for a loop that completes what
     * clients do not ask for again. Throws E_MISUSE, E_NEWER, E_INVALID, E_NOT_FOUND, E_STORE, E_STORE_LOST,
     * E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_idempotency_recover(engine: RemitEngine, options?: RemitClaimOptions | null, async?: null): [out_verdict: RemitVerdict, out_claim: RemitClaim];
    remit_idempotency_recover(engine: RemitEngine, options: RemitClaimOptions | null, async: RemitAsync): void;
    /**
     * Takes the claim out of the item that a remit_idempotency_claim or _recover with async came by. One that nobody
     * takes ends with its batch.
     */
    remit_batch_claim(batch: RemitBatch, index: number): RemitClaim | null;
    /** What a claim found. */
    remit_claim_look(claim: RemitClaim): RemitClaimView | null;
    /** Whether the lease was still ours when last heard of: ask before each effect. */
    remit_claim_held(claim: RemitClaim | null): number;
    /**
     * Derives the external id of an effect of this key: the same for every worker and every retry. Throws E_MISUSE,
     * E_INVALID, E_FORKED, E_NO_MEMORY.
     */
    remit_claim_effect_key(claim: RemitClaim, step: Bytes): string;
    /**
     * Records that an effect begins, before it does. From here on the key can not be given back. Throws E_MISUSE,
     * E_STORE, E_STORE_LOST, E_FENCED, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_claim_effect_begin(claim: RemitClaim, effect: RemitEffect, async?: null): void;
    remit_claim_effect_begin(claim: RemitClaim, effect: RemitEffect, async: RemitAsync): void;
    /**
     * Records how far the work has come; an effect that was under way is over, and its result is in data. Throws
     * E_MISUSE, E_INVALID, E_STORE, E_STORE_LOST, E_FENCED, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_claim_checkpoint(claim: RemitClaim, point: Bytes, data?: Bytes | null, async?: null): void;
    remit_claim_checkpoint(claim: RemitClaim, point: Bytes, data: Bytes | null, async: RemitAsync): void;
    /**
     * Puts the reply on record; the key replays it from here on. The statements commit or fail with it. Repeating
     * with equal bytes is fine. After FENCED the claim says what became of the key. Throws E_MISUSE, E_NEWER,
     * E_INVALID, E_REFUSED, E_STATE, E_MISMATCH, E_STORE, E_STORE_LOST, E_FENCED, E_CLOSED, E_FORKED, E_BROKEN,
     * E_NO_MEMORY.
     */
    remit_claim_complete(claim: RemitClaim, reply?: RemitReply | null, statements?: readonly RemitStatement[] | null, async?: null): void;
    remit_claim_complete(claim: RemitClaim, reply: RemitReply | null, statements: readonly RemitStatement[] | null, async: RemitAsync): void;
    /**
     * What remit_claim_complete would write, for a transaction on a connection of the host's own to the same
     * database. Each statement must find the rows that it says, else roll back: another took over. The claim stays
     * as it is. Throws E_MISUSE, E_NEWER, E_INVALID, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_claim_complete_sql(claim: RemitClaim, reply?: RemitReply | null): RemitBlob;
    /**
     * Gives the key back: the next claim with the same request executes it. Throws E_MISUSE, E_STATE, E_STORE,
     * E_STORE_LOST, E_FENCED, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_claim_release(claim: RemitClaim, async?: null): void;
    remit_claim_release(claim: RemitClaim, async: RemitAsync): void;
    /**
     * What an HTTP server answers by this claim: REPLAY the reply with Idempotent-Replayed, RUNNING, UNKNOWN and
     * EXPIRED a 409 with problem+json (RFC 9457), EXECUTE and RECOVER nothing (status 0). Throws E_MISUSE, E_FORKED,
     * E_NO_MEMORY.
     */
    remit_claim_http(claim: RemitClaim): [out_status: number, out_headers: RemitBlob, out_body: RemitBlob];
    /**
     * What an HTTP server answers by an error: 400 INVALID, 422 MISMATCH, 503 with Retry-After what may be tried
     * again, else 500. For a request that came without a key: INVALID, "key", "is missing". Throws E_MISUSE,
     * E_NO_MEMORY.
     */
    remit_error_http(status: number, field?: Bytes | null, text?: Bytes | null): [out_status: number, out_headers: RemitBlob, out_body: RemitBlob];
    /**
     * Canonical JSON (RFC 8785), whole or in part: what a fingerprint is made of. Throws E_MISUSE, E_INVALID,
     * E_NO_MEMORY.
     */
    remit_canonical_json(json: Bytes, include?: Bytes | null, exclude?: Bytes | null): RemitBlob;
    /**
     * Ends the handle. A key that is not completed is given back if no effect was started, else it waits for
     * takeover. Does not wait.
     */
    remit_claim_free(claim: RemitClaim | null): void;
    /**
     * Unlocks the key store. The first call on a new database sets the password; later ones must give the same.
     * Throws E_MISUSE, E_INVALID, E_WRONG_KEY, E_STATE, E_STORE, E_STORE_LOST, E_CORRUPT, E_CLOSED, E_FORKED,
     * E_BROKEN, E_NO_MEMORY.
     */
    remit_keys_unlock(engine: RemitEngine, password: Bytes, ttl_ms: bigint, async?: null): void;
    remit_keys_unlock(engine: RemitEngine, password: Bytes, ttl_ms: bigint, async: RemitAsync): void;
    /**
     * The same with a key-encryption key that the host keeps, in a KMS for instance; no derivation. Throws E_MISUSE,
     * E_INVALID, E_WRONG_KEY, E_STATE, E_STORE, E_STORE_LOST, E_CORRUPT, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_keys_unlock_kek(engine: RemitEngine, kek: Bytes, ttl_ms: bigint, async?: null): void;
    remit_keys_unlock_kek(engine: RemitEngine, kek: Bytes, ttl_ms: bigint, async: RemitAsync): void;
    /** Wipes the unlocked keys from memory. Does not wait. Throws E_MISUSE, E_FORKED, E_BROKEN, E_NO_MEMORY. */
    remit_keys_lock(engine: RemitEngine): void;
    /** Whether the store is unlocked. Does not wait. Throws E_MISUSE, E_FORKED, E_BROKEN, E_NO_MEMORY. */
    remit_keys_unlocked(engine: RemitEngine): number;
    /**
     * Makes a new key. Throws E_MISUSE, E_INVALID, E_STATE, E_STORE, E_STORE_LOST, E_CLOSED, E_FORKED, E_BROKEN,
     * E_NO_MEMORY.
     */
    remit_keys_create(engine: RemitEngine, label?: Bytes | null, async?: null): RemitBlob;
    remit_keys_create(engine: RemitEngine, label: Bytes | null, async: RemitAsync): void;
    /**
     * Takes a raw private key in. Throws E_MISUSE, E_INVALID, E_STATE, E_MISMATCH, E_STORE, E_STORE_LOST, E_CLOSED,
     * E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_keys_import(engine: RemitEngine, key: Bytes, label?: Bytes | null, async?: null): RemitBlob;
    remit_keys_import(engine: RemitEngine, key: Bytes, label: Bytes | null, async: RemitAsync): void;
    /**
     * Takes a Web3 Secret Storage v3 file in. Throws E_MISUSE, E_INVALID, E_WRONG_KEY, E_MISMATCH, E_STATE, E_STORE,
     * E_STORE_LOST, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_keys_import_v3(engine: RemitEngine, json: Bytes, password: Bytes, label?: Bytes | null, async?: null): RemitBlob;
    remit_keys_import_v3(engine: RemitEngine, json: Bytes, password: Bytes, label: Bytes | null, async: RemitAsync): void;
    /**
     * Gives a key out as a Web3 Secret Storage v3 file. Throws E_MISUSE, E_INVALID, E_NOT_FOUND, E_STATE, E_STORE,
     * E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_keys_export_v3(engine: RemitEngine, address: Bytes, password: Bytes, async?: null): RemitBlob;
    remit_keys_export_v3(engine: RemitEngine, address: Bytes, password: Bytes, async: RemitAsync): void;
    /**
     * Accepts payouts, all or none. OK means that they are on disk. Throws E_MISUSE, E_NEWER, E_INVALID, E_MISMATCH,
     * E_STORE, E_STORE_LOST, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_payout_enqueue(engine: RemitEngine, requests: readonly RemitPayoutRequest[], async?: null): RemitPayoutAccepted[];
    remit_payout_enqueue(engine: RemitEngine, requests: readonly RemitPayoutRequest[], async: RemitAsync): void;
    /** Reads a payout by its id. Throws E_MISUSE, E_NOT_FOUND, E_STORE, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY. */
    remit_payout_get(engine: RemitEngine, id: Bytes, async?: null): [out_status: RemitPayoutStatus, out_payout: RemitBlob];
    remit_payout_get(engine: RemitEngine, id: Bytes, async: RemitAsync): void;
    /**
     * Reads a payout by the host's own name for it. Throws E_MISUSE, E_NOT_FOUND, E_STORE, E_CLOSED, E_FORKED,
     * E_BROKEN, E_NO_MEMORY.
     */
    remit_payout_find(engine: RemitEngine, tenant: Bytes | null, external_id: Bytes, async?: null): [out_status: RemitPayoutStatus, out_payout: RemitBlob];
    remit_payout_find(engine: RemitEngine, tenant: Bytes | null, external_id: Bytes, async: RemitAsync): void;
    /**
     * Waits until a payout has a status or is past it. Ticks by itself when nobody else does. Throws E_MISUSE,
     * E_NOT_FOUND, E_TIMEOUT, E_STORE, E_STORE_LOST, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_payout_wait(engine: RemitEngine, id: Bytes, status: RemitPayoutStatus, timeout_ms: bigint, async?: null): [out_status: RemitPayoutStatus, out_payout: RemitBlob];
    remit_payout_wait(engine: RemitEngine, id: Bytes, status: RemitPayoutStatus, timeout_ms: bigint, async: RemitAsync): void;
    /**
     * Withdraws a payout of which nothing is signed. Throws E_MISUSE, E_INVALID, E_NOT_FOUND, E_STATE, E_STORE,
     * E_STORE_LOST, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_payout_cancel(engine: RemitEngine, id: Bytes, actor: Bytes, reason?: Bytes | null, async?: null): void;
    remit_payout_cancel(engine: RemitEngine, id: Bytes, actor: Bytes, reason: Bytes | null, async: RemitAsync): void;
    /** Makes a queue. Throws E_MISUSE, E_NO_MEMORY, E_STATE. */
    remit_queue_open(): RemitQueue;
    /**
     * A file descriptor that is readable while the queue has items, for poll, epoll, uv_poll or add_reader. Only
     * wait on it: never read, write or close it. Throws E_MISUSE, E_FORKED, E_NO_MEMORY.
     */
    remit_queue_fd(queue: RemitQueue): number;
    /** Takes items out, the oldest first; each goes to one caller. Throws E_MISUSE, E_FORKED, E_NO_MEMORY. */
    remit_queue_fetch(queue: RemitQueue, item_count: number, timeout_ms: bigint): RemitBatch;
    /**
     * Pushes an item of kind WAKE, so that a thread which waits in remit_queue_fetch returns. Throws E_MISUSE,
     * E_FORKED, E_NO_MEMORY.
     */
    remit_queue_wake(queue: RemitQueue, tag: bigint): void;
    /**
     * Ends the handle. The queue itself lives until the last call under way has pushed its item, and that item goes
     * unseen; work that was not answered is then UNKNOWN.
     */
    remit_queue_free(queue: RemitQueue | null): void;
    /** How many items a batch has. */
    remit_batch_count(batch: RemitBatch | null): number;
    /** One item of a batch. */
    remit_batch_at(batch: RemitBatch, index: number): RemitItem | null;
    /** Ends a batch and its items. */
    remit_batch_free(batch: RemitBatch | null): void;
    /**
     * Answers work. The work's JSON says what it is: {"work":"sign","address":"0x...","digests":["0x...",...]} asks
     * for 65 bytes for each digest in order: r, s (in the low half) and the recovery id, 0 or 1. Throws E_MISUSE,
     * E_INVALID, E_FENCED, E_FORKED, E_NO_MEMORY.
     */
    remit_work_answer(queue: RemitQueue, token: bigint, outcome: RemitWorkOutcome, answer?: Bytes | null): void;
    /**
     * Makes a world, or goes on with the one of the folder; then give the same options again. Throws E_MISUSE,
     * E_NEWER, E_INVALID, E_STORE, E_NO_MEMORY.
     */
    remit_world_open(options?: RemitWorldOptions | null): RemitWorld;
    /**
     * The configuration that fits a world, to change and give to remit_world_engine. Throws E_MISUSE, E_FORKED,
     * E_NO_MEMORY.
     */
    remit_world_config(world: RemitWorld): RemitBlob;
    /**
     * Opens the real engine in a world; one at a time. The engine keeps its world alive. Throws E_MISUSE, E_NEWER,
     * E_INVALID, E_STATE, E_STORE, E_BUSY, E_CORRUPT, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_world_engine(world: RemitWorld, config?: Bytes | null, options?: RemitEngineOptions | null): RemitEngine;
    /**
     * Lets simulated time pass: the engine ticks, blocks are mined, answers arrive. Throws E_MISUSE, E_STATE,
     * E_BUSY, E_CLOSED, E_FORKED, E_BROKEN, E_NO_MEMORY.
     */
    remit_world_advance(world: RemitWorld, duration_ms: bigint): void;
    /** Mines blocks at once, without time passing. Throws E_MISUSE, E_FORKED, E_NO_MEMORY. */
    remit_world_mine(world: RemitWorld, block_count: bigint): void;
    /**
     * Gives an account coins or tokens, from the next block on. A world of a folder does not remember it. Throws
     * E_MISUSE, E_INVALID, E_NOT_FOUND, E_FORKED, E_NO_MEMORY.
     */
    remit_world_credit(world: RemitWorld, token: Bytes | null, address: Bytes, amount: Bytes): void;
    /**
     * What an account has, as the chain and not the engine knows it. Throws E_MISUSE, E_INVALID, E_NOT_FOUND,
     * E_FORKED, E_NO_MEMORY.
     */
    remit_world_balance(world: RemitWorld, token: Bytes | null, address: Bytes): RemitBlob;
    /** What really moved to an account on the canonical chain. Throws E_MISUSE, E_INVALID, E_FORKED, E_NO_MEMORY. */
    remit_world_transfers(world: RemitWorld, address?: Bytes | null): [out_count: bigint, out_transfers: RemitBlob];
    /** Ends the handle; the world lives until its engine is freed. */
    remit_world_free(world: RemitWorld | null): void;
}
