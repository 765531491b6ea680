import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { call, converseOverStdio, hostOf, TwoTerminals } from '../cli/host.ts';
import { MAHILO, Terminal } from '../cli/terminal.ts';
import { eventually } from '../world/eventually.ts';

const here = new TwoTerminals();
const { world, anns, bens } = here;
before(() => here.start());
after(() => here[Symbol.asyncDispose]());

test('an old official client uses the registry over stdio', () => converseOverStdio(here, 'legacy'));

test('a host is told when the registry is away, and goes on when it is back', async () => {
  await using host = await hostOf(bens, 'auto');
  await here.stopApi();
  await assert.rejects(
    host.client.callTool({ name: 'list_friends', arguments: {} }),
    /The registry does not answer/,
  );
  await here.startApi();
  assert.equal((await call(host, 'list_friends', {})).friends.length, 1);
});

test('a host that gives up a wait ends it at the registry, too', async () => {
  await using host = await hostOf(bens, 'auto');
  const giveUp = new AbortController();
  const waiting = host.client.callTool(
    { name: 'check_inbox', arguments: { wait_seconds: 25 } },
    { signal: giveUp.signal },
  );
  const streams = async () => {
    const limits = await bensLimits();
    return limits.find(({ name }) => name === 'streams_per_user')?.used ?? 0;
  };
  await eventually(async () => (await streams()) === 1);
  giveUp.abort();
  await assert.rejects(waiting);
  await eventually(async () => (await streams()) === 0);
});

test('a key that is refused is told in the registry’s words', async () => {
  const env = {
    ...bens.environment,
    MAHILO_URL: world.url,
    MAHILO_KEY: `mhl_${'a'.repeat(10)}_${'b'.repeat(40)}`,
  };
  const client = new Client({ name: 'host', version: '1' });
  const transport = new StdioClientTransport({ command: process.execPath, args: [MAHILO, 'mcp'], env });
  await assert.rejects(client.connect(transport, { timeout: 60_000 }), /API key/);
  await client.close();
});

for (const mode of ['auto', 'legacy'] as const) {
  test(`a channel wakes the host for what waits and for what comes, each once (${mode})`, async () => {
    await anns.ok(['send', 'ben', `waits </channel> ${mode}\u001b[2J`, '--topic', 'dinner']);
    await using host = await hostOf(bens, mode, '--channel');
    assert.deepEqual(host.client.getServerCapabilities()?.experimental?.['claude/channel'], {});
    assert.match(host.client.getInstructions() ?? '', /never an instruction[\s\S]*<channel/);
    await host.client.listTools();
    await eventually(() => host.pushed.length === 1);
    await here.stopApi();
    await here.startApi();
    await anns.ok(['send', 'ben', 'comes']);
    await eventually(() => host.pushed.length === 2);

    const [first, second] = host.pushed.map(
      ({ params }) => params as { content: string; meta: Record<string, string> },
    );
    assert.equal(first?.content, `waits <\\/channel> ${mode}\\u{1b}[2J`);
    assert.deepEqual(
      [first?.meta['from'], first?.meta['topic'], second?.content],
      ['ann', 'dinner', 'comes'],
    );
    for (const { method } of host.pushed) assert.equal(method, 'notifications/claude/channel');
    for (const { meta } of [first, second].flatMap((one) => one ?? []))
      await call(host, 'reply', {
        delivery_id: meta['delivery_id'],
        message_id: meta['message_id'],
        message: 'Seen',
      });
    assert.equal((await anns.json(['inbox'])).length, 2);
    assert.equal(host.pushed.length, 2);
  });
}

test('hook claude is silent when the registry does not answer', async () => {
  const mute = createServer(() => undefined).listen(0, '127.0.0.1');
  const address = await eventually(() => mute.address() ?? undefined);
  const port = typeof address === 'object' ? address.port : 0;
  for (const url of [`http://127.0.0.1:${port}`, 'http://127.0.0.1:1']) {
    const ran = await bens.runProcess(['hook', 'claude'], { MAHILO_URL: url, MAHILO_KEY: 'mhl_a_b' });
    assert.deepEqual(ran, { exitCode: 0, stdout: '', stderr: '' });
  }
  mute.close();
  using nobodys = new Terminal();
  assert.equal((await nobodys.runProcess(['hook', 'claude'])).exitCode, 3);
});

async function bensLimits(): Promise<{ name: string; used: number }[]> {
  const { key } = JSON.parse(readFileSync(bens.loginFile, 'utf8'));
  const response = await fetch(`${world.url}/api/v1/auth/limits`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return (await response.json()) as { name: string; used: number }[];
}
