/** What the owner alone may read and write, and nobody else. */
const OWNER_ONLY_MASK = 0o077;

/**
 * Whatever this process makes from now on is its owner's alone: directories 0700, files 0600, also those that SQLite makes
 * beside the database. What is there keeps its modes.
 */
export function keepFilesPrivate(): void {
  process.umask(OWNER_ONLY_MASK);
}
