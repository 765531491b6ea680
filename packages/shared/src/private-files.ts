/** The permissions that only the owner keeps. */
const OWNER_ONLY_MASK = 0o077;

/**
 * From now on, only the owner can read or write what this process creates: directories 0700, files 0600, including
 * those that SQLite creates beside the database. Existing files keep their modes.
 */
export function keepFilesPrivate(): void {
  process.umask(OWNER_ONLY_MASK);
}
