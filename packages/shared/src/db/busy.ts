import { isServerDiskFailure, isServerFailure, isTransient } from './postgres/errors.ts';

/** Whether another connection holds the lock, or the server is away, so that the same may succeed a moment later. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error)) || isTransient(error);
}

/**
 * Whether SQLite may have rolled back the whole transaction, so that the caller can only report "not now"
 * (sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction"); or a server cannot store anything.
 */
export function isStorageFailure(error: unknown): boolean {
  return (
    /^SQLITE_(FULL|IOERR|NOMEM|READONLY|CANTOPEN|CORRUPT|NOTADB|PROTOCOL)/.test(sqliteCode(error)) ||
    isServerFailure(error)
  );
}

/** Whether an error, or its cause, comes from the disk: it is full, or reads and writes fail. */
export function isDiskFailure(error: unknown): boolean {
  if (/^SQLITE_(FULL|IOERR)/.test(sqliteCode(error)) || isServerDiskFailure(error)) return true;
  return error instanceof Error && error.cause !== undefined && isDiskFailure(error.cause);
}

/** The SQLite result code of an error; empty for any other error. */
export function sqliteCode(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
