import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Replica } from '@mahilo/shared/test/postgres/server';
import { CUT_COMMITS, LOSE_PRIMARY } from './nemesis.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Change {
  file: string;
  from: string;
  to: string;
}

interface Control {
  /** None where it is the surroundings that break the promise. */
  changes: readonly Change[];
  /** The kinds of fault that expose it. */
  faults: readonly string[];
  /** Whether it is about PostgreSQL, and the replica that it needs. */
  onPostgres?: { replica?: Replica };
}

/** Positive controls: the product without one of its promises. The harness must find each of them guilty. */
export const CONTROLS: Readonly<Record<string, Control>> = {
  'no-fencing': {
    faults: ['freeze a worker beyond its lease'],
    changes: [
      {
        file: 'packages/shared/src/outbox/settle.ts',
        from: 'where outbox.id = ? and outbox.lease_token = ?',
        to: 'where outbox.id = ? and ? is not null',
      },
    ],
  },
  'fetched-is-delivered': {
    faults: ['hold a snapshot'],
    changes: [
      {
        file: 'packages/api/src/inbox/fetch.ts',
        from: '  const taken = await detailsOf(trx, ids);',
        to: `  const taken = await detailsOf(trx, ids);
  await trx.updateTable('outbox').where('id', 'in', ids)
    .set({ state: 'delivered', lease_token: null, lease_expires_at: null, settled_at: now }).execute();`,
      },
    ],
  },
  'acknowledge-before-commit': {
    faults: ['kill the API', 'kill everything'],
    changes: [
      {
        file: 'packages/shared/src/db/write.ts',
        from: 'return () => (outcome.ok ? resolve(outcome.value) : reject(outcome.error));',
        to: 'if (outcome.ok) resolve(outcome.value); else reject(outcome.error); return () => undefined;',
      },
      {
        file: 'packages/shared/src/db/write.ts',
        from: '        return answering;',
        to: '        await new Promise((resolve) => setTimeout(resolve, 400)); return answering;',
      },
    ],
  },
  'blind-rerun': {
    faults: [CUT_COMMITS],
    onPostgres: {},
    changes: [
      {
        file: 'packages/shared/src/db/postgres/transactions.ts',
        from: 'if (!isDone) continue;',
        to: 'if (String(isDone)) continue;',
      },
    ],
  },
  'asynchronous-replica': { faults: [LOSE_PRIMARY], onPostgres: { replica: 'asynchronous' }, changes: [] },
};

export interface Mutant extends Disposable {
  root: string;
  faults: readonly string[];
}

/**
 * A copy of the sources without one promise.
 * @throws Error when the sources no longer contain the text to change: then the control would prove nothing.
 */
export function makeMutant(name: string): Mutant {
  const control = CONTROLS[name];
  if (control === undefined)
    throw new Error(`There is no control ${name}; there are ${Object.keys(CONTROLS).join(', ')}.`);
  const root = mkdtempSync(join(tmpdir(), 'mahilo-mutant-'));
  cpSync(join(ROOT, 'packages'), join(root, 'packages'), { recursive: true, verbatimSymlinks: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const change of control.changes) writeFileSync(join(root, change.file), changed(root, change));
  return {
    root,
    faults: control.faults,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** @throws Error when the file below `root` does not have, once, what is to be changed. */
export function changed(root: string, { file, from, to }: Change): string {
  const source = readFileSync(join(root, file), 'utf8');
  if (source.split(from).length !== 2)
    throw new Error(`${file} does not have what a control changes: ${from}`);
  return source.replace(from, to);
}
