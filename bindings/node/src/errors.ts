import { STATUSES, type RemitError as ErrorHandle, type StatusClass, type StatusName } from './abi';

/** What a call said that was not OK, as it comes from the C ABI. */
export interface Refusal {
    readonly status: number;
    readonly field: string;
    readonly text: string;
    readonly error?: ErrorHandle;
}

export type ErrorCode = Exclude<StatusName, 'OK'>;
export type ErrorClass = Exclude<StatusClass, 'done'>;

const names = new Map<number, StatusName>();
for (const name of Object.keys(STATUSES) as StatusName[]) names.set(STATUSES[name].number, name);

const mark: unique symbol = Symbol.for('@remit/node/error') as never;

/** A call that was not OK. Which subclass it is says what to do about it; `code` says what it was. */
export class RemitError extends Error {
    /** The status' name, as "E_STORE_LOST". */
    readonly code: ErrorCode;
    /** The status' number. */
    readonly status: number;
    /** The path of the input to blame, as "chains[0].rpc"; "" when none is. */
    readonly field: string;
    /** What was wrong, without the field. */
    readonly text: string;
    /** What to do about it. */
    readonly class: ErrorClass;
    declare readonly [mark]: true;

    constructor(code: ErrorCode, field: string, text: string) {
        super(field === '' ? text : `${field} ${text}`);
        this.name = new.target.name;
        this.code = code;
        this.status = STATUSES[code].number;
        this.class = STATUSES[code].class;
        this.field = field;
        this.text = text;
        Object.defineProperty(this, 'text', { enumerable: false });
    }

    /** Also true for an error of another copy of this package. */
    static is(error: unknown): error is RemitError {
        return typeof error === 'object' && error !== null && mark in error;
    }
}

Object.defineProperty(RemitError.prototype, mark, { value: true });

/** Fix the code, the configuration or the input; nothing was done. */
export class FixError extends RemitError {
    declare readonly class: 'fix';
}
/** Nothing was done; make the same call again. */
export class RetryError extends RemitError {
    declare readonly class: 'retry';
}
/** It may have been done: ask before anything is done again. */
export class AskError extends RemitError {
    declare readonly class: 'ask';
}
/** Definite: repeating the call gives the same answer. */
export class FinalError extends RemitError {
    declare readonly class: 'final';
}

const classes = { fix: FixError, retry: RetryError, ask: AskError, final: FinalError };

export function remitError(code: ErrorCode, field: string, text: string): RemitError {
    const error = new classes[STATUSES[code].class](code, field, text);
    Error.captureStackTrace(error, remitError);
    return error;
}

export function invalid(field: string, text: string): RemitError {
    return remitError('E_INVALID', field, text);
}

export function ofRefusal(refusal: Refusal): RemitError {
    const name = names.get(refusal.status);
    // A status of a newer library: what is not known may have been done.
    const code = name === undefined || name === 'OK' ? 'E_UNKNOWN' : name;
    return remitError(code, refusal.field, refusal.text);
}

/** The same error of the input's own name for the field. */
export function renamed(error: unknown, rename: (field: string) => string): unknown {
    if (!RemitError.is(error) || rename(error.field) === error.field) return error;
    const again = remitError(error.code, rename(error.field), error.text);
    Error.captureStackTrace(again, renamed);
    return again;
}

/** "wait_ms" is "waitMs" here. */
export const camel = (field: string): string => field.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function isRefusal(thrown: unknown): thrown is Refusal {
    return typeof thrown === 'object' && thrown !== null && !(thrown instanceof Error) && 'status' in thrown && 'text' in thrown;
}

/** Makes a call of the C ABI; what it throws becomes a RemitError. */
export function call<T>(make: () => T): T {
    try {
        return make();
    } catch (thrown) {
        throw isRefusal(thrown) ? ofRefusal(thrown) : thrown;
    }
}

/** The same for a call that runs on another thread. */
export async function callLater<T>(make: () => Promise<T>): Promise<T> {
    try {
        return await make();
    } catch (thrown) {
        throw isRefusal(thrown) ? ofRefusal(thrown) : thrown;
    }
}
