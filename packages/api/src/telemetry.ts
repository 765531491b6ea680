import { BOUND_NAMES, type BoundName } from '@mahilo/shared/bounds/bounds';
import { isBusy, isDiskFailure } from '@mahilo/shared/db/busy';
import { MahiloError } from '@mahilo/shared/errors';
import { SHORT_SECONDS } from '@mahilo/shared/observe/metrics';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { BudgetTelemetry } from './budget-telemetry.ts';

/** What is reported of a request after its answer. */
export interface Answered {
  requestId: string;
  method: string;
  /** Without the query, which can contain a key. */
  path: string;
  /** The template of the path; undefined when no route matches. */
  route: string | undefined;
  status: number;
  durationMs: number;
  userId: string | undefined;
  client: string;
  /** Ids of what the request created, which lead to the worker's lines and the callback. */
  createdIds: Readonly<Record<string, string>> | undefined;
}

/**
 * Whose limit a request reached. `wrong_key` is the pause of `auth/failed-logins.ts`, `site` an IPv6 /48 without a
 * valid key.
 */
export type LimitReached = 'user' | 'address' | 'wrong_key' | 'accounts_of_address' | 'site' | 'patterns';

/** The two forms of live streams. */
export type StreamKind = 'sse' | 'websocket';

/** What is reported of a live stream that has ended. */
export interface StreamEnd {
  requestId: string;
  userId: string;
  client: string;
  durationMs: number;
  reason: string;
}

interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

/** Any other method counts as one label, so that no caller can create time series. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Probes come every few seconds for ever: at the usual log level an idle process writes nothing. */
const PROBES: ReadonlySet<string | undefined> = new Set(['/health', '/ready']);

/** Reports the API's events, each in one place: log line and metric together. */
export class ApiTelemetry {
  readonly #durations: Histogram<'method' | 'route' | 'status_class'>;
  readonly #accepted: Counter;
  readonly #repeated: Counter;
  readonly #fetched: Counter;
  readonly #acknowledged: Counter;
  readonly #rejected: Counter;
  readonly #held: Counter;
  readonly #refusedLogins: Record<'missing' | 'wrong', Counter.Internal>;
  readonly #limited: Record<LimitReached, Counter.Internal>;
  readonly #unavailable: Record<'busy' | 'disk', Counter.Internal>;
  readonly #quotaExceeded: Counter<'bound'>;
  readonly #quotaNear: Counter<'bound'>;
  readonly #streams: Gauge<'kind'>;

  readonly budgets: BudgetTelemetry;

  constructor(registry: Registry) {
    this.budgets = new BudgetTelemetry(registry);
    const registers = [registry];
    const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
      new Counter({ name, help, labelNames, registers });
    this.#durations = new Histogram({
      name: 'mahilo_http_request_duration_seconds',
      help: 'Requests, from their headers to the end of the answer; route `none`: there is no such path, or not with this method.',
      labelNames: ['method', 'route', 'status_class'],
      buckets: [...SHORT_SECONDS],
      registers,
    });
    this.#accepted = counter('mahilo_messages_accepted_total', 'Messages that were accepted, each once.');
    this.#repeated = counter(
      'mahilo_messages_repeated_total',
      'Sends that repeated an earlier one under its idempotency key.',
    );
    this.#fetched = counter(
      'mahilo_inbox_fetched_total',
      'Messages that polling agents fetched; one that comes again counts again.',
    );
    this.#acknowledged = counter(
      'mahilo_inbox_acknowledged_total',
      'Messages that polling agents acknowledged, each once.',
    );
    this.#rejected = counter(
      'mahilo_messages_rejected_total',
      'Messages that a policy forbade; only with `TRUSTED_MODE`.',
    );
    this.#held = counter(
      'mahilo_messages_held_total',
      'Messages that a policy holds until their sender decides; only with `TRUSTED_MODE`.',
    );
    const refusedLogins = counter(
      'mahilo_auth_failures_total',
      'Requests refused with 401: their API key was missing or wrong.',
      'reason',
    );
    this.#refusedLogins = { missing: refusedLogins.labels('missing'), wrong: refusedLogins.labels('wrong') };
    this.#limited = limitedCounters(registry);
    const unavailable = counter(
      'mahilo_unavailable_total',
      'Requests refused with 503 because of the database: it was busy, or its disk is full or fails.',
      'reason',
    );
    this.#unavailable = { busy: unavailable.labels('busy'), disk: unavailable.labels('disk') };
    this.#quotaExceeded = counter(
      'mahilo_quota_exceeded_total',
      'Requests refused because a user had as much as docs/limits.md allows, by the bound.',
      'bound',
    );
    this.#quotaNear = counter(
      'mahilo_quota_near_total',
      'Requests that brought a user to 80 % of a bound of docs/limits.md, or further, by the bound.',
      'bound',
    );
    this.#streams = new Gauge({
      name: 'mahilo_live_streams',
      help: 'Live event streams that are open.',
      labelNames: ['kind'],
      registers,
    });
    this.#startAtZero();
  }

  /** A series that does not exist before its first event hides that event from Prometheus' `rate`. */
  #startAtZero(): void {
    this.#streams.labels('sse').set(0);
    this.#streams.labels('websocket').set(0);
    for (const name of BOUND_NAMES) {
      this.#quotaExceeded.labels(name).inc(0);
      this.#quotaNear.labels(name).inc(0);
    }
    for (const child of [this.#refusedLogins, this.#limited, this.#unavailable].flatMap(
      Object.values<Counter.Internal>,
    ))
      child.inc(0);
  }

  requestAnswered(log: Log, answered: Answered): void {
    const { requestId: request_id, method, path, route, status, durationMs } = answered;
    const { userId: user_id, client, createdIds } = answered;
    this.#durations.observe(
      {
        method: METHODS.has(method) ? method : 'other',
        route: route ?? 'none',
        status_class: `${Math.floor(status / 100)}xx`,
      },
      durationMs / 1000,
    );
    const duration_ms = Math.round(durationMs * 10) / 10;
    const level = PROBES.has(route) ? 'debug' : 'info';
    log[level](
      { request_id, method, path, status, duration_ms, user_id, client, ...createdIds },
      'Request answered',
    );
  }

  /** The request's own line reports it. */
  messageAccepted(): void {
    this.#accepted.inc();
  }

  messageRepeated(): void {
    this.#repeated.inc();
  }

  /** The request's own line reports it. */
  messagesFetched(count: number): void {
    this.#fetched.inc(count);
  }

  /** The request's own line reports it. */
  messagesAcknowledged(count: number): void {
    this.#acknowledged.inc(count);
  }

  /** The request's own line reports it, with status 403. */
  messageRejected(): void {
    this.#rejected.inc();
  }

  /** The request's own line reports it. */
  messageHeld(): void {
    this.#held.inc();
  }

  /** The request's own line reports it, with status 401. */
  loginRefused(reason: 'missing' | 'wrong'): void {
    this.#refusedLogins[reason].inc();
  }

  /** The request's own line reports it, with status 429. */
  rateLimited(by: LimitReached): void {
    this.#limited[by].inc();
  }

  /** The request's own line says why; this counts only failures of the database. */
  requestFailed(error: unknown): void {
    const cause = error instanceof MahiloError && error.code === 'UNAVAILABLE' ? error.cause : error;
    if (isDiskFailure(cause)) this.#unavailable.disk.inc();
    else if (isBusy(cause)) this.#unavailable.busy.inc();
  }

  /** The request's own line reports it, with status 429. */
  quotaExceeded(name: BoundName): void {
    this.#quotaExceeded.labels(name).inc();
  }

  quotaNear(name: BoundName): void {
    this.#quotaNear.labels(name).inc();
  }

  /** The line follows when the stream ends. */
  streamOpened(kind: StreamKind): void {
    this.#streams.labels(kind).inc();
  }

  streamEnded(
    log: Log,
    kind: StreamKind,
    { requestId, userId, client, durationMs, reason }: StreamEnd,
  ): void {
    this.#streams.labels(kind).dec();
    const fields = { request_id: requestId, user_id: userId, client, kind, duration_ms: durationMs, reason };
    log.info(fields, 'Live stream ended');
  }
}

function limitedCounters(registry: Registry): Record<LimitReached, Counter.Internal> {
  const limited = new Counter({
    name: 'mahilo_rate_limited_total',
    help: 'Requests refused with 429, by whose limit was reached.',
    labelNames: ['by'],
    registers: [registry],
  });
  return {
    user: limited.labels('user'),
    address: limited.labels('address'),
    wrong_key: limited.labels('wrong_key'),
    accounts_of_address: limited.labels('accounts_of_address'),
    site: limited.labels('site'),
    patterns: limited.labels('patterns'),
  };
}
