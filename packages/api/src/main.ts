import { configuredOrExit, loadSettings, nearlySettings, sortBeside } from '@mahilo/shared/config/load';
import { createLogger } from '@mahilo/shared/observe/log';
import { LogOutput } from '@mahilo/shared/observe/log-output';
import { noteLostLines } from '@mahilo/shared/observe/lost-lines';
import { createRegistry, measureLog } from '@mahilo/shared/observe/metrics';
import { keepFilesPrivate } from '@mahilo/shared/private-files';
import { cannotStart, endWhenDatabaseIsGone } from '@mahilo/shared/process/endings';
import { keepIgnoringHangUp } from '@mahilo/shared/process/hang-up';
import { giveBackIdleMemory } from '@mahilo/shared/process/idle-memory';
import closeWithGrace from 'close-with-grace';

keepFilesPrivate();
const settings = configuredOrExit(loadSettings);
sortBeside(settings.DATABASE_URL);
const output = new LogOutput();
const log = createLogger('api', settings.LOG_LEVEL, output);
for (const sentence of nearlySettings()) log.warn(sentence);
const registry = createRegistry('api');
measureLog(registry, output);
// The rest takes most of a start; wrong settings are told before it.
const { openApi } = await import('./open-api.ts');
const api = await openApi(settings, registry, log).catch(failed);
endWhenDatabaseIsGone(api.db, log);
noteLostLines(api.db.notes, 'api', output);

closeWithGrace(
  { delay: settings.SHUTDOWN_TIMEOUT_MS, skip: keepIgnoringHangUp(), logger: log },
  async ({ err, signal }) => {
    if (err) log.fatal({ err }, 'API stops after an error that nothing handled');
    else log.info({ signal }, 'API is stopping');
    await api.close();
  },
);

if (settings.NODE_ENV === 'production') giveBackIdleMemory();
const url = await api.listen().catch(failed);
log.info({ url }, `API is listening on ${url}`);

function failed(error: unknown): never {
  cannotStart(log, 'API', error);
}
