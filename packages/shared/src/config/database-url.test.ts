import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databasePathOf } from './database-url.ts';

for (const [text, path] of [
  ['./data/mahilo.db', './data/mahilo.db'],
  ['/var/lib/mahilo.db', '/var/lib/mahilo.db'],
  ['mahilo.db', 'mahilo.db'],
  ['./odd:name.db', './odd:name.db'],
  ['sqlite:data/mahilo.db', 'data/mahilo.db'],
  ['sqlite:./mahilo.db', './mahilo.db'],
  ['sqlite:/var/lib/mahilo.db', '/var/lib/mahilo.db'],
  ['sqlite:///var/lib/mahilo.db', '/var/lib/mahilo.db'],
  ['file:mahilo.db', 'mahilo.db'],
  ['file:///var/lib/my%20registry.db', '/var/lib/my registry.db'],
  ['FILE:/var/lib/mahilo.db', '/var/lib/mahilo.db'],
] as const) {
  test(`DATABASE_URL ${text} is the file ${path}`, () => {
    assert.deepEqual(databasePathOf(text), { path });
  });
}

for (const text of [
  'mysql://mahilo:hunter2@db/mahilo',
  'postgres://mahilo:hunter2@db/mahilo',
  'sqlite://hunter2/mahilo.db',
  'sqlite:',
  'sqlite://',
  'sqlite::memory:',
  ':memory:',
  'file:mahilo.db?mode=hunter2',
  'file:%zz',
  'libsql://hunter2.example',
  'hunter2:x@db',
]) {
  test(`DATABASE_URL ${text} is refused in a sentence without what could be a secret`, () => {
    const { path, mistake } = databasePathOf(text);
    assert.equal(path, undefined);
    assert.match(mistake ?? '', /^DATABASE_URL .*; give the path of a SQLite file\.$/);
    assert.doesNotMatch(mistake?.replace('begins with hunter2:', '') ?? '', /hunter2/);
  });
}
