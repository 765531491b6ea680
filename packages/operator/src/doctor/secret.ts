import type { Database } from '@mahilo/shared/db/database';
import { countSecrets } from '@mahilo/shared/rotation/sealed-secrets';
import { judgeSecret } from '@mahilo/shared/rotation/secret-check';
import { keyRing } from '@mahilo/shared/sealing/key-ring';
import { countApiKeys } from '../count-api-keys.ts';
import { type Finding, findingsOf, type Patient } from './finding.ts';

const { ok, problem } = findingsOf('secret');

/** Connections whose secrets are checked by default. */
const SAMPLE = 1000;

const WRONG = problem(
  'SECRET_KEY is not the one that this database was written under: no process starts with it (exit code 78).',
  'Give the right one. If it is lost: docs/troubleshooting.md, "SECRET_KEY is lost".',
);

/** Whether SECRET_KEY is the secret of this database. */
export async function examineSecret(db: Database, { settings, isFull }: Patient): Promise<Finding[]> {
  if (settings === undefined) return [];
  const keys = keyRing(settings);
  if ((await judgeSecret(db.kysely, keys)) === 'wrong') return [WRONG];
  const apiKeys = await countApiKeys(db.kysely, keys);
  const secrets = await countSecrets(db.kysely, keys, isFull ? Number.POSITIVE_INFINITY : SAMPLE);
  const lost = apiKeys.lost + secrets.lost;
  const working = apiKeys.current + apiKeys.previous + secrets.current + secrets.previous;
  if (lost === 0) return [ok('SECRET_KEY is the one that this database was written under.')];
  if (working === 0) {
    return [WRONG];
  }
  return [
    problem(
      `${apiKeys.lost} API keys and ${secrets.lost} callback secrets are under another secret than SECRET_KEY${settings.SECRET_KEY_PREVIOUS === undefined ? '' : ' and SECRET_KEY_PREVIOUS'}: they do not work.`,
      'Give the one before as SECRET_KEY_PREVIOUS until `secret status` says that it is not needed; or give those users new keys (`users reset-key`).',
    ),
  ];
}
