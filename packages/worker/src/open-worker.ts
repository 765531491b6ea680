import { serverOptions } from '@mahilo/shared/config/server-options';
import type { Settings } from '@mahilo/shared/config/settings';
import type { Database } from '@mahilo/shared/db/database';
import { openDatabase } from '@mahilo/shared/db/open';
import { createEgressClient } from '@mahilo/shared/egress/client';
import { egressPolicy } from '@mahilo/shared/egress/policy';
// Before the heap is tuned: Node's compile cache has it for an API, too.
import '@mahilo/shared/egress/requests';
import { idSource } from '@mahilo/shared/ids';
import { startInternalServer } from '@mahilo/shared/observe/internal-server';
import { measureCommits } from '@mahilo/shared/observe/metrics';
import { answeringMeanwhile } from '@mahilo/shared/process/answer-meanwhile';
import { systemRandom } from '@mahilo/shared/random';
import { assertSecretRight } from '@mahilo/shared/rotation/secret-check';
import { keyRing } from '@mahilo/shared/sealing/key-ring';
import { MinuteRecorder } from '@mahilo/shared/stats/recorder';
import { USER_AGENT } from '@mahilo/shared/version';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { Secrets } from './secrets.ts';
import { WorkerTelemetry } from './telemetry.ts';
import { Worker } from './worker.ts';

/** A worker on its database, with everything but what belongs to the process around it: signals and endings. */
export interface OpenWorker {
  db: Database;
  /** Begins to deliver. */
  start(): Promise<void>;
  /** Finishes what is under way, or gives it back after SHUTDOWN_TIMEOUT_MS, and closes the database. */
  close(): Promise<void>;
}

/** @throws SetupError when only a person can mend what is wrong. */
export async function openWorker(settings: Settings, registry: Registry, log: Logger): Promise<OpenWorker> {
  // What a worker records may be forgotten by a power cut: it is then owed still, and done again.
  const places = [{ host: settings.METRICS_HOST, port: settings.METRICS_PORT }];
  const db = await answeringMeanwhile(places, (surroundings) =>
    openDatabase(settings.DATABASE_URL, 'soon', surroundings, serverOptions(settings)),
  );
  const keys = keyRing(settings);
  await assertSecretRight(db, keys, systemRandom);
  measureCommits(registry, db);
  const egress = createEgressClient({
    policy: egressPolicy(settings),
    timeoutMs: settings.CALLBACK_TIMEOUT_MS,
    userAgent: USER_AGENT,
  });
  const newId = idSource(db.clock, systemRandom);
  const worker = new Worker({
    settings,
    retryPolicy: {
      maxRetries: settings.MAX_RETRIES,
      baseMs: settings.RETRY_BASE_MS,
      factor: settings.RETRY_FACTOR,
      maxMs: settings.RETRY_MAX_MS,
    },
    db,
    clock: db.clock,
    random: systemRandom,
    newId,
    keys,
    secrets: new Secrets(keys),
    telemetry: new WorkerTelemetry(log, registry),
    egress,
  });
  const internal = await startInternalServer(settings, registry, db, log);
  const minutes = new MinuteRecorder(registry, db, db.clock, newId('prc'));
  return {
    db,
    async start() {
      await egress.warmUp();
      worker.start();
    },
    async close() {
      await worker.stop(settings.SHUTDOWN_TIMEOUT_MS);
      await internal?.close();
      await minutes.close();
      egress.close();
      await db.close();
    },
  };
}
