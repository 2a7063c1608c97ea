// JSON as the library writes it: snake_case names, integers of 64 bits, money as decimal text.
import { randomUUID } from 'node:crypto';
import { invalid } from './errors';

/** A lone surrogate has no UTF-8: two such texts would become one. */
export const isWellFormed = (text: string): boolean => (text as string & { isWellFormed(): boolean }).isWellFormed();

/** A string, or a number. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parses it without losing a digit: an integer that a number cannot hold comes as bigint. */
export function parse(text: string): unknown {
    if (!/\d{16}/.test(text)) return JSON.parse(text);
    // A word stands for it meanwhile; a new one each time, so that no text can look like it.
    const word = randomUUID();
    const exact = text.replace(tokens, (found) =>
        /^-?\d{16,}$/.test(found) && !Number.isSafeInteger(Number(found)) ? `"${word}${found}"` : found,
    );
    return JSON.parse(exact, (_, item: unknown) =>
        typeof item === 'string' && item.startsWith(word) ? BigInt(item.slice(word.length)) : item,
    );
}

export type Row = Readonly<Record<string, unknown>>;

export function rows(value: unknown): readonly Row[] {
    return value as readonly Row[];
}

/** One field of a row, as what the library promises that it is. */
export const text = (row: Row, name: string): string => row[name] as string;
export const maybeText = (row: Row, name: string): string | null => (row[name] ?? null) as string | null;
export const integer = (row: Row, name: string): bigint => BigInt(row[name] as number | string);
export const maybeInteger = (row: Row, name: string): bigint | null => (row[name] == null ? null : integer(row, name));
export const number = (row: Row, name: string): number => Number(row[name]);
export const maybeNumber = (row: Row, name: string): number | null => (row[name] == null ? null : number(row, name));
export const flag = (row: Row, name: string): boolean => Boolean(row[name]);

/** For what goes into the library: a bigint is an integer there. */
export function stringify(value: unknown): string {
    let word: string | undefined;
    const written = JSON.stringify(value, function (this: Record<string, unknown>, key: string, item: unknown) {
        const given = this[key]; // as it was before a toJSON of the host's for all bigints
        if (typeof given !== 'bigint') return item;
        // JSON.stringify knows no integer beyond a number: a word stands for it until the end.
        return (word ??= randomUUID()) + given.toString();
    });
    return word === undefined ? written : written.replace(new RegExp(`"${word}(-?\\d+)"`, 'g'), '$1');
}

function isPlain(value: object): boolean {
    const type: unknown = Object.getPrototypeOf(value);
    return Array.isArray(value) || type === null || Object.getPrototypeOf(type) === null;
}

/** For a fingerprint: whatever JSON would leave out or change is refused, and a bigint is decimal text. */
export function exactly(value: unknown, field: string): string {
    return JSON.stringify(value, function (this: Record<string, unknown>, key: string, item: unknown) {
        if (!isWellFormed(key)) throw invalid(field, 'has a lone surrogate');
        const given = this[key];
        if (typeof given === 'bigint') return given.toString();
        if (typeof item === 'string' && !isWellFormed(item)) throw invalid(field, 'has a lone surrogate');
        if (typeof item === 'number' && !Number.isFinite(item)) throw invalid(field, 'has a number that JSON does not know');
        if (typeof item === 'function' || typeof item === 'symbol' || (item === undefined && key === ''))
            throw invalid(field, 'has no JSON');
        if (typeof item === 'object' && item !== null && !isPlain(item))
            throw invalid(field, 'must be text, bytes or plain JSON values: an object of a class needs toJSON');
        return item;
    });
}
