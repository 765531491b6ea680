import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { eventHost } from '../mcp-events/host.ts';
import type { Client as Person } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import type { Mortal, Story } from './story.ts';

/** A host such as Claude Code, which gets a URL and a key and nothing else. */
async function hostOf(world: Mortal, { apiKey }: Person): Promise<Client> {
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

/** Calls check_inbox again when a wait is over. */
async function nextMail(host: Client): Promise<{ message: string; message_id: string; delivery_id: string }> {
  return eventually(async () => {
    const { messages } = await call(host, 'check_inbox', { wait_seconds: 20, limit: 1 });
    return messages[0];
  });
}

export const CONVERSATION_OF_HOSTS: Story = {
  name: 'two hosts hold a conversation: one waits, events wake the other, nothing is lost',
  settings: {
    LEASE_MS: '3000',
    INBOX_LEASE_MS: '3000',
    // No event may use up its retries before the processes end, however long that takes.
    RETRY_BASE_MS: '200',
    RETRY_FACTOR: '1',
    MAX_RETRIES: '100',
  },
  run: converse,
};

async function converse(world: Mortal): Promise<void> {
  const [ann, ben] = [await world.newcomer('ann'), await world.newcomer('ben')];
  const [anns, bens] = [await hostOf(world, ann), await hostOf(world, ben)];
  await call(anns, 'request_friend', { username: 'ben' });
  await call(bens, 'answer_friend_request', { username: 'ann', accept: true });
  await using bell = await eventHost(world.url, ann.apiKey ?? '');
  const { id } = await bell.events.subscribe({ name: 'message.received', delivery: bell.delivery });

  // Ben waits, and gets the first message at once. Ann's webhook is out of order when he answers.
  const waiting = nextMail(bens);
  await call(anns, 'send_message', { to: 'ben', message: 'one' });
  const one = await waiting;
  bell.instead = ({ json }) => (json.eventId === undefined ? undefined : new Response(null, { status: 503 }));
  const answer = { delivery_id: one.delivery_id, message_id: one.message_id, message: 'one, too' };
  const answered = await call(bens, 'reply', answer);
  await eventually(() => bell.posted.some(({ json }) => json.data?.message_id === answered.message_id));
  const cutOff = call(bens, 'check_inbox', { wait_seconds: 25 }).catch(() => ({ messages: [] }));
  await world.endAll();

  // Accepted while no worker runs; the processes end before anybody has it.
  await world.startApi();
  const two = await call(anns, 'send_message', { to: 'ben', message: 'two', idempotency_key: 'two' });
  const aside = await call(bens, 'send_message', { to: 'ann', message: 'by the way' });
  await world.endAll();

  bell.instead = () => undefined;
  await world.startApi();
  await world.startWorker();
  // The hosts notice nothing: there are no sessions to lose.
  assert.deepEqual((await cutOff).messages, []);
  const second = await nextMail(bens);
  assert.equal(second.message_id, two.message_id);
  await call(bens, 'check_inbox', { handled: [second.delivery_id] });
  const again = await call(anns, 'send_message', { to: 'ben', message: 'two', idempotency_key: 'two' });
  assert.deepEqual([again.message_id, again.deduplicated], [two.message_id, true]);
  assert.equal((await call(bens, 'reply', answer)).message_id, answered.message_id);

  const told = () => new Set(bell.told.map(({ data }) => data['message_id']));
  await eventually(() => told().size === 2);
  assert.deepEqual([...told()].sort(), [answered.message_id, aside.message_id].sort());
  assert.equal(new Set(bell.told.map(({ eventId }) => eventId)).size, 2);
  const [mail, other, ...others] = (await call(anns, 'check_inbox', {})).messages;
  assert.deepEqual([mail.message, mail.in_response_to], ['one, too', one.message_id]);
  assert.deepEqual([other.message, others], ['by the way', []]);
  assert.equal((await bell.events.refresh({ id })).id, id);
  assert.equal(bell.posted.filter(({ json }) => json.type === 'verification').length, 1);

  // Both go on.
  const thanks = { delivery_id: mail.delivery_id, message_id: mail.message_id, message: 'three' };
  const three = await call(anns, 'reply', thanks);
  const last = await nextMail(bens);
  assert.deepEqual([last.message_id, last.message], [three.message_id, 'three']);
  await call(bens, 'check_inbox', { handled: [last.delivery_id] });
  await call(anns, 'check_inbox', { handled: [other.delivery_id] });
  for (const host of [anns, bens])
    for (const { message_id } of [one, two, answered, aside, three])
      assert.equal((await call(host, 'message_status', { message_id })).status, 'delivered');
  await Promise.all([anns.close(), bens.close()]);
}
