import { maybeName, milliseconds, name, nothing, type Instance } from './engine';
import { call } from './errors';
import * as json from './json';
import type { Bytes } from './native';
import type { Outcome } from './port';

export interface KeyInfo {
    readonly id: string;
    readonly address: string;
    readonly label: string;
    readonly createdUs: number;
}

function keyOf(row: json.Row): KeyInfo {
    const created = json.number(row, 'created_us');
    return { id: json.text(row, 'id'), address: json.text(row, 'address'), label: json.text(row, 'label'), createdUs: created };
}

const oneKey = (outcome: Outcome): KeyInfo => keyOf(JSON.parse(outcome.payload) as json.Row);

/** Private keys at rest. A secret given as a Uint8Array can be wiped by the caller afterwards; a string cannot. */
export class Keys {
    constructor(private readonly instance: Instance) {}

    /** The first call on a new database sets the password. Keys can sign for ttlMs; without it until lock(). */
    async unlock(password: Bytes, options: { readonly ttlMs?: number } = {}): Promise<void> {
        const { instance } = this;
        const ttl = milliseconds(options.ttlMs, 'ttlMs');
        return instance.call((async) => instance.native.remit_keys_unlock(instance.handle, password, ttl, async), nothing);
    }

    /** The same with a key-encryption key of 32 bytes that the host keeps. */
    async unlockWithKek(kek: Uint8Array, options: { readonly ttlMs?: number } = {}): Promise<void> {
        const { instance } = this;
        const ttl = milliseconds(options.ttlMs, 'ttlMs');
        return instance.call((async) => instance.native.remit_keys_unlock_kek(instance.handle, kek, ttl, async), nothing);
    }

    /** Wipes the unlocked keys from memory. */
    lock(): void {
        call(() => this.instance.native.remit_keys_lock(this.instance.handle));
    }

    get unlocked(): boolean {
        return call(() => this.instance.native.remit_keys_unlocked(this.instance.handle)) === 1;
    }

    async list(): Promise<KeyInfo[]> {
        const { instance } = this;
        return instance.call(
            (async) => instance.native.remit_query(instance.handle, 'keys.list', null, async),
            (outcome) => json.rows(JSON.parse(outcome.payload)).map(keyOf),
        );
    }

    async create(options: { readonly label?: string } = {}): Promise<KeyInfo> {
        const { instance } = this;
        const label = maybeName(options.label, 'label');
        return instance.call((async) => instance.native.remit_keys_create(instance.handle, label, async), oneKey);
    }

    /** Takes a raw private key of 32 bytes in. */
    async import(key: Uint8Array, options: { readonly label?: string } = {}): Promise<KeyInfo> {
        const { instance } = this;
        const label = maybeName(options.label, 'label');
        return instance.call((async) => instance.native.remit_keys_import(instance.handle, key, label, async), oneKey);
    }

    /** Takes a Web3 Secret Storage v3 file in, by its text and its own password. */
    async importV3(file: string, password: Bytes, options: { readonly label?: string } = {}): Promise<KeyInfo> {
        const { instance } = this;
        const label = maybeName(options.label, 'label');
        return instance.call(
            (async) => instance.native.remit_keys_import_v3(instance.handle, file, password, label, async),
            oneKey,
        );
    }

    /** Gives a key out as the text of a Web3 Secret Storage v3 file. */
    async exportV3(address: string, password: Bytes): Promise<string> {
        const { instance } = this;
        return instance.call(
            (async) => instance.native.remit_keys_export_v3(instance.handle, name(address, 'address'), password, async),
            (outcome) => outcome.payload,
        );
    }
}
