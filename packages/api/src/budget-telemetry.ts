import { Counter, Gauge, type Registry } from 'prom-client';

/** What the process has only so much of. */
export type BudgetName = 'connections' | 'streams' | 'request_bytes' | 'response_bytes';

/** Whose part was used up. */
type Exhausted = 'user' | 'address' | 'all';

const NAMES: readonly BudgetName[] = ['connections', 'streams', 'request_bytes', 'response_bytes'];
const EXHAUSTED: readonly Exhausted[] = ['user', 'address', 'all'];

/** What is told of connections, streams and bytes in flight: the process has only so much of each. */
export class BudgetTelemetry {
  readonly #closed: Counter<'of'>;
  readonly #refused: Counter<'of' | 'by'>;
  readonly #readers = new Map<BudgetName, { readonly used: number; readonly limit: number }>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#closed = new Counter({
      name: 'mahilo_api_closed_for_room_total',
      help: 'Connections, streams and answers that were closed so that others find room, by what was used up.',
      labelNames: ['of'],
      registers,
    });
    this.#refused = new Counter({
      name: 'mahilo_api_no_room_total',
      help: 'Connections and requests that were refused for want of room, by what was used up and by whose part of it.',
      labelNames: ['of', 'by'],
      registers,
    });
    for (const of of NAMES) {
      this.#closed.labels(of).inc(0);
      for (const by of EXHAUSTED) this.#refused.labels(of, by).inc(0);
    }
    this.#gauge(registry, 'used', 'Connections, streams and bytes in flight that are in use now.');
    this.#gauge(registry, 'limit', 'How much of each there may be; docs/limits.md.');
  }

  watch(name: BudgetName, budget: { readonly used: number; readonly limit: number }): void {
    this.#readers.set(name, budget);
  }

  closedForRoom(name: BudgetName): void {
    this.#closed.labels(name).inc();
  }

  noRoom(name: BudgetName, by: Exhausted): void {
    this.#refused.labels(name, by).inc();
  }

  #gauge(registry: Registry, which: 'used' | 'limit', help: string): void {
    const readers = this.#readers;
    new Gauge({
      name: `mahilo_api_room_${which}`,
      help,
      labelNames: ['of'],
      registers: [registry],
      collect() {
        for (const [name, budget] of readers) this.labels(name).set(budget[which]);
      },
    });
  }
}
