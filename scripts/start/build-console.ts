import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { succeeds } from '../process/run-program.ts';

const PACKAGE = join(import.meta.dirname, '../../packages/console');

/**
 * Builds the console if its sources have changed. An installation for production has the files, and not what builds them.
 * What could not be built says so itself; the API works without it.
 */
export async function buildConsole(): Promise<void> {
  if (!existsSync(join(PACKAGE, 'node_modules/vite'))) return;
  await succeeds(process.execPath, [join(PACKAGE, 'build.ts')]);
}
