import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { codeBlocks, section, textOf } from './documents/markdown.ts';
import { freePort } from './world/free-port.ts';
import { World } from './world/world.ts';

/** Settings as a newcomer has them: an empty one counts as unset. */
const AS_STARTED = { RETRY_BASE_MS: '', RETRY_FACTOR: '', BREAKER_MAX_MS: '', RATE_LIMIT: '' };
const HEADING = '## Five minutes with curl';
/** All commands that the blocks may need beside those of bash. */
const COMMANDS = ['bash', 'cat', 'curl', 'sed', 'sleep'];

test('the five minutes of the README work when they are pasted', async () => {
  await using world = await World.start(AS_STARTED);
  const script = codeBlocks(section(textOf('README.md'), HEADING), 'bash').join('\n');
  const { code, output } = await runInBash(script, {
    directory: world.directory,
    environment: { MAHILO: world.url, AGENT_PORT: String(await freePort()) },
  });

  assert.match(output, /^>>> mia: Hello from Mia! \(the signature is valid\)$/m);
  assert.match(output, /"message":"Hello from Mia!".*"status":"delivered".*"attempts":1/);
  assert.match(output, /^\[\{.*"recipient":"leo"/m);
  assert.match(output, /^>>> refused: the signature is wrong$/m);
  assert.match(output, /^401$/m);
  assert.doesNotMatch(output, /"code":|command not found/);
  assert.equal(code, 0);
});

interface Place {
  directory: string;
  environment: Record<string, string>;
}

async function runInBash(script: string, place: Place): Promise<{ code: number; output: string }> {
  const child = spawn('bash', ['-c', script], {
    cwd: place.directory,
    env: { ...place.environment, PATH: onlyNeeded(place.directory) },
    // A group of its own, so that the receiver ends with it whatever happens.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const timer = setTimeout(() => process.kill(-Number(child.pid), 'SIGKILL'), 60_000);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { code, output };
}

/** A PATH with the commands that the README says it needs, and no other: no jq, for one. */
function onlyNeeded(directory: string): string {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const command of COMMANDS) {
    const found = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((folder) => join(folder, command))
      .find((file) => existsSync(file));
    assert.ok(found, `This test needs ${command}.`);
    symlinkSync(found, join(bin, command));
  }
  return bin;
}
