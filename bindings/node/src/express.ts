// Idempotency keys for Express, and for whatever else has (request, response, next): `@remit/node/express`.
//
//     app.use(express.json({ verify: keepBytes }), idempotency(remit, { required: true, tenant: (request) => request.user }));
//
// The request's raw bytes are the fingerprint, the reply's are what is replayed. Which replies are put on record, and what
// a handler has to say of its effects: docs/idempotency.md.
import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { Claim, ClaimOptions, ExecuteClaim, RecoverClaim } from './claim';
import { milliseconds } from './engine';
import { invalid, RemitError, remitError } from './errors';
import { errorAnswer, missingKeyAnswer } from './http';
import type { Remit } from './remit';
import type { Header, HttpAnswer, Statement } from './reply';

/** The work on a key, for its handler. The statements commit or fail with the reply. */
export interface Attempt {
    readonly claim: ExecuteClaim | RecoverClaim;
    readonly statements: Statement[];
}

export interface IdempotencyOptions<R extends IncomingMessage = IncomingMessage>
    extends Pick<ClaimOptions, 'space' | 'inFlight' | 'waitMs' | 'leaseMs' | 'keepMs'> {
    /** Whose requests are looked at: POST and PATCH when left out. */
    readonly methods?: readonly string[];
    /** A request without a key is refused with 400; else it passes by. */
    readonly required?: boolean;
    /** Whom a key belongs to: by who was authenticated, never by address. */
    readonly tenant?: (request: R) => string;
    /** A handler that still works when its client has gone has so long to end the reply; 60,000. Then the key is given up. */
    readonly graceMs?: number;
}

type Next = (error?: unknown) => void;

const keyField = 'idempotency-key';

const bodies = new WeakMap<IncomingMessage, Uint8Array>();
const attempts = new WeakMap<IncomingMessage, Attempt>();

/** For a parser of bodies, `express.json({ verify: keepBytes })`: what was sent, before it is parsed. */
export function keepBytes(request: IncomingMessage, _response: unknown, bytes: Uint8Array): void {
    bodies.set(request, bytes);
}

/** The work that a handler was called for. */
export function attemptOf(request: IncomingMessage): Attempt {
    const attempt = attempts.get(request);
    if (attempt === undefined) throw remitError('E_MISUSE', 'request', 'came without an idempotency key');
    return attempt;
}

// A string of RFC 8941 ("abc"), or as it is (abc).
function keyOf(values: readonly string[]): string {
    const [text, more] = values;
    if (text === undefined || more !== undefined) throw invalid('key', 'is given more than once');
    if (!text.startsWith('"')) return text;
    const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/.exec(text);
    if (quoted === null) throw invalid('key', 'is no string of RFC 8941');
    return (quoted[1] as string).replace(/\\(.)/g, '$1');
}

/** The body's bytes; undefined when nobody has read it: no parser takes bodies of its type. */
function bodyOf(request: IncomingMessage): Uint8Array | undefined {
    const bytes = bodies.get(request);
    if (bytes !== undefined) return bytes;
    const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
    if (coding === undefined && (length === undefined || length === '0')) return new Uint8Array();
    const { body } = request as { body?: unknown }; // as express.text() and express.raw() leave it
    if (typeof body === 'string') return Buffer.from(body);
    if (body instanceof Uint8Array) return body;
    if (!request.readableDidRead) return undefined;
    throw remitError('E_MISUSE', 'body', 'was not kept: parse it before, as with express.json({ verify: keepBytes })');
}

/** The query in one order of its names; values of one name stay in theirs. */
function sorted(query: string): string {
    const name = (part: string): string => part.split('=', 1)[0] as string;
    return query.split('&').sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0)).join('&');
}

function describe(request: IncomingMessage, body: Uint8Array): Pick<ClaimOptions, 'operation' | 'request'> {
    const url = (request as { originalUrl?: string }).originalUrl ?? request.url ?? '/';
    const [path, query] = [url.split('?', 1)[0] as string, url.slice(url.indexOf('?') + 1)];
    const whole = path.length === url.length || query === '' ? body : Buffer.concat([Buffer.from(`?${sorted(query)}\n`), body]);
    return { operation: `${request.method} ${path}`, request: whole };
}

const problem = (status: number, type: string, title: string, detail: string, headers: readonly Header[] = []): HttpAnswer => ({
    status,
    headers: [['Content-Type', 'application/problem+json'], ...headers],
    body: Buffer.from(JSON.stringify({ type: `urn:remit:problem:${type}`, title, status, detail })),
});

const interrupted = problem(503, 'idempotency-interrupted', 'The request was interrupted',
    'Send the same request again: it goes on from where it was.', [['Retry-After', '1']]);

const unread = problem(415, 'idempotency-body-unread', 'The body is of a type that is not taken',
    'What cannot be read cannot be told from another request.');

/** False when an effect was begun: then the key is not free again, whatever happens. */
async function givenBack(claim: ExecuteClaim | RecoverClaim): Promise<boolean> {
    try {
        await claim.release();
        return true;
    } catch (error) {
        if (RemitError.is(error) && error.code === 'E_STATE') return false;
        throw error;
    }
}

const may = (error: unknown): error is RemitError =>
    RemitError.is(error) && (error.class === 'retry' || error.class === 'ask' || error.code === 'E_FENCED');

/** Puts what the handler said on record; the answer to give instead of it, if any. */
async function settle({ claim, statements }: Attempt, said: HttpAnswer): Promise<HttpAnswer | undefined> {
    try {
        // Nothing was done: whoever asks again gets a new answer.
        if (said.status >= 400 && (await givenBack(claim))) return undefined;
        if (said.status >= 500) return interrupted;
        try {
            await claim.complete(said, statements);
        } catch (error) {
            if (!RemitError.is(error) || error.class !== 'ask') throw error;
            await claim.complete(said, statements); // it may be on record: the same once more settles it
        }
        return undefined;
    } catch (error) {
        if (!may(error)) throw error;
        const found = error.code === 'E_FENCED' ? claim.look().http() : undefined;
        return found === undefined || found.status === 0 ? errorAnswer(error) : found;
    } finally {
        await claim.free();
    }
}

/** Takes off all headers but the echo of the key. */
function bare(response: ServerResponse): void {
    for (const field of response.getHeaderNames()) if (field !== keyField) response.removeHeader(field);
}

function send(response: ServerResponse, answer: HttpAnswer): void {
    bare(response);
    response.statusCode = answer.status;
    response.statusMessage = '';
    for (const [field, value] of answer.headers) response.appendHeader(field, value);
    response.end(answer.body);
}

const headersOf = (response: ServerResponse): Header[] =>
    Object.entries(response.getHeaders()).filter(([field]) => field !== keyField).flatMap(([field, value]) =>
        (Array.isArray(value) ? value : [value]).map((one): Header => [field, String(one)]));

/** Headers as writeHead takes them: an object, a flat list, or a list of pairs. In a list a name may come again. */
function setHeaders(response: ServerResponse, given: object): void {
    if (!Array.isArray(given)) {
        for (const [field, value] of Object.entries(given)) response.setHeader(field, value as OutgoingHttpHeader as string);
        return;
    }
    const list = given as unknown[];
    const flat = Array.isArray(list[0]) ? list.flat() : list;
    if (flat.length % 2 !== 0) throw invalid('headers', 'must have a value for each name');
    const names = flat.filter((_, at) => at % 2 === 0) as string[];
    for (const field of names) response.removeHeader(field);
    names.forEach((field, at) => response.appendHeader(field, flat[2 * at + 1] as string));
}

/** Gives up the key of a reply that never ends. */
function watch(response: ServerResponse, { claim }: Attempt, graceMs: number): { over: boolean } {
    const reply = { over: false };
    const giveUp = (): void => {
        if (reply.over) return;
        reply.over = true;
        void claim.free();
    };
    const destroy = response.destroy;
    response.destroy = (error) => {
        giveUp(); // the handler's own word, as also of a pipeline that broke
        return destroy.call(response, error);
    };
    // The client has gone, and asks again perhaps while the handler still works: the key is that handler's for a while.
    const gone = (): void => {
        if (!reply.over) setTimeout(giveUp, Math.min(graceMs, 2 ** 31 - 1)).unref();
    };
    if (response.closed) gone();
    else response.once('close', gone);
    return reply;
}

/** Holds back what the handler says until it is on record. */
function hold(response: ServerResponse, attempt: Attempt, graceMs: number, next: Next): void {
    const reply = watch(response, attempt, graceMs);
    const parts: Uint8Array[] = [];
    const keep = (...given: unknown[]): void => {
        const [chunk, encoding] = given;
        if (typeof chunk === 'string') parts.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
        else if (chunk instanceof Uint8Array) parts.push(chunk);
        const done = given.find((one) => typeof one === 'function') as (() => void) | undefined;
        if (done !== undefined) process.nextTick(done);
    };
    const held: Pick<ServerResponse, 'write' | 'end' | 'writeHead' | 'flushHeaders'> = {
        write: (...given: unknown[]): boolean => (keep(...given), true),
        writeHead(status: number, ...given: unknown[]) {
            response.statusCode = status;
            if (typeof given[0] === 'string') response.statusMessage = given[0];
            setHeaders(response, given.find((one) => typeof one === 'object' && one !== null) ?? {});
            return response;
        },
        flushHeaders: () => {},
        end: (...given: unknown[]) => {
            if (reply.over) return response;
            reply.over = true;
            keep(...given);
            const said = { status: response.statusCode, headers: headersOf(response), body: Buffer.concat(parts) };
            const pass = (): void => {
                for (const name of Object.keys(held)) delete (response as unknown as Record<string, unknown>)[name];
            };
            settle(attempt, said).then((instead) => {
                pass();
                if (instead === undefined) response.end(said.body);
                else send(response, instead);
            }).catch((error: unknown) => {
                pass();
                bare(response);
                next(error);
            });
            return response;
        },
    };
    Object.assign(response, held);
}

/** Answers a request once per key. Stands behind the parser of bodies, which keepBytes listens to. */
export function idempotency<R extends IncomingMessage = IncomingMessage>(
    remit: Remit,
    options: IdempotencyOptions<R> = {},
): (request: R, response: ServerResponse, next: Next) => void {
    const { methods = ['POST', 'PATCH'], required = false, tenant, graceMs = 60_000, ...claiming } = options;
    milliseconds(graceMs, 'graceMs');
    const answer = async (request: R, response: ServerResponse, next: Next): Promise<void> => {
        const values = request.headersDistinct[keyField];
        if (!methods.includes(request.method ?? '') || (values === undefined && !required)) return next();
        if (values === undefined) return send(response, missingKeyAnswer());
        if (values.length === 1) response.setHeader('Idempotency-Key', values);
        const body = bodyOf(request);
        if (body === undefined) return send(response, unread);
        let claim: Claim;
        try {
            const whose = tenant === undefined ? {} : { tenant: tenant(request) };
            claim = await remit.claim(keyOf(values), { ...claiming, ...whose, ...describe(request, body) });
        } catch (error) {
            if (RemitError.is(error) && error.code !== 'E_MISUSE') return send(response, errorAnswer(error));
            throw error;
        }
        if (claim.verdict === 'execute' || claim.verdict === 'recover') {
            const attempt = { claim, statements: [] };
            attempts.set(request, attempt);
            hold(response, attempt, graceMs, next);
            return next();
        }
        send(response, claim.http());
        await claim.free();
    };
    return (request, response, next) => void answer(request, response, next).catch(next);
}
