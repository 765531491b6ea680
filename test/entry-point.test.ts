import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXIT_CODE_CONFIG } from '@mahilo/shared/config/load';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { compileCache } from './world/compile-cache.ts';

const SECRET = 'hunter2-is-too-short';

/** Starts a process of the product with these settings and no others, where no `.env` is. */
function start(name: 'api' | 'worker', environment: Record<string, string>) {
  using directory = new TestDirectory();
  const main = fileURLToPath(new URL(`../packages/${name}/src/main.ts`, import.meta.url));
  return spawnSync(process.execPath, [main], {
    cwd: directory.path,
    env: { ...compileCache(), ...environment },
    encoding: 'utf8',
    timeout: 60_000,
  });
}

for (const name of ['api', 'worker'] as const) {
  test(`the ${name} with wrong settings ends with exit code 78 and sentences, without a stack or a secret`, () => {
    const { status, stdout, stderr } = start(name, { SECRET_KEY: SECRET, PORT: 'http', NODE_ENV: 'prod' });
    assert.equal(status, EXIT_CODE_CONFIG, stderr);
    assert.equal(EXIT_CODE_CONFIG, 78);
    const names = stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    assert.deepEqual(names.toSorted(), ['NODE_ENV', 'PORT', 'SECRET_KEY']);
    assert.equal(stdout, '');
    assert.doesNotMatch(stderr, /hunter2|\bat .*\.ts:\d/);
  });
}

test('the api with a wrong egress setting ends with exit code 78 and one sentence that names it', () => {
  const { status, stderr } = start('api', { SECRET_KEY: SECRET.repeat(2), EGRESS_DENY: 'everything' });
  assert.equal(status, EXIT_CODE_CONFIG, stderr);
  assert.match(stderr, /^EGRESS_DENY [^\n]*\.\n$/);
});
