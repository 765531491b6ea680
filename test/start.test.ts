import assert from 'node:assert/strict';
import { chmodSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { developmentSecret } from '../scripts/start/development-secret.ts';
import { ProcessGroup } from '../scripts/start/process-group.ts';
import { fakeProduct, letEnd, READY, SECRET_KEY, start } from './start/fake-product.ts';
import { TemporaryWorkspace } from './workspace/temporary-workspace.ts';
import { eventually } from './world/eventually.ts';

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
