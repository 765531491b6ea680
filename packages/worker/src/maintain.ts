import { type LaneLimits, refreshAllLanes } from '@mahilo/shared/outbox/lanes';
import { type LongestWaits, mendTimes } from '@mahilo/shared/outbox/mend-times';
import { Cleaning, type CleaningDeps } from './cleaning.ts';
import type { ClockWatch } from './clock-watch.ts';
import { ASKED_JITTER } from './decide.ts';
import type { WorkerDeps } from './deps.ts';
import { expireSubscriptions } from './expire-subscriptions.ts';

/** What a clock that jumped has left behind is mended within 30 s. */
const EVERY_MS = 25_000;
const LOOK_AT_CLOCK_EVERY_MS = 5000;
const UPKEEP_EVERY_MS = 1000;

export interface Surroundings {
  /** Lets the worker look for deliveries. */
  wake(): void;
  /** Whether it is this worker that deletes what has had its time. */
  cleansUp(): boolean;
}

/**
 * Starts the maintenance of the database beside the deliveries. Every worker runs its rounds, and finds done what another has
 * done.
 */
export function startMaintenance(
  deps: CleaningDeps,
  limits: LaneLimits,
  clockWatch: ClockWatch,
  { wake, cleansUp }: Surroundings,
): AsyncDisposable {
  const { db, clock, telemetry, settings } = deps;
  const failed = (err: unknown) => telemetry.maintenanceFailed(err);
  const stop = new AbortController();
  const cleaning = new Cleaning(deps, clockWatch, cleansUp, stop.signal);

  const keepUp = async () => {
    const mended = await mendTimes(db, longestWaits(settings), clock.now());
    if (mended > 0) telemetry.timesMended(mended);
    await refreshAllLanes(db, limits, clock);
    wake();
    if (clockWatch.isBelieved) telemetry.subscriptionsExpired(await expireSubscriptions(deps, stop.signal));
    await db.upkeep.seldom();
  };
  let isWanted = false;
  let running: Promise<void> | undefined;
  const rounds = async () => {
    while (isWanted && !stop.signal.aborted) {
      isWanted = false;
      await keepUp().catch(failed);
      cleaning.begin();
    }
    running = undefined;
  };
  const next = () => {
    isWanted = true;
    running ??= rounds();
  };
  const lookAtClock = async () => {
    try {
      if (await clockWatch.look()) next();
    } catch (err) {
      failed(err);
    }
    cleaning.heedClock();
  };

  next();
  const timers = [
    setInterval(next, EVERY_MS),
    setInterval(lookAtClock, LOOK_AT_CLOCK_EVERY_MS),
    setInterval(() => void db.upkeep.often().catch(failed), UPKEEP_EVERY_MS),
  ];
  return {
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer);
      stop.abort();
      await running;
      await cleaning.ended();
    },
  };
}

function longestWaits(settings: WorkerDeps['settings']): LongestWaits {
  return {
    retryMs: settings.RETRY_MAX_MS,
    leaseMs: settings.LEASE_MS,
    inboxLeaseMs: settings.INBOX_LEASE_MS,
    pauseMs: Math.max(settings.BREAKER_MAX_MS, Math.ceil(settings.RETRY_MAX_MS * (1 + ASKED_JITTER))),
  };
}
