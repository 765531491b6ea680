import { readFileSync, statSync } from 'node:fs';

/**
 * A value made from a file that may change while the process runs. Makes it again when the file has changed; a
 * missing file counts as an empty one.
 */
export function fromChangingFile<T>(path: string, make: (text: string) => T): () => T {
  let current: { modifiedAtMs: number; value: T } | undefined;
  return () => {
    const modifiedAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (current?.modifiedAtMs !== modifiedAtMs) {
      current = { modifiedAtMs, value: make(modifiedAtMs === 0 ? '' : readFileSync(path, 'utf8')) };
    }
    return current.value;
  };
}
