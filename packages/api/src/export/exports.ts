import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { EXPORTS, quotaExceeded } from '@mahilo/shared/bounds/bounds';
import type { Clock } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import type { Line } from './own-data.ts';

/** When to try again (s). */
const RETRY_AFTER_S = 10;
/** After each piece an export rests for so many times as long as it took, so that it is in nobody's way. */
const REST_FACTOR = 3;
const MAX_REST_MS = 1000;

interface ExportOptions {
  /** Whether whoever asked for it may still have it. */
  isAllowed: () => Promise<boolean>;
  /** Ends the answer before its end, so that its reader sees that it is not whole. */
  breakOff: () => void;
}

interface GoingOn {
  stopped: AbortController;
  breakOff: () => void;
}

/** An export that goes on. */
export interface Export {
  text: AsyncGenerator<string>;
  /** It is over, or nobody wants it. */
  end(): void;
}

/** The exports that go on in this process: one of a user, and a few in all. */
export class Exports {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #goingOn = new Map<string, GoingOn>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** @throws MahiloError QUOTA_EXCEEDED, UNAVAILABLE */
  begin(userId: string, pieces: AsyncIterable<readonly Line[]>, options: ExportOptions): Export {
    if (this.#goingOn.has(userId)) throw quotaExceeded('exports_per_user', EXPORTS.perUser, RETRY_AFTER_S);
    if (this.#goingOn.size >= EXPORTS.all) {
      throw new MahiloError('UNAVAILABLE', 'Others download all of their data just now; try again soon.', {
        retryAfterSeconds: RETRY_AFTER_S,
      });
    }
    const one: GoingOn = { stopped: new AbortController(), breakOff: options.breakOff };
    this.#goingOn.set(userId, one);
    return {
      text: this.#text(pieces, options, one.stopped.signal),
      end: () => {
        one.stopped.abort();
        if (this.#goingOn.get(userId) === one) this.#goingOn.delete(userId);
      },
    };
  }

  /** Breaks all of them off, also those whose readers read nothing: the process stops. */
  close(): void {
    for (const { stopped, breakOff } of this.#goingOn.values()) {
      stopped.abort();
      breakOff();
    }
  }

  async *#text(
    pieces: AsyncIterable<readonly Line[]>,
    { isAllowed, breakOff }: ExportOptions,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    let startedAt = this.#clock.monotonicMs();
    for await (const lines of pieces) {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      const tookMs = this.#clock.monotonicMs() - startedAt;
      if (text !== '') yield text;
      await sleep(Math.min(MAX_REST_MS, REST_FACTOR * tookMs), undefined, { signal }).catch(() => undefined);
      await turn();
      if (signal.aborted || !(await isAllowed())) return breakOff();
      startedAt = this.#clock.monotonicMs();
    }
  }
}
