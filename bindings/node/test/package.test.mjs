// The package from outside: both kinds of import, no side effect, nothing exported that should not be.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as esm from '@remit/node';
import * as abiEsm from '@remit/node/abi';
import * as expressEsm from '@remit/node/express';
import * as testingEsm from '@remit/node/testing';
import { require } from './node.mjs';

const addonIsLoaded = () => readFileSync('/proc/self/maps', 'utf8').includes('remit.node');

test('importing loads nothing', () => {
    assert.equal(addonIsLoaded(), false);
    assert.equal(process.listenerCount('exit'), 0);
    assert.match(esm.version(), /^\d+\.\d+\.\d+$/);
    assert.equal(addonIsLoaded(), true);
});

test('import and require give the same things', () => {
    for (const [name, all] of [['', esm], ['/express', expressEsm], ['/testing', testingEsm], ['/abi', abiEsm]]) {
        const cjs = require(`@remit/node${name}`);
        assert.ok(Object.keys(cjs).length > 0);
        for (const exported of Object.keys(cjs)) assert.equal(all[exported], cjs[exported], exported);
    }
});

test('every function of the C ABI is there', () => {
    const described = JSON.parse(readFileSync(process.env.REMIT_ABI_JSON, 'utf8'));
    const calls = abiEsm.native();
    for (const name of Object.keys(described.functions)) assert.equal(typeof calls[name], 'function', name);
    for (const [name, { number, class: cls }] of Object.entries(described.statuses))
        assert.deepEqual([abiEsm.STATUSES[name].number, abiEsm.STATUSES[name].class], [number, cls.toLowerCase()]);
});

test('the addon exports its two entry points only', () => {
    const folder = new URL(`../prebuilds/${process.platform}-${process.arch}/`, import.meta.url);
    const symbols = execFileSync('nm', ['-D', '--defined-only', '--format=posix', 'remit.node'], { cwd: folder, encoding: 'utf8' });
    const names = symbols.trim().split('\n').map((line) => line.split(' ')[0]).sort();
    assert.deepEqual(names, ['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
});
