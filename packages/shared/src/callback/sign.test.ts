import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { seededRandom } from '../../test/seeded-random.ts';
import { newCallbackSecret, type SignatureInput, signatureHeaders, signingSecret } from './sign.ts';

const SECRET = newCallbackSecret(seededRandom(1));
const INPUT: SignatureInput = {
  secret: signingSecret(SECRET),
  previousSecret: undefined,
  webhookId: 'msg_01jq0000000000000000000000',
  timestamp: 1_767_323_045,
  body: Buffer.from('{"message":"grüße 👋"}'),
};

/** HMAC-SHA256 without the code under test. */
async function hmac(key: Buffer, text: Buffer): Promise<Buffer> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await webcrypto.subtle.importKey('raw', key, algorithm, false, ['sign']);
  return Buffer.from(await webcrypto.subtle.sign('HMAC', imported, text));
}

const signatureOf = (input: SignatureInput) => signatureHeaders(input)['webhook-signature'];

test('the vectors that the Standard Webhooks libraries test themselves with', () => {
  // From libraries/javascript/src/webhook.test.ts and libraries/rust/src/lib.rs of standard-webhooks/standard-webhooks.
  const vectors = [
    {
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: 1_614_265_330,
      body: '{"test": 2432232314}',
      signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    {
      secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
      webhookId: 'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
      timestamp: 1_649_367_553,
      body: '{"email":"test@example.com","username":"test_user"}',
      signature: 'v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=',
    },
  ];
  for (const { body, signature, secret, ...given } of vectors) {
    const input = { ...INPUT, ...given, secret: signingSecret(secret), body: Buffer.from(body) };
    assert.equal(signatureOf(input), signature);
  }
});

test('a receiver with the Standard Webhooks package accepts a callback, and none that was changed', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: INPUT.timestamp * 1000 });
  const receiver = new Webhook(SECRET);
  const headers = signatureHeaders(INPUT);
  assert.deepEqual(receiver.verify(INPUT.body, headers), { message: 'grüße 👋' });
  for (const forged of [
    { ...headers, 'webhook-id': 'msg_other' },
    { ...headers, 'webhook-timestamp': String(INPUT.timestamp + 1) },
    signatureHeaders({ ...INPUT, secret: signingSecret(newCallbackSecret(seededRandom(2))) }),
  ]) {
    assert.throws(() => receiver.verify(INPUT.body, forged), /No matching signature/);
  }
  assert.throws(() => receiver.verify('{"message":"other"}', headers), /No matching signature/);
});

test('a secret of another form is the key as it stands, in UTF-8', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: INPUT.timestamp * 1000 });
  const secret = 'schlüssel-mit-ümlaut-123';
  const receiver = new Webhook(Buffer.from(secret, 'utf8'), { format: 'raw' });
  receiver.verify(INPUT.body, signatureHeaders({ ...INPUT, secret: signingSecret(secret) }));
});

test('the protocol’s own signature is over "<timestamp>.<raw body>", keyed by the whole secret as it was given', async () => {
  const headers = signatureHeaders(INPUT);
  const signed = Buffer.concat([Buffer.from(`${INPUT.timestamp}.`), INPUT.body]);
  const expected = await hmac(Buffer.from(SECRET), signed);
  assert.equal(headers['X-Mahilo-Signature'], `sha256=${expected.toString('hex')}`);
  assert.equal(headers['X-Mahilo-Timestamp'], String(INPUT.timestamp));
});

test('both signatures are of the same moment and message', () => {
  const headers = signatureHeaders(INPUT);
  assert.deepEqual(
    [headers['webhook-timestamp'], headers['webhook-id']],
    [headers['X-Mahilo-Timestamp'], INPUT.webhookId],
  );
});

test('after a rotation the secret of before signs along, after the new one, and receivers of either accept', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: INPUT.timestamp * 1000 });
  const previousSecret = newCallbackSecret(seededRandom(3));
  const headers = signatureHeaders({ ...INPUT, previousSecret: signingSecret(previousSecret) });
  const [first, second, ...others] = String(headers['webhook-signature']).split(' ');
  assert.deepEqual([first, others], [signatureOf(INPUT), []]);
  assert.equal(second, signatureOf({ ...INPUT, secret: signingSecret(previousSecret) }));
  new Webhook(SECRET).verify(INPUT.body, headers);
  new Webhook(previousSecret).verify(INPUT.body, headers);
  assert.equal(headers['X-Mahilo-Signature'], signatureHeaders(INPUT)['X-Mahilo-Signature']);
});

test('a new secret has the Standard Webhooks form: whsec_ and the base64 of 32 random bytes', () => {
  assert.match(SECRET, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.equal(Buffer.from(SECRET.slice('whsec_'.length), 'base64').length, 32);
  assert.notEqual(newCallbackSecret(seededRandom(2)), SECRET);
});
