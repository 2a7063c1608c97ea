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
        const parts = await request.toArray();
        if (parts.length > 0 && request.url !== '/unkept') keepBytes(request, response, Buffer.concat(parts));
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
    return async (path, body, key, method = 'POST') => {
        const headers = key === undefined ? {} : { 'Idempotency-Key': key };
        return fetch(`http://127.0.0.1:${server.address().port}${path}`, { method, body, headers });
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

test('tenants and queries', async (t) => {
    const handler = counting((response, calls) => response.end(String(calls)));
    const post = await serve(t, handler, { tenant: (request) => request.url.startsWith('/a') ? 'a' : 'b' });
    const said = [];
    for (const path of ['/a?n=1', '/a?n=1', '/b']) said.push(await (await post(path, 'x', 'k')).text());
    assert.deepEqual(said, ['1', '1', '2']);
    assert.equal((await post('/a?n=2', 'x', 'k')).status, 422);
    assert.equal((await post('/a', undefined, 'bodyless')).status, 200);
});
