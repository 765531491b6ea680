import { callbackBody } from '@mahilo/shared/callback/body';
import { openclawBody } from '@mahilo/shared/callback/openclaw';
import { signatureHeaders } from '@mahilo/shared/callback/sign';
import { errorText } from '@mahilo/shared/errors';
import type { LeasedDelivery } from '@mahilo/shared/outbox/lease';
import { decide, type Finished } from './decide.ts';
import type { WorkerDeps } from './deps.ts';

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
  if (delivery.callback_url === null) return unsent(delivery, 'pending', startedAt, null);
  telemetry.attemptBegan(delivery, startedAt);
  try {
    const callback = prepare(deps, delivery, delivery.callback_url, startedAt);
    const exchange = await deps.egress.post({ ...callback, signal });
    const decision = decide(exchange, {
      attemptsInCycle: delivery.attempts - delivery.attempts_before_cycle,
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

function unsent(
  delivery: LeasedDelivery,
  state: Finished['state'],
  dueAt: number,
  error: string | null,
): Finished {
  return { delivery, state, dueAt, error, attempt: undefined, news: { kind: 'nothing' } };
}

function prepare({ secrets }: WorkerDeps, delivery: LeasedDelivery, url: string, now: number) {
  const { message_id: messageId, connection_id: connectionId } = delivery;
  if (delivery.callback_secret === null) throw new Error('The connection has no callback secret.');
  const previous = (delivery.previous_secret_expires_at ?? 0) > now ? delivery.previous_secret : null;
  const body = Buffer.from(
    delivery.callback_format === 'openclaw' ? openclawBody(delivery) : callbackBody(delivery),
  );
  const signatures = signatureHeaders({
    secret: secrets.signing(delivery.callback_secret, connectionId),
    previousSecret: previous === null ? undefined : secrets.signing(previous, connectionId),
    webhookId: delivery.cycle === 0 ? messageId : `${messageId}-r${delivery.cycle}`,
    timestamp: Math.floor(now / 1000),
    body,
  });
  const own = delivery.callback_headers;
  const headers = {
    // The receiver's own first: they were refused where they have a name of ours.
    ...(own !== null && JSON.parse(secrets.open(own, connectionId))),
    'Content-Type': 'application/json',
    ...signatures,
    'X-Mahilo-Message-Id': messageId,
    'X-Mahilo-Delivery-Id': delivery.id,
    'X-Mahilo-Attempt': String(delivery.attempts + 1),
    ...(delivery.group_id !== null && { 'X-Mahilo-Group-Id': delivery.group_id }),
  };
  return { url, headers, body };
}
