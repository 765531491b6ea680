import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSettings } from '@mahilo/shared/config/load';
import { openDatabase } from '@mahilo/shared/db/open';
import { createRegistry } from '@mahilo/shared/observe/metrics';
import { systemRandom } from '@mahilo/shared/random';
import { countSecrets } from '@mahilo/shared/rotation/sealed-secrets';
import { deriveKeys, keyRing } from '@mahilo/shared/sealing/keys';
import { seal } from '@mahilo/shared/sealing/seal';
import { pino } from 'pino';
import { Happenings } from './happenings.ts';
import { startMaintenance } from './maintain.ts';

const OLD = 'the-old-secret-key-0123456789-0123456789';
const NEW = 'the-new-secret-key-0123456789-0123456789';

test('callback secrets under the previous key are sealed anew, once the processes that know only that one are gone', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'mahilo-maintain-'));
  const db = await openDatabase(join(directory, 'mahilo.db'));
  t.after(async () => {
    await db.close();
    rmSync(directory, { recursive: true });
  });
  await db.write(async (trx) => {
    await trx
      .insertInto('users')
      .values({ id: 'usr_1', username: 'ann', display_name: null, created_at: 0 })
      .execute();
    await trx
      .insertInto('connections')
      .values({
        id: 'conn_1',
        user_id: 'usr_1',
        framework: 'test',
        label: 'main',
        description: null,
        capabilities_json: '[]',
        routing_priority: 0,
        mode: 'callback',
        callback_url: 'https://agent.example/',
        callback_secret: seal(deriveKeys(OLD).sealing, 'secret', 'conn_1', systemRandom),
        status: 'active',
        created_at: 0,
      })
      .execute();
  });
  const settings = loadSettings({ SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: OLD });
  const keys = keyRing(settings);
  const lines: string[] = [];
  const log = pino({}, { write: (line) => lines.push(line) });
  const happenings = new Happenings(log, createRegistry('worker'));
  let now = 0;
  t.mock.timers.enable({ apis: ['setInterval'] });
  const maintenance = startMaintenance(
    { db, clock: { now: () => now }, happenings, settings, keys, random: systemRandom },
    { places: 1, breakerFailures: 1 },
  );
  now = 59_999;
  t.mock.timers.tick(30_000);
  // Each round has a write and little else: behind a few of ours both have ended.
  for (let n = 0; n < 10; n++) await db.write(async () => {});
  assert.deepEqual(lines, []);
  now = 60_000;
  t.mock.timers.tick(30_000);
  while (lines.length === 0) await db.write(async () => {});
  await maintenance[Symbol.asyncDispose]();
  assert.deepEqual(await countSecrets(db.kysely, keys), { current: 1, previous: 0, lost: 0 });
});
