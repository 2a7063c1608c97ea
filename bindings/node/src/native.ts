// The addon, and the C ABI under its own names: `@remit/node/abi`. Nothing is loaded before native() is called.
import { constants } from 'node:os';
import { join } from 'node:path';
import { REMIT_ABI_VERSION, type Abi, type RemitBatch, type RemitQueue } from './abi';

export * from './abi';

declare const type: unique symbol;

/** Waits on a queue's descriptor in the event loop. */
export interface Pump {
    readonly [type]: 'pump';
}

/** Eight values for each item: tag, kind, status, value, token, payload, error_field, error_text. */
export type FlatItems = readonly (bigint | number | string)[];

export interface Native extends Abi {
    /** Calls the function with each batch of items. It does not keep the process alive. */
    pump_open(queue: RemitQueue, deliver: (items: FlatItems, batch: RemitBatch) => void): Pump;
    /** Whether it keeps the process alive. */
    pump_hold(pump: Pump, whether: boolean): void;
    pump_close(pump: Pump): void;
}

let loaded: Native | undefined;

/** The addon: REMIT_NATIVE names another file than the package's own. */
export function native(): Native {
    if (loaded !== undefined) return loaded;
    const own = join(__dirname, '..', 'prebuilds', `${process.platform}-${process.arch}`, 'remit.node');
    const file = process.env['REMIT_NATIVE'] || own;
    const found = { exports: {} as Native };
    process.dlopen(found, file, constants.dlopen.RTLD_LAZY);
    const version = found.exports.remit_abi_version();
    if (version !== REMIT_ABI_VERSION)
        throw new Error(`${file} has the ABI version ${version}, this package needs ${REMIT_ABI_VERSION}`);
    return (loaded = found.exports);
}
