import type { Clock } from '@mahilo/shared/clock';
import { Notifier } from '@mahilo/shared/notifier';
import type { LaneLimits, Urgency } from '@mahilo/shared/outbox/lanes';
import type { LeasedDelivery } from '@mahilo/shared/outbox/lease';
import { nextReadyAt, type Position, type UpcomingLane, upcomingLanes } from '@mahilo/shared/outbox/ready';
import { renewLeases } from '@mahilo/shared/outbox/renew';
import { attemptDelivery, unsent } from './attempt.ts';
import { ClockWatch } from './clock-watch.ts';
import type { Finished } from './decide.ts';
import type { WorkerDeps } from './deps.ts';
import { startFanOut } from './fan-out.ts';
import { startMaintenance } from './maintain.ts';
import { mayChangeConnections, settleAndLease } from './settle-and-lease.ts';
import { Slots } from './slots.ts';
import { WorkerMembership } from './worker-membership.ts';

/** Outcomes wait this long (ms) for others while some are in flight, since one commit settles them all. */
const SETTLE_TOGETHER_MS = 5;
/** After a turn that failed (database busy or full), the next one begins no earlier than this (ms). */
const AFTER_FAILURE_MS = 250;
/** How long (ms) this worker leaves a lane to its home before it serves the lane itself. */
const LEAVE_TO_HOME_MS = 50;
/** How often a lease is renewed within its duration. */
const RENEWALS_PER_LEASE = 3;
/** When the answer that something is leased takes longer than this part of the lease, it may end before it is renewed. */
const LATE_PART = 2;

/**
 * The delivery process: waits for due deliveries, leases them, attempts each, and settles the outcomes. Several may
 * run on one database; each leaves the deliveries of the others alone.
 */
export class Worker {
  readonly #deps: WorkerDeps;
  readonly #limits: LaneLimits;
  readonly #owner: string;
  readonly #membership: WorkerMembership;
  readonly #notifier = new Notifier();
  readonly #clockWatch: ClockWatch;
  /**
   * What this worker has leased, until its outcome is recorded. After a long sleep it may contain a delivery twice.
   */
  readonly #held = new Map<LeasedDelivery, AbortController>();
  /** The callbacks of these that are still running. */
  readonly #slots: Slots;
  readonly #position = new Map<Urgency, Position>();
  #finished: Finished[] = [];
  #settleTimer: NodeJS.Timeout | undefined;
  #leasing = true;
  #running: Promise<void> | undefined;
  #clockOffset: number;

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    this.#clockOffset = offsetOf(deps.clock);
    this.#owner = deps.newId('wkr');
    this.#clockWatch = new ClockWatch(deps);
    this.#membership = new WorkerMembership(deps.db, deps.clock, this.#owner);
    const { settings } = deps;
    this.#limits = {
      slots: settings.LANE_CONCURRENCY,
      breakerFailures: settings.BREAKER_FAILURES,
      unprovenPerMinute: settings.UNPROVEN_PER_MINUTE,
    };
    this.#slots = new Slots({
      total: settings.WORKER_CONCURRENCY,
      perDestination: settings.IN_FLIGHT_PER_DESTINATION,
      perLane: settings.LANE_CONCURRENCY,
    });
    deps.telemetry.watchInFlight(() => this.#held.size);
  }

  /** Starts to deliver. Idempotent. */
  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Stops: leases nothing more, lets callbacks in flight finish for `timeoutMs`, and releases the rest. Idempotent.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#leasing = false;
    this.#notifier.notify();
    const deadline = setTimeout(() => {
      for (const abort of this.#held.values()) abort.abort();
    }, timeoutMs);
    await this.#running;
    clearTimeout(deadline);
  }

  async #run(): Promise<void> {
    const { db, settings, telemetry } = this.#deps;
    await using fanOut = startFanOut(this.#deps, () => this.#notifier.notify());
    using _changes = db.onChange(() => {
      this.#notifier.notify();
      fanOut.notify();
    });
    await using _maintenance = startMaintenance(this.#deps, this.#limits, this.#clockWatch, {
      wake: () => this.#notifier.notify(),
      cleansUp: () => this.#membership.isFirst,
    });
    await this.#membership.join((err) => telemetry.heartbeatFailed(err));
    const renewal = setInterval(() => this.#renew(), settings.LEASE_MS / RENEWALS_PER_LEASE);
    try {
      while (this.#leasing || this.#held.size > 0) {
        const waitMs = await this.#turn().catch((err) => {
          telemetry.turnFailed(err);
          return AFTER_FAILURE_MS;
        });
        if (this.#leasing || this.#held.size > 0) await this.#notifier.wait(waitMs);
      }
      await this.#membership.leave();
    } finally {
      clearInterval(renewal);
      clearTimeout(this.#settleTimer);
    }
  }

  /** Settles finished attempts and leases what is due. @returns how long (ms) until there may be more to do. */
  async #turn(): Promise<number> {
    if (this.#wasClockSetAhead()) await this.#renew();
    if (this.#finished.length === 0) {
      const waitMs = await this.#untilNext();
      if (waitMs > 0) return waitMs;
    }
    await this.#settleAndLease(this.#capacity());
    return this.#untilNext();
  }

  /** Whether leases of callbacks in flight seem to be over, or soon will, only because somebody has set the clock since the last turn. */
  #wasClockSetAhead(): boolean {
    const before = this.#clockOffset;
    this.#clockOffset = offsetOf(this.#deps.clock);
    return this.#clockOffset - before > this.#deps.settings.LEASE_MS / RENEWALS_PER_LEASE;
  }

  /**
   * How long (ms) until a lane can be served. Without free slots it does not matter, since an outcome notifies the
   * loop.
   */
  async #untilNext(): Promise<number> {
    if (this.#capacity() <= 0) return Number.POSITIVE_INFINITY;
    await this.#membership.refresh();
    const { db, clock } = this.#deps;
    const now = clock.now();
    const serveAt = (lane: UpcomingLane) => this.#serveAt(lane);
    const hasRoomFor = (lane: UpcomingLane) => this.#slots.hasRoomFor(lane, lane.urgency);
    const [first] = await upcomingLanes(db.kysely, 1);
    if (first === undefined) return Number.POSITIVE_INFINITY;
    if (first.ready_at > now && this.#membership.isAlone) return first.ready_at - now;
    if (first.ready_at <= now && serveAt(first) <= now && hasRoomFor(first)) return 0;
    const request = { now, limits: this.#limits, serveAt, hasRoomFor, position: this.#position };
    return Math.max(0, (await nextReadyAt(db.kysely, request)) - now);
  }

  #serveAt({ connection_id, ready_at }: UpcomingLane): number {
    return this.#membership.isHome(connection_id) ? ready_at : ready_at + LEAVE_TO_HOME_MS;
  }

  /** Deliveries that could be leased now. */
  #capacity(): number {
    return this.#leasing
      ? this.#deps.settings.WORKER_CONCURRENCY - this.#held.size + this.#finished.length
      : 0;
  }

  async #settleAndLease(capacity: number): Promise<void> {
    const { db, clock, settings, random } = this.#deps;
    const finished = this.#finished;
    this.#finished = [];
    const token = random.bytes(16).toString('base64url');
    const write = mayChangeConnections(finished, clock.now()) ? db.write : db.writeBeside;
    let leasedAt = 0;
    const result = await write((trx) => {
      // Not before: a transaction may have to wait, and to be done again, for longer than a lease lasts.
      const now = clock.now();
      leasedAt = now;
      return settleAndLease(trx, {
        finished,
        request:
          capacity > 0
            ? {
                owner: this.#owner,
                token,
                now,
                leaseMs: settings.LEASE_MS,
                capacity,
                limits: this.#limits,
                serveAt: (lane) => this.#serveAt(lane),
                shares: () => this.#slots.plan(),
                position: this.#position,
              }
            : undefined,
        limits: this.#limits,
        breaker: {
          failures: settings.BREAKER_FAILURES,
          baseMs: settings.RETRY_BASE_MS,
          maxMs: settings.BREAKER_MAX_MS,
        },
        now,
        isClockBelieved: this.#clockWatch.isBelieved,
      });
    }).catch((err) => {
      // Nothing was recorded: the outcomes wait for the next turn, and their leases are renewed meanwhile.
      this.#finished = [...finished, ...this.#finished];
      throw err;
    });
    for (const { delivery } of finished) this.#held.delete(delivery);
    this.#deps.telemetry.settledAndLeased(finished, result);
    const isLate = clock.now() > leasedAt + settings.LEASE_MS / LATE_PART;
    for (const delivery of result.leased) this.#begin(delivery, isLate);
  }

  /** Makes an attempt; or gives it back when it `isLate`, since another worker may have taken the delivery over, or soon will. */
  #begin(delivery: LeasedDelivery, isLate: boolean): void {
    const abort = new AbortController();
    this.#held.set(delivery, abort);
    this.#slots.add(delivery);
    const attempt = isLate
      ? Promise.resolve(unsent(delivery, 'pending', this.#deps.clock.now(), null))
      : attemptDelivery(this.#deps, delivery, abort.signal);
    void attempt.then((settlement) => {
      this.#slots.remove(delivery);
      this.#finished.push(settlement);
      if (this.#finished.length === this.#held.size) this.#notifier.notify();
      else this.#settleSoon();
    });
  }

  #settleSoon(): void {
    this.#settleTimer ??= setTimeout(() => {
      this.#settleTimer = undefined;
      this.#notifier.notify();
    }, SETTLE_TOGETHER_MS);
  }

  async #renew(): Promise<void> {
    const { db, clock, settings, telemetry } = this.#deps;
    const held = [...this.#held.keys()];
    if (held.length === 0) return;
    const leases = held.map((delivery) => ({ id: delivery.id, token: delivery.lease_token }));
    try {
      const ours = await db.write((trx) => {
        const now = clock.now();
        return renewLeases(trx, leases, now + settings.LEASE_MS, this.#limits, now);
      });
      // Another worker sends these now: the callback in flight here would only be a duplicate.
      for (const delivery of held) if (!ours.has(delivery.id)) this.#held.get(delivery)?.abort();
    } catch (err) {
      telemetry.renewalFailed(err);
    }
  }
}

/** By how much (ms) the wall clock is ahead of the monotonic one. */
function offsetOf(clock: Clock): number {
  return clock.now() - clock.monotonicMs();
}
