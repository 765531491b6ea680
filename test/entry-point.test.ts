import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXIT_CODE_CONFIG } from '@mahilo/shared/config/load';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { compileCache } from './world/compile-cache.ts';
import { World } from './world/world.ts';

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

/** Has a process say at its end which modules it loaded. */
const SAYS_WHAT_IT_LOADED = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  process.on('exit', () => console.log(loaded.join('\\n')));
`;

/** What an API needs at most when it is first asked for it. They take more memory than all of its own code. */
const LOADED_LATE = ['@a2a-js/sdk', '@modelcontextprotocol/server', 'got', 'pg', 're2js', 'typebox'] as const;

test('the api with a wrong egress setting ends with exit code 78 and one sentence that names it', () => {
  const { status, stderr } = start('api', { SECRET_KEY: SECRET.repeat(2), EGRESS_DENY: 'everything' });
  assert.equal(status, EXIT_CODE_CONFIG, stderr);
  assert.match(stderr, /^EGRESS_DENY [^\n]*\.\n$/);
});

test('a variable that is nearly a setting is a warning in the log, and a port that is taken an end', async () => {
  await using world = new World({ MAX_RETRY: '3' });
  const api = await world.startApi();
  const [line] = api.log().filter(({ level }) => level === 40);
  assert.match(String(line?.['msg']), /^MAX_RETRY is no setting .* MAX_RETRIES\?$/);
  const { stdout } = await world.admin(['doctor'], { MAX_RETRY: '3' });
  assert.match(stdout, /^note {5}settings {2}MAX_RETRY is no setting/m);

  const taken = new URL(world.url).port;
  const NODE_OPTIONS = `--import="data:text/javascript,${encodeURIComponent(SAYS_WHAT_IT_LOADED)}"`;
  // A file of its own: on PostgreSQL the driver is loaded at each start, as it must be.
  using directory = new TestDirectory();
  const DATABASE_URL = directory.file('mahilo.db');
  const second = world.spawn('api', { PORT: taken, DATABASE_URL, NODE_OPTIONS });
  assert.equal(await second.ended, 1);
  assert.match(second.lines.join('\n'), new RegExp(`API cannot start: PORT ${taken} is taken`));
  assert.ok(second.lines.some((line) => line.endsWith('/api/src/open-api.ts')));
  for (const name of LOADED_LATE) {
    const url = second.lines.find((line) => line.includes(`/node_modules/${name}/`));
    assert.equal(url, undefined, `${url} is loaded at each start`);
  }
});

test('a DATABASE_URL of another kind is refused, and one with a scheme means its path', () => {
  const secret = { SECRET_KEY: SECRET.repeat(2) };
  const other = start('worker', { ...secret, DATABASE_URL: 'mysql://mahilo:hunter2@db/mahilo' });
  assert.equal(other.status, EXIT_CODE_CONFIG);
  assert.match(other.stderr, /^DATABASE_URL begins with mysql:/);
  assert.doesNotMatch(other.stderr + other.stdout, /hunter2/);
  using directory = new TestDirectory();
  mkdirSync(directory.file('mahilo.db'));
  const place = start('worker', { ...secret, DATABASE_URL: `sqlite://${directory.file('mahilo.db')}` });
  assert.equal(place.status, EXIT_CODE_CONFIG);
  assert.match(place.stderr, /mahilo\.db is a directory: DATABASE_URL must name a file/);
});
