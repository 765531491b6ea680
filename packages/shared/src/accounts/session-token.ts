import { hash } from 'node:crypto';
import type { Random } from '../random.ts';

/** 256 random bits: too many to guess, so a fast hash without a key is enough. */
const TOKEN_BYTES = 32;
const FORM = /^[\w-]{43}$/;

/** A new secret for a browser: of a session, of a login that waits for its approval, or of a link. */
export function mintToken(random: Random): string {
  return random.bytes(TOKEN_BYTES).toString('base64url');
}

/** Whether a text has the form of a token. */
export function isToken(text: string): boolean {
  return FORM.test(text);
}

/** What is stored of a token. */
export function tokenHash(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
