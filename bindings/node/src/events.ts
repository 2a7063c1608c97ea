// Durable events: at least once, in order.
import { milliseconds, name, nothing, type Instance } from './engine';
import { invalid } from './errors';
import * as json from './json';
import type { PayoutStatus } from './payouts';

/** What an event of a payout tells. */
export interface PayoutEventData {
    readonly payout: string;
    readonly externalId: string;
    readonly chainId: bigint;
    readonly token: string;
    readonly to: string;
    readonly amount: bigint;
    readonly status: PayoutStatus;
    readonly state: string;
    readonly sender: string | null;
    readonly nonce: bigint | null;
    readonly txHash: string | null;
    readonly blockNumber: bigint | null;
    readonly reason: string;
    readonly doubt: string;
    readonly actor: string;
}

export interface RemitEvent {
    readonly id: string;
    readonly position: bigint;
    readonly tenant: string;
    readonly subject: string;
    readonly subjectSequence: bigint;
    /** As "payout.completed". */
    readonly type: string;
    readonly version: number;
    readonly timeUs: number;
    /** As it was written: snake_case names, money as decimal text. */
    readonly data: Readonly<Record<string, unknown>>;
    /** What data tells of a payout, when the event is of one. */
    readonly payout: PayoutEventData | null;
    /** Everything up to this event is done with. Without it the event comes again. */
    ack(): Promise<void>;
}

export interface EventOptions {
    /** Fetched at once; 1 to 10,000. */
    readonly batch?: number;
    /** How long to rest when there is none. */
    readonly pollMs?: number;
    /** Ends the iteration. */
    readonly signal?: AbortSignal;
}

function payoutData(type: string, row: json.Row): PayoutEventData | null {
    if (!type.startsWith('payout.')) return null;
    return {
        payout: json.text(row, 'payout'),
        externalId: json.text(row, 'external_id'),
        chainId: json.integer(row, 'chain_id'),
        token: json.text(row, 'token'),
        to: json.text(row, 'to'),
        amount: json.integer(row, 'amount'),
        status: json.text(row, 'status') as PayoutStatus,
        state: json.text(row, 'state'),
        sender: json.maybeText(row, 'sender'),
        nonce: json.maybeInteger(row, 'nonce'),
        txHash: json.maybeText(row, 'tx_hash'),
        blockNumber: json.maybeInteger(row, 'block_number'),
        reason: json.maybeText(row, 'reason') ?? '',
        doubt: json.maybeText(row, 'doubt') ?? '',
        actor: json.maybeText(row, 'actor') ?? '',
    };
}

export class Consumer {
    private acked = 0;

    constructor(private readonly instance: Instance, readonly name: string, private readonly options: EventOptions) {
        check(name, options);
    }

    /** The events behind the acknowledged position, at once; none is an empty list. */
    async next(): Promise<RemitEvent[]> {
        const { instance } = this;
        return instance.call(
            (async) => instance.native.remit_events_next(instance.handle, this.name, this.options.batch ?? 0, async),
            (outcome) => json.rows(json.parse(outcome.payload)).map((row) => this.eventOf(row)),
        );
    }

    /** Everything up to a position is done with. */
    async ack(position: bigint): Promise<void> {
        const { instance } = this;
        await instance.call((async) => instance.native.remit_events_ack(instance.handle, this.name, position, async), nothing);
        ++this.acked;
    }

    /** One event after the other, for ever: until the loop is left, the signal aborts or the instance is closed. */
    async *[Symbol.asyncIterator](): AsyncGenerator<RemitEvent, void, void> {
        const { signal, pollMs } = this.options;
        const over = (): boolean => this.instance.closed || signal?.aborted === true;
        while (!over()) {
            const before = this.acked;
            let events: RemitEvent[] = [];
            try {
                events = await this.next();
            } catch (error) {
                if (over()) return;
                throw error;
            }
            for (const event of events) {
                if (over()) return;
                yield event;
            }
            // Without an ack the same ones come again: not in a hurry.
            if (this.acked === before && !over()) await this.instance.rest(pollMs ?? 250, signal);
        }
    }

    private eventOf(row: json.Row): RemitEvent {
        const type = json.text(row, 'type');
        const data = row['data'] as json.Row;
        const position = json.integer(row, 'position');
        return {
            id: json.text(row, 'id'),
            position,
            tenant: json.text(row, 'tenant'),
            subject: json.text(row, 'subject'),
            subjectSequence: json.integer(row, 'subject_sequence'),
            type,
            version: json.number(row, 'version'),
            timeUs: json.number(row, 'time_us'),
            data,
            payout: payoutData(type, data),
            ack: () => this.ack(position),
        };
    }
}

function check(consumer: string, options: EventOptions): void {
    name(consumer, 'consumer');
    milliseconds(options.pollMs, 'pollMs');
    const { batch } = options;
    if (batch !== undefined && !(Number.isInteger(batch) && batch > 0)) throw invalid('batch', 'must be a whole number above 0');
}
