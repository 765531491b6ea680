import { findKeyOwner, type User } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';

/** Who asks, and with which API key. */
export interface Caller extends User {
  keyId: string;
  /** The access version under which the key was found valid. */
  accessVersion: number;
}

/**
 * In whose name something is written: a caller's, or `registry` for what no key asks for. Text that a caller wants
 * written is never the registry's.
 */
export type Writer = Caller | 'registry';

/**
 * For the transaction that writes: the key may have been replaced or revoked, or its user disabled, while the body of
 * the request was on its way. Looks the key up only when the access version is another one than the caller's.
 * @throws MahiloError UNAUTHORIZED
 */
export async function assertStillValid(
  trx: Kysely<Schema>,
  caller: Caller,
  accessVersion: number,
): Promise<void> {
  if (caller.accessVersion === accessVersion) return;
  const [owner] = await findKeyOwner(trx, caller.keyId);
  if (owner?.id !== caller.id) throw keyNoLongerValid();
}

export function keyNoLongerValid(): MahiloError {
  return new MahiloError('UNAUTHORIZED', 'The API key is not valid any more.');
}
