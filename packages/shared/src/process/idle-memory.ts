import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Clock, systemClock } from '../clock.ts';

const LOOK_EVERY_MS = 5000;
/** Who allocates less (bytes) between two looks has nothing to do: a request or a delivery twice a second takes about as much. */
const QUIET_BYTES = 655_360;
/**
 * So long (ms) nothing has been done before memory is given back. Work that comes right after it costs a third more: memory is
 * asked for again, and code is compiled again.
 */
const IDLE_FOR_MS = 30_000;
/** Less (bytes) is not worth the time. */
const WORTH_BYTES = 8_388_608;
/** A collection keeps the process busy for a tenth of a second; the next one follows after this (ms) at the earliest. */
const PAUSE_MS = 60_000;
/** V8 has decided by then (ms) whether it collects once more. */
const DECIDED_AFTER_MS = 9000;

/** Of V8's heap, in bytes: what is in use, and what it has of the system's memory. */
export interface HeapSize {
  used: number;
  physical: number;
}

/**
 * Gives memory back when there is nothing to do. V8 collects only to make room for new objects: what a start or a burst of
 * work has left behind, a process would keep for as long as it is idle.
 */
export class IdleMemory {
  readonly #heap: () => HeapSize;
  readonly #collect: () => void;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #usedBefore = Number.POSITIVE_INFINITY;
  #idleSince = Number.POSITIVE_INFINITY;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(heap: () => HeapSize, collect: () => void, clock: Pick<Clock, 'monotonicMs'>) {
    this.#heap = heap;
    this.#collect = collect;
    this.#clock = clock;
  }

  /** To be called every few seconds. */
  look(): void {
    const { used, physical } = this.#heap();
    const grown = Math.abs(used - this.#usedBefore);
    this.#usedBefore = used;
    const now = this.#clock.monotonicMs();
    this.#idleSince = grown < QUIET_BYTES ? Math.min(this.#idleSince, now) : Number.POSITIVE_INFINITY;
    if (now - this.#idleSince < IDLE_FOR_MS || physical - used < WORTH_BYTES || now < this.#nextAt) return;
    this.#collect();
    this.#nextAt = now + PAUSE_MS;
  }
}

/** Lets this process give memory back whenever it is idle, until it ends. */
export function giveBackIdleMemory(): void {
  const idle = new IdleMemory(heapSize, collectAll, systemClock);
  setInterval(() => idle.look(), LOOK_EVERY_MS).unref();
}

export function heapSize(): HeapSize {
  const { used_heap_size: used, total_physical_size: physical } = getHeapStatistics();
  return { used, physical };
}

type Collect = (options: { type: 'major'; flavor: 'last-resort' }) => void;
let collector: Collect | undefined;

/** Collects all garbage, and returns what is free to the system. Takes about 0.1 s. */
export function collectAll(): void {
  if (collector === undefined) {
    // V8 gives the function to new contexts. `NODE_OPTIONS` would do so, too, but not however the process is started.
    setFlagsFromString('--expose-gc');
    collector = runInNewContext('gc') as Collect;
    setFlagsFromString('--no-expose-gc');
  }
  // Else V8 would collect again eight seconds later, twice, for next to nothing.
  setFlagsFromString('--memory-reducer-gc-count=0');
  collector({ type: 'major', flavor: 'last-resort' });
  // What Node's compile cache holds is only good under the flags that it was compiled with.
  setTimeout(() => setFlagsFromString('--memory-reducer-gc-count=2'), DECIDED_AFTER_MS).unref();
}
