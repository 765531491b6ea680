import { type CallbackRequest, headerOf } from './callback-request.ts';
import { MahiloError } from './mahilo-error.ts';

/** How far (s) a callback's timestamp may be from now: an attacker who has one cannot use it later. */
const TOLERANCE_S = 300;
/** While secrets are replaced there are two. */
const MAX_SIGNATURES = 10;
const SECRET_PREFIX = 'whsec_';
const SIGNATURE_PREFIX = 'v1,';
const HMAC = { name: 'HMAC', hash: 'SHA-256' };

/** What the headers of a callback say of its signature (standardwebhooks.com). */
export interface Signed {
  id: string;
  timestamp: string;
  signatures: Uint8Array<ArrayBuffer>[];
}

/** @throws MahiloError INVALID_SIGNATURE when there is none, STALE_TIMESTAMP when it is too old or of the future. */
export function signedBy(request: CallbackRequest): Signed {
  const [id, timestamp, list] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headerOf(request, name),
  );
  if (!id || !timestamp || !list || !/^\d{1,15}$/.test(timestamp))
    throw invalidSignature('The callback is not signed.');
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_S) {
    const sentence = 'The callback is too old, or one of the two clocks is wrong.';
    throw new MahiloError('STALE_TIMESTAMP', sentence, { status: 401 });
  }
  const signatures = list
    // A proxy may write each as a header of its own, which HTTP joins with commas.
    .split(/,? /, MAX_SIGNATURES)
    .filter((signature) => signature.startsWith(SIGNATURE_PREFIX))
    .flatMap((signature) => fromBase64(signature.slice(SIGNATURE_PREFIX.length)) ?? []);
  return { id, timestamp, signatures };
}

/** @throws MahiloError INVALID_SIGNATURE when none of the signatures is by one of the keys. */
export async function verify(
  body: Uint8Array<ArrayBuffer>,
  { id, timestamp, signatures }: Signed,
  keys: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(head.byteLength + body.byteLength);
  signed.set(head);
  signed.set(body, head.byteLength);
  for (const bytes of keys) {
    const key = await crypto.subtle.importKey('raw', bytes, HMAC, false, ['verify']);
    for (const signature of signatures) if (await crypto.subtle.verify(HMAC, key, signature, signed)) return;
  }
  throw invalidSignature('The signature of the callback is wrong.');
}

/** @throws TypeError for what can be no secret: with an empty one everybody could sign. */
export function keysOf(secrets: readonly string[]): Uint8Array<ArrayBuffer>[] {
  // A setting that is missing is undefined, whatever the types say.
  if (!Array.isArray(secrets) || secrets.length === 0) throw new TypeError('There is no callback secret.');
  return secrets.map(keyOf);
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const key = secret?.startsWith(SECRET_PREFIX)
    ? fromBase64(secret.slice(SECRET_PREFIX.length))
    : new TextEncoder().encode(secret);
  if (key === undefined || key.byteLength === 0)
    throw new TypeError('The callback secret is missing or malformed.');
  return key;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function invalidSignature(sentence: string): MahiloError {
  return new MahiloError('INVALID_SIGNATURE', sentence, { status: 401 });
}
