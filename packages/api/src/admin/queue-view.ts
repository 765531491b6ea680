import { type Destination, hostOf } from '@mahilo/operator/queue/queries';
import { type Survey, surveyQueue } from '@mahilo/operator/queue/survey';
import { totals } from '@mahilo/operator/queue/totals';
import type { ApiDeps } from '../deps.ts';
import { type NextPiece, OPERATORS, walks } from '../http/walks.ts';
import { Memory, type Remembered } from './remembered.ts';

/** What is owed to whom is looked at at most so often (ms). */
const REMEMBERED_MS = 5000;
/** Deliveries counted for one agent, of each state. */
const COUNTED_AT_MOST = 1000;
/** Agents looked at in one turn of the event loop: about a millisecond. */
const IN_ONE_TURN = 10;

/** What is owed to all agents at one host. */
export interface HostRow {
  /** Undefined: agents that fetch their messages. */
  host: string | undefined;
  agents: number;
  waiting: number;
  in_flight: number;
  dead_letters: number;
  first_due_at: number | null;
  /** Agents that fail, and since when the longest of them does (ms). */
  failing: number;
  failing_since: number | null;
  next_try_at: number | null;
  /** Agents that the operator holds. */
  held: number;
  last_error: string | null;
}

/** The queue as the operator sees it, remembered for a few seconds: to look at all of it takes work. */
export class QueueView {
  readonly #memory: Memory<Survey>;

  constructor({ db, clock }: Pick<ApiDeps, 'db' | 'clock'>) {
    const look = (nextPiece: NextPiece) => {
      let lookedAt = 0;
      const between = async () => {
        lookedAt += 1;
        if (lookedAt % IN_ONE_TURN === 0) await nextPiece();
      };
      return surveyQueue(db.kysely, { countedAtMost: COUNTED_AT_MOST, between });
    };
    this.#memory = new Memory(clock, REMEMBERED_MS, () => walks.walk(OPERATORS, look));
  }

  look(): Promise<Remembered<Survey>> {
    return this.#memory.get();
  }

  /** Something was changed. */
  forget(): void {
    this.#memory.forget();
  }
}

/** The same by host, those with the most first. */
export function byHost(destinations: readonly Destination[], now: number): HostRow[] {
  return [...Map.groupBy(destinations, hostOf)]
    .map(([host, agents]) => hostRow(host, agents, now))
    .sort((a, b) => b.waiting + b.in_flight - a.waiting - a.in_flight || b.dead_letters - a.dead_letters);
}

function hostRow(host: string | undefined, agents: readonly Destination[], now: number): HostRow {
  const failing = agents.filter(isFailing);
  return {
    host,
    agents: agents.length,
    ...totals(agents),
    first_due_at: earliest(agents.map(({ first_due_at }) => first_due_at)),
    failing: failing.length,
    failing_since: earliest(failing.map(({ failing_since }) => failing_since)),
    next_try_at: earliest(agents.map((agent) => nextTryOf(agent, now))),
    held: agents.filter(isHeld).length,
    last_error: agents.find(({ last_error }) => last_error !== null)?.last_error ?? null,
  };
}

export function isHeld({ held_at, mode }: Destination): boolean {
  return held_at !== null && mode !== 'polling';
}

export function isFailing({ failing_since, failures, mode }: Destination): boolean {
  return mode !== 'polling' && failing_since !== null && failures > 0;
}

/** Until when (ms) the circuit breaker holds an agent back; null when it does not. */
export function nextTryOf(destination: Destination, now: number): number | null {
  return isFailing(destination) && destination.paused_until > now ? destination.paused_until : null;
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
