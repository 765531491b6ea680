import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databasePlaceOf } from './database-url.ts';

for (const [text, place] of [
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
  ['postgres://mahilo:hunter2@db/mahilo', 'postgres://mahilo:hunter2@db/mahilo'],
  ['postgresql://db:5433/mahilo?sslmode=require', 'postgresql://db:5433/mahilo?sslmode=require'],
  ['postgres://m:hunter2@one:5432,two:5433/mahilo', 'postgres://m:hunter2@one:5432,two:5433/mahilo'],
] as const) {
  test(`DATABASE_URL ${text} is ${place}`, () => {
    assert.deepEqual(databasePlaceOf(text), { place });
  });
}

for (const text of [
  'mysql://mahilo:hunter2@db/mahilo',
  'postgres://mahilo:hunter2@db',
  'postgres://mahilo:hunter2@db/',
  'postgres://mahilo:hun#ter2@db/mahilo',
  'postgres://mahilo:hunter2@one:5432,two:port/mahilo',
  'postgres:hunter2',
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
    const { place, mistake } = databasePlaceOf(text);
    assert.equal(place, undefined);
    assert.match(mistake ?? '', /^DATABASE_URL .*postgres:\/\/user:password@host:5432\/database/);
    assert.doesNotMatch(mistake?.replace('begins with hunter2:', '') ?? '', /hunter2/);
  });
}
