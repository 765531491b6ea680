import { type CallbackFacts, callbackBody } from '@mahilo/shared/callback/body';
import { signatureHeaders } from '@mahilo/shared/callback/sign';
import { errorText } from '@mahilo/shared/errors';
import type { LeasedDelivery } from '@mahilo/shared/outbox/lease';
import type { Settlement } from '@mahilo/shared/outbox/settle';
import type { Attempted } from './attempted.ts';
import { type Decision, decide } from './decide.ts';
import type { WorkerDeps } from './deps.ts';

/** A delivery that cannot be prepared (a secret sealed under another SECRET_KEY, say) is looked at again after this (ms). */
const UNPREPARED_MS = 60_000;

/** One attempt, from the leased row to what must be recorded of it. It never throws: every way to end is an outcome. */
export async function attemptDelivery(
  deps: WorkerDeps,
  delivery: LeasedDelivery,
  signal: AbortSignal,
): Promise<Attempted> {
  const { clock, telemetry } = deps;
  if (delivery.connection_status === 'inactive')
    return ended(delivery, 'failed', 'The connection is inactive.');
  if (delivery.connection_status === 'deleted')
    return ended(delivery, 'cancelled', 'The connection was deleted.');
  if (delivery.callback_url === null) return released(delivery, clock.now(), null);
  const startedAt = clock.now();
  telemetry.attemptBegan(delivery, startedAt);
  try {
    const prepared = prepare(deps, delivery, delivery.callback_url, startedAt);
    const exchange = await deps.egress.post({ ...prepared, signal });
    const decision = decide(exchange, {
      attemptsInCycle: delivery.attempts - delivery.attempts_before_cycle,
      policy: deps.retryPolicy,
      now: clock.now(),
      random: deps.random,
    });
    const excerpt = exchange.kind === 'response' ? exchange.excerpt : null;
    telemetry.attempted(delivery, decision, exchange.durationMs);
    return recorded(delivery, decision, startedAt, exchange.durationMs, excerpt);
  } catch (err) {
    telemetry.unprepared(delivery, err);
    return released(delivery, clock.now() + UNPREPARED_MS, `Not sent: ${errorText(err)}`);
  }
}

function prepare({ secrets }: WorkerDeps, delivery: LeasedDelivery, url: string, now: number) {
  const { message_id: messageId, connection_id: connectionId } = delivery;
  if (delivery.callback_secret === null) throw new Error('The connection has no callback secret.');
  const previous = (delivery.previous_secret_expires_at ?? 0) > now ? delivery.previous_secret : null;
  const body = Buffer.from(callbackBody(delivery satisfies CallbackFacts));
  const signatures = signatureHeaders({
    secret: secrets.open(delivery.callback_secret, connectionId),
    previousSecret: previous === null ? undefined : secrets.open(previous, connectionId),
    messageId,
    timestamp: Math.floor(now / 1000),
    body,
  });
  const headers = {
    'Content-Type': 'application/json',
    ...signatures,
    'X-Mahilo-Message-Id': messageId,
    'X-Mahilo-Delivery-Id': delivery.id,
    'X-Mahilo-Attempt': String(delivery.attempts + 1),
    ...(delivery.group_id !== null && { 'X-Mahilo-Group-Id': delivery.group_id }),
  };
  return { url, headers, body };
}

function recorded(
  delivery: LeasedDelivery,
  decision: Decision,
  startedAt: number,
  durationMs: number,
  responseExcerpt: string | null,
): Attempted {
  const { outcome, statusCode, error, state, dueAt } = decision;
  const attempt =
    outcome === undefined
      ? undefined
      : { startedAt, durationMs, outcome, statusCode, error, responseExcerpt };
  return {
    delivery,
    settlement: {
      deliveryId: delivery.id,
      leaseToken: delivery.lease_token,
      state,
      dueAt,
      lastError: error,
      attempt,
    },
    succeeded: outcome === undefined ? undefined : outcome === 'delivered',
    gone: outcome === 'gone',
  };
}

function released(delivery: LeasedDelivery, dueAt: number, lastError: string | null): Attempted {
  return {
    ...ended(delivery, 'pending', lastError),
    settlement: settlementOf(delivery, 'pending', dueAt, lastError),
  };
}

function ended(delivery: LeasedDelivery, state: Settlement['state'], lastError: string | null): Attempted {
  return {
    delivery,
    settlement: settlementOf(delivery, state, 0, lastError),
    succeeded: undefined,
    gone: false,
  };
}

function settlementOf(
  delivery: LeasedDelivery,
  state: Settlement['state'],
  dueAt: number,
  lastError: string | null,
): Settlement {
  const { id: deliveryId, lease_token: leaseToken } = delivery;
  return { deliveryId, leaseToken, state, dueAt, lastError, attempt: undefined };
}
