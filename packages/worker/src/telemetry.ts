import { ATTEMPT_OUTCOMES, type AttemptOutcome } from '@mahilo/shared/attempt-outcomes';
import { type Clock, systemClock } from '@mahilo/shared/clock';
import type { OutboxState } from '@mahilo/shared/db/schema';
import type { LeasedDelivery } from '@mahilo/shared/outbox/lease';
import type { Logger } from 'pino';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Finished } from './decide.ts';
import type { SettleAndLeaseResult } from './settle-and-lease.ts';
import { Troubles } from './troubles.ts';

type Ended = Exclude<OutboxState, 'pending' | 'leased'>;
type CountedOutcome = AttemptOutcome | 'not_counted';

/** Upper bounds (s) of what depends on agents: up to CALLBACK_TIMEOUT_MS and beyond. */
const CALLBACK_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Upper bounds (s) of a wait: milliseconds when all is well, hours when no worker ran. */
const WAIT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200];

/** Reports a worker's events, each in one place: log line and metric together. */
export class WorkerTelemetry {
  readonly #log: Logger;
  readonly #registry: Registry;
  readonly #attempts: Record<CountedOutcome, Counter.Internal>;
  readonly #callbacks: Record<'delivered' | 'failed', Histogram.Internal<string>>;
  readonly #queueWait: Histogram;
  readonly #settled: Record<Ended, Counter.Internal>;
  readonly #stopped: Record<'failing' | 'gone', Counter.Internal>;
  readonly #troubles: Record<'turn' | 'renewal' | 'heartbeat' | 'maintenance' | 'fan_out', Counter.Internal>;
  readonly #ownTroubles: Troubles;
  readonly #retries: Counter;
  readonly #rescued: Counter;
  readonly #lost: Counter;
  readonly #clock: ReturnType<typeof clockMetrics>;

  constructor(log: Logger, registry: Registry, clock: Clock = systemClock) {
    const registers = [registry];
    const counter = (name: string, help: string) => new Counter({ name, help, registers });
    const counters = <Label extends string>(
      name: string,
      help: string,
      label: string,
      values: readonly Label[],
    ) => bound(new Counter({ name, help, labelNames: [label], registers }), values);
    this.#log = log;
    this.#ownTroubles = ownTroubles(log, clock);
    this.#registry = registry;
    this.#watchTroubles();
    this.#attempts = counters(
      'mahilo_delivery_attempts_total',
      'Attempts by how they ended; `not_counted`: the trouble was ours, and no attempt was used up.',
      'outcome',
      [...ATTEMPT_OUTCOMES, 'not_counted'],
    );
    this.#settled = counters(
      'mahilo_deliveries_settled_total',
      'Deliveries that reached an end; `failed` ones are new dead letters.',
      'state',
      ['delivered', 'failed', 'cancelled'],
    );
    this.#stopped = counters(
      'mahilo_agents_stopped_total',
      'Agents that are sent nothing more: suspended after failing for days, or gone by their own word (410).',
      'reason',
      ['failing', 'gone'],
    );
    this.#troubles = counters(
      'mahilo_worker_troubles_total',
      'What a worker could not do with the database, by what it was about to do. It tries again.',
      'during',
      ['turn', 'renewal', 'heartbeat', 'maintenance', 'fan_out'],
    );
    this.#retries = counter('mahilo_retries_scheduled_total', 'Attempts after which a retry was scheduled.');
    this.#rescued = counter(
      'mahilo_leases_rescued_total',
      'Deliveries taken over after the lease of another worker had expired.',
    );
    this.#lost = counter(
      'mahilo_leases_lost_total',
      'Outcomes that came too late: another worker had taken the delivery over.',
    );
    this.#clock = clockMetrics(registers);
    const callbacks = new Histogram({
      name: 'mahilo_callback_duration_seconds',
      help: 'Callbacks, from name look-up to the end of the answer, by whether they delivered.',
      labelNames: ['result'],
      buckets: CALLBACK_SECONDS,
      registers,
    });
    this.#callbacks = { delivered: callbacks.labels('delivered'), failed: callbacks.labels('failed') };
    this.#queueWait = new Histogram({
      name: 'mahilo_queue_wait_seconds',
      help: 'From the moment a message was accepted to its first attempt.',
      buckets: WAIT_SECONDS,
      registers,
    });
  }

  /** The gauge of what is in flight calls `held`. */
  watchInFlight(held: () => number): void {
    new Gauge({
      name: 'mahilo_callbacks_in_flight',
      help: 'Deliveries that this worker has in hand.',
      registers: [this.#registry],
      collect() {
        this.set(held());
      },
    });
  }

  #watchTroubles(): void {
    const troubles = this.#ownTroubles;
    new Gauge({
      name: 'mahilo_lanes_in_trouble',
      help: 'Agents that this worker could not even try, because of the registry’s own trouble: name resolution, network.',
      registers: [this.#registry],
      collect() {
        this.set(troubles.lanes);
      },
    });
  }

  attemptBegan(delivery: LeasedDelivery, now: number): void {
    if (delivery.attempts === 0) this.#queueWait.observe(Math.max(0, now - delivery.accepted_at) / 1000);
  }

  /** One wide line for each attempt, with all ids that link it to the API's and the agent's logs. */
  attempted({ delivery, state, dueAt, error, attempt, news }: Finished, durationMs: number): void {
    if (news.kind === 'trouble') this.#ownTroubles.met(delivery.connection_id, error ?? '');
    else if (news.kind !== 'nothing') this.#ownTroubles.over(delivery.connection_id);
    const outcome = attempt?.outcome ?? 'not_counted';
    this.#attempts[outcome].inc();
    this.#callbacks[outcome === 'delivered' ? 'delivered' : 'failed'].observe(durationMs / 1000);
    if (state === 'pending' && outcome !== 'not_counted') this.#retries.inc();
    // The registry's own trouble is reported once, and not for each delivery that it delays.
    this.#log[attempt === undefined ? 'debug' : 'info'](
      {
        delivery_id: delivery.id,
        ...(delivery.message_id === null
          ? { event_id: delivery.event_id }
          : { message_id: delivery.message_id }),
        connection_id: delivery.connection_id,
        attempt: delivery.attempts + 1,
        outcome,
        status_code: attempt?.statusCode ?? undefined,
        error: error ?? undefined,
        duration_ms: durationMs,
        next_state: state,
        due_at: state === 'pending' ? dueAt : undefined,
      },
      'Delivery attempted',
    );
  }

  unprepared(delivery: LeasedDelivery, err: unknown): void {
    this.#attempts.not_counted.inc();
    const ids = { delivery_id: delivery.id, connection_id: delivery.connection_id };
    this.#log.error({ err, ...ids }, 'Delivery could not be prepared');
  }

  /** Reports the outcomes of `finished` attempts and what was leased, after the commit of a turn. */
  settledAndLeased(
    finished: readonly Finished[],
    { leased, lost, failing, gone }: SettleAndLeaseResult,
  ): void {
    for (const settlement of finished) {
      if (lost.includes(settlement)) this.#leaseLost(settlement.delivery);
      else if (settlement.state !== 'pending') this.#settled[settlement.state].inc();
    }
    for (const delivery of leased) if (delivery.rescued) this.#leaseRescued(delivery);
    for (const connectionId of failing) this.#agentStopped(connectionId, 'failing');
    for (const connectionId of gone) this.#agentStopped(connectionId, 'gone');
  }

  #leaseLost(delivery: LeasedDelivery): void {
    this.#lost.inc();
    this.#log.warn(
      { delivery_id: delivery.id },
      'Lease was lost; another worker has taken the delivery over',
    );
  }

  #leaseRescued(delivery: LeasedDelivery): void {
    this.#rescued.inc();
    this.#log.warn({ delivery_id: delivery.id }, 'Delivery was taken over: its lease had expired');
  }

  #agentStopped(connectionId: string, reason: 'failing' | 'gone'): void {
    this.#stopped[reason].inc();
    this.#log.warn({ connection_id: connectionId, reason }, 'Agent is sent nothing more');
  }

  turnFailed(err: unknown): void {
    this.#troubles.turn.inc();
    this.#log.error({ err }, 'Queue could not be read or written; trying again');
  }

  renewalFailed(err: unknown): void {
    this.#troubles.renewal.inc();
    this.#log.error({ err }, 'Leases could not be renewed; trying again');
  }

  heartbeatFailed(err: unknown): void {
    this.#troubles.heartbeat.inc();
    this.#log.warn({ err }, 'Heartbeat could not be written; trying again');
  }

  fanOutFailed(err: unknown): void {
    this.#troubles.fan_out.inc();
    this.#log.error({ err }, 'Events could not be brought to their subscriptions; trying again');
  }

  maintenanceFailed(err: unknown): void {
    this.#troubles.maintenance.inc();
    this.#log.warn({ err }, 'Maintenance did not finish; trying again');
  }

  clockJumped(byMs: number): void {
    this.#clock.jumps.inc();
    this.#log.warn(
      { by_ms: Math.round(byMs) },
      'The clock of this machine was set; nothing is pruned or suspended for ten minutes',
    );
  }

  clockDoubted(isDoubted: boolean): void {
    this.#clock.doubted.set(isDoubted ? 1 : 0);
  }

  timesMended(deliveries: number): void {
    this.#log.warn({ deliveries }, 'Times further in the future than any setting allows were not believed');
  }

  resealed(secrets: number): void {
    this.#log.info({ resealed: secrets }, 'Callback secrets under SECRET_KEY_PREVIOUS were sealed anew');
  }

  abandoned(deliveries: number): void {
    if (deliveries > 0) this.#log.info({ deliveries }, 'Deliveries that nobody took became dead letters');
  }

  reviewsExpired(reviews: number): void {
    if (reviews > 0) this.#log.info({ reviews }, 'Held messages that nobody decided about expired');
  }

  subscriptionsExpired(subscriptions: number): void {
    if (subscriptions > 0) this.#log.info({ subscriptions }, 'Subscriptions to events expired');
  }

  pruned(gone: { messages: number; events: number }): void {
    if (gone.messages + gone.events > 0) this.#log.info(gone, 'Old messages and events were deleted');
  }
}

/** The children of a counter, created once. Each starts at 0, so that Prometheus sees the first increment. */
function bound<Label extends string>(
  counter: Counter,
  values: readonly Label[],
): Record<Label, Counter.Internal> {
  const children = values.map((value) => {
    const child = counter.labels(value);
    child.inc(0);
    return [value, child] as const;
  });
  return Object.fromEntries(children) as Record<Label, Counter.Internal>;
}

function ownTroubles(log: Logger, clock: Clock): Troubles {
  return new Troubles(clock, {
    began: (trouble) => log.error({ trouble }, 'The registry itself has trouble; what is owed waits'),
    lasts: (trouble, lanes) => log.error({ trouble, lanes }, 'The registry itself still has trouble'),
    ended: (trouble) => log.info({ trouble }, 'The registry’s own trouble is over'),
  });
}

function clockMetrics(registers: Registry[]): { jumps: Counter; doubted: Gauge } {
  return {
    jumps: new Counter({
      name: 'mahilo_clock_jumps_total',
      help: 'Times that the wall clock was set by more than a minute.',
      registers,
    }),
    doubted: new Gauge({
      name: 'mahilo_clock_doubted',
      help: '1 while nothing is suspended or pruned: the clock was set, or the newest event lies in the future.',
      registers,
    }),
  };
}
