import { maybeName, microseconds, milliseconds, name, nothing, type Instance } from './engine';
import { camel, invalid, renamed } from './errors';
import * as json from './json';
import { baseUnits } from './money';
import { RemitPayoutStatus, type RemitPayoutRequest } from './native';
import type { Outcome } from './port';

export type PayoutStatus = 'pending' | 'sent' | 'completed' | 'failed' | 'cancelled';

const statuses: Readonly<Record<PayoutStatus, RemitPayoutStatus>> = {
    pending: RemitPayoutStatus.PENDING,
    sent: RemitPayoutStatus.SENT,
    completed: RemitPayoutStatus.COMPLETED,
    failed: RemitPayoutStatus.FAILED,
    cancelled: RemitPayoutStatus.CANCELLED,
};

/** A payout to accept. It is named by (tenant, externalId): the same again gives the payout there is. */
export interface PayoutRequest {
    readonly chainId: bigint;
    readonly externalId: string;
    /** 0x and 40 digits. */
    readonly to: string;
    /** Base units. */
    readonly amount: bigint;
    /** A configured symbol or 0x address; the chain's coin when left out. */
    readonly token?: string;
    readonly tenant?: string;
    /** A configured sender; any when left out. */
    readonly from?: string;
    /** Higher goes first; -1000 to 1000. */
    readonly priority?: number;
    readonly notBefore?: Date;
    /** Not signed after it. */
    readonly deadline?: Date;
}

export interface Accepted {
    readonly id: string;
    /** false: it was there before, with the same content. */
    readonly created: boolean;
}

/** A payout as it stands. Amounts are base units, times microseconds UTC; null is not yet. */
export interface Payout {
    readonly id: string;
    readonly tenant: string;
    readonly externalId: string;
    readonly chainId: bigint;
    readonly token: string;
    readonly tokenAddress: string | null;
    readonly to: string;
    readonly amount: bigint;
    readonly decimals: number;
    readonly priority: number;
    readonly status: PayoutStatus;
    readonly state: string;
    readonly reason: string;
    readonly doubt: string;
    readonly sender: string | null;
    readonly nonce: bigint | null;
    readonly txHash: string | null;
    readonly blockNumber: bigint | null;
    readonly feePaid: bigint;
    readonly notBeforeUs: number | null;
    readonly deadlineUs: number | null;
    readonly createdUs: number | null;
    readonly sentUs: number | null;
    readonly minedUs: number | null;
    readonly finishedUs: number | null;
}

export interface PayoutFilter {
    readonly tenant?: string;
    readonly status?: PayoutStatus;
    readonly chainId?: bigint;
    /** Only those whose outcome needs a person. */
    readonly doubtful?: boolean;
}

function payoutOf(row: json.Row): Payout {
    return {
        id: json.text(row, 'id'),
        tenant: json.text(row, 'tenant'),
        externalId: json.text(row, 'external_id'),
        chainId: json.integer(row, 'chain_id'),
        token: json.text(row, 'token'),
        tokenAddress: json.maybeText(row, 'token_address'),
        to: json.text(row, 'to'),
        amount: json.integer(row, 'amount'),
        decimals: json.number(row, 'decimals'),
        priority: json.number(row, 'priority'),
        status: json.text(row, 'status') as PayoutStatus,
        state: json.text(row, 'state'),
        reason: json.text(row, 'reason'),
        doubt: json.text(row, 'doubt'),
        sender: json.maybeText(row, 'sender'),
        nonce: json.maybeInteger(row, 'nonce'),
        txHash: json.maybeText(row, 'tx_hash'),
        blockNumber: json.maybeInteger(row, 'block_number'),
        feePaid: json.integer(row, 'fee_paid'),
        notBeforeUs: json.maybeNumber(row, 'not_before_us'),
        deadlineUs: json.maybeNumber(row, 'deadline_us'),
        createdUs: json.maybeNumber(row, 'created_us'),
        sentUs: json.maybeNumber(row, 'sent_us'),
        minedUs: json.maybeNumber(row, 'mined_us'),
        finishedUs: json.maybeNumber(row, 'finished_us'),
    };
}

const onePayout = (outcome: Outcome): Payout => payoutOf(json.parse(outcome.payload) as json.Row);

function requestOf(request: PayoutRequest, at: string): RemitPayoutRequest {
    const { chainId, priority } = request;
    if (typeof chainId !== 'bigint') throw invalid(`${at}chainId`, 'must be a bigint');
    if (baseUnits(request.amount, `${at}amount`) === 0n) throw invalid(`${at}amount`, 'must be at least 1');
    return {
        chain_id: chainId,
        external_id: name(request.externalId, `${at}externalId`),
        to: name(request.to, `${at}to`),
        amount: request.amount.toString(),
        token: maybeName(request.token, `${at}token`),
        tenant: maybeName(request.tenant, `${at}tenant`),
        from: maybeName(request.from, `${at}from`),
        priority: priority ?? 0,
        not_before_us: microseconds(request.notBefore, `${at}notBefore`),
        deadline_us: microseconds(request.deadline, `${at}deadline`),
    };
}

export class Payouts {
    constructor(private readonly instance: Instance) {}

    /** Accepts a payout: when it resolves, the payout is on disk. */
    async enqueue(request: PayoutRequest): Promise<Accepted> {
        try {
            const [accepted] = await this.send([requestOf(request, '')]);
            return accepted as Accepted;
        } catch (error) {
            throw renamed(error, (field) => field.replace(/^(requests)?\[0\]\./, ''));
        }
    }

    /** Accepts many, all or none; 1 to 10,000. The field of an error begins with the index, as "[3].amount". */
    async enqueueAll(requests: readonly PayoutRequest[]): Promise<Accepted[]> {
        return this.send(requests.map((request, index) => requestOf(request, `[${index}].`)));
    }

    async get(id: string): Promise<Payout> {
        const { instance } = this;
        return instance.call((async) => instance.native.remit_payout_get(instance.handle, name(id, 'id'), async), onePayout);
    }

    /** By the host's own name for it. */
    async find(externalId: string, options: { readonly tenant?: string } = {}): Promise<Payout> {
        const { instance } = this;
        const tenant = maybeName(options.tenant, 'tenant');
        const named = name(externalId, 'externalId');
        return instance.call((async) => instance.native.remit_payout_find(instance.handle, tenant, named, async), onePayout);
    }

    /** Waits until a payout has a status or is past it. Running out of time is a RetryError; the work goes on. */
    async wait(id: string, status: PayoutStatus = 'completed', options: { readonly timeoutMs?: number } = {}): Promise<Payout> {
        const { instance } = this;
        const wanted = statuses[status];
        if (wanted === undefined) throw invalid('status', 'is no status of a payout');
        const timeout = milliseconds(options.timeoutMs ?? 600_000, 'timeoutMs');
        return instance.call(
            (async) => instance.native.remit_payout_wait(instance.handle, name(id, 'id'), wanted, timeout, async),
            onePayout,
        );
    }

    /** Withdraws a payout of which nothing is signed. */
    async cancel(id: string, by: { readonly actor: string; readonly reason?: string }): Promise<void> {
        const { instance } = this;
        const actor = name(by.actor, 'actor');
        const reason = maybeName(by.reason, 'reason');
        return instance.call(
            (async) => instance.native.remit_payout_cancel(instance.handle, name(id, 'id'), actor, reason, async),
            nothing,
        );
    }

    /** All payouts in order of acceptance, fetched page by page. */
    async *list(filter: PayoutFilter = {}): AsyncGenerator<Payout, void, void> {
        const { instance } = this;
        const { tenant, status, chainId, doubtful } = filter;
        let after: string | undefined;
        do {
            const asked = json.stringify({ tenant, status, chain_id: chainId, doubtful, after });
            const page = await instance.call(
                (async) => instance.native.remit_query(instance.handle, 'payouts.list', asked, async),
                (outcome) => json.parse(outcome.payload) as json.Row,
            );
            for (const row of json.rows(page['payouts'])) yield payoutOf(row);
            after = json.text(page, 'next');
        } while (after !== '');
    }

    private async send(requests: readonly RemitPayoutRequest[]): Promise<Accepted[]> {
        const { instance } = this;
        try {
            return await instance.call(
                (async) => instance.native.remit_payout_enqueue(instance.handle, requests, async),
                (outcome) => JSON.parse(outcome.payload) as Accepted[],
            );
        } catch (error) {
            throw renamed(error, camel);
        }
    }
}
