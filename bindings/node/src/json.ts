// JSON as the library writes it: snake_case names, integers of 64 bits, money as decimal text.

/** Parses it without losing a digit: an integer that a number cannot hold comes as text. */
export function parse(text: string): unknown {
    if (!/\d{16}/.test(text)) return JSON.parse(text);
    const exact = text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (found) =>
        found.startsWith('"') || Number.isSafeInteger(Number(found)) ? found : `"${found}"`,
    );
    return JSON.parse(exact);
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
    const numbers = new Map<string, string>();
    const written = JSON.stringify(value, (_, item: unknown) => {
        if (typeof item !== 'bigint') return item;
        // JSON.stringify knows no integer beyond a number: a word stands for it until the end.
        const word = `\u0000${numbers.size}\u0000`;
        numbers.set(JSON.stringify(word), item.toString());
        return word;
    });
    return numbers.size === 0 ? written : written.replace(/"\\u0000\d+\\u0000"/g, (word) => numbers.get(word) ?? word);
}
