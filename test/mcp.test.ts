import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Client as Person } from './world/client.ts';
import { eventually } from './world/eventually.ts';
import { World } from './world/world.ts';

/** A host such as Claude Code: all that it is given is a URL and a key. */
async function hostOf(world: World, { apiKey }: Person): Promise<Client> {
  const host = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const headers = { authorization: `Bearer ${apiKey}` };
  const url = new URL(`${world.url}/mcp`);
  await host.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return host;
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
async function call(host: Client, name: string, input: Record<string, unknown>): Promise<any> {
  const { isError, content, structuredContent } = await host.callTool({ name, arguments: input });
  assert.ok(!isError, JSON.stringify(content));
  return structuredContent;
}

test('two hosts hold a conversation across a crash of both processes, and nothing is lost', async () => {
  await using world = await World.start();
  const [ann, ben] = [await world.newcomer('ann'), await world.newcomer('ben')];
  const [anns, bens] = [await hostOf(world, ann), await hostOf(world, ben)];
  await call(anns, 'request_friend', { username: 'ben' });
  await call(bens, 'answer_friend_request', { username: 'ann', accept: true });

  const waiting = call(bens, 'check_inbox', { wait_seconds: 20 });
  const sent = await call(anns, 'send_message', { to: 'ben', message: 'one' });
  const [one] = (await waiting).messages;
  assert.equal(one.message_id, sent.message_id);
  await call(anns, 'send_message', { to: 'ben', message: 'two' });

  await world.killAll();
  await world.startApi();
  await world.startWorker();

  // The hosts know nothing of it: there are no sessions that could have been lost.
  await call(bens, 'reply', {
    delivery_id: one.delivery_id,
    message_id: one.message_id,
    message: 'one, too',
  });
  const [two] = (await call(bens, 'check_inbox', {})).messages;
  assert.equal(two.message, 'two');
  const [answer] = (await call(anns, 'check_inbox', { wait_seconds: 20 })).messages;
  assert.deepEqual([answer.message, answer.in_response_to], ['one, too', one.message_id]);
  assert.deepEqual((await call(bens, 'check_inbox', { handled: [two.delivery_id] })).messages, []);
  await eventually(async () => {
    const { status } = await call(anns, 'message_status', { message_id: two.message_id });
    return status === 'delivered';
  });
  await Promise.all([anns.close(), bens.close()]);
});
