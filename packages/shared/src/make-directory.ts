import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory and those above it, with the same mode. Node's own `recursive` never ends where the system says that a
 * parent is missing although it is there, as it does in `/proc`.
 * @throws the error of the system.
 */
export function makeDirectory(path: string, mode: number): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (dirname(path) !== path) makeDirectory(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Somebody else was quicker.
    if (!existsSync(path) || !statSync(path).isDirectory()) throw error;
  }
}
