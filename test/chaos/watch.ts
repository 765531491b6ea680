import type { TestStore } from '@mahilo/shared/test/test-store';

/** What each kind of database needs to be watched. */
export interface Watch {
  /** Statements after which every change of an outbox row is written down, in the transaction that makes it. */
  readonly begin: readonly string[];
  /** Says `ok` when the database is intact. */
  integrity(store: TestStore): Promise<string>;
  /** Keeps a snapshot open for a while, so that no checkpoint or vacuum can go on. */
  holdSnapshot(store: TestStore, ms: number): Promise<void>;
}
