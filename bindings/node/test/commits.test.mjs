// Promises that wait at the same time share commits: what they await is one fsync, not one each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Remit } from '@remit/node';
import { temporaryFolder } from './node.mjs';

function counted(remit, name) {
    const line = remit.metrics().split('\n').find((one) => one.startsWith(`${name} `));
    return Number(line.slice(name.length + 1));
}

async function commitsOf(remit, work) {
    const before = ['remit_sql_commits_total', 'remit_sql_functions_total'].map((name) => counted(remit, name));
    await work();
    return [counted(remit, 'remit_sql_commits_total') - before[0], counted(remit, 'remit_sql_functions_total') - before[1]];
}

test('fifty claims and completions in flight', async (t) => {
    const remit = await Remit.open({ database: `${temporaryFolder(t)}/remit.db` });
    t.after(() => remit.close());
    const answer = async (key) => {
        const claim = await remit.claim(key, { request: key });
        assert.equal(claim.verdict, 'execute');
        await claim.complete({ body: key });
    };
    const keys = (prefix) => Array.from({ length: 50 }, (_, n) => `${prefix}-${n}`);

    const [alone] = await commitsOf(remit, async () => {
        for (const key of keys('alone')) await answer(key);
    });
    assert.ok(alone >= 100, `${alone} commits`);
    const [together, written] = await commitsOf(remit, () => Promise.all(keys('together').map(answer)));
    assert.ok(written >= 100, `${written} durable writes`);
    assert.ok(together <= 50, `${together} commits for ${written} durable writes`);
    t.diagnostic(`${written} durable writes: ${together} commits in flight together, ${alone} one after the other`);

    for (const key of keys('together')) assert.equal((await remit.claim(key, { request: key })).reply.text(), key);
});
