import { callbackRequest } from '@mahilo/shared/callback/request';
import { type SignatureInput, standardHeaders } from '@mahilo/shared/callback/sign';
import { errorText } from '@mahilo/shared/errors';
import type { EventDetails } from '@mahilo/shared/outbox/event-details';
import type { DeliveryDetails, LeasedDelivery } from '@mahilo/shared/outbox/lease';
import { decide, type Finished } from './decide.ts';
import type { WorkerDeps } from './deps.ts';
import { eventBody, eventIdOf } from './event-body.ts';

/**
 * A delivery that cannot be prepared (for example, its secret is sealed under another SECRET_KEY) is retried after
 * this (ms).
 */
const UNPREPARED_MS = 60_000;

/** One attempt, from the leased row to its record. Never throws: every way to end is an outcome. */
export async function attemptDelivery(
  deps: WorkerDeps,
  delivery: LeasedDelivery,
  signal: AbortSignal,
): Promise<Finished> {
  const { clock, telemetry } = deps;
  const startedAt = clock.now();
  if (delivery.connection_status === 'inactive')
    return unsent(delivery, 'failed', 0, 'The connection is inactive.');
  if (delivery.connection_status === 'deleted')
    return unsent(delivery, 'cancelled', 0, 'The connection was deleted.');
  const pointless = delivery.message_id === null ? whyPointless(delivery) : undefined;
  if (pointless !== undefined) return unsent(delivery, 'cancelled', 0, pointless);
  if (delivery.callback_url === null) return unsent(delivery, 'pending', startedAt, null);
  telemetry.attemptBegan(delivery, startedAt);
  try {
    const callback = prepare(deps, delivery, delivery.callback_url, startedAt);
    const exchange = await deps.egress.post({ ...callback, signal });
    const decision = decide(exchange, {
      attemptsInCycle: delivery.attempts - delivery.attempts_before_cycle,
      isEvent: delivery.message_id === null,
      startedAt,
      troubleSince: delivery.trouble_since,
      policy: deps.retryPolicy,
      now: clock.now(),
      random: deps.random,
    });
    const finished = { delivery, ...decision };
    telemetry.attempted(finished, exchange.durationMs);
    return finished;
  } catch (err) {
    telemetry.unprepared(delivery, err);
    return unsent(delivery, 'pending', clock.now() + UNPREPARED_MS, `Not sent: ${errorText(err)}`);
  }
}

/** The end of an attempt that was not made. */
export function unsent(
  delivery: LeasedDelivery,
  state: Finished['state'],
  dueAt: number,
  error: string | null,
): Finished {
  return { delivery, state, dueAt, error, attempt: undefined, news: { kind: 'nothing' } };
}

/** Why nobody is to be told of an event any more. */
function whyPointless(event: EventDetails): string | undefined {
  const { event_name, arguments_json, data_json, erased_at, delivery_state } = event;
  if (arguments_json === null) return 'The subscription has ended.';
  if (data_json === null) return 'The event is no longer kept.';
  if (erased_at !== null) return 'The message was erased.';
  // Its sender has taken it back, or the agent that it was for is gone.
  const isWithdrawn = event_name === 'message.received' && delivery_state === 'cancelled';
  return isWithdrawn ? 'The delivery of the message was cancelled.' : undefined;
}

function prepare(deps: WorkerDeps, delivery: LeasedDelivery, url: string, now: number) {
  const request =
    delivery.message_id === null
      ? ofEvent(delivery, signing(deps, delivery, now))
      : ofMessage(deps, delivery, signing(deps, delivery, now));
  return { url, ...request };
}

type Signing = Pick<SignatureInput, 'secret' | 'previousSecret' | 'timestamp'>;

function signing({ secrets }: WorkerDeps, delivery: LeasedDelivery, now: number): Signing {
  const { connection_id: connectionId } = delivery;
  if (delivery.callback_secret === null) throw new Error('The connection has no callback secret.');
  const previous = (delivery.previous_secret_expires_at ?? 0) > now ? delivery.previous_secret : null;
  return {
    secret: secrets.signing(delivery.callback_secret, connectionId),
    previousSecret: previous === null ? undefined : secrets.signing(previous, connectionId),
    timestamp: Math.floor(now / 1000),
  };
}

function ofMessage({ secrets }: WorkerDeps, delivery: DeliveryDetails, signed: Signing) {
  const { message_id: messageId, connection_id: connectionId, callback_headers: own } = delivery;
  return callbackRequest(delivery, {
    ...signed,
    webhookId: delivery.cycle === 0 ? messageId : `${messageId}-r${delivery.cycle}`,
    attempt: delivery.attempts + 1,
    format: delivery.callback_format,
    ownHeaders: own === null ? {} : JSON.parse(secrets.open(own, connectionId)),
  });
}

/** As SEP-3415 has it: Standard Webhooks, and which subscription it is for. */
function ofEvent(delivery: EventDetails, signed: Signing) {
  const body = eventBody(delivery);
  const headers = {
    'Content-Type': 'application/json',
    ...standardHeaders({ ...signed, webhookId: eventIdOf(delivery), body }),
    'X-MCP-Subscription-Id': delivery.subscription_id,
  };
  return { headers, body };
}
