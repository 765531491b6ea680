import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { ROOT } from '../world/compile-cache.ts';

/** A part of CI has ten minutes. */
const TIMEOUT_MS = 540_000;

async function run(...programArguments: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, programArguments, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code, output };
}

test('all that touches the database holds on PostgreSQL', { timeout: TIMEOUT_MS }, async (t) => {
  const { code, output } = await run('scripts/test.ts', '--database', 'postgres');
  t.diagnostic(output.slice(output.lastIndexOf('Left out')));
  assert.equal(code, 0, output);
});

test('nothing that was acknowledged is lost, whatever dies, the server too', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { code, output } = await run('test/chaos/main.ts', '--database', 'postgres');
  assert.equal(code, 0, output);
});
