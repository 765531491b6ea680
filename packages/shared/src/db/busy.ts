/** True for an error that says another connection holds the lock: the same statement may succeed a moment later. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error));
}

/**
 * True for an error after which SQLite may have rolled back the whole transaction, and of which the caller can only
 * say: not now (sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction").
 */
export function isStorageFailure(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|NOMEM|READONLY|CANTOPEN|CORRUPT|NOTADB|PROTOCOL)/.test(sqliteCode(error));
}

/** True for an error, or one with such a cause, that has to do with the disk: it is full, or reads and writes fail. */
export function isDiskFailure(error: unknown): boolean {
  if (/^SQLITE_(FULL|IOERR)/.test(sqliteCode(error))) return true;
  return error instanceof Error && error.cause !== undefined && isDiskFailure(error.cause);
}

/** The SQLite result code of an error, or an empty string when it is no error of SQLite. */
export function sqliteCode(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
