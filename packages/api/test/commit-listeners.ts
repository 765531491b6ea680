import type { Database } from '@mahilo/shared/db/database';

/** Counts listeners for commits. The feed listens while somebody waits. */
export class CommitListeners {
  count = 0;

  /** What to replace of the database: see `testApp`. */
  readonly watch = (db: Pick<Database, 'onCommit'>): Pick<Database, 'onCommit'> => ({
    onCommit: (listener) => {
      this.count += 1;
      const added = db.onCommit(listener);
      return {
        [Symbol.dispose]: () => {
          this.count -= 1;
          added[Symbol.dispose]();
        },
      };
    },
  });
}
