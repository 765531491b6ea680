import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The environment in which Node keeps what it has compiled, since tests start the same sources a hundred times. */
export function compileCache(root: string = ROOT): Readonly<Record<string, string>> {
  // Entries go by path, so a copy in a temporary directory keeps its entries there.
  return { NODE_COMPILE_CACHE: join(root, root === ROOT ? 'node_modules/.cache/compile' : '.compile-cache') };
}

let passing: string | undefined;

/** The same for scripts that each test copies elsewhere: these entries end with this process. */
export function passingCompileCache(): Readonly<Record<string, string>> {
  if (passing === undefined) {
    const directory = mkdtempSync(join(tmpdir(), 'mahilo-compile-cache-'));
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    passing = directory;
  }
  return { NODE_COMPILE_CACHE: passing };
}
