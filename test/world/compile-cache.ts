import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The environment in which Node keeps what it has compiled: tests start the same sources a hundred times. */
export function compileCache(root: string = ROOT): Readonly<Record<string, string>> {
  // Entries go by path, so those of a copy in a temporary directory end with it.
  return { NODE_COMPILE_CACHE: join(root, root === ROOT ? 'node_modules/.cache/compile' : '.compile-cache') };
}
