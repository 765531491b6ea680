import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type TestDatabase, testDatabase } from '../../../test/database.ts';
import { onlyWithSqlite } from '../../../test/dialect.ts';
import { OtherProcess } from '../../../test/other-process.ts';
import { watchForChanges } from './change-watch.ts';
import { notifyFileOf } from './commit-notifier.ts';

onlyWithSqlite('what db/sqlite does');

/** A notification takes milliseconds; one that has not come by then never comes. */
const DEADLINE_MS = 30_000;

const watched = ({ file, db }: TestDatabase) => ({ file, dataVersion: db.dataVersion });

/** The resources that keep the event loop alive, by kind. */
function handles(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /FSEvent|Timeout/.test(kind));
}

function inodeOf(path: string): string {
  return statSync(path).ino.toString(16);
}

/** What this process watches: inodes in hexadecimal digits (proc_pid_fdinfo(5)). */
function watchedInodes(): string[] {
  const descriptors = readdirSync('/proc/self/fdinfo').map((name) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${name}`, 'utf8');
    } catch {
      // The one that listed them is closed.
      return '';
    }
  });
  return [...descriptors.join('').matchAll(/^inotify .*\bino:([0-9a-f]+)/gm)].map(([, ino = '']) => ino);
}

test('each commit of another process is noticed at once, without the fallback', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  await using here = await testDatabase();
  await using other = await OtherProcess.start(here.file);
  const target = new EventTarget();
  using _watch = watchForChanges(watched(here), () => target.dispatchEvent(new Event('change')));
  for (let commit = 0; commit < 10; commit++) {
    const noticed = once(target, 'change', { signal: AbortSignal.timeout(DEADLINE_MS) });
    await other.commit();
    await noticed;
  }
});

test('after the notify file was replaced, only the first commit waits for the fallback', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  await using here = await testDatabase();
  const target = new EventTarget();
  using _watch = watchForChanges(watched(here), () => target.dispatchEvent(new Event('change')));
  rmSync(notifyFileOf(here.file));
  await using other = await OtherProcess.start(here.file);
  const noticing = () => once(target, 'change', { signal: AbortSignal.timeout(DEADLINE_MS) });
  const first = noticing();
  await other.commit();
  t.mock.timers.tick(500);
  await first;
  const second = noticing();
  await other.commit();
  await second;
});

test('the system tells of the notify file and not of each page in the log', {
  skip: process.platform !== 'linux',
}, async () => {
  await using here = await testDatabase();
  using _watch = watchForChanges(watched(here), () => undefined);
  const inodes = watchedInodes();
  assert.ok(inodes.includes(inodeOf(notifyFileOf(here.file))));
  for (const other of [dirname(here.file), here.file, `${here.file}-wal`]) {
    assert.ok(!inodes.includes(inodeOf(other)), other);
  }
});

test('our own commits are not notified', async () => {
  await using here = await testDatabase();
  await using other = await OtherProcess.start(here.file);
  const target = new EventTarget();
  let notices = 0;
  target.addEventListener('change', () => {
    notices += 1;
  });
  using _watch = watchForChanges(watched(here), () => target.dispatchEvent(new Event('change')));
  for (let write = 0; write < 10; write++) {
    await here.db.write((trx) => trx.updateTable('users').set({ created_at: write }).execute());
  }
  const noticed = once(target, 'change', { signal: AbortSignal.timeout(DEADLINE_MS) });
  await other.commit();
  await noticed;
  assert.equal(notices, 1);
});

test('without file notifications the fallback notices it', async (t) => {
  await using here = await testDatabase();
  await using other = await OtherProcess.start(here.file);
  const target = new EventTarget();
  const elsewhere = { ...watched(here), file: '/nowhere/mahilo.db' };
  t.mock.timers.enable({ apis: ['setInterval'] });
  using _watch = watchForChanges(elsewhere, () => target.dispatchEvent(new Event('change')));
  await other.commit();
  const noticed = once(target, 'change', { signal: AbortSignal.timeout(DEADLINE_MS) });
  t.mock.timers.tick(500);
  await noticed;
});

test('what watched leaves no timer and no file watcher behind, also when it is disposed of at a write', async () => {
  await using here = await testDatabase();
  const before = handles();
  for (let round = 0; round < 5; round++) {
    using _watch = watchForChanges(watched(here), () => assert.fail('nobody else writes'));
    await here.db.write((trx) => trx.updateTable('users').set({ created_at: round }).execute());
    await turn();
  }
  // A closed file watcher is gone one turn later.
  await turn();
  assert.deepEqual(handles(), before);
});
