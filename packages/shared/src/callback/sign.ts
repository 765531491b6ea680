import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Random } from '../random.ts';

const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A new callback secret in the Standard Webhooks form: `whsec_` and the base64 of 32 random bytes. */
export function newCallbackSecret(random: Random): string {
  return `${SECRET_PREFIX}${random.bytes(SECRET_BYTES).toString('base64')}`;
}

/** A callback secret, ready to sign: each signature has its own key. Keep it: making one costs more than signing. */
export interface SigningSecret {
  own: KeyObject;
  standard: KeyObject;
}

/** Prepares a secret as the agent's developer got it. */
export function signingSecret(secret: string): SigningSecret {
  return {
    own: createSecretKey(secret, 'utf8'),
    standard: createSecretKey(standardKey(secret)),
  };
}

export interface SignatureInput {
  secret: SigningSecret;
  /** The secret before the last rotation, while it still signs the Standard Webhooks header. */
  previousSecret: SigningSecret | undefined;
  /** The message's id. A resend that somebody asked for has its own id, since receivers dedupe by it. */
  webhookId: string;
  /** Unix seconds of this attempt. */
  timestamp: number;
  body: Buffer;
}

/** Both signatures of a callback: the protocol's own, and Standard Webhooks 1.0.0. */
export function signatureHeaders(input: SignatureInput): Record<string, string> {
  const { secret, timestamp, body } = input;
  const own = createHmac('sha256', secret.own).update(`${timestamp}.`).update(body).digest('hex');
  return {
    'X-Mahilo-Signature': `sha256=${own}`,
    'X-Mahilo-Timestamp': String(timestamp),
    ...standardHeaders(input),
  };
}

/** The signature of Standard Webhooks 1.0.0 alone. */
export function standardHeaders(input: SignatureInput): Record<string, string> {
  const { secret, previousSecret, webhookId, timestamp, body } = input;
  const signatures = [secret, previousSecret]
    .filter((given) => given !== undefined)
    .map((given) => {
      const mac = createHmac('sha256', given.standard).update(`${webhookId}.${timestamp}.`).update(body);
      return `v1,${mac.digest('base64')}`;
    });
  return {
    'webhook-id': webhookId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}

function standardKey(secret: string): Buffer {
  return secret.startsWith(SECRET_PREFIX)
    ? Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    : Buffer.from(secret, 'utf8');
}
