/** A connection to the server ended, or none could be made, with nothing done. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost';
}

/** A connection ended after COMMIT was sent and before its answer came: only the database knows whether it was done. */
export class CommitInDoubt extends Error {
  override name = 'CommitInDoubt';
}

/** One commit after the other was in doubt, and none was done: nothing is, and to go on would be for ever. */
export class TooManyDoubts extends Error {
  override name = 'TooManyDoubts';

  constructor(cause: unknown) {
    super('Each connection ended before the answer to its COMMIT, for a minute; nothing was done', { cause });
  }
}

/** SQLSTATE of what may succeed a moment later, since nothing was done (PostgreSQL's manual, appendix A). */
const TRANSIENT =
  // Serialization failure and deadlock; the lock was not to be had in time; the server ends, starts, or has no connection left.
  /^(40001|40P01|55P03|57P0[1-5]|25P03|25006|53300|08...)$/;

/** SQLSTATE of a server that cannot write at the moment: no room on its disk, no memory, a fault of its disk. */
const STORAGE = /^(53[12]00|53400|58...|XX001|XX002)$/;

const LOST = [ConnectionLost, CommitInDoubt, TooManyDoubts];

/** Whether the same may succeed a moment later: nothing was done. */
export function isTransient(error: unknown): boolean {
  if (LOST.some((kind) => error instanceof kind)) return true;
  return isStalePlan(error) || TRANSIENT.test(sqlState(error));
}

/** Whether a prepared statement returns other columns than it did: another process has changed the schema meanwhile. */
export function isStalePlan(error: unknown): boolean {
  return sqlState(error) === '0A000' && (error as { routine?: unknown }).routine === 'RevalidateCachedQuery';
}

/** Whether the server ends the connection with this error. */
export function endsConnection(error: unknown): boolean {
  // A server that takes no writes has become a replica.
  return /^(57P0[1-5]|25P03|25006|08...)$/.test(sqlState(error));
}

/** Whether the server cannot store anything at the moment. */
export function isServerFailure(error: unknown): boolean {
  return STORAGE.test(sqlState(error));
}

/** Whether the disk of the server is full, or fails. */
export function isServerDiskFailure(error: unknown): boolean {
  return /^(53100|58030|XX00[12])$/.test(sqlState(error));
}

/** The SQLSTATE of an error of the server; empty for any other error, also of the system, which has EPIPE and EPERM. */
export function sqlState(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^(?!E)[0-9A-Z]{5}$/.test(code) ? code : '';
}
