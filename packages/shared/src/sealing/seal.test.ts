import assert from 'node:assert/strict';
import { createDecipheriv } from 'node:crypto';
import { test } from 'node:test';
import { seededRandom } from '../../test/seeded-random.ts';
import { deriveKeys } from './key-ring.ts';
import { seal, unseal } from './seal.ts';

const { sealing: KEY } = deriveKeys('a-secret-key-for-tests-that-is-long-enough');
const { sealing: OTHER_KEY } = deriveKeys('another-secret-key-that-is-long-enough-too');
const random = seededRandom();

const sealed = (secret = 'whsec_hunter2') => seal(KEY, secret, 'conn_1', random);

test('what was sealed opens again with the same key and context', () => {
  for (const secret of ['whsec_hunter2', 'grüße 👋', '']) {
    assert.equal(unseal(KEY, sealed(secret), 'conn_1'), secret);
  }
});

test('stealing the database: a sealed secret shows nothing of itself, and looks different each time', () => {
  const [first, second] = [sealed(), sealed()];
  assert.ok(!first.includes('hunter2'));
  assert.notDeepEqual(first, second);
});

test('stealing the database: another key does not open it', () => {
  assert.throws(() => unseal(OTHER_KEY, sealed(), 'conn_1'), /unable to authenticate/);
});

test('copying a sealed secret into another row: it does not open there', () => {
  assert.throws(() => unseal(KEY, sealed(), 'conn_2'), /unable to authenticate/);
});

test('tampering: no byte of it can be changed', () => {
  const whole = sealed();
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed.writeUInt8(whole.readUInt8(at) ^ 1, at);
    assert.throws(() => unseal(KEY, changed, 'conn_1'), `byte ${at}`);
  }
});

test('tampering: nothing can be cut off, not even of the tag, which would be easier to forge', () => {
  // Of an empty secret the tag is the end.
  for (const whole of [sealed(), sealed('')]) {
    for (let length = 0; length < whole.length; length++) {
      assert.throws(() => unseal(KEY, whole.subarray(0, length), 'conn_1'), `${length} bytes`);
    }
  }
});

test('a secret that a later version sealed is refused by name', () => {
  const later = Buffer.concat([Buffer.of(2), sealed().subarray(1)]);
  assert.throws(() => unseal(KEY, later, 'conn_1'), { message: 'The sealed secret has an unknown format.' });
});

test('the format is a version byte, the nonce, the tag and AES-256-GCM with the context as additional data', () => {
  const whole = sealed();
  assert.equal(whole[0], 1);
  const decipher = createDecipheriv('aes-256-gcm', KEY, whole.subarray(1, 13));
  decipher.setAAD(Buffer.from('conn_1')).setAuthTag(whole.subarray(13, 29));
  assert.equal(
    Buffer.concat([decipher.update(whole.subarray(29)), decipher.final()]).toString(),
    'whsec_hunter2',
  );
});
