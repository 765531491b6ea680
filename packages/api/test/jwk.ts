import { createHash, generateKeyPairSync } from 'node:crypto';

/** A public key as people register it, and its private part for tests that register it by mistake. */
export interface TestKey {
  jwk: { kty: string; crv: string; x: string };
  kid: string;
  d: string;
}

/** A new key pair. Computes the thumbprint by RFC 7638 §3 without the product's code. */
export function newKey(curve: 'x25519' | 'ed25519'): TestKey {
  const pair = curve === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ed25519');
  const { kty = '', crv = '', x = '', d = '' } = pair.privateKey.export({ format: 'jwk' });
  const text = `{"crv":"${crv}","kty":"${kty}","x":"${x}"}`;
  return { jwk: { kty, crv, x }, kid: createHash('sha256').update(text).digest('base64url'), d };
}

/** A pair to encrypt to and to verify with, as requests have it. */
export function newKeySet() {
  const [encrypt, sign] = [newKey('x25519'), newKey('ed25519')];
  return { encrypt, sign, public_keys: { keys: [encrypt.jwk, sign.jwk] }, kids: [encrypt.kid, sign.kid] };
}
