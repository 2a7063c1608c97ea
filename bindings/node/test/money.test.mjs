import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseUnits, FixError, formatUnits, parseUnits } from '@remit/node';

const refused = (field) => (error) => error instanceof FixError && error.code === 'E_INVALID' && error.field === field;
const top = (1n << 256n) - 1n;

test('text and base units', () => {
    for (const [text, decimals, units] of [
        ['0', 6, 0n], ['12.5', 6, 12_500_000n], ['0.000001', 6, 1n], ['7', 0, 7n], ['1', 18, 10n ** 18n],
        ['123456789012345678901234567890.123456789012345678', 18, 123456789012345678901234567890123456789012345678n],
    ]) {
        assert.equal(parseUnits(text, decimals), units);
        assert.equal(formatUnits(units, decimals), text);
    }
    assert.equal(parseUnits('1.50', 6), 1_500_000n);
    assert.equal(formatUnits(1_500_000n, 6), '1.5');
    assert.equal(parseUnits(top.toString(), 0), top);
});

test('what is not exact money is refused', () => {
    for (const text of ['', '.', '1.', '.5', '-1', '+1', '1e3', ' 1', '1,5', '0x10', 'NaN', '１'])
        assert.throws(() => parseUnits(text, 6), refused('amount'), text);
    assert.throws(() => parseUnits('0.0000001', 6), refused('amount'));
    assert.throws(() => parseUnits((top + 1n).toString(), 0), refused('amount'));
    assert.throws(() => parseUnits(12.5, 6), refused('amount'));
    for (const decimals of [-1, 1.5, 78, NaN, '6']) assert.throws(() => parseUnits('1', decimals), refused('decimals'));
    for (const units of [-1n, top + 1n, 1, '1', null]) assert.throws(() => baseUnits(units), refused('amount'));
    assert.throws(() => formatUnits(5, 2), refused('amount'));
    assert.throws(() => baseUnits(-1n, 'fee'), refused('fee'));
});
