import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { developmentSecret } from '../scripts/start/development-secret.ts';
import { ProcessGroup } from '../scripts/start/process-group.ts';
import { RunningScript } from './workspace/running-script.ts';
import { ROOT, TemporaryWorkspace } from './workspace/temporary-workspace.ts';
import { eventually } from './world/eventually.ts';

/**
 * Stands in for a process of the product: notes in a file what happens to it. It ends on SIGTERM as soon as the file
 * `may-end` is there.
 */
const FAKE_MAIN = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const name = import.meta.filename.includes('/api/') ? 'api' : 'worker';
const note = (text: string) => appendFileSync('noted-' + name, text + '\\n');
const log = (msg: string, more = {}) =>
  console.log(JSON.stringify({ level: 30, time: new Date().toISOString(), name, ...more, msg }));

if (process.env['FAKE_EXIT_OF'] === name) process.exit(Number(process.env['FAKE_EXIT_CODE']));
process.on('SIGINT', () => note('SIGINT'));
process.on('SIGTERM', () => {
  note('SIGTERM');
  setInterval(() => {
    if (!existsSync('may-end')) return;
    note('ended');
    process.exit();
  }, 5);
});
writeFileSync('pid-' + name, String(process.pid));
const write = (lines: number) => {
  for (let n = 0; n < lines; n += 1) log('x'.repeat(4000));
  note('has written');
};
process.on('SIGUSR2', () => write(1));
note('started with ' + process.env['SECRET_KEY'] + ' ' + process.env['METRICS_PORT']);
if (name === 'api') {
  const server = createServer((_request, response) => response.end('{"status":"ok"}'));
  server.listen(0, '127.0.0.1', () => {
    const url = 'http://127.0.0.1:' + (server.address() as { port: number }).port;
    log('API is listening on ' + url, { url });
    if (process.env['FAKE_LINES']) write(Number(process.env['FAKE_LINES']));
  });
} else {
  log('Worker is delivering', { lanes: 2 });
  console.error('a remark on standard error');
  setInterval(() => undefined, 1000);
}
`;

/** As in scripts/start.ts. */
const DUPLICATE_SIGNAL_MS = 500;
/** More than should be kept: 80 MB. */
const MANY_LINES = 20_000;
const READY = 'Mahilo Registry is running.';
const SECRET_KEY = 'a-secret-key-for-tests-that-is-long-enough';

function fakeProduct(): TemporaryWorkspace {
  const workspace = new TemporaryWorkspace();
  symlinkSync(`${ROOT}/node_modules`, workspace.path('node_modules'));
  workspace.write('packages/api/src/main.ts', FAKE_MAIN);
  workspace.write('packages/worker/src/main.ts', FAKE_MAIN);
  return workspace;
}

function start(
  workspace: TemporaryWorkspace,
  environment: NodeJS.ProcessEnv = {},
  ...options: string[]
): RunningScript {
  return new RunningScript(workspace.path('scripts/start.ts'), options, environment);
}

/** Has the API write a line to its log. */
function writeALine(workspace: TemporaryWorkspace): void {
  process.kill(Number(workspace.read('pid-api')), 'SIGUSR2');
}

function letEnd(workspace: TemporaryWorkspace): void {
  workspace.write('may-end', '');
}

test('it starts both, makes their log readable, says where the API is, and stops both on one signal', async () => {
  using workspace = fakeProduct();
  letEnd(workspace);
  await using run = start(workspace, { SECRET_KEY });
  await run.wrote(READY);
  await run.wrote('standard error');
  run.signal('SIGINT');

  assert.deepEqual(await run.ended, { code: 0, signal: null });
  assert.match(run.output, /^api {4}│ \[\d\d:\d\d:\d\d\.\d{3}\] INFO: API is listening on http:/m);
  assert.match(run.output, /^worker │ \[[\d:.]+\] INFO: Worker is delivering \{"lanes":2\}$/m);
  assert.match(run.output, /^worker │ a remark on standard error$/m);
  assert.match(run.output, /Reference {4}http:\/\/127\.0\.0\.1:\d+\/docs$/m);
  const noted = `started with ${SECRET_KEY} undefined\nSIGTERM\nended\n`;
  assert.equal(workspace.read('noted-api'), noted);
  assert.equal(workspace.read('noted-worker'), noted);
});

test('a Ctrl-C that is delivered twice is one, and reaches the processes as one SIGTERM', async () => {
  using workspace = fakeProduct();
  await using run = start(workspace, { SECRET_KEY });
  await run.wrote(READY);
  await run.wrote('standard error');
  run.signal('SIGINT', 'group');
  run.signal('SIGTERM');
  await eventually(() => workspace.read('noted-api').includes('SIGTERM'));
  letEnd(workspace);

  assert.deepEqual(await run.ended, { code: 0, signal: null });
  for (const name of ['noted-api', 'noted-worker']) {
    assert.deepEqual(workspace.read(name).split('\n').slice(1), ['SIGTERM', 'ended', '']);
  }
});

test('a second Ctrl-C ends at once what does not want to end', async () => {
  using workspace = fakeProduct();
  await using run = start(workspace, { SECRET_KEY });
  await run.wrote(READY);
  await run.wrote('standard error');
  run.signal('SIGINT');
  await eventually(() => workspace.read('noted-api').includes('SIGTERM'));
  // Sooner, it would be the first one delivered twice.
  await sleep(DUPLICATE_SIGNAL_MS);
  run.signal('SIGINT');

  assert.deepEqual(await run.ended, { code: 137, signal: null });
  assert.match(run.output, /^api is killed: a second signal asked for it\.$/m);
});

for (const [name, other, code, exitCode] of [
  ['api', 'worker', 3, 3],
  ['worker', 'api', 78, 78],
  ['worker', 'api', 0, 1],
] as const) {
  test(`when the ${name} ends by itself with ${code}, the ${other} is stopped and the exit code is ${exitCode}`, async () => {
    using workspace = fakeProduct();
    letEnd(workspace);
    const failing = { SECRET_KEY, FAKE_EXIT_OF: name, FAKE_EXIT_CODE: String(code) };
    await using run = start(workspace, failing);

    assert.deepEqual(await run.ended, { code: exitCode, signal: null });
    assert.match(
      run.output,
      new RegExp(`^${name} ended by itself with exit code ${code}; stopping the rest\\.$`, 'm'),
    );
    assert.doesNotMatch(workspace.read(`noted-${other}`), /SIGINT/);
  });
}

test('nothing lives on when it is killed', async () => {
  using workspace = fakeProduct();
  letEnd(workspace);
  await using run = start(workspace, { SECRET_KEY });
  await run.wrote(READY);
  await eventually(() => workspace.read('noted-worker') !== '');
  run.signal('SIGKILL');

  for (const name of ['noted-api', 'noted-worker']) {
    await eventually(() => workspace.read(name).endsWith('SIGTERM\nended\n'));
  }
});

test('without SECRET_KEY one is made for development, for its owner alone, and used again', async () => {
  using workspace = fakeProduct();
  letEnd(workspace);
  for (const said of ['a new one is kept', 'the one is used that is kept']) {
    await using run = start(workspace);
    await run.wrote(READY);
    assert.match(run.output, new RegExp(`^SECRET_KEY is not set: .*${said} in data/dev-secret-key\\.$`, 'm'));
  }

  const secret = workspace.read('data/dev-secret-key').trim();
  assert.match(secret, /^[\w-]{43}$/);
  assert.equal(statSync(workspace.path('data/dev-secret-key')).mode & 0o777, 0o600);
  const used = workspace.read('noted-api').match(/started with \S+/g);
  assert.deepEqual(used, [`started with ${secret}`, `started with ${secret}`]);
});

test('a kept secret that never served is replaced, and one that others can read becomes its owner’s', () => {
  using workspace = new TemporaryWorkspace();
  const file = workspace.path('data/dev-secret-key');
  workspace.write('data/dev-secret-key', '\n', 0o644);

  const { secret, isNew } = developmentSecret(file);
  assert.equal(isNew, true);
  assert.equal(workspace.read('data/dev-secret-key'), `${secret}\n`);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  chmodSync(file, 0o644);
  assert.deepEqual(developmentSecret(file), { secret, isNew: false });
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('in production a missing SECRET_KEY is refused with exit code 78', async () => {
  using workspace = fakeProduct();
  await using run = start(workspace, { NODE_ENV: 'production' });

  assert.deepEqual(await run.ended, { code: 78, signal: null });
  await run.silent;
  assert.match(run.output, /^SECRET_KEY is not set/);
  assert.equal(workspace.read('data/dev-secret-key'), '');
});

test('in production its log is the JSON lines of the processes, and what it says itself is one, too', async () => {
  using workspace = fakeProduct();
  letEnd(workspace);
  await using run = start(workspace, { SECRET_KEY, NODE_ENV: 'production' });
  await run.wrote('standard error');
  await run.wrote('API is listening');
  run.signal('SIGTERM');

  assert.deepEqual(await run.ended, { code: 0, signal: null });
  await run.silent;
  const lines = run.output.trim().split('\n');
  const [remark] = lines.splice(lines.indexOf('a remark on standard error'), 1);
  assert.equal(remark, 'a remark on standard error');
  const names = lines.map((line) => JSON.parse(line).name);
  assert.deepEqual([...new Set(names)].toSorted(), ['api', 'start', 'worker']);
});

for (const NODE_ENV of ['development', 'production']) {
  test(`a reader of its log who has stalled costs neither memory nor the stop (${NODE_ENV})`, async () => {
    using workspace = fakeProduct();
    letEnd(workspace);
    await using run = start(workspace, { SECRET_KEY, NODE_ENV, FAKE_LINES: String(MANY_LINES) });
    run.child.stdout?.pause();
    await eventually(() => workspace.read('noted-api').includes('has written'));
    const status = readFileSync(`/proc/${run.child.pid}/status`, 'utf8');
    const megabytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
    assert.ok(megabytes < 150, `${megabytes} MB`);
    run.signal('SIGTERM');
    assert.deepEqual(await run.ended, { code: 0, signal: null });
    run.child.stdout?.resume();
  });

  test(`who reads no more ends it where it is tried out, and loses only the log in production (${NODE_ENV})`, async () => {
    using workspace = fakeProduct();
    letEnd(workspace);
    await using run = start(workspace, { SECRET_KEY, NODE_ENV });
    await run.wrote('API is listening');
    run.child.stdout?.destroy();
    writeALine(workspace);
    await eventually(() => workspace.read('noted-api').includes('has written'));
    if (NODE_ENV === 'production') {
      assert.doesNotMatch(workspace.read('noted-api'), /SIGTERM/);
      run.signal('SIGTERM');
    }
    assert.deepEqual(await run.ended, { code: 0, signal: null });
  });
}

test('a hang-up stops it, unless it was started to outlive its terminal', async () => {
  for (const launcher of [undefined, '/usr/bin/nohup']) {
    using workspace = fakeProduct();
    letEnd(workspace);
    await using run = start(workspace, { SECRET_KEY, ...(launcher && { _: launcher }) });
    await run.wrote(READY);
    run.signal('SIGHUP');
    if (launcher === undefined) await run.wrote('Stopping');
    else {
      writeALine(workspace);
      await run.wrote('xxxx');
      assert.doesNotMatch(run.output, /Stopping/);
      run.signal('SIGTERM');
    }
    assert.deepEqual(await run.ended, { code: 0, signal: null });
  }
});

test('several workers have names and metrics ports of their own', async () => {
  using workspace = fakeProduct();
  letEnd(workspace);
  await using run = start(workspace, { SECRET_KEY, METRICS_PORT: '9100' }, '--workers', '2');
  await run.wrote(READY);
  await run.wrote('worker-1 │');
  await run.wrote('worker-2 │');
  run.signal('SIGTERM');

  assert.equal((await run.ended).code, 0);
  assert.match(workspace.read('noted-api'), / 9100$/m);
  const ports = workspace.read('noted-worker').match(/\d+$/gm);
  assert.deepEqual(ports?.sort(), ['9101', '9102']);
});

test('a number of workers that is none is told in a sentence', async () => {
  using workspace = fakeProduct();
  await using run = start(workspace, { SECRET_KEY }, '--workers', 'many');

  assert.equal((await run.ended).code, 1);
  await run.silent;
  assert.match(run.output, /^--workers must be a whole number from 1, but it is "many"\.$/m);
});

test('what does not stop within the deadline is killed', async () => {
  using workspace = new TemporaryWorkspace();
  workspace.write(
    'stubborn.ts',
    `process.on('SIGTERM', () => console.log('no')); setInterval(() => undefined, 1000); console.log('up');`,
  );
  const lines: string[] = [];
  const news: string[] = [];
  const listener = {
    line: (_member: string, line: string) => void lines.push(line),
    news: (sentence: string) => void news.push(sentence),
  };
  const group = new ProcessGroup(listener, 200);
  group.start('stubborn', workspace.path('stubborn.ts'), process.env);
  await eventually(() => lines.includes('up'));
  group.stop();
  group.stop();

  assert.equal(await group.ended(), 137);
  assert.deepEqual(lines, ['up', 'no']);
  assert.deepEqual(news, ['stubborn is killed: not ended within 0.2 s.']);
});
