import { findKeyOwner } from '@mahilo/shared/accounts/keys';
import { endOfSession, sessionOfId } from '@mahilo/shared/accounts/sessions';
import type { User } from '@mahilo/shared/accounts/users';
import type { KeyScope, Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';

/** The browser session of a request. */
export interface CallerSession {
  readonly id: string;
  /** When its user signed in (ms). */
  readonly signedInAt: number;
  /** Whether it began with a link for operators, and its user is one. */
  readonly isOperator: boolean;
}

/** The user who makes a request, and the API key or the browser session that says so. */
export interface Caller extends User {
  /** With a session: the key that it came of, if it did. */
  readonly keyId: string | null;
  /** Null: it is an API key that asks. */
  readonly session: CallerSession | null;
  readonly scope: KeyScope;
  /** With scope `agent`: the connection that the key is for. */
  readonly connectionId: string | null;
  /** When the key or the session expires (ms); null: never. */
  readonly expiresAt: number | null;
  /** When a use of it was last recorded (ms). */
  lastUsedAt: number | null;
  /** The access version under which the key was found valid; null: each write looks the session up. */
  readonly accessVersion: number | null;
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
  const isValid = caller.session === null ? hasKey(trx, caller) : hasSession(trx, caller.session, now);
  if (!(await isValid)) throw keyNoLongerValid();
}

async function hasKey(trx: Kysely<Schema>, { id, keyId }: Caller): Promise<boolean> {
  const [owner] = keyId === null ? [] : await findKeyOwner(trx, keyId);
  return owner?.id === id;
}

async function hasSession(trx: Kysely<Schema>, session: CallerSession, now: number): Promise<boolean> {
  const [owner] = await sessionOfId(trx, session.id);
  if (owner === undefined || endOfSession(owner) <= now) return false;
  return !session.isOperator || owner.is_operator === 1;
}

export function isExpired({ expiresAt }: Pick<Caller, 'expiresAt'>, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

export function keyNoLongerValid(): MahiloError {
  return new MahiloError('UNAUTHORIZED', 'The API key, or the session, is not valid any more.');
}
