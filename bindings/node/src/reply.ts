// Replies and statements of an idempotency key, in both directions.
import { name } from './engine';
import { invalid } from './errors';
import * as json from './json';
import { RemitValueKind, type RemitReply, type RemitStatement, type RemitValue } from './native';

export type Header = readonly [name: string, value: string];

/** A reply to put on record. */
export interface ReplyInput {
    /** 200 when left out. */
    readonly status?: number;
    readonly headers?: readonly Header[] | Readonly<Record<string, string>>;
    /** Its bytes; a string is UTF-8. */
    readonly body?: string | Uint8Array;
    /** Instead of body: a value that is written as JSON, a bigint as an integer, with its content-type. */
    readonly json?: unknown;
    /** Where the result is had if the body is too large to keep. */
    readonly resultRef?: string;
}

/** The reply on record, byte for byte. */
export class Reply {
    constructor(
        readonly status: number,
        readonly headers: readonly Header[],
        readonly body: Uint8Array,
        /** true: the body was too large to keep; look at resultRef. */
        readonly bodyOmitted: boolean,
        readonly resultRef: string,
    ) {}

    text(): string {
        return Buffer.from(this.body.buffer, this.body.byteOffset, this.body.byteLength).toString('utf8');
    }

    /** An integer that a number cannot hold comes as bigint. */
    json<T = unknown>(): T {
        return json.parse(this.text()) as T;
    }
}

/** What an HTTP server answers. */
export interface HttpAnswer {
    readonly status: number;
    readonly headers: readonly Header[];
    readonly body: Uint8Array;
}

/** A value of SQL. A number must be whole: money is text or bigint. */
export type SqlValue = null | bigint | number | boolean | string | Uint8Array;

/** A statement of the host's own that commits or fails with the reply. */
export interface Statement {
    /** One statement: ? on SQLite, $1 on PostgreSQL. */
    readonly sql: string;
    readonly values?: readonly SqlValue[];
    /** So many rows must be found; any number when left out. */
    readonly rows?: number;
}

/** A statement for a connection of the host's own: it must find `rows` rows, else roll back. */
export interface CompleteStatement {
    readonly sql: string;
    readonly values: readonly (null | bigint | string | Uint8Array)[];
    readonly rows: number;
}

function headerList(headers: NonNullable<ReplyInput['headers']>): Header[] {
    const list = Array.isArray(headers) ? (headers as Header[]) : Object.entries(headers as Record<string, string>);
    return list.map(([field, value]) => [name(field, 'headers'), name(value, 'headers')] as const);
}

export function replyOf(given: ReplyInput | undefined): RemitReply | null {
    if (given === undefined) return null;
    const headers = given.headers === undefined ? [] : headerList(given.headers);
    let body = given.body;
    if (given.json !== undefined) {
        if (body !== undefined) throw invalid('reply.json', 'cannot stand beside body');
        body = json.stringify(given.json);
        if (!headers.some(([field]) => field.toLowerCase() === 'content-type')) headers.push(['content-type', 'application/json']);
    }
    return {
        status: given.status ?? 0,
        headers: headers.length === 0 ? null : JSON.stringify(headers),
        body: body ?? null,
        result_ref: given.resultRef === undefined ? null : name(given.resultRef, 'reply.resultRef'),
    };
}

function valueOf(value: SqlValue, field: string): RemitValue {
    if (value === null) return { kind: RemitValueKind.NULL };
    if (typeof value === 'bigint') return { kind: RemitValueKind.INTEGER, integer: value };
    if (typeof value === 'boolean') return { kind: RemitValueKind.INTEGER, integer: value ? 1n : 0n };
    if (typeof value === 'string') return { kind: RemitValueKind.TEXT, data: name(value, field) };
    if (value instanceof Uint8Array) return { kind: RemitValueKind.BYTES, data: value };
    if (!Number.isSafeInteger(value)) throw invalid(field, 'must be a whole number; money is text or bigint');
    return { kind: RemitValueKind.INTEGER, integer: BigInt(value) };
}

/** In C no rows at all is -1, because 0 is the default: any number of them. */
function rowCount(rows: number | undefined, field: string): bigint {
    if (rows === undefined) return 0n;
    if (!Number.isSafeInteger(rows) || rows < 0) throw invalid(field, 'must be a whole number, not negative');
    return rows === 0 ? -1n : BigInt(rows);
}

export function statementsOf(statements: readonly Statement[]): RemitStatement[] {
    return statements.map((statement, index) => ({
        sql: name(statement.sql, `statements[${index}].sql`),
        row_count: rowCount(statement.rows, `statements[${index}].rows`),
        values: (statement.values ?? []).map((value, at) => valueOf(value, `statements[${index}].values[${at}]`)),
    }));
}

export function completeStatements(text: string): CompleteStatement[] {
    return json.rows(json.parse(text)).map((row) => ({
        sql: json.text(row, 'sql'),
        rows: json.number(row, 'row_count'),
        values: (row['values'] as unknown[]).map((value) => {
            if (typeof value === 'number') return BigInt(value);
            if (typeof value !== 'object' || value === null) return value as bigint | string | null;
            return Buffer.from((value as { hex: string }).hex.slice(2), 'hex');
        }),
    }));
}

export function headersOf(text: string): Header[] {
    return text === '' ? [] : (JSON.parse(text) as Header[]);
}
