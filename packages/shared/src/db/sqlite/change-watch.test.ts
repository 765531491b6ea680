import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { testDatabase } from '../../../test/database.ts';
import { OtherProcess } from '../../../test/other-process.ts';
import { watchForChanges } from './change-watch.ts';

/** A doorbell that has not rung by then hangs; it rings within milliseconds. */
const DEADLINE_MS = 5000;

/** What keeps the event loop alive, by kind. */
function handles(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /FSEvent|Timeout/.test(kind));
}

test('each commit of another process rings the doorbell at once, without the fallback', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  await using here = await testDatabase();
  await using other = await OtherProcess.start(here.db.file);
  const bell = new EventTarget();
  using _watch = watchForChanges(here.db, () => bell.dispatchEvent(new Event('ring')));
  for (let commit = 0; commit < 10; commit++) {
    const rung = once(bell, 'ring', { signal: AbortSignal.timeout(DEADLINE_MS) });
    await other.commit();
    await rung;
  }
});

test('our own commits do not ring it', async () => {
  await using here = await testDatabase();
  await using other = await OtherProcess.start(here.db.file);
  const bell = new EventTarget();
  let rings = 0;
  bell.addEventListener('ring', () => {
    rings += 1;
  });
  using _watch = watchForChanges(here.db, () => bell.dispatchEvent(new Event('ring')));
  for (let write = 0; write < 10; write++) {
    await here.db.write((trx) => trx.updateTable('users').set({ created_at: write }).execute());
  }
  const rung = once(bell, 'ring', { signal: AbortSignal.timeout(DEADLINE_MS) });
  await other.commit();
  await rung;
  assert.equal(rings, 1);
});

test('without file notifications the fallback rings it', async (t) => {
  await using here = await testDatabase();
  await using other = await OtherProcess.start(here.db.file);
  const bell = new EventTarget();
  const elsewhere = { ...here.db, file: '/nowhere/mahilo.db' };
  t.mock.timers.enable({ apis: ['setInterval'] });
  using _watch = watchForChanges(elsewhere, () => bell.dispatchEvent(new Event('ring')));
  await other.commit();
  const rung = once(bell, 'ring', { signal: AbortSignal.timeout(DEADLINE_MS) });
  t.mock.timers.tick(500);
  await rung;
});

test('what watched leaves no timer and no file watcher behind, also when it is disposed of at a write', async () => {
  await using here = await testDatabase();
  const before = handles();
  for (let round = 0; round < 5; round++) {
    using _watch = watchForChanges(here.db, () => assert.fail('nobody else writes'));
    await here.db.write((trx) => trx.updateTable('users').set({ created_at: round }).execute());
    await turn();
  }
  // A closed file watcher is gone one turn later.
  await turn();
  assert.deepEqual(handles(), before);
});
