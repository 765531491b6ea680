import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const SECRET_BYTES = 32;
/** What the processes ask of SECRET_KEY; a kept file with less never served, so it may be replaced. */
const SHORTEST = 32;
const OWNER_ONLY = 0o600;

/** The SECRET_KEY kept in `file`; the first call makes it. */
export function developmentSecret(file: string): { secret: string; isNew: boolean } {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  const isNew = kept.length < SHORTEST;
  const secret = isNew ? randomBytes(SECRET_BYTES).toString('base64url') : kept;
  if (isNew) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${secret}\n`, { mode: OWNER_ONLY });
  }
  // The mode above is for a new file only.
  chmodSync(file, OWNER_ONLY);
  return { secret, isNew };
}
