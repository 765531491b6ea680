import { systemClock } from '@mahilo/shared/clock';
import { configuredOrExit, loadSettings, nearlySettings } from '@mahilo/shared/config/load';
import { openDatabase } from '@mahilo/shared/db/open';
import { createEgressClient } from '@mahilo/shared/egress/client';
import { egressPolicy } from '@mahilo/shared/egress/policy';
import { idSource } from '@mahilo/shared/ids';
import { startInternalServer } from '@mahilo/shared/observe/internal-server';
import { createLogger } from '@mahilo/shared/observe/log';
import { LogOutput } from '@mahilo/shared/observe/log-output';
import { createRegistry, measureCommits, measureLog } from '@mahilo/shared/observe/metrics';
import { keepFilesPrivate } from '@mahilo/shared/private-files';
import { cannotStart, endWhenDatabaseIsGone } from '@mahilo/shared/process/endings';
import { keepIgnoringHangUp } from '@mahilo/shared/process/hang-up';
import { systemRandom } from '@mahilo/shared/random';
import { assertSecretRight } from '@mahilo/shared/rotation/secret-check';
import { keyRing } from '@mahilo/shared/sealing/key-ring';
import { USER_AGENT } from '@mahilo/shared/version';
import closeWithGrace from 'close-with-grace';
import { tuneHeap } from './heap.ts';
import { Secrets } from './secrets.ts';
import { WorkerTelemetry } from './telemetry.ts';
import { Worker } from './worker.ts';

/** Time (ms) beyond SHUTDOWN_TIMEOUT_MS to give leases back and close the database, before the process is killed. */
const CLOSE_MARGIN_MS = 5000;

tuneHeap();
keepFilesPrivate();
const settings = configuredOrExit(loadSettings);
const policy = egressPolicy(settings);
const output = new LogOutput();
const log = createLogger('worker', settings.LOG_LEVEL, output);
for (const sentence of nearlySettings()) log.warn(sentence);
const registry = createRegistry('worker');
const db = await openDatabase(settings.DATABASE_URL).catch(failed);
endWhenDatabaseIsGone(db, log);
const keys = keyRing(settings);
await assertSecretRight(db, keys, systemRandom).catch(failed);
measureCommits(registry, db);
measureLog(registry, output);
const egress = createEgressClient({
  policy,
  timeoutMs: settings.CALLBACK_TIMEOUT_MS,
  userAgent: USER_AGENT,
});
const worker = new Worker({
  settings,
  retryPolicy: {
    maxRetries: settings.MAX_RETRIES,
    baseMs: settings.RETRY_BASE_MS,
    factor: settings.RETRY_FACTOR,
    maxMs: settings.RETRY_MAX_MS,
  },
  db,
  clock: systemClock,
  random: systemRandom,
  newId: idSource(systemClock, systemRandom),
  keys,
  secrets: new Secrets(keys),
  telemetry: new WorkerTelemetry(log, registry),
  egress,
});

const internal = await startInternalServer(settings, registry, db, log).catch(failed);

const delay = settings.SHUTDOWN_TIMEOUT_MS + CLOSE_MARGIN_MS;
closeWithGrace({ delay, skip: keepIgnoringHangUp(), logger: log }, async ({ err, signal }) => {
  if (err) log.fatal({ err }, 'Worker stops after an error that nothing handled');
  else log.info({ signal }, 'Worker is stopping');
  await worker.stop(settings.SHUTDOWN_TIMEOUT_MS);
  await internal?.close();
  egress.close();
  await db.close();
});

await egress.warmUp();
worker.start();
log.info('Worker is delivering');

function failed(error: unknown): never {
  cannotStart(log, 'Worker', error);
}
