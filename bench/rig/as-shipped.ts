import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Lab } from './lab.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Node options of images and units; see docs/operating.md, Memory. */
export const FOR_NODE = { NODE_OPTIONS: '--max-semi-space-size=16', MALLOC_ARENA_MAX: '2' } as const;

/** Node's environment in images and units; the compile cache is full before a process starts. */
export function nodeEnvironment(lab: Lab): Readonly<Record<string, string>> {
  return { ...FOR_NODE, NODE_COMPILE_CACHE: join(lab.directory, 'compile-cache') };
}

/** Fills the compile cache, as the build of an image does. @throws Error when the processes do not start and stop. */
export function warmUp(lab: Lab): void {
  const { status, stderr } = spawnSync(process.execPath, ['deploy/image/warm-up.mjs', 'scripts/start.ts'], {
    cwd: ROOT,
    env: { ...nodeEnvironment(lab), NODE_ENV: 'production' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The product could not be started once: ${stderr}`);
}
