import { type FSWatcher, watch } from 'node:fs';
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
 * changes before the fsync that makes a commit visible. It watches only that one: a watch of the directory is told of each
 * page that goes into the WAL, which costs whoever writes and wakes whoever watches. The database file must not be opened and
 * closed outside SQLite, which would drop SQLite's locks (sqlite.org/howtocorrupt.html §2.2).
 */
export function watchForChanges(db: Watched, onChange: () => void): Disposable {
  let version = db.dataVersion();
  const hasChanged = () => {
    const before = version;
    version = db.dataVersion();
    return version !== before;
  };
  const look = () => {
    if (hasChanged()) onChange();
  };
  const file = notifyFileOf(db.file);
  let watcher = watchFile(file, look);
  const fallback = setInterval(() => {
    if (!hasChanged()) return;
    // Nothing has told of it: perhaps there is another file by now.
    watcher?.close();
    watcher = watchFile(file, look);
    // Last, since it may dispose of the watch.
    onChange();
  }, FALLBACK_MS);
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
function watchFile(file: string, onWrite: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(file, onWrite);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
