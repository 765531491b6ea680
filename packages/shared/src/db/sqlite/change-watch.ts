import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { notifyFileOf } from './commit-notifier.ts';

/**
 * How often (ms) to look without a notification: some container mounts send none, and neither do commits of other
 * programs.
 */
const FALLBACK_MS = 500;

/** The database file, and what changes when another connection has committed. */
interface Watched {
  readonly file: string;
  dataVersion(): unknown;
}

/**
 * Calls `onChange` when another process has committed. It watches the file that every commit touches, since the WAL
 * changes before the fsync that makes a commit visible. It watches the directory and never the database file: opening
 * and closing that outside SQLite would drop SQLite's locks (sqlite.org/howtocorrupt.html §2.2).
 */
export function watchForChanges(db: Watched, onChange: () => void): Disposable {
  let version = db.dataVersion();
  const look = () => {
    const before = version;
    version = db.dataVersion();
    if (version !== before) onChange();
  };
  const watcher = watchDirectory(dirname(db.file), basename(notifyFileOf(db.file)), look);
  const fallback = setInterval(look, FALLBACK_MS);
  return {
    [Symbol.dispose]() {
      watcher?.close();
      clearInterval(fallback);
    },
  };
}

/**
 * Undefined where the system offers no notifications (no inotify watches left, for example): the fallback still
 * looks.
 */
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
