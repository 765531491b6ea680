import { chmodSync, chownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The mode when no earlier database has one: for the owner alone. */
const DEFAULT_MODE = 0o600;

/** Gives a file that takes the place of a database its mode and owner, or else the owner of the directory. */
export function giveToOwner(file: string, database: string): void {
  const present = statSync(database, { throwIfNoEntry: false });
  const { uid, gid } = present ?? statSync(dirname(database));
  chmodSync(file, present ? present.mode & 0o777 : DEFAULT_MODE);
  const own = statSync(file);
  if (own.uid === uid && own.gid === gid) return;
  try {
    chownSync(file, uid, gid);
  } catch {
    throw new Error(
      `${database} belongs to user ${uid}, and only root can restore it for somebody else: run this as that user.`,
    );
  }
}
