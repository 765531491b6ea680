import { type LaneLimits, refreshAllLanes } from '@mahilo/shared/outbox/lanes';
import { type LongestWaits, mendTimes } from '@mahilo/shared/outbox/mend-times';
import { resealSecrets } from '@mahilo/shared/rotation/sealed-secrets';
import { resealCheck } from '@mahilo/shared/rotation/secret-check';
import { endAbandoned } from './abandon.ts';
import type { ClockWatch } from './clock-watch.ts';
import { ASKED_JITTER } from './decide.ts';
import type { WorkerDeps } from './deps.ts';
import { expireReviews } from './expire-reviews.ts';
import { expireSubscriptions } from './expire-subscriptions.ts';
import { leavingRoom } from './leaving-room.ts';
import { prune, pruneAudit, pruneEventDeliveries } from './prune.ts';
import { pruneDecisions, pruneLapsed } from './prune-decisions.ts';
import { prunePolicies } from './prune-policies.ts';
import { pruneSignIns } from './prune-sign-ins.ts';

const DAY_MS = 86_400_000;
/** How long (days) the audit trail is kept at least; its trigger refuses to delete younger entries. */
const AUDIT_DAYS = 366;
/** What a clock that jumped has left behind is mended within 30 s. */
const EVERY_MS = 25_000;
const LOOK_AT_CLOCK_EVERY_MS = 5000;
const PRUNE_EVERY_MS = 3_600_000;
/** Time (ms) after the start: in a rolling restart, processes that know only the previous key have ended by then. */
const RESEAL_AFTER_MS = 60_000;
/** Repeats after this (ms), for secrets that a process with other settings has sealed meanwhile. */
const RESEAL_EVERY_MS = 3_600_000;
const UPKEEP_EVERY_MS = 1000;

type MaintenanceDeps = Pick<WorkerDeps, 'db' | 'clock' | 'telemetry' | 'settings' | 'keys' | 'random'>;

export interface Surroundings {
  /** Lets the worker look for deliveries. */
  wake(): void;
  /** Whether it is this worker that deletes what has had its time: one does, so that all together leave room for others. */
  cleansUp(): boolean;
}

/**
 * Starts the maintenance of the database beside the deliveries. Every worker runs its rounds, and finds done what another has
 * done.
 */
export function startMaintenance(
  deps: MaintenanceDeps,
  limits: LaneLimits,
  clockWatch: ClockWatch,
  { wake, cleansUp }: Surroundings,
): AsyncDisposable {
  const { db, clock, telemetry, settings, keys, random } = deps;
  const stop = new AbortController();
  let doubt = new AbortController();
  let pruneAt = 0;
  let patientUntil: number | undefined;
  let resealAt = clock.monotonicMs() + RESEAL_AFTER_MS;

  const keepUp = async () => {
    const mended = await mendTimes(db, longestWaits(settings), clock.now());
    if (mended > 0) telemetry.timesMended(mended);
    await refreshAllLanes(db, limits, clock);
    wake();
    if (clockWatch.isBelieved) telemetry.subscriptionsExpired(await expireSubscriptions(deps, stop.signal));
    await db.upkeep.seldom();
  };
  const cleanUp = async () => {
    const startedAt = clock.monotonicMs();
    // A cleaning that failed goes on, and its patience with it.
    patientUntil ??= startedAt + PRUNE_EVERY_MS;
    const { signal } = stop;
    const patient = { ...deps, db: leavingRoom(db, { clock, untilMs: patientUntil, signal }) };
    if (clockWatch.hasAgreed && cleansUp() && startedAt >= pruneAt) {
      doubt = new AbortController();
      const isEnough = AbortSignal.any([signal, doubt.signal]);
      await pruneLate(patient, isEnough);
      if (!isEnough.aborted) pruneAt = startedAt + PRUNE_EVERY_MS;
    }
    if (keys.all.length > 1 && clock.monotonicMs() >= resealAt) {
      const resealed = await resealSecrets(patient.db, keys, random, { signal });
      await resealCheck(db, keys, random);
      telemetry.resealed(resealed);
      resealAt = clock.monotonicMs() + RESEAL_EVERY_MS;
    }
    patientUntil = undefined;
  };

  const failed = (err: unknown) => telemetry.maintenanceFailed(err);
  let isWanted = false;
  let running: Promise<void> | undefined;
  let cleaning: Promise<void> | undefined;
  const rounds = async () => {
    while (isWanted && !stop.signal.aborted) {
      isWanted = false;
      await keepUp().catch(failed);
      // It may take an hour, in which the rounds go on.
      cleaning ??= cleanUp()
        .catch(failed)
        .finally(() => {
          cleaning = undefined;
        });
    }
    running = undefined;
  };
  const next = () => {
    isWanted = true;
    running ??= rounds();
  };
  next();
  const timer = setInterval(next, EVERY_MS);
  const lookAtClock = async () => {
    try {
      if (await clockWatch.look()) next();
    } catch (err) {
      failed(err);
    }
    if (!clockWatch.hasAgreed) doubt.abort();
  };
  const clockTimer = setInterval(lookAtClock, LOOK_AT_CLOCK_EVERY_MS);
  const upkeepTimer = setInterval(() => void db.upkeep.often().catch(failed), UPKEEP_EVERY_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      clearInterval(clockTimer);
      clearInterval(upkeepTimer);
      stop.abort();
      await running;
      await cleaning;
    },
  };
}

/** Ends and deletes what has had its time. */
async function pruneLate(deps: MaintenanceDeps, signal: AbortSignal): Promise<void> {
  const { telemetry, settings } = deps;
  telemetry.reviewsExpired(await expireReviews(deps, signal));
  await pruneLapsed(deps, signal);
  await pruneEventDeliveries(deps, signal);
  await pruneSignIns(deps, signal);
  if (settings.RETENTION_DAYS > 0) await pruneOld(deps, signal);
}

/** Deletes what is older than `RETENTION_DAYS`. */
async function pruneOld(deps: MaintenanceDeps, signal: AbortSignal): Promise<void> {
  const { clock, telemetry, settings } = deps;
  const now = clock.now();
  const before = now - settings.RETENTION_DAYS * DAY_MS;
  telemetry.abandoned(await endAbandoned(deps, before, signal));
  const gone = await prune(deps, before, signal);
  await pruneDecisions(deps, before, signal);
  await prunePolicies(deps, before, signal);
  const auditDays = Math.max(settings.RETENTION_DAYS, AUDIT_DAYS);
  await pruneAudit(deps, now - auditDays * DAY_MS, signal);
  telemetry.pruned(gone);
}

function longestWaits(settings: WorkerDeps['settings']): LongestWaits {
  return {
    retryMs: settings.RETRY_MAX_MS,
    leaseMs: settings.LEASE_MS,
    inboxLeaseMs: settings.INBOX_LEASE_MS,
    pauseMs: Math.max(settings.BREAKER_MAX_MS, settings.RETRY_MAX_MS * (1 + ASKED_JITTER)),
  };
}
