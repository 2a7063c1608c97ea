// The middleware on Node's own server, without a framework. With Express, crashes and HTTP: examples/idempotent_api.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Remit } from '@remit/node';
import { attemptOf, idempotency, keepBytes } from '@remit/node/express';
import { temporaryFolder } from './node.mjs';

/** Serves `handler` behind the middleware; what post() is answered. */
async function serve(t, handler, options = {}) {
    const remit = await Remit.open({ database: `${temporaryFolder(t)}/remit.db` });
    const once = idempotency(remit, options);
    const server = createServer(async (request, response) => {
        if (request.url !== '/unread') {
            const bytes = Buffer.concat(await request.toArray());
            if (request.url === '/text') request.body = bytes.toString(); // as express.text() does
            else if (request.url === '/raw') request.body = bytes; // as express.raw() does
            else if (bytes.length > 0 && request.url !== '/unkept') keepBytes(request, response, bytes);
        }
        once(request, response, async (error) => {
            try {
                if (error !== undefined) throw error;
                await handler(request, response);
            } catch (thrown) {
                response.writeHead(500, { 'X-Error': thrown.code ?? thrown.message });
                response.end();
            }
        });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(async () => {
        server.close();
        server.closeAllConnections();
        await remit.close();
    });
    return async (path, body, key, method = 'POST', signal = null) => {
        const headers = key === undefined ? {} : { 'Idempotency-Key': key };
        return fetch(`http://127.0.0.1:${server.address().port}${path}`, { method, body, headers, signal });
    };
}

const counting = (answer) => {
    const handler = async (request, response) => answer(response, ++handler.calls, request);
    handler.calls = 0;
    return handler;
};

test('the whole reply is replayed, however it was written', async (t) => {
    const post = await serve(t, counting((response, calls) => {
        response.setHeader('ETag', '"1"');
        response.writeHead(201, { 'Content-Type': 'text/plain', 'Set-Cookie': 'a=b' });
        response.flushHeaders();
        response.write('caf');
        response.write('c3a9', 'hex', () => response.end(Buffer.from(` ${calls}`)));
    }));
    const first = await post('/orders', 'x', 'k');
    assert.deepEqual([first.status, await first.text(), first.headers.get('set-cookie')], [201, 'café 1', 'a=b']);
    const again = await post('/orders', 'x', 'k');
    assert.deepEqual([again.status, await again.text()], [201, 'café 1']);
    const names = ['etag', 'content-type', 'idempotent-replayed', 'set-cookie'];
    assert.deepEqual(names.map((name) => again.headers.get(name)), ['"1"', 'text/plain', 'true', null]);
});

test('who passes by', async (t) => {
    const handler = counting((response, calls) => response.end(String(calls)));
    const post = await serve(t, handler);
    for (const [key, method] of [[undefined, 'POST'], [undefined, 'POST'], ['k', 'PUT'], ['k', 'PUT']]) await post('/', 'x', key, method);
    assert.equal(handler.calls, 4);
    const required = await serve(t, handler, { required: true, methods: ['PUT'] });
    const missing = await required('/', 'x', undefined, 'PUT');
    assert.deepEqual([missing.status, (await missing.json()).type], [400, 'urn:remit:problem:idempotency-key-invalid']);
    assert.equal(handler.calls, 4);
});

test('what is not put on record, and what is once an effect was begun', async (t) => {
    const answering = (effect, status) => counting(async (response, calls, request) => {
        if (effect) await attemptOf(request).claim.effectBegin('idempotent');
        response.statusCode = status;
        response.end(String(calls));
    });
    for (const [effect, status, seen, calls] of [[false, 404, 404, 2], [false, 500, 500, 2], [true, 402, 402, 1], [true, 500, 503, 2]]) {
        const handler = answering(effect, status);
        const post = await serve(t, handler);
        assert.deepEqual([(await post('/', 'x', 'k')).status, (await post('/', 'x', 'k')).status], [seen, seen]);
        assert.equal(handler.calls, calls);
    }
});

test('an error of the statements is an error of the handler', async (t) => {
    const post = await serve(t, async (request, response) => {
        attemptOf(request).statements.push({ sql: 'INSERT INTO nowhere VALUES (1)' });
        response.setHeader('ETag', '"1"');
        response.end('never seen');
    });
    const failed = await post('/', 'x', 'k');
    assert.equal(failed.status, 500);
    assert.equal(await failed.text(), '');
    assert.equal(failed.headers.get('etag'), null);
    assert.match(failed.headers.get('x-error'), /^E_/);
});

test('misuse is told', async (t) => {
    const post = await serve(t, async (request, response) => {
        attemptOf(request);
        response.end();
    });
    const unkept = await post('/unkept', 'x', 'k');
    assert.deepEqual([unkept.status, unkept.headers.get('x-error')], [500, 'E_MISUSE']);
    const keyless = await post('/', 'x');
    assert.deepEqual([keyless.status, keyless.headers.get('x-error')], [500, 'E_MISUSE']);
});

test('a body that no parser has taken', async (t) => {
    const handler = counting((response, calls) => response.end(String(calls)));
    const post = await serve(t, handler);
    const unread = await post('/unread', 'x', 'k');
    assert.deepEqual([unread.status, (await unread.json()).type, handler.calls], [415, 'urn:remit:problem:idempotency-body-unread', 0]);
    for (const path of ['/text', '/raw']) {
        assert.deepEqual([(await post(path, 'x', path)).status, (await post(path, 'x', path)).status], [200, 200]);
        assert.equal((await post(path, 'y', path)).status, 422);
    }
    assert.equal(handler.calls, 2);
});

test('headers as lists', async (t) => {
    const cases = [
        ['Content-Type', 'text/plain', 'ETag', '"1"', 'X-Many', '1', 'X-Many', '2'],
        [['Content-Type', 'text/plain'], ['ETag', '"1"'], ['X-Many', ['1', '2']]],
    ];
    const post = await serve(t, async (request, response) => {
        response.setHeader('content-type', 'text/html');
        response.writeHead(201, 'Made', cases[Number(request.url.slice(1))]).end('x');
    });
    for (const path of ['/0', '/1']) {
        const first = await post(path, 'x', path);
        assert.deepEqual([first.status, first.statusText, first.headers.get('x-many')], [201, 'Made', '1, 2']);
        for (const said of [first, await post(path, 'x', path)])
            assert.deepEqual(['content-type', 'etag'].map((name) => said.headers.get(name)), ['text/plain', '"1"']);
    }
});

test('the key comes back with every answer', async (t) => {
    const post = await serve(t, counting((response) => response.end()), { required: true });
    const said = [];
    const asked = [['/', 'x', 'k'], ['/', 'x', 'k'], ['/', 'y', 'k'], ['/unread', 'x', 'u'], ['/', 'x', 'with space'], ['/', 'x']];
    for (const [path, body, key] of asked) {
        const { status, headers } = await post(path, body, key);
        said.push([status, headers.get('idempotency-key')]);
    }
    assert.deepEqual(said, [[200, 'k'], [200, 'k'], [422, 'k'], [415, 'u'], [400, 'with space'], [400, null]]);
});

test('a reply that the handler breaks off gives its key back', async (t) => {
    const broken = []; // kept, so that the collector has no part in it
    const handler = counting((response, calls) => (calls === 1 ? broken.push(response.destroy()) : response.end(String(calls))));
    const post = await serve(t, handler, { inFlight: 'wait', waitMs: 5000 });
    await assert.rejects(post('/', 'x', 'k'));
    assert.equal(await (await post('/', 'x', 'k')).text(), '2');
    assert.equal(broken.length, 1);
});

test('a client that goes while the handler works', async (t) => {
    const left = async (post, working) => {
        const leaving = new AbortController();
        const first = post('/', 'x', 'k', 'POST', leaving.signal);
        const response = await working;
        const closed = new Promise((resolve) => response.once('close', resolve));
        leaving.abort();
        await assert.rejects(first, { name: 'AbortError' });
        await closed;
        return response;
    };
    for (const graceMs of [60_000, 0]) {
        let came;
        const working = new Promise((resolve) => (came = resolve));
        const handler = counting((response, calls) => (calls === 1 ? came(response) : response.end(String(calls))));
        const post = await serve(t, handler, { graceMs, inFlight: 'wait', waitMs: 5000 });
        const response = await left(post, working);
        // In its time the handler may still put its reply on record; then another has the key.
        if (graceMs > 0) response.end('1');
        assert.equal(await (await post('/', 'x', 'k')).text(), graceMs > 0 ? '1' : '2');
        if (graceMs === 0) response.end('1');
        assert.equal(await (await post('/', 'x', 'k')).text(), graceMs > 0 ? '1' : '2');
    }
});

test('tenants and queries', async (t) => {
    const handler = counting((response, calls) => response.end(String(calls)));
    const post = await serve(t, handler, { tenant: (request) => request.url.startsWith('/a') ? 'a' : 'b' });
    const said = [];
    for (const path of ['/a?n=1', '/a?n=1', '/b']) said.push(await (await post(path, 'x', 'k')).text());
    assert.deepEqual(said, ['1', '1', '2']);
    assert.equal((await post('/a?n=2', 'x', 'k')).status, 422);
    for (const [query, status] of [['b=2&a=1&b=1', 200], ['a=1&b=2&b=1', 200], ['a=1&b=1&b=2', 422]])
        assert.equal((await post(`/a?${query}`, 'x', 'order')).status, status);
    assert.equal((await post('/a', undefined, 'bodyless')).status, 200);
});
