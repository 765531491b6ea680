import { serverOptions } from '@mahilo/shared/config/server-options';
import type { Settings } from '@mahilo/shared/config/settings';
import type { Database } from '@mahilo/shared/db/database';
import { openDatabase } from '@mahilo/shared/db/open';
import { createEgressClient } from '@mahilo/shared/egress/client';
import { egressPolicy } from '@mahilo/shared/egress/policy';
import { idSource } from '@mahilo/shared/ids';
import { startInternalServer } from '@mahilo/shared/observe/internal-server';
import type { createLogger } from '@mahilo/shared/observe/log';
import { measureCommits } from '@mahilo/shared/observe/metrics';
import { answeringMeanwhile } from '@mahilo/shared/process/answer-meanwhile';
import { whyNotListening } from '@mahilo/shared/process/listening';
import { systemRandom } from '@mahilo/shared/random';
import { assertSecretRight } from '@mahilo/shared/rotation/secret-check';
import { keyRing } from '@mahilo/shared/sealing/key-ring';
import { MinuteRecorder } from '@mahilo/shared/stats/recorder';
import { USER_AGENT } from '@mahilo/shared/version';
import type { Registry } from 'prom-client';
import { buildApp } from './app.ts';
import { registerStateGauges } from './observe/state-gauges.ts';
import { runOperatorTool } from './operator-tool.ts';
import { ApiTelemetry } from './telemetry.ts';

/** The API on its database, with everything but what belongs to the process around it: signals and endings. */
export interface OpenApi {
  db: Database;
  /** @returns the URL that it listens on. */
  listen(): Promise<string>;
  /** Answers what is under way, and closes the database. */
  close(): Promise<void>;
}

/** @throws SetupError when only a person can mend what is wrong. */
export async function openApi(
  settings: Settings,
  registry: Registry,
  log: ReturnType<typeof createLogger>,
): Promise<OpenApi> {
  const { HOST: host, PORT: port, METRICS_HOST, METRICS_PORT } = settings;
  const places = [
    { host, port },
    { host: METRICS_HOST, port: METRICS_PORT },
  ];
  const db = await answeringMeanwhile(places, (surroundings) =>
    openDatabase(settings.DATABASE_URL, 'at once', surroundings, serverOptions(settings)),
  );
  const keys = keyRing(settings);
  await assertSecretRight(db, keys, systemRandom);
  measureCommits(registry, db);
  registerStateGauges(registry, db, db.clock);
  const egress = createEgressClient({
    policy: egressPolicy(settings),
    timeoutMs: settings.CALLBACK_TIMEOUT_MS,
    userAgent: USER_AGENT,
  });
  const newId = idSource(db.clock, systemRandom);
  const app = await buildApp({
    settings,
    db,
    clock: db.clock,
    random: systemRandom,
    newId,
    keys,
    log,
    telemetry: new ApiTelemetry(registry),
    egress,
    operatorTool: runOperatorTool,
  });
  const internal = await startInternalServer(settings, registry, db, log);
  const minutes = new MinuteRecorder(registry, db, db.clock, newId('prc'));
  return {
    db,
    listen: () =>
      app.listeners.open({ host, port }).catch((error) => {
        throw whyNotListening(error, { host, port, hostSetting: 'HOST', portSetting: 'PORT' });
      }),
    async close() {
      await app.close();
      await internal?.close();
      await minutes.close();
      egress.close();
      await db.close();
    },
  };
}
