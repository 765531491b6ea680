import {
  CompactSign,
  calculateJwkThumbprint,
  compactVerify,
  decodeProtectedHeader,
  exportJWK,
  GeneralEncrypt,
  type GeneralJWE,
  generalDecrypt,
  generateKeyPair,
} from 'jose';
import { unopened } from './unopened.ts';

/** How the content's key is encrypted for each recipient (RFC 7518, with X25519 of RFC 8037). */
export const KEY_ALG = 'ECDH-ES+A256KW';
const CONTENT_ALG = 'A256GCM';
/** The newer name of the same signature (RFC 9864) is read, too. */
const SIGNATURE_ALGS = ['EdDSA', 'Ed25519'];
const MAX_JTI = 255;

export type Curve = 'X25519' | 'Ed25519';

/** A key pair as a private JWK (RFC 8037). `kid` is its thumbprint (RFC 7638). */
export interface KeyPair {
  kty: 'OKP';
  crv: Curve;
  x: string;
  d: string;
  kid: string;
}

/** What the signature covers beside the text: the protected header of the JWS. */
export interface Claims {
  /** The id of the connection that sends. */
  from: string;
  /** The id of the connection, or of the group, that it is for. */
  to: string;
  /** When it was signed (s since 1970). */
  iat: number;
  /** The idempotency key: the same message never counts twice. */
  jti: string;
  /** The payload type of the text, unless it is text/plain. */
  cty?: string | undefined;
  correlation_id?: string | undefined;
  in_response_to?: string | undefined;
  context?: string | undefined;
}

/** What was decrypted, and by whom nobody has verified yet. */
export interface Unverified {
  jws: string;
  /** The thumbprint of the key that signs, as the message says. */
  kid: string | undefined;
  claims: Claims;
  /** The own key that it was encrypted for. */
  key: KeyPair;
}

/** The thumbprint of a public key (RFC 7638). */
export const thumbprint = (crv: Curve, x: string): Promise<string> =>
  calculateJwkThumbprint({ kty: 'OKP', crv, x });

export async function newKeyPair(crv: Curve): Promise<KeyPair> {
  const options = { crv, extractable: true };
  const { privateKey } = await generateKeyPair(crv === 'X25519' ? KEY_ALG : 'EdDSA', options);
  const { x = '', d = '' } = await exportJWK(privateKey);
  return { kty: 'OKP', crv, x, d, kid: await thumbprint(crv, x) };
}

/**
 * The text, signed and then encrypted once for all recipients.
 * @param recipients their X25519 keys.
 * @returns JSON of a JWE (RFC 7516, general) that holds a JWS (RFC 7515, compact).
 */
export async function seal(
  text: string,
  claims: Claims,
  signer: KeyPair,
  recipients: readonly string[],
): Promise<string> {
  const jws = await new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'EdDSA', kid: signer.kid, ...saidOnly(claims) })
    .sign(signer);
  const jwe = new GeneralEncrypt(new TextEncoder().encode(jws)).setProtectedHeader({
    alg: KEY_ALG,
    enc: CONTENT_ALG,
    cty: 'JOSE',
  });
  for (const x of recipients)
    jwe.addRecipient({ kty: 'OKP', crv: 'X25519', x }).setUnprotectedHeader({
      kid: await thumbprint('X25519', x),
    });
  return JSON.stringify(await jwe.encrypt());
}

/** JSON leaves out what is undefined; the library's types do not know. */
const saidOnly = (claims: Claims) =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));

/**
 * Decrypts with that of the keys which it is for.
 * @throws MahiloError NO_PRIVATE_KEY, INVALID_CIPHERTEXT
 */
export async function unseal(sealed: string, keys: readonly KeyPair[]): Promise<Unverified> {
  const jwe = jweIn(sealed);
  const [found] = jwe.recipients.flatMap((recipient) => {
    const key = keys.find(({ kid }) => kid === (recipient.header?.kid ?? jwe.kid));
    return key === undefined ? [] : { recipient, key };
  });
  if (found === undefined) throw unopened('NO_PRIVATE_KEY', 'It is encrypted for a key that is not here.');
  const { recipient, key } = found;
  const jws = await plaintextOf({ ...jwe.json, recipients: [recipient] }, key);
  return { jws, key, ...headerOf(jws) };
}

/** @returns the text. @throws MahiloError INVALID_CIPHERTEXT when it is not signed by this Ed25519 key. */
export async function verified(jws: string, x: string): Promise<string> {
  try {
    const key = { kty: 'OKP', crv: 'Ed25519', x };
    const { payload } = await compactVerify(jws, key, { algorithms: SIGNATURE_ALGS });
    return decoded(payload);
  } catch (error) {
    throw unopened('INVALID_CIPHERTEXT', 'Its signature is wrong.', error);
  }
}

interface ReadJwe {
  json: GeneralJWE;
  /** Of the protected header. */
  kid: unknown;
  recipients: GeneralJWE['recipients'];
}

function jweIn(sealed: string): ReadJwe {
  try {
    const json = JSON.parse(sealed) as GeneralJWE;
    const { kid, zip } = decodeProtectedHeader({ protected: json.protected ?? '' } as never) as Record<
      string,
      unknown
    >;
    const isGeneral =
      Array.isArray(json.recipients) &&
      json.recipients.every((one) => typeof one === 'object' && one !== null);
    // Nobody may make a small message large.
    if (!isGeneral || zip !== undefined) throw new Error('no JWE as they are here');
    return { json, kid, recipients: json.recipients };
  } catch (error) {
    throw unopened('INVALID_CIPHERTEXT', 'It is no JWE in general JSON.', error);
  }
}

async function plaintextOf(jwe: GeneralJWE, key: KeyPair): Promise<string> {
  const options = { keyManagementAlgorithms: [KEY_ALG], contentEncryptionAlgorithms: [CONTENT_ALG] };
  try {
    return decoded((await generalDecrypt(jwe, key, options)).plaintext);
  } catch (error) {
    throw unopened('INVALID_CIPHERTEXT', 'It was altered, or is encrypted in another way.', error);
  }
}

function headerOf(jws: string): Pick<Unverified, 'kid' | 'claims'> {
  let header: Record<string, unknown>;
  try {
    header = decodeProtectedHeader(jws) as Record<string, unknown>;
  } catch (error) {
    throw unopened('INVALID_CIPHERTEXT', 'What it holds is not signed.', error);
  }
  const { kid, from, to, iat, jti } = header;
  const isComplete =
    typeof from === 'string' && typeof to === 'string' && typeof jti === 'string' && jti.length <= MAX_JTI;
  if (!isComplete || typeof iat !== 'number' || !Number.isFinite(iat))
    throw unopened('INVALID_CIPHERTEXT', 'Its signature does not say from whom, to whom and when.');
  const text = (name: string) => (typeof header[name] === 'string' ? header[name] : undefined);
  const claims = { from, to, iat, jti, cty: text('cty'), context: text('context') };
  const about = { correlation_id: text('correlation_id'), in_response_to: text('in_response_to') };
  return { kid: typeof kid === 'string' ? kid : undefined, claims: { ...claims, ...about } };
}

const decoded = (bytes: Uint8Array) =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
