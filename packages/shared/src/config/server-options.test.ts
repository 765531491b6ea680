import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { ConfigError, loadSettings } from './load.ts';
import { serverOptions } from './server-options.ts';

const SECRET = { SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough' };

test('a server is used as the settings say, and notes go where the process may write', () => {
  const given = {
    ...SECRET,
    DATABASE_POOL: '2',
    DATABASE_PREPARE: 'false',
    DATABASE_LISTEN_URL: 'postgres://one,two/mahilo',
  };
  assert.deepEqual(serverOptions(loadSettings(given), { STATE_DIRECTORY: '/var/lib/mahilo' }), {
    readers: 2,
    prepares: false,
    listenUrl: 'postgres://one,two/mahilo',
    notes: '/var/lib/mahilo/postgres',
  });
  assert.deepEqual(serverOptions(loadSettings(SECRET), {}), {
    readers: 4,
    prepares: true,
    notes: resolve('data/postgres'),
  });
});

for (const text of ['data/mahilo.db', 'mysql://hunter2@db/mahilo', 'postgres://hunter2@db']) {
  test(`DATABASE_LISTEN_URL ${text} is refused, and not repeated`, () => {
    assert.throws(
      () => loadSettings({ ...SECRET, DATABASE_LISTEN_URL: text }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, /^DATABASE_LISTEN_URL is no URL of a PostgreSQL database: write/);
        assert.ok(!error.message.includes('hunter2'));
        return true;
      },
    );
  });
}
