import type { Settings } from '@mahilo/shared/config/settings';

/** `ok`: checked and right. `note`: worth knowing. `problem`: something does not work, or soon will not. */
export type Level = 'ok' | 'note' | 'problem';

export interface Finding {
  check: string;
  level: Level;
  finding: string;
  /** What to do about it. */
  advice?: string;
}

/** How long (ms) the doctor waits for what may only be slow. */
export interface Patience {
  /** For the write lock; longer than any transaction of the product. */
  writeLockMs: number;
  /** For the next heartbeat of a worker whose last one is not fresh. */
  heartbeatMs: number;
  /** For the name servers, as for a whole exchange with an agent. */
  exchangeMs: number;
}

/** What every check may examine. */
export interface Patient {
  /** Undefined when the settings are wrong. */
  settings: Settings | undefined;
  isProduction: boolean;
  database: string;
  /** Read everything, however large the database is. */
  isFull: boolean;
  patience: Patience;
}

export type Check = (patient: Patient) => Finding[] | Promise<Finding[]>;

/** A maker of findings for one check, which have its name. */
export function findingsOf(check: string) {
  return {
    ok: (finding: string): Finding => ({ check, level: 'ok', finding }),
    note: (finding: string, advice: string): Finding => ({ check, level: 'note', finding, advice }),
    problem: (finding: string, advice: string): Finding => ({ check, level: 'problem', finding, advice }),
  };
}
