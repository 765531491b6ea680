import { bodyOf, type CallbackRequest, invalidCallback } from './callback-request.ts';
import { jsonOf } from './connection.ts';
import { bare, type Openable, type Opening } from './encryption/opening.ts';
import type { components } from './openapi.ts';
import { SeenDeliveries, type SeenStore } from './seen.ts';
import { keysOf, signedBy, verify } from './signature.ts';

/** A message as the registry POSTs it to an agent. */
export type CallbackMessage = components['schemas']['CallbackMessage'] & Partial<Opening>;

/** Whoever has the keys: a `Mahilo` with `keys`. */
interface Opener {
  open<Message extends Openable>(message: Message): Promise<Message & Partial<Opening>>;
}

export interface ReceiveOptions {
  /** Knows what was received; without it the last 10,000 deliveries of this process. */
  seen?: SeenStore | undefined;
  /** Longest body (default 1 MiB). A registry with a large `MAX_PAYLOAD_SIZE` sends longer ones. */
  maxBytes?: number | undefined;
  /** Decrypts and verifies what is encrypted: a `Mahilo` with `keys`. */
  mahilo?: Opener | undefined;
}

const MAX_BYTES = 1_048_576;

const seenHere = new SeenDeliveries();

/**
 * The message of a callback that is genuine; undefined when it was received before: answer 2xx all the same. Takes the
 * request of Node's http, of Fastify or Express, or a web `Request` (fetch handlers; in Hono `c.req.raw`).
 * @param secrets the `callback_secret` of the agent, or several while one takes the place of another.
 * @throws MahiloError INVALID_SIGNATURE and STALE_TIMESTAMP (401), INVALID_CALLBACK (400; 413 when it is too long): answer
 * with its `status`. TypeError when a secret is none.
 */
export async function receive(
  request: CallbackRequest,
  secrets: string | readonly string[],
  { seen = seenHere, maxBytes = MAX_BYTES, mahilo }: ReceiveOptions = {},
): Promise<CallbackMessage | undefined> {
  const keys = keysOf(typeof secrets === 'string' ? [secrets] : secrets);
  const signed = signedBy(request);
  const body = await bodyOf(request, maxBytes);
  await verify(body, signed, keys);
  const message = messageIn(body);
  if (!(await seen.add(message.delivery_id))) return undefined;
  return mahilo === undefined ? bare(message) : mahilo.open(message);
}

function messageIn(body: Uint8Array): CallbackMessage {
  const json = jsonOf(new TextDecoder().decode(body));
  if (typeof json !== 'object' || json === null || !('delivery_id' in json) || !('message_id' in json))
    throw invalidCallback('The body is no message; has the agent another callback_format?');
  return json as CallbackMessage;
}
