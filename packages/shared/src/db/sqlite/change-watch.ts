import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Database } from '../open.ts';

/** How often (ms) to look without having been told, where file notifications do not arrive (some container mounts). */
const FALLBACK_MS = 500;

/**
 * The notification comes with the write to the WAL, but the commit can be seen only after its fsync, and nothing tells of
 * that: so look again this often (ms), for longer than a slow disk takes. A look costs a few microseconds.
 */
const LOOK_EVERY_MS = 1;
const LOOK_FOR_MS = 100;

/**
 * Calls `onChange` when another process has committed: the doorbell of the queue. It watches the directory, never the
 * database file itself: opening and closing that outside SQLite would drop SQLite's locks
 * (sqlite.org/howtocorrupt.html §2.2).
 */
export function watchForChanges(db: Database, onChange: () => void): Disposable {
  let version = db.dataVersion();
  const hasChanged = () => {
    const before = version;
    version = db.dataVersion();
    return version !== before;
  };
  let looksLeft = 0;
  let timer: NodeJS.Timeout | undefined;

  const look = () => {
    timer = undefined;
    looksLeft -= 1;
    if (hasChanged()) onChange();
    else if (looksLeft > 0) timer = setTimeout(look, LOOK_EVERY_MS);
  };
  const watcher = watchDirectory(dirname(db.file), `${basename(db.file)}-wal`, () => {
    looksLeft = LOOK_FOR_MS / LOOK_EVERY_MS;
    timer ??= setTimeout(look, 0);
  });
  const fallback = setInterval(() => {
    if (hasChanged()) onChange();
  }, FALLBACK_MS);
  return {
    [Symbol.dispose]() {
      watcher?.close();
      clearInterval(fallback);
      clearTimeout(timer);
    },
  };
}

/** Undefined where the system has no notifications to give (no inotify watches left, say): the fallback still looks. */
function watchDirectory(directory: string, file: string, onWrite: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, (_event, name) => {
      if (name === file) onWrite();
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
