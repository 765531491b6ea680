import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { deriveKeys, keyRing } from './key-ring.ts';

const SECRET_KEY = 'a-secret-key-for-tests-that-is-long-enough';

/** HKDF-SHA256 (RFC 5869) without the code under test. */
async function hkdf(info: string): Promise<Buffer> {
  const key = await webcrypto.subtle.importKey('raw', Buffer.from(SECRET_KEY), 'HKDF', false, ['deriveBits']);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: Buffer.of(), info: Buffer.from(info) };
  return Buffer.from(await webcrypto.subtle.deriveBits(parameters, key, 256));
}

test('each purpose has its own key, derived by HKDF, so that what is stored now can be read after an upgrade', async () => {
  const { apiKeys, sealing } = deriveKeys(SECRET_KEY);
  assert.deepEqual(apiKeys.export(), await hkdf('mahilo api key hash v1'));
  assert.deepEqual(sealing.export(), await hkdf('mahilo callback secret sealing v1'));
  assert.equal(apiKeys.equals(sealing), false);
});

test('another secret key gives other keys, the same one the same', () => {
  const [first, again, other] = [SECRET_KEY, SECRET_KEY, `${SECRET_KEY}.`].map(deriveKeys);
  assert.equal(first?.sealing.equals(again?.sealing ?? other?.sealing ?? first.apiKeys), true);
  assert.equal(first?.sealing.equals(other?.sealing ?? first.sealing), false);
});

test('the id of the keys tells secrets apart and is derived, so that it gives none away', async () => {
  const { id } = deriveKeys(SECRET_KEY);
  assert.equal(id, (await hkdf('mahilo key id v1')).subarray(0, 8).toString('hex'));
  assert.notEqual(id, deriveKeys(`${SECRET_KEY}.`).id);
});

test('a ring has the current keys, first, and during a rotation the others', () => {
  const ids = (SECRET_KEY_PREVIOUS?: string) =>
    keyRing({ SECRET_KEY, ...(SECRET_KEY_PREVIOUS && { SECRET_KEY_PREVIOUS }) }).all.map(({ id }) => id);
  assert.deepEqual(ids(), [deriveKeys(SECRET_KEY).id]);
  assert.deepEqual(ids('the one before'), [deriveKeys(SECRET_KEY).id, deriveKeys('the one before').id]);
});
