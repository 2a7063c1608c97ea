// A user's program under the strictest rules. It is only compiled, as CommonJS and as a module.
import { AskError, FinalError, FixError, formatUnits, parseUnits, Remit, RemitError, RetryError } from '@remit/node';
import type { Claim, Config, ErrorClass, ErrorCode, Payout, RemitEvent, Signer } from '@remit/node';
import { World } from '@remit/node/testing';
import { native, RemitPayoutStatus, STATUSES } from '@remit/node/abi';

const config: Config = {
    database: 'shop.db',
    chains: [{ id: 1n, rpc: 'https://node.example', tokens: [{ symbol: 'USDT', address: '0x', decimals: 6 }] }],
};

const signer: Signer = {
    addresses: ['0x52908400098527886E0F7030069857D2E4169EE7'],
    async sign(_address: string, digests: readonly Uint8Array[]): Promise<Uint8Array[]> {
        return digests.map(() => new Uint8Array(65));
    },
};

function answer(claim: Claim): string {
    switch (claim.verdict) {
        case 'execute':
            return claim.effectKey('charge');
        case 'recover':
            return `${claim.point} ${claim.effect} ${claim.data.length}`;
        case 'replay':
            return claim.reply.json<{ id: string }>().id;
        case 'running':
            return `${claim.retryMs + 1}`;
        case 'unknown':
            return claim.doubt;
        case 'expired':
            return claim.key;
        default:
            // All verdicts are told apart: a new one does not compile here.
            return claim satisfies never;
    }
}

function advice(error: RemitError): string {
    const kind: ErrorClass = error.class;
    const code: ErrorCode = error.code;
    if (error instanceof FixError) return error.class satisfies 'fix';
    if (error instanceof RetryError) return error.class satisfies 'retry';
    if (error instanceof AskError) return error.class satisfies 'ask';
    if (error instanceof FinalError) return error.class satisfies 'final';
    return kind + code;
}

export async function main(): Promise<void> {
    const remit: Remit = await Remit.open({ ...config, signer, log: (line) => void line.event.length });
    const { id } = await remit.payouts.enqueue({ chainId: 1n, externalId: '1', to: '0x', amount: parseUnits('12.5', 6) });
    // @ts-expect-error money is never a number
    await remit.payouts.enqueue({ chainId: 1n, externalId: '1', to: '0x', amount: 12.5 });
    // @ts-expect-error a typing error in an option is found
    await remit.payouts.enqueue({ chainId: 1n, externalID: '1', to: '0x', amount: 1n });
    const payout: Payout = await remit.payouts.wait(id, 'completed', { timeoutMs: 1000 });
    // @ts-expect-error there is no such status
    await remit.payouts.wait(id, 'paid');
    const amount: bigint = payout.amount;
    const text: string = formatUnits(amount, payout.decimals);
    for await (const event of remit.events('app')) {
        const one: RemitEvent = event;
        if (one.payout !== null) text.concat(one.payout.amount.toString());
        await event.ack();
        break;
    }
    const claim = await remit.claim('order-1', { request: { amount: '1' }, inFlight: 'wait' });
    answer(claim);
    if (claim.verdict === 'execute')
        await claim.complete({ status: 201, json: { id } }, [{ sql: 'UPDATE orders SET paid = ?', values: [1n, 'x', null], rows: 1 }]);
    {
        using short = await remit.claim('order-2', { request: new ArrayBuffer(1) });
        await using long = await remit.claim('order-3', { request: 5n });
        short.key.concat(long.key);
    }
    // @ts-expect-error what is done cannot be completed
    if (claim.verdict === 'replay') await claim.complete();
    try {
        await remit.health();
    } catch (error) {
        if (!RemitError.is(error)) throw error;
        advice(error);
    }
    await remit.close({ drainMs: 100 });

    const world: World = World.open({ senders: 2, seed: 7n, blockIntervalMs: null });
    const inside: Remit = await world.engine({ config: { ...world.config(), lease_ms: 1000 } });
    const had: bigint = world.balance('USDT', signer.addresses[0] ?? '');
    void had;
    await inside.close();

    const calls = native();
    const engine = calls.remit_world_engine(calls.remit_world_open());
    const [status, blob] = calls.remit_payout_get(engine, id);
    if (status === RemitPayoutStatus.COMPLETED) calls.remit_blob_free(blob);
    // @ts-expect-error a blob is no engine
    calls.remit_engine_free(blob);
    const lost: -5 = STATUSES.E_STORE_LOST.number;
    void lost;
}
