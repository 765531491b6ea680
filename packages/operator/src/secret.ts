import type { Database } from '@mahilo/shared/db/database';
import { systemRandom } from '@mahilo/shared/random';
import { countSecrets, resealSecrets } from '@mahilo/shared/rotation/sealed-secrets';
import { isCheckUnderPrevious, resealCheck, writeCheck } from '@mahilo/shared/rotation/secret-check';
import { type KeyRing, keyRing } from '@mahilo/shared/sealing/key-ring';
import type { Command } from './command.ts';
import { exitWithMistake, optionsOrExit } from './command-line.ts';
import { settings, withDatabase, withKeyedDatabase } from './context.ts';
import { countApiKeys, usersNotUnder } from './count-api-keys.ts';
import { answer, progress, table } from './output.ts';

const SECRET_BYTES = 32;
/** Most users to name. */
const NAMED = 100;

const HELP = `Makes a secret key, and helps to change it: npm run admin -- secret <action> [--json]

  generate  Prints a new secret for SECRET_KEY. Changes nothing.
  status    Tells how many API keys and callback secrets are under SECRET_KEY, how many still under SECRET_KEY_PREVIOUS,
            and how many under neither. Reads every user's and every connection's row once. Exit code 0: SECRET_KEY_PREVIOUS
            is not needed (any more); 1: it is, or something is under a secret that is not given.
  reseal    Seals every callback secret that is under SECRET_KEY_PREVIOUS under SECRET_KEY, in small batches. Workers do
            this by themselves within minutes; this does it now. API keys change over when they are used.
  adopt     Makes SECRET_KEY the secret of this database, although it was written under another one, which is lost. Then
            the processes start with it; docs/troubleshooting.md says what else there is to do.
  --json    Answers for machines.
  --help    Shows this.`;

export const command: Command = async (commandArguments) => {
  const { values, positionals } = optionsOrExit(HELP, {
    args: commandArguments,
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [action, ...others] = positionals;
  if (others.length > 0) exitWithMistake(`"${others[0]}" is too much.`);
  if (action === 'generate') return generate(values.json);
  if (action === 'reseal') return withKeyedDatabase((db, keys) => reseal(db, keys, values.json));
  if (action !== 'status' && action !== 'adopt') exitWithMistake(`There is no action "${action ?? ''}".`);
  const given = settings();
  const keys = keyRing(given);
  return withDatabase(given.DATABASE_URL, (db) =>
    action === 'status' ? status(db, keys, values.json) : adopt(db, keys, values.json),
  );
};

function generate(asJson: boolean): number {
  const secret = systemRandom.bytes(SECRET_BYTES).toString('base64url');
  answer(asJson, { secret }, () => secret);
  return 0;
}

async function status(db: Database, keys: KeyRing, asJson: boolean): Promise<number> {
  const counts = {
    api_keys: await countApiKeys(db.kysely, keys),
    callback_secrets: await countSecrets(db.kysely, keys),
    check_value_is_previous: await isCheckUnderPrevious(db.kysely, keys),
    users_not_current: (await usersNotUnder(db.kysely, keys.current.id, NAMED)).map(
      ({ username }) => username,
    ),
  };
  const { api_keys, callback_secrets } = counts;
  const waiting = counts.check_value_is_previous ? 1 : 0;
  const total = (kind: 'current' | 'previous' | 'lost') => api_keys[kind] + callback_secrets[kind];
  const row = (name: string, kind: 'current' | 'previous' | 'lost') => [
    name,
    api_keys[kind],
    callback_secrets[kind],
  ];
  answer(asJson, counts, () =>
    [
      table(
        ['Under', 'API keys', 'Callback secrets'],
        [
          row('SECRET_KEY', 'current'),
          row('SECRET_KEY_PREVIOUS', 'previous'),
          row('neither of them', 'lost'),
          ...(api_keys.unknown > 0 ? [['not known yet', api_keys.unknown, 0]] : []),
        ],
      ),
      ...advice(total('previous') + api_keys.unknown + waiting, total('lost')),
    ].join('\n\n'),
  );
  return total('previous') + total('lost') + waiting > 0 ? 1 : 0;
}

function advice(depending: number, lost: number): string[] {
  const sentences: string[] = [];
  if (depending > 0) {
    sentences.push(
      'Keep SECRET_KEY_PREVIOUS. Callback secrets, and what tells whether SECRET_KEY is right, change over by themselves within minutes while a worker runs, an API key when it is used; of a user who does not use one it stops working when SECRET_KEY_PREVIOUS goes.',
    );
  }
  if (lost > 0) {
    sentences.push(
      'What is under neither does not work: give the secret it was made under, or see "SECRET_KEY is lost" in docs/troubleshooting.md.',
    );
  }
  return sentences.length > 0 ? sentences : ['SECRET_KEY_PREVIOUS is not needed.'];
}

async function reseal(db: Database, keys: KeyRing, asJson: boolean): Promise<number> {
  const say = progress();
  const resealed = await resealSecrets(db, keys, systemRandom, {
    onBatch: (looked, changed) => say(() => `${looked} connections looked at, ${changed} secrets resealed …`),
  });
  await resealCheck(db, keys, systemRandom);
  answer(asJson, { resealed }, () => `${resealed} callback secrets were sealed under SECRET_KEY.`);
  return 0;
}

async function adopt(db: Database, keys: KeyRing, asJson: boolean): Promise<number> {
  await writeCheck(db, keys, systemRandom);
  answer(
    asJson,
    { adopted: true },
    () =>
      'SECRET_KEY is the secret of this database now. Start the processes, give users new API keys (`users reset-key`), and have their agents registered again.',
  );
  return 0;
}
