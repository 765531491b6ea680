import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { RunningScript } from './workspace/running-script.ts';
import { ROOT, TemporaryWorkspace } from './workspace/temporary-workspace.ts';

const LOCKFILE = 'lockfileVersion: "9.0"\n';

/** Stands in for npm: notes its arguments, and creates the files that pnpm would. */
const FAKE_NPM = `#!/bin/sh
echo "$@" >> npm-calls
[ -e npm-fails ] && { echo "npm error network" >&2; exit 1; }
mkdir -p node_modules/.pnpm
[ -e node_modules/node ] || [ -e node-fails ] || ln -s "${ROOT}/node_modules/node" node_modules/node
cp pnpm-lock.yaml node_modules/.pnpm/lock.yaml
`;

const TELL = `
console.log(JSON.stringify({
  version: process.versions.node,
  arguments: process.argv.slice(2),
  firstOnPath: process.env['PATH']?.split(':')[0],
}));
process.exitCode = 7;
`;

/** Runs until a signal, which may come twice, and then takes a moment to end. */
const SERVE = `
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => setTimeout(() => {
    console.log('ended after ' + signal);
    process.exit(5);
  }, 50));
}
setInterval(() => undefined, 1000);
console.log('serving');
`;

/** As after a clone. */
function freshWorkspace(): TemporaryWorkspace {
  const workspace = new TemporaryWorkspace();
  workspace.write('pnpm-lock.yaml', LOCKFILE);
  workspace.write('fake-bin/npm', FAKE_NPM, 0o755);
  workspace.write('scripts/test.ts', TELL);
  workspace.write('scripts/admin.ts', TELL);
  workspace.write('serve.ts', SERVE);
  return workspace;
}

function installedWorkspace(): TemporaryWorkspace {
  const workspace = freshWorkspace();
  workspace.write('node_modules/.pnpm/lock.yaml', LOCKFILE);
  symlinkSync(`${ROOT}/node_modules/node`, workspace.path('node_modules/node'));
  return workspace;
}

function bootstrap(workspace: TemporaryWorkspace, ...scriptArguments: string[]): RunningScript {
  const PATH = `${workspace.path('fake-bin')}:${process.env['PATH']}`;
  return new RunningScript(workspace.path('scripts/bootstrap.mjs'), scriptArguments, { PATH });
}

test('an installed workspace is not installed again, and the script runs on its own Node', async () => {
  using workspace = installedWorkspace();
  await using run = bootstrap(workspace, workspace.path('scripts/test.ts'), '--flag', 'two words');

  assert.deepEqual(await run.ended, { code: 7, signal: null });
  await run.silent;
  const told = JSON.parse(run.output);
  assert.match(told.version, /^24\./);
  assert.deepEqual(told.arguments, ['--flag', 'two words']);
  assert.equal(told.firstOnPath, workspace.path('node_modules/.bin'));
  assert.equal(workspace.read('npm-calls'), '');
});

test('a fresh clone is installed with the pnpm that package.json pins, once, before the script runs', async () => {
  using workspace = freshWorkspace();
  for (let round = 0; round < 2; round++) {
    await using run = bootstrap(workspace, workspace.path('scripts/test.ts'));
    assert.equal((await run.ended).code, 7);
  }
  assert.equal(
    workspace.read('npm-calls'),
    'exec --yes pnpm@1.2.3 -- install --frozen-lockfile --loglevel=error --pm-on-fail=ignore\n',
  );
});

test('a changed lockfile, or an install that was cut short, is installed again', async () => {
  using workspace = installedWorkspace();
  workspace.write('pnpm-lock.yaml', `${LOCKFILE}# a new package\n`);
  await using run = bootstrap(workspace, workspace.path('scripts/test.ts'));

  assert.equal((await run.ended).code, 7);
  assert.equal(workspace.read('npm-calls').split('\n').length - 1, 1);
});

test('an operator’s tool installs nothing, and says so', async () => {
  using workspace = freshWorkspace();
  await using run = bootstrap(workspace, workspace.path('scripts/admin.ts'));

  assert.deepEqual(await run.ended, { code: 1, signal: null });
  await run.silent;
  assert.match(run.output, /The packages of .* are not installed.* installs nothing/);
  assert.equal(workspace.read('npm-calls'), '');
});

test('an installation for production is one, though pnpm notes another lockfile for it; only npm test needs more', async () => {
  using workspace = installedWorkspace();
  workspace.write('pnpm-lock.yaml', `${LOCKFILE}# packages for development\n`);
  workspace.write(
    'node_modules/.modules.yaml',
    '{"included": {"dependencies": true, "devDependencies": false}}',
  );
  await using tool = bootstrap(workspace, workspace.path('scripts/admin.ts'));
  assert.equal((await tool.ended).code, 7);
  assert.equal(workspace.read('npm-calls'), '');
  await using tests = bootstrap(workspace, workspace.path('scripts/test.ts'));
  assert.equal((await tests.ended).code, 7);
  assert.match(workspace.read('npm-calls'), /install --frozen-lockfile/);
});

test('an install that fails is told in a sentence, and the script does not run', async () => {
  using workspace = freshWorkspace();
  workspace.write('npm-fails', '');
  await using run = bootstrap(workspace, workspace.path('scripts/test.ts'));

  assert.deepEqual(await run.ended, { code: 1, signal: null });
  await run.silent;
  assert.match(run.output, /npm error network\nThe packages could not be installed; the reason is above\./);
  assert.doesNotMatch(run.output, /version/);
});

test('without npm the reason is told in a sentence', async () => {
  using workspace = freshWorkspace();
  await using run = new RunningScript(
    workspace.path('scripts/bootstrap.mjs'),
    [workspace.path('scripts/test.ts')],
    {
      PATH: workspace.path('empty'),
    },
  );
  assert.deepEqual(await run.ended, { code: 1, signal: null });
  await run.silent;
  assert.match(run.output, /npm could not be started/);
});

test('a workspace whose Node did not arrive is told in a sentence', async () => {
  using workspace = freshWorkspace();
  workspace.write('node-fails', '');
  await using run = bootstrap(workspace, workspace.path('scripts/test.ts'));

  assert.deepEqual(await run.ended, { code: 1, signal: null });
  await run.silent;
  assert.match(run.output, /The workspace has no Node of its own/);
});

test('a workspace whose Node is too old is told in a sentence', async () => {
  using workspace = freshWorkspace();
  workspace.write('node_modules/.pnpm/lock.yaml', LOCKFILE);
  workspace.write('node_modules/node/package.json', '{"version":"22.21.1"}');
  mkdirSync(workspace.path('node_modules/node/bin'));
  symlinkSync(process.execPath, workspace.path('node_modules/node/bin/node'));
  await using run = bootstrap(workspace, workspace.path('scripts/test.ts'));

  assert.deepEqual(await run.ended, { code: 1, signal: null });
  await run.silent;
  assert.match(run.output, /needs Node 24 or newer, but package\.json asks for .* 22\.21\.1/);
});

for (const [signal, to] of [
  ['SIGTERM', 'script'],
  ['SIGINT', 'script'],
  ['SIGINT', 'group'],
] as const) {
  test(`${signal} to the ${to} lets the script end in its own time and way`, async () => {
    using workspace = installedWorkspace();
    await using run = bootstrap(workspace, workspace.path('serve.ts'));
    await run.wrote('serving');
    run.signal(signal, to);

    assert.deepEqual(await run.ended, { code: 5, signal: null });
    assert.match(run.output, new RegExp(`ended after ${signal}`));
  });
}

test('a script that a signal ended is seen to have ended by that signal', async () => {
  using workspace = installedWorkspace();
  workspace.write('die.ts', `process.kill(process.pid, 'SIGKILL'); setInterval(() => undefined, 1000);`);
  await using run = bootstrap(workspace, workspace.path('die.ts'));

  assert.deepEqual(await run.ended, { code: null, signal: 'SIGKILL' });
});

test('the script is stopped gracefully when what started it is killed', async () => {
  using workspace = installedWorkspace();
  await using run = bootstrap(workspace, workspace.path('serve.ts'));
  await run.wrote('serving');
  run.signal('SIGKILL');

  assert.deepEqual(await run.ended, { code: null, signal: 'SIGKILL' });
  await run.silent;
  assert.match(run.output, /ended after SIGTERM/);
});

test('the script is stopped gracefully when npm is ended by a signal, of which npm’s shell tells nothing', async () => {
  using workspace = installedWorkspace();
  workspace.write(
    'npm.mjs',
    `import { spawn } from 'node:child_process';
    spawn(process.execPath, ['scripts/bootstrap.mjs', 'serve.ts'], {
      cwd: import.meta.dirname,
      stdio: 'inherit',
      env: { ...process.env, npm_lifecycle_event: 'start' },
    });`,
  );
  await using npm = new RunningScript(workspace.path('npm.mjs'), []);
  await npm.wrote('serving');
  npm.signal('SIGTERM');

  assert.deepEqual(await npm.ended, { code: null, signal: 'SIGTERM' });
  await npm.silent;
  assert.match(npm.output, /ended after SIGTERM/);
});
