// Where the library and JavaScript meet: a queue, pumped by the event loop. Calls that wait are promises here.
import { call, ofRefusal, remitError, type Refusal } from './errors';
import { native, RemitItemKind, STATUSES, type FlatItems, type Native, type Pump, type RemitAsync, type RemitBatch, type RemitQueue } from './native';

/** The outcome of a call. */
export interface Outcome {
    readonly value: bigint;
    readonly payload: string;
    readonly batch: RemitBatch;
    readonly index: number;
}

export type Begin = (async: RemitAsync) => void;

/** What the library asks of the host. */
export interface Work {
    readonly token: bigint;
    readonly payload: string;
}

/** A line of the library's log. */
export interface LogLine {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly event: string;
    readonly fields: Readonly<Record<string, unknown>>;
}

interface Waiting {
    settle(outcome: Outcome): void;
    refuse(refusal: Refusal): void;
}

const levels = ['debug', 'info', 'warn', 'error'] as const;
const WIDTH = 8;

/** Runs a function of the host's; what it throws is an uncaught exception, as in any other callback. */
function host(run: () => void): void {
    try {
        run();
    } catch (thrown) {
        queueMicrotask(() => {
            throw thrown;
        });
    }
}

export class Port {
    readonly native: Native;
    readonly queue: RemitQueue;
    onWork: (work: Work) => void = () => {};
    onLog: (line: LogLine) => void = () => {};
    private readonly pump: Pump;
    private readonly waiting = new Map<bigint, Waiting>();
    private lastTag = 0n;
    private holds = 0;
    private empty: (() => void) | undefined;
    private closed = false;

    constructor() {
        this.native = native();
        this.queue = call(() => this.native.remit_queue_open());
        this.pump = call(() => this.native.pump_open(this.queue, (items, batch) => this.deliver(items, batch)));
    }

    /** Where items that belong to no call shall go. */
    get async(): RemitAsync {
        return { queue: this.queue, tag: 0n };
    }

    /** How many calls are under way. */
    get pending(): number {
        return this.waiting.size;
    }

    /** Makes a call that does not wait. `read` takes what it needs out of the outcome while its batch lives. */
    async call<T>(begin: Begin, read: (outcome: Outcome) => T): Promise<T> {
        const failure = { refusal: undefined as Refusal | undefined };
        const result = await this.begun(begin, read, failure);
        // Made here, so that its stack shows who awaits.
        if (failure.refusal !== undefined) throw ofRefusal(failure.refusal);
        return result as T;
    }

    /** Keeps the process alive until it is let go. */
    hold(): void {
        if (this.holds++ === 0) this.native.pump_hold(this.pump, true);
    }

    letGo(): void {
        if (--this.holds === 0 && !this.closed) this.native.pump_hold(this.pump, false);
    }

    /** How much of the host's own work is under way. */
    working = 0;

    /** Counts it, and keeps the process alive for it. */
    async during(work: Promise<void>): Promise<void> {
        this.hold();
        ++this.working;
        try {
            await work;
        } finally {
            --this.working;
            this.letGo();
        }
    }

    /** Settles when no call is under way. */
    idle(): Promise<void> {
        return this.waiting.size === 0 ? Promise.resolve() : new Promise((resolve) => (this.empty = resolve));
    }

    close(): void {
        if (this.closed) return;
        this.closed = true;
        this.native.pump_close(this.pump);
        this.native.remit_queue_free(this.queue);
        this.refuseAll({ status: STATUSES.E_CLOSED.number, field: '', text: 'the instance is closed' });
    }

    /** Tells all who wait that nothing comes any more. */
    refuseAll(refusal: Refusal): void {
        for (const waiting of this.waiting.values()) {
            waiting.refuse(refusal);
            this.letGo();
        }
        this.waiting.clear();
        this.empty?.();
    }

    private begun<T>(begin: Begin, read: (outcome: Outcome) => T, failure: { refusal: Refusal | undefined }): Promise<T | undefined> {
        if (this.closed) throw remitError('E_CLOSED', '', 'the instance is closed');
        return new Promise((resolve, reject) => {
            const tag = ++this.lastTag;
            call(() => begin({ queue: this.queue, tag }));
            this.hold();
            this.waiting.set(tag, {
                settle: (outcome) => {
                    try {
                        resolve(read(outcome));
                    } catch (thrown) {
                        reject(thrown);
                    }
                },
                refuse: (refusal) => {
                    failure.refusal = refusal;
                    resolve(undefined);
                },
            });
        });
    }

    private deliver(items: FlatItems, batch: RemitBatch): void {
        for (let at = 0, index = 0; at < items.length; at += WIDTH, ++index) {
            const kind = items[at + 1];
            if (kind === RemitItemKind.RESULT) this.result(items, at, batch, index);
            else if (kind === RemitItemKind.WORK)
                host(() => this.onWork({ token: items[at + 4] as bigint, payload: items[at + 5] as string }));
            else if (kind === RemitItemKind.LOG) host(() => this.log(items, at));
        }
        this.native.remit_batch_free(batch);
        if (this.waiting.size === 0) this.empty?.();
    }

    private result(items: FlatItems, at: number, batch: RemitBatch, index: number): void {
        const tag = items[at] as bigint;
        const waiting = this.waiting.get(tag);
        if (waiting === undefined) return;
        this.waiting.delete(tag);
        this.letGo();
        const status = items[at + 2] as number;
        if (status === 0) waiting.settle({ value: items[at + 3] as bigint, payload: items[at + 5] as string, batch, index });
        else waiting.refuse({ status, field: items[at + 6] as string, text: items[at + 7] as string });
    }

    private log(items: FlatItems, at: number): void {
        const level = levels[items[at + 2] as number] ?? 'error';
        this.onLog({ level, event: items[at + 7] as string, fields: JSON.parse(items[at + 5] as string) as LogLine['fields'] });
    }
}
