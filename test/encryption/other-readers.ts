import assert from 'node:assert/strict';
import * as crypto from 'node:crypto';
import * as jose from 'jose';
import type { PrivateJwk } from './keyed-people.ts';

/** A message and its signer, in the terms of the page. */
export interface Letter {
  text: string;
  from: string;
  to: string;
  iat: number;
  jti: string;
}

/** An independent program that reads and writes what the page describes. */
export interface OtherReader {
  read(message: string, own: PrivateJwk, sender: { x: string }): Promise<Letter>;
  write(
    letter: Letter,
    signer: PrivateJwk,
    recipients: readonly { x: string; kid: string }[],
  ): Promise<string>;
}

/** With the library `jose`, and nothing else. */
export const withJose: OtherReader = {
  async read(message, own, sender) {
    const key = await jose.importJWK({ ...own }, 'ECDH-ES+A256KW');
    const { plaintext } = await jose.generalDecrypt(JSON.parse(message), key);
    const signer = await jose.importJWK({ kty: 'OKP', crv: 'Ed25519', x: sender.x }, 'EdDSA');
    const { payload, protectedHeader } = await jose.compactVerify(plaintext, signer);
    return {
      text: new TextDecoder().decode(payload),
      ...(protectedHeader as unknown as Omit<Letter, 'text'>),
    };
  },
  async write({ text, ...header }, signer, recipients) {
    const jws = await new jose.CompactSign(Buffer.from(text))
      .setProtectedHeader({ alg: 'EdDSA', kid: signer.kid, ...header })
      .sign(await jose.importJWK({ ...signer }, 'EdDSA'));
    const jwe = new jose.GeneralEncrypt(Buffer.from(jws)).setProtectedHeader({ enc: 'A256GCM' });
    for (const { x, kid } of recipients)
      jwe
        .addRecipient(await jose.importJWK({ kty: 'OKP', crv: 'X25519', x }, 'ECDH-ES+A256KW'))
        .setUnprotectedHeader({ alg: 'ECDH-ES+A256KW', kid });
    return JSON.stringify(await jwe.encrypt());
  },
};

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const bytesOf = (base64url: string) => Buffer.from(base64url, 'base64url');
const jsonOf = (base64url: string) => JSON.parse(bytesOf(base64url).toString('utf8'));
const publicKey = (crv: string, x: string) =>
  crypto.createPublicKey({ key: { kty: 'OKP', crv, x }, format: 'jwk' });
const privateKey = (jwk: PrivateJwk) => crypto.createPrivateKey({ key: { ...jwk }, format: 'jwk' });

const withLength = (bytes: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** The Concat KDF of RFC 7518, 4.6.2, for a key of 256 bits: one round of SHA-256. */
function wrappingKey(own: crypto.KeyObject, other: crypto.KeyObject): Buffer {
  const shared = crypto.diffieHellman({ privateKey: own, publicKey: other });
  const bits = Buffer.from([0, 0, 1, 0]);
  const none = Buffer.alloc(4);
  const about = [withLength(Buffer.from('ECDH-ES+A256KW')), none, none, bits];
  return crypto
    .createHash('sha256')
    .update(Buffer.concat([Buffer.from([0, 0, 0, 1]), shared, ...about]))
    .digest();
}

/** RFC 3394. */
const WRAP_IV = Buffer.alloc(8, 0xa6);

/** With node:crypto, and nothing else. */
export const withNodeCrypto: OtherReader = {
  async read(message, own, sender) {
    const jwe = JSON.parse(message);
    const header = jsonOf(jwe.protected);
    // biome-ignore lint/suspicious/noExplicitAny: JSON of somebody else
    const recipient = jwe.recipients.find((one: any) => one.header.kid === own.kid);
    const { epk, alg } = { ...header, ...recipient.header };
    assert.deepEqual([alg, header.enc], ['ECDH-ES+A256KW', 'A256GCM']);
    const kek = wrappingKey(privateKey(own), publicKey(epk.crv, epk.x));
    const unwrap = crypto.createDecipheriv('id-aes256-wrap', kek, WRAP_IV);
    const cek = Buffer.concat([unwrap.update(bytesOf(recipient.encrypted_key)), unwrap.final()]);
    const decipher = crypto.createDecipheriv('aes-256-gcm', cek, bytesOf(jwe.iv));
    decipher.setAAD(Buffer.from(jwe.protected)).setAuthTag(bytesOf(jwe.tag));
    const jws = Buffer.concat([decipher.update(bytesOf(jwe.ciphertext)), decipher.final()]).toString('utf8');
    const [head = '', payload = '', signature = ''] = jws.split('.');
    const signed = Buffer.from(`${head}.${payload}`);
    assert.ok(crypto.verify(null, signed, publicKey('Ed25519', sender.x), bytesOf(signature)));
    return { text: bytesOf(payload).toString('utf8'), ...jsonOf(head) };
  },
  async write({ text, ...claims }, signer, recipients) {
    const head = encoded({ alg: 'EdDSA', kid: signer.kid, ...claims });
    const signed = `${head}.${Buffer.from(text).toString('base64url')}`;
    const signature = crypto.sign(null, Buffer.from(signed), privateKey(signer)).toString('base64url');
    const [cek, iv] = [crypto.randomBytes(32), crypto.randomBytes(12)];
    const header = encoded({ enc: 'A256GCM', alg: 'ECDH-ES+A256KW' });
    const cipher = crypto.createCipheriv('aes-256-gcm', cek, iv).setAAD(Buffer.from(header));
    const ciphertext = Buffer.concat([cipher.update(`${signed}.${signature}`), cipher.final()]);
    return JSON.stringify({
      protected: header,
      iv: iv.toString('base64url'),
      ciphertext: ciphertext.toString('base64url'),
      tag: cipher.getAuthTag().toString('base64url'),
      recipients: recipients.map(({ x, kid }) => {
        const once = crypto.generateKeyPairSync('x25519');
        const wrap = crypto.createCipheriv(
          'id-aes256-wrap',
          wrappingKey(once.privateKey, publicKey('X25519', x)),
          WRAP_IV,
        );
        const encrypted = Buffer.concat([wrap.update(cek), wrap.final()]);
        const { kty, crv, x: ephemeral } = once.publicKey.export({ format: 'jwk' });
        return {
          header: { kid, epk: { kty, crv, x: ephemeral } },
          encrypted_key: encrypted.toString('base64url'),
        };
      }),
    });
  },
};
