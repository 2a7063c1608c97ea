// Runs a program (see make.py) through the 1:1 layer of Node: run.mjs PROGRAM > transcript
// REMIT_NODE_PACKAGE is the folder of the package.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const described = JSON.parse(readFileSync(new URL('../abi.json', import.meta.url), 'utf8'));
const abi = createRequire(`${process.env.REMIT_NODE_PACKAGE}/`)('@remit/node/abi');
const calls = abi.native();
const statusNames = new Map(Object.entries(abi.STATUSES).map(([name, { number }]) => [number, name]));

const plain = /[^A-Za-z0-9_.:/"-]/g;
const hex = (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
/** Bytes, text or a number as a transcript shows them. */
function encode(value) {
    if (typeof value === 'number' || typeof value === 'bigint') return value.toString();
    return `~${Buffer.from(value).toString('latin1').replace(plain, (byte) => hex(byte.charCodeAt(0)))}`;
}
const decode = (word) => Buffer.from(word.replace(/%(..)/g, (_, digits) => String.fromCharCode(parseInt(digits, 16))), 'latin1');

// ---- reading a step ----

class Reference {
    constructor(word) {
        this.key = word.slice(1);
    }
}

class Text {
    constructor(text) {
        this.text = text;
        this.at = 0;
    }

    take(stop) {
        const start = this.at;
        while (this.at < this.text.length && !stop.includes(this.text[this.at])) ++this.at;
        return this.text.slice(start, this.at);
    }

    value() {
        const first = this.text[this.at];
        if (first === '{') return Object.fromEntries(this.inside('}', () => this.named()));
        if (first === '[') return this.inside(']', () => this.value());
        const word = this.take(' ,]}');
        if (word === '-') return null;
        if (first === '~') return decode(word.slice(1));
        if (first === '@') return new Reference(word);
        return /^-?\d+$/.test(word) ? BigInt(word) : word;
    }

    inside(end, one) {
        const out = [];
        for (++this.at; this.text[this.at] !== end; ) {
            out.push(one());
            if (this.text[this.at] === ',') ++this.at;
        }
        ++this.at;
        return out;
    }

    named() {
        const name = this.take('=');
        ++this.at;
        return [name, this.value()];
    }
}

// ---- inputs ----

// "STEP.PATH" -> what came out
const kept = new Map();

function resolve(value, role) {
    if (!(value instanceof Reference)) return value;
    const got = kept.get(value.key);
    if (role !== 'text' && role !== 'bytes') return got ?? (role === 'handle' ? null : 0n);
    if (got?.blob !== undefined) return calls.remit_blob_data(got.blob);
    return typeof got === 'string' || got instanceof Uint8Array ? got : '';
}

const wide = new Set(['int64_t', 'uint64_t']);

function input(about, given) {
    const value = resolve(given, about.role);
    if (about.role === 'scalar') return wide.has(about.type) ? BigInt(value ?? 0) : Number(value ?? 0);
    if (value === null || value === undefined) return null;
    if (about.role === 'handle') return value.blob ?? value;
    if (about.role === 'async') return structure('remit_async', value);
    if (about.role === 'struct') return structure(about.of, value);
    if (about.role === 'structs') return value.map((one) => structure(about.of, one));
    return value;
}

function structure(name, given) {
    const fields = described.structs[name].fields;
    return Object.fromEntries(Object.entries(given).map(([field, value]) => [field, input(fields[field], value)]));
}

// ---- outputs ----

function shownStruct(path, name, made) {
    const out = [];
    for (const [field, about] of Object.entries(described.structs[name].fields)) {
        if (about.role === 'struct_size' || about.role === 'length') continue;
        const value = made?.[field] ?? null;
        const at = `${path}.${field}`;
        kept.set(at, value);
        if (about.role === 'value') out.push(`${field}={text=${encode(value ?? '')}}`);
        else if (about.role === 'handle') out.push(`${field}=${value === null ? 'null' : 'handle'}`);
        else if (about.role === 'scalar') out.push(`${field}=${value ?? 0}`);
        else out.push(`${field}=${value === null ? 'null' : encode(value)}`);
    }
    return `{${out.join(',')}}`;
}

function shown(step, about, how, made, count) {
    const at = `${step}.${about.name}`;
    if (about.role === 'out_scalar') {
        kept.set(at, made ?? 0n);
        return String(made ?? 0);
    }
    if (about.role === 'out_id') {
        kept.set(at, made ?? '');
        return `{text=${encode(made ?? '')}}`;
    }
    if (about.role === 'out_structs')
        return `[${Array.from({ length: count }, (_, i) => shownStruct(`${at}.${i}`, about.of, made?.[i])).join(',')}]`;
    if (about.role === 'out_struct') return shownStruct(at, about.of, made);
    if (about.of !== 'remit_blob') {
        kept.set(at, made ?? null);
        return made ? 'handle' : 'null';
    }
    const text = made ? encode(calls.remit_blob_data(made)) : 'null';
    if (how === 'keep') kept.set(at, made ? { blob: made } : null);
    else calls.remit_blob_free(made ?? null);
    return text;
}

function error(step, how, refusal) {
    if (how === 'null' || refusal?.error === undefined) return '';
    const { error: handle, status, field, text } = refusal;
    if (how === 'keep') kept.set(`${step}.out_error`, handle);
    else calls.remit_error_free(handle);
    return ` error={status=${statusNames.get(status)},field=${encode(field)},text=${how === 'hide' ? '*' : encode(text)}}`;
}

function result(step, about, got) {
    if (about.returns === 'void') return '-';
    const name = about.returns.replace('const ', '').replace(/[ *]+$/, '');
    const at = `${step}.return`;
    if (described.structs[name] !== undefined) return got === null ? 'null' : shownStruct(at, name, got);
    kept.set(at, got);
    if (described.handles[name] !== undefined) return got === null ? 'null' : 'handle';
    return got === null ? 'null' : encode(got);
}

// ---- one step ----

function outputs(step, about, given, made, count) {
    const out = about.parameters.filter((parameter) => parameter.role.startsWith('out_'));
    const values = out.length === 1 ? [made] : (made ?? []);
    return out.map((parameter, index) => {
        const how = given[parameter.name];
        const text = shown(step, parameter, how, values[index], count);
        if (how === 'null') return '';
        return ` ${parameter.name}=${how === 'hide' ? '*' : text}`;
    }).join('');
}

function isStatus(about) {
    return (about.codes ?? []).length > 0;
}

function run(line) {
    const text = new Text(line);
    const step = text.take(' ');
    ++text.at;
    const name = text.take(' ');
    const given = {};
    while (text.at < line.length) {
        ++text.at;
        const [parameter, value] = text.named();
        given[parameter] = value;
    }
    const about = described.functions[name];
    const inputs = about.parameters.filter(({ role }) => !role.startsWith('out_') && role !== 'error' && role !== 'length');
    const args = inputs.map((parameter) => input(parameter, given[parameter.name]));
    const many = inputs.findIndex(({ role }) => role === 'structs');
    const count = args[many]?.length ?? 0;
    const waits = inputs.every(({ role }, index) => role !== 'async' || args[index] === null);
    let made;
    let refusal;
    try {
        made = calls[name](...args);
    } catch (thrown) {
        if (thrown instanceof Error || thrown.status === undefined) throw thrown;
        refusal = thrown;
    }
    if (!isStatus(about)) return `${step} ${name} ${result(step, about, made)}`;
    const status = statusNames.get(refusal?.status ?? 0);
    const silent = !waits && refusal === undefined;
    return `${step} ${name} ${status}${silent ? '' : outputs(step, about, given, made, count)}${error(step, given.out_error, refusal)}`;
}

const lines = readFileSync(process.argv[2], 'utf8').split('\n');
const transcript = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => `${run(line)}\n`);
process.stdout.write(transcript.join(''));
