import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Database } from '../open.ts';

/** How often (ms) to look without having been told, where file notifications do not arrive (some container mounts). */
const FALLBACK_MS = 500;

/**
 * When to look (ms) after the WAL was written to: the notification comes with the write, but the commit can be seen only
 * after its fsync, which takes as long as the disk does.
 */
const LOOK_AFTER_MS = [0, 1, 2, 4, 8, 16, 32, 64] as const;

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
  let looks = 0;
  let timer: NodeJS.Timeout | undefined;

  const look = () => {
    timer = undefined;
    if (hasChanged()) onChange();
    else lookAgain();
  };
  const lookAgain = () => {
    const delay = LOOK_AFTER_MS[looks++];
    if (delay !== undefined) timer = setTimeout(look, delay);
  };
  const watcher = watchDirectory(dirname(db.file), `${basename(db.file)}-wal`, () => {
    looks = 0;
    timer ??= setTimeout(look, LOOK_AFTER_MS[looks++]);
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
