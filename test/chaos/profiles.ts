/** The size of a run. */
export interface Profile {
  durationMs: number;
  /** How long the queue may take to drain after everything is healed. */
  drainMs: number;
  /** People whose agents take callbacks, and people whose agents poll. */
  people: number;
  pollers: number;
  workers: number;
  /** Mean pause of a sender between two messages. */
  sendEveryMs: number;
  /** Mean pause of the nemesis between two faults. */
  faultEveryMs: number;
  mustSeeAllFaults: boolean;
}

export const PROFILES: Readonly<Record<string, Profile>> = {
  short: {
    durationMs: 20_000,
    drainMs: 60_000,
    people: 5,
    pollers: 2,
    workers: 2,
    sendEveryMs: 100,
    faultEveryMs: 600,
    mustSeeAllFaults: false,
  },
  long: {
    durationMs: 600_000,
    drainMs: 120_000,
    people: 10,
    pollers: 3,
    workers: 3,
    sendEveryMs: 150,
    faultEveryMs: 1200,
    mustSeeAllFaults: true,
  },
};
