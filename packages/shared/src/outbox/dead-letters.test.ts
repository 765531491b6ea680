import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../test/database.ts';
import { deadLettersOf } from './dead-letters.ts';

test('every dead letter comes once, oldest first, in pieces, also when many were accepted in one moment', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  const tooOld = await here.sendMany(connectionId, 3);
  here.clock.ms += 1000;
  const since = here.clock.ms;
  const atOnce = await here.sendMany(connectionId, 250);
  here.clock.ms += 1000;
  const later = await here.sendMany(connectionId, 200);
  const settled = { state: 'failed', settled_at: here.clock.ms } as const;
  await here.db.write((trx) => trx.updateTable('outbox').set(settled).execute());
  await here.sendOne(connectionId);

  const found: string[] = [];
  let pieces = 0;
  for await (const ids of deadLettersOf(here.db.kysely, connectionId, since)) {
    found.push(...ids);
    pieces += 1;
    assert.ok(ids.length <= 200);
  }
  assert.deepEqual(found, [...atOnce.sort(), ...later.sort()]);
  assert.equal(found.includes(String(tooOld[0])), false);
  assert.equal(pieces, 3);
});
