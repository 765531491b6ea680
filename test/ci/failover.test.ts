import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { ROOT } from '../world/compile-cache.ts';

/** All of them together have ten minutes. */
const TIMEOUT_MS = 140_000;

/** Runs the fault harness as a person would, with these options. */
async function chaos(...options: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['test/chaos/main.ts', ...options], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code, output };
}

test('nothing is lost when the primary dies and a synchronous replica takes its place', {
  timeout: TIMEOUT_MS,
}, async (t) => {
  const { code, output } = await chaos('--profile', 'failover');
  t.diagnostic(output);
  assert.equal(code, 0, output);
});

test('the harness finds guilty: a replica that is not synchronous', { timeout: TIMEOUT_MS }, async () => {
  const { code, output } = await chaos('--control', 'asynchronous-replica');
  assert.equal(code, 0, output);
  assert.match(output, /✘ nothing acknowledged is lost/);
});

test('the harness finds guilty: a product that does again what may be done', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { code, output } = await chaos('--control', 'blind-rerun');
  assert.equal(code, 0, output);
  assert.match(output, /✘ one send, one message/);
});

test('three APIs and three workers lose nothing while one of each dies every few seconds', {
  timeout: TIMEOUT_MS,
}, async (t) => {
  const { code, output } = await chaos('--database', 'postgres', '--profile', 'several');
  t.diagnostic(output);
  assert.equal(code, 0, output);
});
