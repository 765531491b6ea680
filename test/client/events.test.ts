import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Fetch, type LiveEvent, Mahilo, type MahiloError } from '@mahilo/client';
import { CutProxy } from '../world/cut-proxy.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { people, refusal } from './people.ts';

/** Reads until this many messages were announced. @returns all events. */
async function until(count: number, events: AsyncIterable<LiveEvent>, onEvent: (event: LiveEvent) => void) {
  const seen: LiveEvent[] = [];
  for await (const event of events) {
    seen.push(event);
    onEvent(event);
    if (seen.filter(({ type }) => type === 'message_received').length === count) break;
  }
  return seen;
}

test('every event comes once and in order, also through a restart of the registry', async () => {
  await using world = new InProcessWorld();
  const api = await world.startApi();
  const { ann, ben } = await people(world);
  const sent: string[] = [];
  let sending = Promise.resolve();
  const send = (...messages: string[]) => {
    for (const message of messages)
      sending = sending.then(async () => {
        sent.push((await ann.send({ to: 'ben', message })).message_id);
      });
  };
  let received = 0;
  const seen = await until(4, ben.events(), (event) => {
    if (event.type === 'connection' && event.data.resumed_after === undefined) send('one', 'two');
    if (event.type !== 'message_received' || ++received !== 2) return;
    sending = sending.then(async () => {
      await api.close();
      await world.startApi();
    });
    send('three', 'four');
  });
  await sending;
  assert.deepEqual(
    seen.flatMap((event) => (event.type === 'message_received' ? event.data.message_id : [])),
    sent,
  );
  const starts = seen.filter(({ type }) => type === 'connection');
  assert.ok(starts.length >= 2, 'it was a new stream');
});

test('events go on after the one that is named, through connections that break', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const { ann, benKey } = await people(world);
  await using proxy = await CutProxy.start(() => world.url);
  const ben = new Mahilo({ url: proxy.url, key: benKey });
  for (const message of ['one', 'two']) await ann.send({ to: 'ben', message });
  const all = await until(2, ben.events({ lastEventId: '0' }), () => {});
  const [first, second] = all.filter(({ type }) => type === 'message_received');
  let cuts = 0;
  const rest = await until(2, ben.events({ lastEventId: first?.id }), (event) => {
    if (event.type !== 'message_received' || cuts++ > 0) return;
    proxy.cut();
    void ann.send({ to: 'ben', message: 'three' }).then(() => proxy.mend());
  });
  assert.deepEqual(
    rest.map(({ type }) => type),
    ['connection', 'message_received', 'connection', 'message_received'],
  );
  assert.equal(rest[1]?.id, second?.id);
  assert.ok(rest[2]?.type === 'connection' && rest[2].data.resumed_after === second?.id);
});

test('a stream that nobody reads any more is closed', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const { ben } = await people(world);
  for await (const event of ben.events()) {
    assert.equal(event.type, 'connection');
    break;
  }
  const controller = new AbortController();
  for await (const _ of ben.events({ signal: controller.signal })) controller.abort();
  await eventually(async () => {
    const limits = await ben.request('GET', '/auth/limits');
    return limits.find(({ name }) => name === 'streams_per_user')?.used === 0;
  });
});

test('events end with an error when the key is replaced', async () => {
  await using world = new InProcessWorld({ STREAM_HEARTBEAT_MS: '100' });
  await world.startApi();
  const { ben } = await people(world);
  const watch = async () => {
    for await (const _ of ben.events()) await ben.request('POST', '/auth/rotate-key');
  };
  await assert.rejects(watch, (error: MahiloError) => error.code === 'UNAUTHORIZED');
});

/** A registry that gives these answers in turn, the last one for ever, and a clock that the test moves. */
function answering(t: TestContext, ...answers: (() => Response)[]) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let asked = 0;
  const fetch: Fetch = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    return answer?.() ?? Response.error();
  };
  const mahilo = new Mahilo({ url: 'https://registry.example', key: 'mhl_a_b', fetch });
  return {
    mahilo,
    /** Lets this much time pass. @returns the number of requests so far. */
    async after(ms: number): Promise<number> {
      // First lets everything run that waits for no timer.
      for (let turns = 0; turns < 100; turns += 1) await turn();
      t.mock.timers.tick(ms);
      for (let turns = 0; turns < 100; turns += 1) await turn();
      return asked;
    },
  };
}

const stream = (text: string) => () =>
  new Response(text, { headers: { 'content-type': 'text/event-stream' } });

const BEGINNING = 'data: {"id":"1","type":"connection","timestamp":"","data":{}}\n\n';

for (const [retry, shortest, longest] of [
  ['99999999999', 149_999, 300_000],
  ['0', 124, 250],
] as const) {
  test(`a stream that says retry: ${retry} is opened again neither at once nor never`, async (t) => {
    const { mahilo, after } = answering(t, stream(`retry: ${retry}\n\n${BEGINNING}`));
    const events = mahilo.events();
    await events.next();
    void events.next();
    assert.equal(await after(shortest), 1);
    assert.equal(await after(longest - shortest), 2);
  });
}

test('who watches comes back when the registry asks for it, within an hour at least', async (t) => {
  const later = () => refusal(429, 'QUOTA_EXCEEDED', { 'retry-after': '86400' });
  const { mahilo, after } = answering(t, stream(BEGINNING), later);
  const events = mahilo.events();
  await events.next();
  void events.next();
  assert.equal(await after(2000), 2);
  assert.equal(await after(3_599_000), 2);
  assert.equal(await after(1000), 2, 'it is a pause before the next stream, too');
  assert.equal(await after(2000), 3);
});

test('an inbox that does not wait is not asked without a pause', async (t) => {
  const { mahilo, after } = answering(t, () => Response.json([]));
  void mahilo.inbox().next();
  assert.equal(await after(0), 1);
  assert.equal(await after(1000), 2);
});
