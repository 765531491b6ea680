import type { Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { deleteOldMinutes, insertMinute, type MinuteCounts, type MinuteRow } from './minutes.ts';

const MINUTE_MS = 60_000;

/** The value of a metric, or of a histogram's bucket, by what it counts. */
interface Sample {
  labels: Partial<Record<string, string | number>>;
  value: number;
  metricName?: string;
}

/** What of a metric is counted. */
type Source = readonly [metric: string, counts?: (sample: Sample) => boolean];

const isCount = ({ metricName = '' }: Sample) => metricName.endsWith('_count');
const REQUESTS = 'mahilo_http_request_duration_seconds';

/** Where each count comes from; each process has some of these metrics. */
const SOURCES: Readonly<Record<keyof MinuteCounts, readonly Source[]>> = {
  accepted: [['mahilo_messages_accepted_total']],
  delivered: [
    ['mahilo_deliveries_settled_total', ({ labels }) => labels['state'] === 'delivered'],
    ['mahilo_inbox_acknowledged_total'],
  ],
  failed: [['mahilo_deliveries_settled_total', ({ labels }) => labels['state'] === 'failed']],
  attempts: [['mahilo_delivery_attempts_total']],
  requests: [[REQUESTS, isCount]],
  unauthorized: [['mahilo_auth_failures_total']],
  limited: [['mahilo_rate_limited_total'], ['mahilo_quota_exceeded_total']],
  errors: [[REQUESTS, (sample) => isCount(sample) && sample.labels['status_class'] === '5xx']],
};
const NAMES = Object.keys(SOURCES) as (keyof MinuteCounts)[];

const HISTOGRAMS = {
  waits: 'mahilo_queue_wait_seconds',
  callbacks: 'mahilo_callback_duration_seconds',
} as const;

/** How often something took at most so long (s), and longer than the bound before; by that bound. */
type Buckets = Map<string, number>;

interface Totals {
  counts: MinuteCounts;
  waits: Buckets;
  callbacks: Buckets;
}

/**
 * Writes each minute what a process has counted in it, from its metrics: so it costs nothing where something is counted. A
 * minute in which nothing happened writes nothing. What cannot be written is left out: it is only for looking at.
 */
export class MinuteRecorder {
  readonly #registry: Registry;
  readonly #db: Pick<Database, 'write'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #process: string;
  readonly #timer: NodeJS.Timeout;
  #last: Totals | undefined;

  /** `process` tells its rows from others'. */
  constructor(registry: Registry, db: Pick<Database, 'write'>, clock: Pick<Clock, 'now'>, process: string) {
    this.#registry = registry;
    this.#db = db;
    this.#clock = clock;
    this.#process = process;
    this.#timer = setInterval(() => void this.record(), MINUTE_MS).unref();
  }

  /** Writes what was counted since the last time. */
  async record(): Promise<void> {
    const totals = await this.#totals();
    const row = difference(this.#last, totals);
    this.#last = totals;
    if (NAMES.every((name) => row[name] === 0)) return;
    const at = this.#clock.now();
    await this.#db
      .write(async (trx) => {
        await insertMinute(trx, { ...row, at, process: this.#process });
        await deleteOldMinutes(trx, at);
      })
      .catch(() => undefined);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.record();
  }

  async #totals(): Promise<Totals> {
    const counts = {} as MinuteCounts;
    for (const name of NAMES) {
      counts[name] = 0;
      for (const [metric, isCounted = () => true] of SOURCES[name]) {
        for (const sample of await this.#samples(metric)) if (isCounted(sample)) counts[name] += sample.value;
      }
    }
    const waits = await this.#buckets(HISTOGRAMS.waits);
    return { counts, waits, callbacks: await this.#buckets(HISTOGRAMS.callbacks) };
  }

  async #samples(metric: string): Promise<readonly Sample[]> {
    return (await this.#registry.getSingleMetric(metric)?.get())?.values ?? [];
  }

  /** Prometheus' buckets hold what those before them do, too. */
  async #buckets(metric: string): Promise<Buckets> {
    const upTo: Buckets = new Map();
    for (const { labels, value, metricName = '' } of await this.#samples(metric)) {
      const bound = String(labels['le']);
      if (metricName.endsWith('_bucket')) upTo.set(bound, (upTo.get(bound) ?? 0) + value);
    }
    let before = 0;
    return new Map(
      [...upTo].map(([bound, all]) => {
        const own = all - before;
        before = all;
        return [bound, own];
      }),
    );
  }
}

type Counted = Omit<MinuteRow, 'at' | 'process'>;

function difference(last: Totals | undefined, now: Totals): Counted {
  const counts = Object.fromEntries(
    NAMES.map((name) => [name, now.counts[name] - (last?.counts[name] ?? 0)]),
  ) as unknown as MinuteCounts;
  return {
    ...counts,
    waits_json: json(last?.waits, now.waits),
    callbacks_json: json(last?.callbacks, now.callbacks),
  };
}

function json(last: Buckets | undefined, now: Buckets): string | null {
  const more = [...now]
    .map(([bound, count]) => [bound, count - (last?.get(bound) ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return more.length === 0 ? null : JSON.stringify(Object.fromEntries(more));
}
