// A host that keeps the keys itself: it is asked for signatures in the event loop, never on another thread.
import { invalid } from './errors';
import { RemitWorkOutcome } from './native';
import type { Port, Work } from './port';

/** Holds keys that the library does not have, in a KMS for instance. */
export interface Signer {
    /** The addresses it signs for: 0x and 40 digits each. */
    readonly addresses: readonly string[];
    /**
     * Signs each digest of 32 bytes: 65 bytes each, r, s and the recovery id (0 or 1; 27 and 28 are taken too). An
     * error means that nothing was signed. Whoever answers too late is not heard.
     */
    sign(address: string, digests: readonly Uint8Array[]): Promise<readonly Uint8Array[]> | readonly Uint8Array[];
}

/** All addresses in one piece of 20 bytes each. */
export function addressBytes(signer: Signer): Uint8Array {
    signer.addresses.forEach((address, index) => {
        if (!/^0x[0-9a-fA-F]{40}$/.test(address)) throw invalid(`signer.addresses[${index}]`, 'must be 0x and 40 digits');
    });
    return Buffer.from(signer.addresses.map((address) => address.slice(2)).join(''), 'hex');
}

function joined(signatures: readonly Uint8Array[], count: number): Uint8Array {
    if (!Array.isArray(signatures) || signatures.length !== count)
        throw new Error(`the signer gave ${signatures?.length} signatures for ${count} digests`);
    const all = Buffer.alloc(65 * count);
    signatures.forEach((signature, index) => {
        if (!(signature instanceof Uint8Array) || signature.length !== 65) throw new Error('a signature is not of 65 bytes');
        all.set(signature, 65 * index);
        const last = 65 * index + 64;
        if (all[last] === 27 || all[last] === 28) all[last] -= 27;
    });
    return all;
}

/** Has the signer do one piece of work, and answers it. */
export async function doWork(port: Port, signer: Signer, work: Work): Promise<void> {
    const asked = JSON.parse(work.payload) as { work: string; address: string; digests: string[] };
    const answer = (outcome: RemitWorkOutcome, bytes: string | Uint8Array): void =>
        port.native.remit_work_answer(port.queue, work.token, outcome, bytes);
    try {
        if (asked.work !== 'sign') return answer(RemitWorkOutcome.PASS, '');
        const digests = asked.digests.map((digest) => Buffer.from(digest.slice(2), 'hex'));
        const signed = joined(await signer.sign(asked.address, digests), digests.length);
        answer(RemitWorkOutcome.DONE, signed);
    } catch (thrown) {
        // Also when the answer has not the form: then the work is open still.
        try {
            answer(RemitWorkOutcome.FAILED, thrown instanceof Error ? thrown.message : 'the signer failed');
        } catch {
            // Too late: nobody waits for this answer any more.
        }
    }
}
