import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from '@mahilo/shared/config/load';
import { settingsInForce } from './settings-in-force.ts';

for (const [given, shown] of [
  ['postgres://mahilo:hunter2@db:5432/mahilo', 'postgres://…@db:5432/mahilo'],
  ['postgres://mahilo:pass@hunter2@db/mahilo', 'postgres://…@db/mahilo'],
  [
    'postgres://one,two/mahilo?password=hunter2&sslmode=require',
    'postgres://one,two/mahilo?password=…&sslmode=require',
  ],
] as const) {
  test(`DATABASE_URL ${given} is shown without its password`, () => {
    const environment = { SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough', DATABASE_URL: given };
    const settings = settingsInForce(loadSettings(environment), environment);
    assert.equal(settings.find(({ name }) => name === 'DATABASE_URL')?.value, shown);
    assert.ok(!JSON.stringify(settings).includes('hunter2'));
  });
}
