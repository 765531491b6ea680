import type { Database } from '@mahilo/shared/db/database';
import { statement } from '@mahilo/shared/db/statement';
import { noteClockSet } from '@mahilo/shared/process/clock-set';
import type { WorkerDeps } from './deps.ts';

/** More than a clock is corrected by in everyday life (ms). */
const JUMP_MS = 60_000;
/** For so long (ms) the clock must have agreed with the database before something is done that cannot be undone. */
const AGREEING_MS = 600_000;

/**
 * Watches the wall clock: against the monotonic one, which never jumps, and against the newest rows of the database,
 * which cannot be of a time to come. A clock that was wrong for a minute must not delete what is a month old by it.
 */
export class ClockWatch {
  readonly #deps: Pick<WorkerDeps, 'db' | 'clock' | 'telemetry'>;
  #offset: number;
  #agreeingSince: number;
  /** It has jumped, or disagreed, and has not agreed for long enough since. */
  #isDoubted = false;

  constructor(deps: Pick<WorkerDeps, 'db' | 'clock' | 'telemetry'>) {
    this.#deps = deps;
    this.#agreeingSince = deps.clock.monotonicMs();
    this.#offset = deps.clock.now() - this.#agreeingSince;
  }

  /** Whether nothing speaks against the clock since the process began, or it has agreed for ten minutes again. */
  get isBelieved(): boolean {
    return !this.#isDoubted;
  }

  /** Whether it has agreed for ten minutes, also of this process: a machine may start with a wrong clock. */
  get hasAgreed(): boolean {
    return this.#deps.clock.monotonicMs() - this.#agreeingSince >= AGREEING_MS;
  }

  /** To be called every few seconds. @returns whether the clock has jumped since the last time. */
  async look(): Promise<boolean> {
    const { db, clock, telemetry } = this.#deps;
    const monotonic = clock.monotonicMs();
    const offset = clock.now() - monotonic;
    const jumpedBy = offset - this.#offset;
    this.#offset = offset;
    const hasJumped = Math.abs(jumpedBy) > JUMP_MS;
    if (hasJumped) {
      // At once: the database may not answer, and the next look sees no jump any more.
      this.#doubt(monotonic);
      telemetry.clockJumped(jumpedBy);
      noteClockSet(db.notes, jumpedBy);
    }
    const isAhead = ((await newestTime(db)) ?? 0) > clock.now() + JUMP_MS;
    if (isAhead) {
      this.#doubt(monotonic);
    } else if (this.hasAgreed) {
      this.#isDoubted = false;
    }
    telemetry.clockDoubted(this.#isDoubted);
    return hasJumped;
  }

  #doubt(since: number): void {
    this.#agreeingSince = since;
    this.#isDoubted = true;
  }
}

async function newestTime({ kysely }: Pick<Database, 'kysely'>): Promise<number | null> {
  const [row] = await newest(kysely);
  return row?.at ?? null;
}

/** When the newest event happened: of what was written last, not of what says the latest time. Uses the primary key. */
const newest = statement<[], { at: number }>('select created_at as at from events order by id desc limit 1');
