import { resealSecrets } from '@mahilo/shared/rotation/sealed-secrets';
import { resealCheck } from '@mahilo/shared/rotation/secret-check';
import { endAbandoned } from './abandon.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { WorkerDeps } from './deps.ts';
import { expireReviews } from './expire-reviews.ts';
import { leavingRoom } from './leaving-room.ts';
import { prune, pruneAudit, pruneEventDeliveries } from './prune.ts';
import { pruneDecisions, pruneLapsed } from './prune-decisions.ts';
import { prunePolicies } from './prune-policies.ts';
import { pruneSignIns } from './prune-sign-ins.ts';

const DAY_MS = 86_400_000;
/** How long (days) the audit trail is kept at least; its trigger refuses to delete younger entries. */
const AUDIT_DAYS = 366;
const PRUNE_EVERY_MS = 3_600_000;
/** Time (ms) after the start: in a rolling restart, processes that know only the previous key have ended by then. */
const RESEAL_AFTER_MS = 60_000;
/** Repeats after this (ms), for secrets that a process with other settings has sealed meanwhile. */
const RESEAL_EVERY_MS = 3_600_000;

export type CleaningDeps = Pick<WorkerDeps, 'db' | 'clock' | 'telemetry' | 'settings' | 'keys' | 'random'>;

/** The work that has time: deleting what has had its time, and sealing secrets anew. It may take an hour. */
export class Cleaning {
  readonly #deps: CleaningDeps;
  readonly #clockWatch: ClockWatch;
  readonly #isMine: () => boolean;
  readonly #stop: AbortSignal;
  #doubt = new AbortController();
  #running: Promise<void> | undefined;
  #pruneAt = 0;
  #resealAt: number;
  #patientUntil: number | undefined;

  /** `isMine`: whether it is this worker that deletes. One does, so that all together leave room for others. */
  constructor(deps: CleaningDeps, clockWatch: ClockWatch, isMine: () => boolean, stop: AbortSignal) {
    this.#deps = deps;
    this.#clockWatch = clockWatch;
    this.#isMine = isMine;
    this.#stop = stop;
    this.#resealAt = deps.clock.monotonicMs() + RESEAL_AFTER_MS;
  }

  /** Starts what is due, unless it is under way. */
  begin(): void {
    this.#running ??= this.#run()
      .catch((err) => this.#deps.telemetry.maintenanceFailed(err))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** To be called after each look at the clock: by one that is in doubt nothing more is deleted. */
  heedClock(): void {
    if (!this.#clockWatch.hasAgreed) this.#doubt.abort();
  }

  /** Resolves when nothing is under way. */
  async ended(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { db, clock, telemetry, keys, random } = this.#deps;
    const startedAt = clock.monotonicMs();
    // One that failed goes on, and its patience with it.
    this.#patientUntil ??= startedAt + PRUNE_EVERY_MS;
    const patience = { clock, untilMs: this.#patientUntil, signal: this.#stop };
    const patient = { ...this.#deps, db: leavingRoom(db, patience) };
    if (this.#clockWatch.hasAgreed && this.#isMine() && startedAt >= this.#pruneAt) {
      this.#doubt = new AbortController();
      const isEnough = AbortSignal.any([this.#stop, this.#doubt.signal]);
      await pruneLate(patient, isEnough);
      if (!isEnough.aborted) this.#pruneAt = startedAt + PRUNE_EVERY_MS;
    }
    if (keys.all.length > 1 && clock.monotonicMs() >= this.#resealAt) {
      const resealed = await resealSecrets(patient.db, keys, random, { signal: this.#stop });
      await resealCheck(db, keys, random);
      telemetry.resealed(resealed);
      this.#resealAt = clock.monotonicMs() + RESEAL_EVERY_MS;
    }
    this.#patientUntil = undefined;
  }
}

/** Ends and deletes what has had its time. */
async function pruneLate(deps: CleaningDeps, signal: AbortSignal): Promise<void> {
  const { telemetry, settings } = deps;
  telemetry.reviewsExpired(await expireReviews(deps, signal));
  await pruneLapsed(deps, signal);
  await pruneEventDeliveries(deps, signal);
  await pruneSignIns(deps, signal);
  if (settings.RETENTION_DAYS > 0) await pruneOld(deps, signal);
}

/** Deletes what is older than `RETENTION_DAYS`. */
async function pruneOld(deps: CleaningDeps, signal: AbortSignal): Promise<void> {
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
