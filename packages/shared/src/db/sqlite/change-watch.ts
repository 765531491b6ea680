import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Database } from '../open.ts';

/** How often (ms) to look without having been told, where file notifications do not arrive (some container mounts). */
const FALLBACK_MS = 500;

/**
 * Calls `onChange` when another process has committed: the doorbell of the queue. It watches the directory, never the
 * database file itself: opening and closing that outside SQLite would drop SQLite's locks
 * (sqlite.org/howtocorrupt.html §2.2).
 */
export function watchForChanges(db: Database, onChange: () => void): Disposable {
  const look = () => {
    if (db.changedElsewhere()) onChange();
  };
  const wal = `${basename(db.file)}-wal`;
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(db.file), (_event, name) => {
      if (name === wal) look();
    });
    // Out of inotify watches, say: the fallback still looks.
    watcher.on('error', () => watcher?.close());
  } catch {
    watcher = undefined;
  }
  const fallback = setInterval(look, FALLBACK_MS);
  return {
    [Symbol.dispose]() {
      watcher?.close();
      clearInterval(fallback);
    },
  };
}
