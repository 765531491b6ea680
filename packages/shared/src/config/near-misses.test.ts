import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearMisses } from './near-misses.ts';
import { settingsSchema } from './settings.ts';

const KNOWN = Object.keys(settingsSchema.properties);

for (const [given, meant] of [
  ['MAX_RETRY', 'MAX_RETRIES'],
  ['LOG_LEVL', 'LOG_LEVEL'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['log_level', 'LOG_LEVEL'],
  ['DATABASE_URI', 'DATABASE_URL'],
  ['CALLBACK_TIMEOUT', 'CALLBACK_TIMEOUT_MS'],
  ['TRUST_PROXIES', 'TRUST_PROXY'],
  ['DNS_SERVER', 'DNS_SERVERS'],
  ['SECRETKEY', 'SECRET_KEY'],
  ['RETENTION_DAY', 'RETENTION_DAYS'],
] as const) {
  test(`${given} was meant to be ${meant}`, () => {
    assert.deepEqual(nearMisses([given, 'PATH'], KNOWN), [{ given, meant }]);
    assert.deepEqual(nearMisses([given, meant], KNOWN), [], 'it is given, so this is something else');
  });
}

test('what an environment has anyway is nobody’s mistake', () => {
  const usual =
    'HOME HOSTNAME HOSTTYPE LANG LOGNAME PATH PWD SHELL TERM USER NODE_PATH NODE_OPTIONS NODE_VERSION HTTP_PROXY ' +
    'HTTPS_PROXY NO_PROXY SSH_AUTH_SOCK XDG_DATA_HOME LC_ALL SECRET_KEY_SOURCE NODE_COMPILE_CACHE npm_config_port ' +
    'INVOCATION_ID LISTEN_PID MALLOC_ARENA_MAX MAHILO_LISTEN COMPOSE_PROJECT_NAME YARN_VERSION';
  assert.deepEqual(nearMisses(usual.split(' '), KNOWN), []);
});
