import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { ROOT } from '../documents/markdown.ts';
import { InProcessWorld } from '../world/in-process-world.ts';

const execute = promisify(execFile);

/** The oldest that the package is for, from the npm registry. */
const NODE_22 = 'node@22.23.3';

test('the command that is packed works in an empty folder, on this Node and on Node 22', async () => {
  using directory = new TestDirectory();
  for (const name of ['client', 'cli'])
    await execute('npm', ['pack', '--pack-destination', directory.path], {
      cwd: join(ROOT, 'packages', name),
    });
  const tarballs = readdirSync(directory.path).map((name) => `./${name}`);
  assert.equal(tarballs.length, 2);
  writeFileSync(directory.file('package.json'), '{}');
  await execute('npm', ['install', ...tarballs], { cwd: directory.path });

  await using world = new InProcessWorld();
  await world.startApi();
  const command = directory.file('node_modules/mahilo/dist/main.js');
  const env = { ...process.env, XDG_CONFIG_HOME: directory.path };
  const nodes = [[process.execPath], ['npm', 'exec', '--yes', `--package=${NODE_22}`, '--', 'node']];
  for (const [i, [node = '', ...nodeArguments]] of nodes.entries()) {
    const mahilo = async (...words: string[]) => {
      const running = execute(node, [...nodeArguments, command, ...words], { cwd: directory.path, env });
      running.child.stdin?.end();
      return (await running).stdout;
    };
    assert.equal(await mahilo('register', `ann-${i}`, world.url), `ann-${i}\n`);
    assert.equal(await mahilo('whoami'), `ann-${i} at ${world.url}\n`);
    // It ends when its host has closed stdin.
    assert.equal(await mahilo('mcp'), '');
  }
  const { stdout } = await execute(directory.file('node_modules/.bin/mahilo'), ['--version']);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});
