import { createHash } from 'node:crypto';
import type { EventArguments, EventName } from '@mahilo/shared/subscriptions/wanted';
import type { Static, TObject } from 'typebox';
import type { Caller } from '../access/caller.ts';
import { text } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { compileValidator } from '../http/validation.ts';
import { EVENTS, isEventName, mayListen } from './catalogue.ts';
import { invalid, SubscriptionRefusal } from './refusal.ts';

/** Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes. */
const SECRET = /^whsec_(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
/** An id in the log of events. */
const CURSOR = /^\d{1,15}$/;

const url = text({ minLength: 1, maxLength: 2048 });

const SubscribeParams = Type.Object({
  name: text({ maxLength: 100 }),
  arguments: Type.Optional(Type.Unknown()),
  delivery: Type.Object({ mode: text({ maxLength: 20 }), url, secret: text({ maxLength: 200 }) }),
  cursor: Type.Optional(
    Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 100, format: 'well-formed' }),
  ),
  ttlMs: Type.Optional(Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 1 })),
  maxAgeMs: Type.Optional(Type.Integer({ minimum: 0 })),
});

const UnsubscribeParams = Type.Object({
  name: text({ maxLength: 100 }),
  arguments: Type.Optional(Type.Unknown()),
  delivery: Type.Object({ url }),
});

/** What identifies a subscription of a caller, but for the URL. */
interface Asked {
  name: EventName;
  /** In one form, however they were written. */
  arguments: EventArguments;
}

export interface SubscribeRequest extends Asked {
  url: string;
  secret: string;
  /** The last event that the client has; undefined: from now on. */
  cursor: number | undefined;
  maxAgeMs: number | undefined;
  /** Null: without end; undefined: as long as the server likes. */
  ttlMs: number | null | undefined;
}

const validatorOf = <Schema extends TObject>(schema: Schema) => {
  const validate = compileValidator({ schema, method: 'POST', url: '/mcp', httpPart: 'body' });
  /** @throws the mistakes in the form of Fastify's validation. */
  return (value: unknown, validationContext: string): Static<Schema> => {
    const verdict = validate(value);
    if (typeof verdict === 'object' && 'error' in verdict) {
      const mistakes = { validation: verdict.error, validationContext };
      throw Object.assign(new Error('The parameters are not valid.'), mistakes);
    }
    return value as Static<Schema>;
  };
};
const subscribeParams = validatorOf(SubscribeParams);
const unsubscribeParams = validatorOf(UnsubscribeParams);
const argumentsOf = {
  'message.received': validatorOf(EVENTS['message.received'].arguments),
  'friend.requested': validatorOf(EVENTS['friend.requested'].arguments),
  'delivery.failed': validatorOf(EVENTS['delivery.failed'].arguments),
} as const satisfies Record<EventName, unknown>;

/** @throws SubscriptionRefusal, and mistakes in the form of Fastify's validation. */
export function readSubscribe(caller: Caller, params: unknown): SubscribeRequest {
  const { delivery, cursor, ttlMs, maxAgeMs, ...asked } = subscribeParams(params, 'params');
  const identified = readAsked(caller, asked);
  if (delivery.mode !== 'webhook') {
    throw new SubscriptionRefusal('unsupported', 'Events are delivered by webhook only.', {
      feature: 'deliveryMode',
      value: delivery.mode,
    });
  }
  checkSecret(delivery.secret);
  if (typeof cursor === 'string' && !CURSOR.test(cursor)) throw invalid('cursor', 'is none of this server');
  return {
    ...identified,
    url: delivery.url,
    secret: delivery.secret,
    cursor: typeof cursor === 'string' ? Number(cursor) : undefined,
    maxAgeMs,
    ttlMs,
  };
}

/** @throws as {@link readSubscribe} */
export function readUnsubscribe(caller: Caller, params: unknown): Asked & { url: string } {
  const { delivery, ...asked } = unsubscribeParams(params, 'params');
  return { ...readAsked(caller, asked), url: delivery.url };
}

function readAsked(caller: Caller, { name, ...asked }: { name: string; arguments?: unknown }): Asked {
  if (!isEventName(name)) {
    throw new SubscriptionRefusal('notFound', `There is no event with the name ${name}.`, { kind: 'event' });
  }
  const { from, group, include_text }: EventArguments = argumentsOf[name](asked.arguments ?? {}, 'arguments');
  if (!mayListen(caller, name)) {
    throw new SubscriptionRefusal('forbidden', 'The scope of this API key does not cover this event.');
  }
  return {
    name,
    arguments: {
      // Usernames are the same in any case.
      ...(from !== undefined && { from: from.toLowerCase() }),
      ...(group !== undefined && { group }),
      ...(include_text === true && { include_text }),
    },
  };
}

function checkSecret(secret: string): void {
  const bytes = SECRET.test(secret) ? Buffer.from(secret.slice('whsec_'.length), 'base64').length : 0;
  if (bytes >= MIN_SECRET_BYTES && bytes <= MAX_SECRET_BYTES) return;
  throw invalid(
    'delivery.secret',
    `must be whsec_ and the base64 of ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes`,
  );
}

/**
 * The id by which a client knows its subscription: the same for the same user, agent, URL, event and arguments, for ever.
 * It gives no rights.
 */
export function subscriptionId(caller: Caller, { name, arguments: asked }: Asked, href: string): string {
  const key = JSON.stringify([caller.id, caller.connectionId, href, name, asked]);
  return `sub_${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
}
