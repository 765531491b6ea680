import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Fetch, Mahilo, MahiloError } from '@mahilo/client';
import { InProcessWorld } from '../world/in-process-world.ts';
import { type People, people, refusal } from './people.ts';

const world = new InProcessWorld();
let here: People;

before(async () => {
  await world.startApi();
  await world.startWorker();
  here = await people(world);
});
after(() => world[Symbol.asyncDispose]());

/** A `fetch` that gives these answers, or throws these errors, before it asks the registry. */
function after429(...first: (Response | Error)[]): { fetch: Fetch; bodies: string[] } {
  const bodies: string[] = [];
  const given: Fetch = async (url, request) => {
    bodies.push(String(request?.body));
    const answer = first.shift();
    if (answer instanceof Error) throw answer;
    return answer ?? fetch(url, request);
  };
  return { fetch: given, bodies };
}

const keysIn = (bodies: readonly string[]) =>
  new Set(bodies.map((body) => JSON.parse(body).idempotency_key as string));

const isRefusal = (expected: Partial<MahiloError>) => (error: unknown) => {
  assert.ok(error instanceof MahiloError);
  for (const [name, value] of Object.entries(expected))
    assert.deepEqual(error[name as keyof MahiloError], value, name);
  return true;
};

test('a person registers, connects an agent and is who they are', async () => {
  const { username, api_key } = await Mahilo.register({
    url: `${world.url}/api/v1/`,
    username: 'Cid',
    displayName: 'Cid the Third',
  });
  const cid = new Mahilo({ url: new URL(world.url), key: api_key });
  assert.equal(username, 'cid');
  assert.equal((await cid.me()).display_name, 'Cid the Third');
  const first = await cid.connect();
  assert.equal(first.mode, 'polling');
  const again = await cid.connect({ capabilities: ['calendar'] });
  assert.deepEqual(again, { connection_id: first.connection_id, mode: 'polling', updated: true });
  const [agent] = await cid.request('GET', '/agents');
  assert.deepEqual(
    [agent?.framework, agent?.label, agent?.capabilities],
    ['mahilo-client', 'main', ['calendar']],
  );
  const called = await cid.connect({ label: 'called', callback_url: 'http://127.0.0.1:8099/callback' });
  assert.match(called.callback_secret ?? '', /^whsec_/);
});

test('a registration whose answer is lost is repeated, and is one', async () => {
  let asked = 0;
  const fetch: Fetch = async (...request) => {
    const answer = await globalThis.fetch(...request);
    asked += 1;
    if (asked > 1) return answer;
    await answer.arrayBuffer();
    throw new TypeError('fetch failed', { cause: new Error('read ECONNRESET') });
  };
  const { username, api_key } = await Mahilo.register({ url: world.url, username: 'lost', fetch });
  assert.equal(asked, 2);
  assert.equal(username, 'lost');
  assert.equal((await new Mahilo({ url: world.url, key: api_key }).me()).username, 'lost');
});

test('a refusal is a MahiloError with code, status, request id and details', async () => {
  const { ann } = here;
  await assert.rejects(
    ann.send({ to: 'nobody-here', message: 'Hi' }),
    isRefusal({ code: 'USER_NOT_FOUND', status: 404, retryAfterMs: undefined }),
  );
  await assert.rejects(Mahilo.register({ url: world.url, username: 'x' }), (error: MahiloError) => {
    assert.equal(error.code, 'INVALID_USERNAME');
    assert.equal(error.details[0]?.path, 'username');
    assert.match(error.requestId ?? '', /^req_/);
    return true;
  });
  await assert.rejects(
    new Mahilo({ url: world.url, key: 'none' }).me(),
    isRefusal({ code: 'UNAUTHORIZED', status: 401 }),
  );
  for (const url of [
    'ftp://registry.example',
    'registry.example',
    'https://ann:pw@a.example',
    'https://a.example/?b',
  ])
    assert.throws(() => new Mahilo({ url, key: '' }), TypeError, url);
});

test('a message has all that its sender says of it', async () => {
  const { ann, ben, connectionId } = here;
  const { connection_id: from } = await ann.connect({ label: 'sender' });
  const sent = await ann.send({
    to: 'ben',
    message: 'Are you free?',
    agent: connectionId,
    topic: 'dinner',
    inResponseTo: 'msg_unknown',
    context: 'We met in Rome.',
    payloadType: 'text/markdown',
    from,
    waitSeconds: 0,
  });
  assert.equal(sent.status, 'pending');
  for await (const delivery of ben.inbox({ waitSeconds: 0 })) {
    const { message_id, correlation_id, in_response_to, context, payload_type, sender_connection_id } =
      delivery;
    assert.deepEqual(
      [message_id, correlation_id, in_response_to, context, payload_type, sender_connection_id],
      [sent.message_id, 'dinner', 'msg_unknown', 'We met in Rome.', 'text/markdown', from],
    );
  }
  const message = await ann.request('GET', `/messages/${sent.message_id}`);
  assert.equal(message.deliveries[0]?.status, 'delivered');
});

test('a send is repeated with the same key after 429, 503 and a broken connection, and is one message', async () => {
  const { fetch, bodies } = after429(
    refusal(429, 'RATE_LIMITED', { 'retry-after': '0' }),
    new TypeError('fetch failed', { cause: new Error('read ECONNRESET') }),
    refusal(503, 'UNAVAILABLE', { 'retry-after': '0' }),
    new Response('Bad gateway', { status: 502 }),
  );
  const ann = new Mahilo({ url: world.url, key: here.annKey, fetch });
  const { message_id } = await ann.send({ to: 'ben', message: 'Once' });
  assert.equal(bodies.length, 5);
  assert.equal(keysIn(bodies).size, 1);
  const again = await ann.send({ to: 'ben', message: 'Once', idempotencyKey: [...keysIn(bodies)][0] ?? '' });
  assert.deepEqual([again.message_id, again.deduplicated], [message_id, true]);
  await ann.send({ to: 'ben', message: 'Once' });
  assert.equal(keysIn(bodies).size, 2, 'another call is another message');
});

test('Retry-After is waited for, but not for hours, and not more often than asked', async () => {
  const startedAt = performance.now();
  const soon = after429(refusal(429, 'RATE_LIMITED', { 'retry-after': '1' }));
  await new Mahilo({ url: world.url, key: here.annKey, fetch: soon.fetch }).send({
    to: 'ben',
    message: 'Hi',
  });
  assert.ok(performance.now() - startedAt >= 990);

  const late = after429(refusal(429, 'QUOTA_EXCEEDED', { 'retry-after': '3600' }));
  await assert.rejects(
    new Mahilo({ url: world.url, key: here.annKey, fetch: late.fetch }).send({ to: 'ben', message: 'Hi' }),
    isRefusal({ code: 'QUOTA_EXCEEDED', status: 429, retryAfterMs: 3_600_000, requestId: 'req_test' }),
  );
  const never = after429(
    ...Array.from({ length: 9 }, () => refusal(503, 'UNAVAILABLE', { 'retry-after': '0' })),
  );
  const twice = new Mahilo({ url: world.url, key: here.annKey, fetch: never.fetch, retries: 2 });
  await assert.rejects(twice.send({ to: 'ben', message: 'Hi' }), isRefusal({ code: 'UNAVAILABLE' }));
  assert.equal(never.bodies.length, 3);
});

test('what may have been carried out is not repeated, unless it does no harm', async () => {
  const broken = () => new TypeError('fetch failed');
  const post = after429(broken());
  const ann = new Mahilo({ url: world.url, key: here.annKey, fetch: post.fetch });
  await assert.rejects(
    ann.request('POST', '/friends/request', { body: { username: 'ben' } }),
    isRefusal({ code: 'UNREACHABLE', status: 0 }),
  );
  const get = after429(broken());
  await new Mahilo({ url: world.url, key: here.annKey, fetch: get.fetch }).me();
  assert.deepEqual([post.bodies.length, get.bodies.length], [1, 2]);
});

test('the registry’s own 429 says when to come back', async () => {
  await using strict = new InProcessWorld({ RATE_LIMIT: '3' });
  await strict.startApi();
  const { api_key } = await Mahilo.register({ url: strict.url, username: 'eve' });
  const eve = new Mahilo({ url: strict.url, key: api_key, retries: 0 });
  const asked = (async () => {
    for (;;) await eve.me();
  })();
  await assert.rejects(asked, (error: MahiloError) => {
    assert.deepEqual([error.code, error.status], ['RATE_LIMITED', 429]);
    assert.ok(error.retryAfterMs !== undefined && error.retryAfterMs > 0 && error.retryAfterMs <= 60_000);
    return true;
  });
});

test('a caller ends a request, also while it waits for its next try', async () => {
  const first = after429(refusal(503, 'UNAVAILABLE', { 'retry-after': '60' }));
  const controller = new AbortController();
  const fetch: Fetch = async (...request) => {
    setTimeout(() => controller.abort(new Error('enough')), 20);
    return first.fetch(...request);
  };
  const ann = new Mahilo({ url: world.url, key: here.annKey, fetch });
  await assert.rejects(ann.send({ to: 'ben', message: 'Hi', signal: controller.signal }), {
    message: 'enough',
  });
});

test('pages follows Link to the end, whatever proxy is in between', async () => {
  const { ann } = here;
  const sent: string[] = [];
  for (let i = 0; i < 5; i++)
    sent.unshift((await ann.send({ to: 'ben', message: `${i}`, topic: 'pages' })).message_id);
  const got: string[] = [];
  for await (const { id } of ann.pages('/messages?limit=2&correlation_id=pages')) got.push(id);
  assert.deepEqual(got, sent);

  const beyondProxy: Fetch = (url, request) => fetch(String(url).replace('/registry/', '/'), request);
  const proxied = new Mahilo({ url: `${world.url}/registry/`, key: here.annKey, fetch: beyondProxy });
  const ids: string[] = [];
  for await (const { id } of proxied.pages('/messages?limit=2&correlation_id=pages')) ids.push(id);
  assert.deepEqual(ids, sent);
  await assert.rejects(ann.pages('/auth/me').next(), TypeError);
});

test('requests have a query, and are typed by their path', async () => {
  const { ann } = here;
  const friends = await ann.request('GET', '/friends', { query: { status: 'accepted', limit: undefined } });
  assert.deepEqual(
    friends.map(({ username }) => username),
    ['ben'],
  );
  const { group_id } = await ann.request('POST', '/groups', { body: { name: 'club' } });
  await ann.request('POST', `/groups/${group_id}/invite`, { body: { username: 'ben' } });
  await here.ben.request('POST', `/groups/${group_id}/join`);
  const sent = await ann.send({ to: group_id, message: 'All of you' });
  assert.ok('recipients' in sent && sent.recipients === 1);
});

test('what a policy rejects is an answer, not an error', async () => {
  await using trusted = new InProcessWorld({ TRUSTED_MODE: 'true' });
  await trusted.startApi();
  const { ann } = await people(trusted);
  const policy = { scope: 'global', policy_type: 'heuristic', policy_content: '{"maxLength":3}' };
  await ann.request('POST', '/policies', { body: policy });
  const sent = await ann.send({ to: 'ben', message: 'Far too long' });
  assert.equal(sent.status, 'rejected');
  assert.match(sent.rejection_reason ?? '', /3/);
});

test('an answer that is none of a registry is told apart', async () => {
  const page = after429(
    new Response('<h1>It works</h1>'),
    new Response('gone', { status: 301 }),
    new Response(''),
    new Response(''),
    new Response('{}'),
  );
  const ann = new Mahilo({ url: world.url, key: here.annKey, fetch: page.fetch });
  await assert.rejects(ann.me(), isRefusal({ code: 'UNEXPECTED_ANSWER', status: 200 }));
  await assert.rejects(ann.me(), isRefusal({ code: 'UNEXPECTED_ANSWER', status: 301 }));
  const isNone = isRefusal({ code: 'UNEXPECTED_ANSWER', status: 200 });
  await assert.rejects(ann.send({ to: 'ben', message: 'Lost' }), isNone);
  // An inbox would ask again at once, for ever.
  await assert.rejects(ann.inbox().next(), isNone);
  await assert.rejects(ann.inbox().next(), isNone);
});
