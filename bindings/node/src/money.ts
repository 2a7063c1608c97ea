// Money is bigint base units and decimal text. A number is never money: it is refused.
import { invalid } from './errors';

const LIMIT = 1n << 256n;

/** Checks an amount of base units: a bigint from 0 to 2^256 - 1. */
export function baseUnits(amount: bigint, field = 'amount'): bigint {
    if (typeof amount !== 'bigint') throw invalid(field, 'must be a bigint of base units; a number is not exact');
    if (amount < 0n || amount >= LIMIT) throw invalid(field, 'must be from 0 to 2^256 - 1');
    return amount;
}

function places(decimals: number): number {
    if (!Number.isInteger(decimals) || decimals < 0 || decimals > 77) throw invalid('decimals', 'must be 0 to 77');
    return decimals;
}

/** "12.5" of a token with 6 decimals is 12500000n. More digits than the token has are refused, not rounded. */
export function parseUnits(text: string, decimals: number): bigint {
    if (typeof text !== 'string') throw invalid('amount', 'must be decimal text; a number is not exact');
    const found = /^(\d{1,78})(?:\.(\d{1,78}))?$/.exec(text);
    if (found === null) throw invalid('amount', 'must be decimal text, as "12.5"');
    const fraction = found[2] ?? '';
    if (fraction.length > places(decimals)) throw invalid('amount', `has more than ${decimals} decimals`);
    return baseUnits(BigInt((found[1] ?? '') + fraction.padEnd(decimals, '0')));
}

/** 12500000n of a token with 6 decimals is "12.5": exact, without zeros at its end. */
export function formatUnits(amount: bigint, decimals: number): string {
    const digits = baseUnits(amount).toString().padStart(places(decimals) + 1, '0');
    if (decimals === 0) return digits;
    const fraction = digits.slice(-decimals).replace(/0+$/, '');
    const whole = digits.slice(0, -decimals);
    return fraction === '' ? whole : `${whole}.${fraction}`;
}
