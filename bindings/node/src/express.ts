// Idempotency keys for Express, and for whatever else has (request, response, next): `@remit/node/express`.
//
//     app.use(express.json({ verify: keepBytes }), idempotency(remit, { required: true, tenant: (request) => request.user }));
//
// The request's raw bytes are the fingerprint, the reply's are what is replayed. Which replies are put on record, and what
// a handler has to say of its effects: docs/idempotency.md.
import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { Claim, ClaimOptions, ExecuteClaim, RecoverClaim } from './claim';
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
}

type Next = (error?: unknown) => void;

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

function bodyOf(request: IncomingMessage): Uint8Array {
    const bytes = bodies.get(request);
    if (bytes !== undefined) return bytes;
    const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
    if (coding !== undefined || (length !== undefined && length !== '0'))
        throw remitError('E_MISUSE', 'body', 'was not kept: parse it before, as with express.json({ verify: keepBytes })');
    return new Uint8Array();
}

function describe(request: IncomingMessage): Pick<ClaimOptions, 'operation' | 'request'> {
    const url = (request as { originalUrl?: string }).originalUrl ?? request.url ?? '/';
    const [path, query] = [url.split('?', 1)[0] as string, url.slice(url.indexOf('?') + 1)];
    const body = bodyOf(request);
    const whole = path.length === url.length || query === '' ? body : Buffer.concat([Buffer.from(`?${query}\n`), body]);
    return { operation: `${request.method} ${path}`, request: whole };
}

const interrupted: HttpAnswer = {
    status: 503,
    headers: [['Content-Type', 'application/problem+json'], ['Retry-After', '1']],
    body: Buffer.from(JSON.stringify({
        type: 'urn:remit:problem:idempotency-interrupted', title: 'The request was interrupted', status: 503,
        detail: 'Send the same request again: it goes on from where it was.',
    })),
};

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

function send(response: ServerResponse, answer: HttpAnswer): void {
    for (const field of response.getHeaderNames()) response.removeHeader(field);
    response.statusCode = answer.status;
    for (const [field, value] of answer.headers) response.appendHeader(field, value);
    response.end(answer.body);
}

const headersOf = (response: ServerResponse): Header[] =>
    Object.entries(response.getHeaders()).flatMap(([field, value]) =>
        (Array.isArray(value) ? value : [value]).map((one): Header => [field, String(one)]));

/** Holds back what the handler says until it is on record. */
function hold(response: ServerResponse, attempt: Attempt, next: Next): void {
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
            const headers = given.find((one) => typeof one === 'object' && one !== null) ?? {};
            for (const [field, value] of Object.entries(headers)) response.setHeader(field, value as OutgoingHttpHeader as string);
            return response;
        },
        flushHeaders: () => {},
        end: (...given: unknown[]) => {
            keep(...given);
            response.end = () => response;
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
                for (const field of response.getHeaderNames()) response.removeHeader(field);
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
    const { methods = ['POST', 'PATCH'], required = false, tenant, ...claiming } = options;
    const answer = async (request: R, response: ServerResponse, next: Next): Promise<void> => {
        const values = request.headersDistinct['idempotency-key'];
        if (!methods.includes(request.method ?? '') || (values === undefined && !required)) return next();
        if (values === undefined) return send(response, missingKeyAnswer());
        let claim: Claim;
        try {
            const whose = tenant === undefined ? {} : { tenant: tenant(request) };
            claim = await remit.claim(keyOf(values), { ...claiming, ...whose, ...describe(request) });
        } catch (error) {
            if (RemitError.is(error) && error.code !== 'E_MISUSE') return send(response, errorAnswer(error));
            throw error;
        }
        if (claim.verdict === 'execute' || claim.verdict === 'recover') {
            const attempt = { claim, statements: [] };
            attempts.set(request, attempt);
            hold(response, attempt, next);
            return next();
        }
        send(response, claim.http());
        await claim.free();
    };
    return (request, response, next) => void answer(request, response, next).catch(next);
}
