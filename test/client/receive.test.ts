import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { MahiloError, receive, SeenDeliveries } from '@mahilo/client';
import { Webhook } from 'standardwebhooks';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { type People, people } from './people.ts';
import { TAKERS, type Taker } from './takers.ts';

const world = new InProcessWorld();
let here: People;
before(async () => {
  await world.startApi();
  await world.startWorker();
  here = await people(world);
});
after(() => world[Symbol.asyncDispose]());

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
let count = 0;

interface Callback {
  body: string;
  headers: Record<string, string>;
}

/** A callback of a new delivery, as the registry makes it. */
function signed(
  secret: string,
  { at = new Date(), deliveryId = `dlv_${++count}`, text = 'grüße "👋"\n\u2028' } = {},
) {
  const message = { message_id: 'msg_1', delivery_id: deliveryId, sender: 'ann', message: text };
  const body = JSON.stringify(message);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
  };
  return { body, headers };
}

async function post(taker: Taker, { body, headers }: Callback): Promise<number> {
  return (await fetch(taker.url, { method: 'POST', body, headers })).status;
}

const codeOf = (taken: Taker['took'][number]) => (taken instanceof MahiloError ? taken.code : undefined);

const MINUTE_MS = 60_000;

for (const [name, start] of Object.entries(TAKERS)) {
  test(`in ${name} a callback of the registry is verified, and has its type`, async () => {
    await using taker = await start();
    const label = name.replaceAll(/[^a-z]+/gi, '-').toLowerCase();
    const { connection_id, callback_secret } = await here.ben.connect({ label, callback_url: taker.url });
    taker.secrets = callback_secret ?? '';
    const message = 'grüße "👋" \u0001\u2028 </script> \\';
    const encryption = { alg: 'none', key_id: '1' };
    const sent = await here.ann.send({ to: 'ben', agent: connection_id, message, encryption, context: '' });
    const [taken] = await eventually(() => taker.took.length > 0 && taker.took);
    assert.ok(taken !== undefined && !(taken instanceof MahiloError), String(taken));
    assert.deepEqual(
      [taken.message_id, taken.sender, taken.message, taken.context, taken.encryption],
      [sent.message_id, 'ann', message, '', encryption],
    );
    await eventually(
      async () => (await here.ann.request('GET', `/messages/${sent.message_id}`)).status === 'delivered',
    );
  });

  test(`in ${name} what is forged, old, of the future or repeated does not get through`, async () => {
    await using taker = await start();
    const secret = newSecret();
    taker.secrets = secret;
    const genuine = signed(secret);
    const { headers } = genuine;
    const { 'webhook-signature': _, ...unsigned } = headers;
    const outcomes: [callback: Callback, status: number, code: string | undefined][] = [
      [signed(newSecret()), 401, 'INVALID_SIGNATURE'],
      [{ ...genuine, body: genuine.body.replace('ann', 'eve') }, 401, 'INVALID_SIGNATURE'],
      [{ ...genuine, headers: { ...headers, 'webhook-id': 'msg_2' } }, 401, 'INVALID_SIGNATURE'],
      [
        { ...genuine, headers: { ...headers, 'webhook-signature': 'v1, v1,* v2,a' } },
        401,
        'INVALID_SIGNATURE',
      ],
      [{ ...genuine, headers: unsigned }, 401, 'INVALID_SIGNATURE'],
      [signed(secret, { at: new Date(Date.now() - 6 * MINUTE_MS) }), 401, 'STALE_TIMESTAMP'],
      [signed(secret, { at: new Date(Date.now() + 6 * MINUTE_MS) }), 401, 'STALE_TIMESTAMP'],
      [genuine, 200, undefined],
      [genuine, 200, undefined],
    ];
    for (const [callback, status, code] of outcomes) {
      assert.equal(await post(taker, callback), status);
      assert.equal(codeOf(taker.took.at(-1)), code);
    }
    const [first, second] = taker.took.slice(-2);
    assert.ok(first !== undefined && 'sender' in first && first.sender === 'ann');
    assert.equal(second, undefined);
  });

  test(`in ${name} a body that is too long is refused`, async () => {
    await using taker = await start({ maxBytes: 1000 });
    const secret = newSecret();
    taker.secrets = secret;
    assert.equal(await post(taker, signed(secret, { text: 'x'.repeat(1000) })), 413);
    assert.equal(await post(taker, signed(secret, { text: 'x'.repeat(500) })), 200);
  });
}

const asRequest = ({ body, headers }: Callback) =>
  new Request('http://agent.example/', { method: 'POST', headers, body });

test('while a secret is replaced both are right, and a signature by either', async () => {
  const [old, fresh] = [newSecret(), newSecret()];
  assert.ok(await receive(asRequest(signed(old)), [fresh, old]));
  const both = signed(old);
  const by = (secret: string) => new Webhook(secret).sign('msg_1', new Date(), both.body);
  both.headers['webhook-signature'] = `${by(fresh)} ${by(old)}`;
  assert.ok(await receive(asRequest(both), old));
});

test('headers are found however they are written, also where a proxy made one of several', async () => {
  const [old, fresh] = [newSecret(), newSecret()];
  const { body, headers } = signed(old);
  const signatures = [fresh, old].map((secret) => new Webhook(secret).sign('msg_1', new Date(), body));
  const written = {
    'Webhook-Id': headers['webhook-id'],
    'WEBHOOK-TIMESTAMP': headers['webhook-timestamp'],
    'webhook-Signature': signatures.join(', '),
  };
  assert.ok(await receive({ headers: written, body }, old));
});

test('a secret that is no whsec_ is taken as it is; one that is missing is a mistake', async () => {
  const plain = 'a secret of my own';
  const callback = signed(`whsec_${Buffer.from(plain).toString('base64')}`);
  assert.ok(await receive(asRequest(callback), plain));
  for (const none of ['', [], [''], 'whsec_', 'whsec_***', undefined as unknown as string])
    await assert.rejects(receive(asRequest(signed(newSecret())), none), TypeError);
});

test('a delivery that could not be dealt with is forgotten, and its repetition is new', async () => {
  const secret = newSecret();
  const callback = signed(secret);
  const seen = new SeenDeliveries();
  const message = await receive(asRequest(callback), secret, { seen });
  assert.equal(await receive(asRequest(callback), secret, { seen }), undefined);
  seen.delete(message?.delivery_id ?? '');
  assert.ok(await receive(asRequest(callback), secret, { seen }));
});

test('what is remembered is bounded, and a store of the caller’s is asked', async () => {
  const secret = newSecret();
  const seen = new SeenDeliveries(2);
  const [one, two, three] = [signed(secret), signed(secret), signed(secret)];
  for (const callback of [one, two, three]) assert.ok(await receive(asRequest(callback), secret, { seen }));
  assert.equal(await receive(asRequest(three), secret, { seen }), undefined);
  assert.ok(await receive(asRequest(one), secret, { seen }), 'the oldest is forgotten');

  const asked: string[] = [];
  const add = async (id: string) => asked.push(id) === 1;
  const callback = signed(secret, { deliveryId: 'dlv_mine' });
  assert.ok(await receive(asRequest(callback), secret, { seen: { add } }));
  assert.equal(await receive(asRequest(callback), secret, { seen: { add } }), undefined);
  assert.deepEqual(asked, ['dlv_mine', 'dlv_mine']);
});

test('two copies at the same time are one message', async () => {
  const secret = newSecret();
  const callback = signed(secret);
  const took = await Promise.all([1, 2, 3].map(() => receive(asRequest(callback), secret)));
  assert.equal(took.filter((message) => message !== undefined).length, 1);
});

test('what is genuine and no message, or has no body left, is told', async () => {
  const secret = newSecret();
  const body = JSON.stringify({ message: 'a prompt', name: 'Mahilo', sessionKey: 'hook:mahilo:ann' });
  const headers = {
    ...signed(secret).headers,
    'webhook-signature': new Webhook(secret).sign('msg_1', new Date(), body),
  };
  const isInvalid = (error: MahiloError) => error.code === 'INVALID_CALLBACK' && error.status === 400;
  await assert.rejects(receive(asRequest({ body, headers }), secret), isInvalid);
  const read = asRequest(signed(secret));
  await read.text();
  await assert.rejects(receive(read, secret), isInvalid);
});
