// app.ts -- an HTTP API that answers each request once, by its Idempotency-Key (Express).
//
// DATABASE  of Remit, with a table of the shop's own: CREATE TABLE orders (id TEXT PRIMARY KEY, amount TEXT)
// GATEWAY   where the price list, the payment gateway and the messenger are
// PORT      to listen at
import express from 'express';
import { Remit } from '@remit/node';
import { attemptOf, idempotency, keepBytes } from '@remit/node/express';

const { DATABASE: database = '', GATEWAY: gateway = '', PORT: port = '', IN_FLIGHT: inFlight = 'reject' } = process.env;
const values = database.startsWith('postgres') ? '($1, $2)' : '(?, ?)';

async function ask(path: string, what: object): Promise<Record<string, string>> {
    const answer = await fetch(gateway + path, { method: 'POST', body: JSON.stringify(what) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return (await answer.json()) as Record<string, string>;
}

const remit = await Remit.open({ database, log_level: 'error' });
const app = express();
app.use(express.json({ verify: keepBytes }));
app.use(idempotency<express.Request>(remit, {
    required: true,
    tenant: (request) => request.get('x-merchant') ?? '',
    inFlight: inFlight === 'wait' ? 'wait' : 'reject',
}));

app.post('/orders', async (request, response) => {
    const { claim, statements } = attemptOf(request);
    const item: unknown = request.body?.item; // a request without a body has none
    if (typeof item !== 'string') return void response.status(400).json({ error: 'item is missing' });
    const { amount = '' } = await ask('/price', { item }); // only looks: when it fails, the key is free again
    await claim.effectBegin('idempotent'); // from here on a crash is gone on from
    const { id = '' } = await ask('/charge', { key: claim.effectKey('charge'), amount }); // the same key, however often
    // The order stands when the reply does, or neither.
    statements.push({ sql: `INSERT INTO orders (id, amount) VALUES ${values}`, values: [id, amount], rows: 1 });
    response.status(201).json({ order: id, amount });
});

app.post('/messages', async (request, response) => {
    if (request.body === undefined) return void response.status(400).json({ error: 'the message is missing' });
    await attemptOf(request).claim.effectBegin('at_most_once'); // the messenger knows no keys
    await ask('/send', request.body);
    response.status(202).json({ sent: true });
});

app.listen(Number(port), '127.0.0.1');
