import { findKeyOwner } from '@mahilo/shared/accounts/keys';
import type { User } from '@mahilo/shared/accounts/users';
import type { KeyScope, Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';

/** The user who makes a request, and the API key. */
export interface Caller extends User {
  readonly keyId: string;
  readonly scope: KeyScope;
  /** With scope `agent`: the connection that the key is for. */
  readonly connectionId: string | null;
  /** When the key expires (ms); null: never. */
  readonly expiresAt: number | null;
  /** When a use of the key was last recorded (ms). */
  lastUsedAt: number | null;
  /** The access version under which the key was found valid. */
  readonly accessVersion: number;
}

/**
 * Who writes: a caller, or `registry` for work that no key asks for. What a caller asks for is never written as the
 * registry.
 */
export type Writer = Caller | 'registry';

/**
 * For the transaction that writes: while the body of the request was arriving, the key may have been replaced or
 * revoked, or its user disabled. Looks the key up only when the access version differs from the caller's.
 * @throws MahiloError UNAUTHORIZED
 */
export async function assertStillValid(
  trx: Kysely<Schema>,
  caller: Caller,
  accessVersion: number,
  now: number,
): Promise<void> {
  if (isExpired(caller, now)) throw keyNoLongerValid();
  if (caller.accessVersion === accessVersion) return;
  const [owner] = await findKeyOwner(trx, caller.keyId);
  if (owner?.id !== caller.id) throw keyNoLongerValid();
}

export function isExpired({ expiresAt }: Pick<Caller, 'expiresAt'>, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

export function keyNoLongerValid(): MahiloError {
  return new MahiloError('UNAUTHORIZED', 'The API key is not valid any more.');
}
