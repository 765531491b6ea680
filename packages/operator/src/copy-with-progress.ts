import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SchemaAge } from '@mahilo/shared/db/migrations';
import { checkDatabase, copyDatabase, largestCopy } from './database/verified-copy.ts';

/**
 * Copies a database into a file and checks the copy. Reports progress on standard error when it takes long. `change`
 * changes the copy before the check. The process does nothing else meanwhile.
 */
export async function verifiedCopy(
  source: string,
  target: string,
  change: () => void = () => {},
): Promise<SchemaAge> {
  const workerData = { file: target, expected: largestCopy(source) };
  const watch = new Worker(new URL('./watch-size.ts', import.meta.url), { workerData });
  await once(watch, 'online');
  try {
    copyDatabase(source, target);
    change();
    return checkDatabase(target);
  } finally {
    await watch.terminate();
  }
}
