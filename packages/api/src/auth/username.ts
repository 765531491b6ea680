import { normalizeUsername } from '@mahilo/shared/accounts/users';
import { MahiloError } from '@mahilo/shared/errors';

/** The stored form of a username as somebody typed it. @throws MahiloError INVALID_USERNAME */
export function usernameOf(typed: string): string {
  const username = normalizeUsername(typed);
  if (username === undefined) throw invalidUsername('must have 3–30 of A–Z a–z 0–9 _ -');
  return username;
}

export function invalidUsername(message: string): MahiloError {
  return new MahiloError('INVALID_USERNAME', `username ${message}.`, {
    details: [{ path: 'username', message }],
  });
}
