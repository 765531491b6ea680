import type { Replica } from '@mahilo/shared/test/postgres/server';
import { CUT_COMMITS, KILL_ONE_OF_EACH, LOSE_PRIMARY } from './nemesis.ts';

/** The size of a run. */
export interface Profile {
  durationMs: number;
  /** How long the queue may take to drain after everything is healed. */
  drainMs: number;
  /** People whose agents take callbacks, and people whose agents poll. */
  people: number;
  pollers: number;
  /** So many on a server; on a file it is one API, and one worker less. */
  apis: number;
  workers: number;
  /** Mean pause of a sender between two messages. */
  sendEveryMs: number;
  /** Mean pause of the nemesis between two faults. */
  faultEveryMs: number;
  mustSeeAllFaults: boolean;
  /** The kinds of fault; by default all that are possible. */
  faults?: readonly string[];
  /** Whether it needs a server with a replica. */
  replica?: Replica;
}

export const PROFILES: Readonly<Record<string, Profile>> = {
  short: {
    durationMs: 20_000,
    drainMs: 60_000,
    people: 5,
    pollers: 2,
    apis: 2,
    workers: 3,
    sendEveryMs: 100,
    faultEveryMs: 600,
    mustSeeAllFaults: false,
  },
  long: {
    durationMs: 600_000,
    drainMs: 120_000,
    people: 10,
    pollers: 3,
    apis: 2,
    workers: 4,
    sendEveryMs: 150,
    faultEveryMs: 1200,
    mustSeeAllFaults: true,
  },
  // Three of each, of which one of each dies every few seconds.
  several: {
    durationMs: 30_000,
    drainMs: 60_000,
    people: 6,
    pollers: 2,
    apis: 3,
    workers: 3,
    sendEveryMs: 100,
    faultEveryMs: 2500,
    mustSeeAllFaults: true,
    faults: [KILL_ONE_OF_EACH],
  },
  failover: {
    durationMs: 20_000,
    drainMs: 60_000,
    people: 5,
    pollers: 2,
    apis: 2,
    workers: 3,
    sendEveryMs: 100,
    faultEveryMs: 1500,
    mustSeeAllFaults: true,
    faults: [LOSE_PRIMARY, CUT_COMMITS, KILL_ONE_OF_EACH],
    replica: 'synchronous',
  },
};
