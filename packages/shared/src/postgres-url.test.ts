import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameOf, serverUrlsOf } from './postgres-url.ts';

for (const password of ['hunter2', 'hun@ter2', '@hunter@2@', 'hunter%402']) {
  test(`a database whose password is ${password} is named without any part of it`, () => {
    const url = `postgres://mahilo:${password}@one:5432,two/mahilo?sslmode=require`;
    assert.equal(nameOf(url), 'postgres://one:5432,two/mahilo');
    assert.deepEqual(serverUrlsOf(url), [
      `postgres://mahilo:${password}@one:5432/mahilo?sslmode=require`,
      `postgres://mahilo:${password}@two/mahilo?sslmode=require`,
    ]);
  });
}
