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
import { whyNotListening } from '@mahilo/shared/process/listening';
import { systemRandom } from '@mahilo/shared/random';
import { assertSecretRight } from '@mahilo/shared/rotation/secret-check';
import { keyRing } from '@mahilo/shared/sealing/key-ring';
import { USER_AGENT } from '@mahilo/shared/version';
import closeWithGrace from 'close-with-grace';
import { buildApp } from './app.ts';
import { registerStateGauges } from './observe/state-gauges.ts';
import { ApiTelemetry } from './telemetry.ts';

keepFilesPrivate();
const settings = configuredOrExit(loadSettings);
const policy = egressPolicy(settings);
const output = new LogOutput();
const log = createLogger('api', settings.LOG_LEVEL, output);
for (const sentence of nearlySettings()) log.warn(sentence);
const registry = createRegistry('api');
const db = await openDatabase(settings.DATABASE_URL).catch(failed);
endWhenDatabaseIsGone(db, log);
const keys = keyRing(settings);
await assertSecretRight(db, keys, systemRandom).catch(failed);
measureCommits(registry, db);
measureLog(registry, output);
registerStateGauges(registry, db, systemClock);
const egress = createEgressClient({
  policy,
  timeoutMs: settings.CALLBACK_TIMEOUT_MS,
  userAgent: USER_AGENT,
});
const app = await buildApp({
  settings,
  db,
  clock: systemClock,
  random: systemRandom,
  newId: idSource(systemClock, systemRandom),
  keys,
  log,
  telemetry: new ApiTelemetry(registry),
  egress,
});

const internal = await startInternalServer(settings, registry, db, log).catch(failed);

closeWithGrace(
  { delay: settings.SHUTDOWN_TIMEOUT_MS, skip: keepIgnoringHangUp(), logger: log },
  async ({ err, signal }) => {
    if (err) log.fatal({ err }, 'API stops after an error that nothing handled');
    else log.info({ signal }, 'API is stopping');
    await app.close();
    await internal?.close();
    egress.close();
    await db.close();
  },
);

const { HOST: host, PORT: port } = settings;
const url = await app
  .listen({ host, port })
  .catch((error) => failed(whyNotListening(error, { host, port, hostSetting: 'HOST', portSetting: 'PORT' })));
log.info({ url }, `API is listening on ${url}`);

function failed(error: unknown): never {
  cannotStart(log, 'API', error);
}
