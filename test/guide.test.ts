import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { codeBlocks, ROOT, section, textOf } from './documents/markdown.ts';
import { eventually } from './world/eventually.ts';
import { World } from './world/world.ts';

const GUIDE = 'docs/agents.md';

/** Runs a program of the guide against the product. */
function run(code: string, environment: Record<string, string>): Disposable & { lines(): string[] } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return { lines: () => output.split('\n').slice(0, -1), [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

test('the polling agent in the guide gets every message once, also through a crash of the registry', async () => {
  await using world = new World({ INBOX_LEASE_MS: '1000' });
  const api = await world.startApi();
  const [ann, ben] = [await world.nobody.register('ann'), await world.nobody.register('ben')];
  await ann.befriend(ben);
  await ben.connectPolling();
  const [code = ''] = codeBlocks(section(textOf(GUIDE), '## Poll instead'), 'js');
  using agent = run(code, { MAHILO: world.url, MAHILO_KEY: ben.apiKey ?? '' });
  await ann.send(ben, 'one');
  await eventually(() => agent.lines().length === 1);
  await api.kill('SIGKILL');
  await world.startApi();
  await ann.send(ben, 'two');
  await eventually(async () => (await ann.ok('GET', '/messages?status=delivered')).length === 2);
  assert.deepEqual(agent.lines(), ['ann: one', 'ann: two']);
});
